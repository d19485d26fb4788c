"""A record of what is said at the bridge's doors: a line of JSON for each exchange, with party and time.

The first line says whose record it is. A line has what a party asked and what it was answered, or what it was
told unasked; whole bytes, as text. No key ever crosses a door; a PIN is written as 0. Lines are written as
soon as the answer is made. Decides nothing.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from bridge.app.fault import Fault
from bridge.iec61850.floor import Floor
from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.server import Server
from bridge.sep2.talk import Answer, Ask

KIND, VERSION = "derbridge record", 1
SEP2, MMS = "2030.5", "61850"
PIN = re.compile(r"(?<=<pIN>)\d+(?=</pIN>)")

if TYPE_CHECKING:
    from bridge.app.endpoint.endpoint import Settle

Answering = Callable[[Ask], Awaitable[Answer]]


class Line(NamedTuple):
    """What crossed a door."""

    at: float
    party: str
    """LFDI."""
    door: str
    asked: dict[str, Any] | None = None
    answered: dict[str, Any] | None = None
    told: str | None = None
    """A unit of IEC 61850 that nobody asked for."""


class Tape:
    """A record that is written."""

    def __init__(self, file: Path, bridge: str, domain: str) -> None:
        """Begin a file, which must not be there; Fault where it cannot be."""
        try:
            self._out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except OSError as error:
            raise Fault(str(file), error.strerror or "cannot be written") from error
        self._write({"record": KIND, "version": VERSION, "bridge": bridge, "domain": domain})

    def close(self) -> None:
        """End it."""
        os.close(self._out)

    def note(self, line: Line) -> None:
        """Write a line."""
        self._write({name: value for name, value in line._asdict().items() if value is not None})

    def _write(self, value: dict[str, Any]) -> None:
        os.write(self._out, json.dumps(value).encode() + b"\n")

    async def sep2(self, answering: Answering, ask: Ask) -> Answer:
        """Answer a request of IEEE 2030.5, and keep both; no page is kept of it, so that each is answered."""
        answer = await answering(ask)
        path = f"{ask.path}?{urlencode(ask.query)}" if ask.query else ask.path
        asked = {"method": ask.method, "path": path, "media": ask.media, "body": plain(ask.body)}
        answered = {"status": answer.status, "location": answer.location, "body": plain(answer.body)}
        self.note(Line(time.time(), ask.peer.lfdi, SEP2, asked, answered))
        return answer._replace(until=ask.now)

    def heard(self, floor: Floor, settle: Settle) -> tuple[Server, Settle]:
        """A server of IEC 61850 that keeps what is said, and what is done before it answers.

        A request stands in the record when what it orders is done, since others may see that by then.
        """
        server = _Server(floor, self)

        async def settled() -> None:
            try:
                await settle()
            finally:
                server.write()

        return server, settled


class _Server(Server):
    """A server that notes what comes in and what goes out."""

    def __init__(self, floor: Floor, tape: Tape) -> None:
        super().__init__(floor)
        self._tape = tape
        self._held: list[Line] = []

    def write(self) -> None:
        """Write down what has been noted."""
        while self._held:
            self._tape.note(self._held.pop(0))

    def _received(self, peer: Peer, payload: bytes, how: str, now: float, *, sealed: bool) -> list[Out]:
        outs = super()._received(peer, payload, how, now, sealed=sealed)
        answers = [{"how": out.how, "pdu": out.payload.decode()} for out in outs if out.how != "message"]
        asked = {"how": how, "pdu": payload.decode("utf-8", "replace")}
        self._held.append(Line(now, peer.lfdi, MMS, asked, answers[0] if answers else None))
        self._told(outs, now)
        return outs

    def tick(self, now: float) -> list[Out]:
        outs = super().tick(now)
        self._told(outs, now)
        if not self._held or self._held[0].asked is None:
            self.write()
        return outs

    def _told(self, outs: list[Out], now: float) -> None:
        for out in outs:
            if out.how == "message":
                self._held.append(Line(now, out.peer.lfdi, MMS, told=out.payload.decode()))


def plain(body: bytes) -> str:
    """A body as text, without its PIN."""
    return PIN.sub("0", body.decode("utf-8", "surrogateescape"))


def read(file: Path) -> tuple[dict[str, Any], tuple[Line, ...]]:
    """The head of a record and its lines; Fault where it is none."""
    try:
        rows = [json.loads(row) for row in file.read_text("utf-8").splitlines()]
        head = rows[0]
        if head["record"] != KIND or head["version"] != VERSION:
            raise Fault(str(file), "is a record of another version", line=1)
        return head, tuple(_lines(rows[1:]))
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from error
    except (ValueError, LookupError, TypeError) as error:
        raise Fault(str(file), "is no record of derbridge") from error


def _lines(rows: list[dict[str, Any]]) -> Iterator[Line]:
    for row in rows:
        yield Line(**row)

"""The bridge's own endpoint at an XMPP server, whichever it is: one session, whatever becomes of connections.

RFC 6120 and XEP-0198. An ordinary client with a certificate and no password (stream.py). `send` returns when
the server has taken a message over, or with an iq's answer, and holds its caller back while too much is under
way. Whether something is said again after `Uncertain` or `Late` is for its caller to decide.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bridge.transports import tls
from bridge.transports.ending import MANAGED, Cut, Refused, Replaced
from bridge.transports.hearing import Hearing, Question
from bridge.transports.outbox import Entry, Outbox
from bridge.transports.post import BOUNDS, Bounds, Closed, Ears, Late
from bridge.transports.stream import Door, Resumable, Stream
from bridge.xmpp import letter
from bridge.xmpp.letter import Letter
from bridge.xmpp.tally import Overdrawn

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from types import TracebackType
    from typing import Self
    from xml.etree.ElementTree import Element

LAST = 2.0
"""Seconds for the server to end the stream once we did."""
LOG = structlog.get_logger("derbridge.link")


def context(roots: Iterable[Path], certificate: Path, key: Path) -> ssl.SSLContext:
    """Make what a link presents and trusts; a file that cannot be used is an error here and now."""
    made = tls.client(roots, certificate, key)
    made.set_alpn_protocols(["xmpp-client"])
    return made


class Link:
    """A session. Use as `async with`, which waits for the first log-in; then any number may send at once."""

    def __init__(
        self, door: Door, context: Callable[[], ssl.SSLContext], ears: Ears, bounds: Bounds = BOUNDS
    ) -> None:
        """`context` is asked anew for each connection, so that a renewed certificate is shown."""
        self.door, self.bounds = door, bounds
        self._context, self._ears = context, ears
        self._outbox = Outbox(bounds.outbox)
        self._hearing = Hearing(ears, bounds, self._outbox)
        self._stream: Stream | None = None
        self._session = ""
        """By which the server knows it, to resume it; empty where it cannot be."""
        self._greeted: dict[str, None] = {}
        self._prefix, self._count = secrets.token_hex(6), 0
        self._closing = False
        self._coming: Stream
        """The connection that there is, or that is being made."""
        self._life: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._begun: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[Exception | None] = loop.create_future()
        """Done at its end: with the reason where it gave up."""

    async def __aenter__(self) -> Self:
        """Log in. `Refused` is raised at once, `Cut` when `attempts` are used up."""
        self._life = asyncio.create_task(self._live())
        try:
            await self._begun
        except BaseException:
            await self.close(linger=0)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    @property
    def there(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._stream is not None

    # ---------------------------------------------------------------- sending

    async def send(self, to: str, how: str, what: Letter, *, within: float | None = None) -> Letter | None:
        """Send a `get` or `set` and give its answer; or a `message`, until the server has taken it over.

        Raises `Denied`, `Late`, `Uncertain` or `Closed`. What one caller sends to one peer keeps its order.
        """
        self._count += 1
        name = f"{self._prefix}-{self._count}"
        outcome: asyncio.Future[Letter | None] = asyncio.get_running_loop().create_future()
        text = letter.message(to, name, what) if how == "message" else letter.iq(how, to, name, what)
        entry = Entry(text, outcome, answered=how != "message")
        placed = False
        try:
            async with asyncio.timeout(self.bounds.answer if within is None else within):
                await self._outbox.place()
                placed = entry.bounded = True
                self._post(to, name, entry)
                return await outcome
        except TimeoutError:
            raise Late(sent=placed and not self._outbox.drop(entry)) from None
        except asyncio.CancelledError:
            self._outbox.drop(entry)
            raise
        finally:
            self._hearing.asked.pop(name, None)

    def greet(self, to: str) -> None:
        """Tell a peer that we are there, now and in each later session; it is told too when we go."""
        self._greeted[to] = None
        self._outbox.put(Entry(letter.presence(to)))

    def part(self, to: str) -> None:
        """Tell a peer that we are gone, for it."""
        if self._greeted.pop(to, 0) is None:
            self._outbox.put(Entry(letter.presence(to, gone=True)))

    def _post(self, to: str, name: str, entry: Entry) -> None:
        if self.ended.done() or self._closing:
            self._outbox.free(entry)
            raise Closed("the link is closed")
        if entry.answered and entry.outcome is not None:
            self._hearing.asked[name] = Question(to, entry.outcome)
        else:
            self._hearing.remember(name, entry)
        self._outbox.put(entry)

    # ---------------------------------------------------------------- living

    async def _live(self) -> None:
        """Log in, stay until cut, come back; until it is closed, or is not to be had any more."""
        failures = 0
        while True:
            lived, fault = await self._once()
            failures = 0 if lived else failures + 1
            if self._closing or self._hopeless(fault, failures):
                self._end(fault)
                return
            kind = "cut" if lived else "refused" if isinstance(fault, Refused) else "failed"
            self._tell(kind, str(fault))
            wait = min(self.bounds.longest, self.bounds.shortest * 2 ** min(failures, 30))
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 - so that not all come at once

    async def _once(self) -> tuple[bool, Exception]:
        """Have one connection from beginning to end: whether it came to a session, and why it ended."""
        old = Resumable(self._session, self._resuming) if self._session else None
        stream = Stream(self.door, self._context(), old, self._heard, self._outbox.flow)
        self._coming = stream
        try:
            async with asyncio.timeout(self.bounds.login):
                await stream.log_in()
            await self._watched(stream)
        except (Refused, Replaced, Cut) as fault:
            return False, fault
        except TimeoutError:
            return False, Cut("no log-in in time")
        finally:
            self._stream = None
            self._outbox.cut()
            self._hearing.begin(None)
            await stream.over()
        return True, stream.fault or Cut("the connection is gone")

    async def _watched(self, stream: Stream) -> None:
        """Wait for the end of a connection; one that is silent is ended."""
        while not stream.gone.done():
            before = stream.chunks
            await asyncio.wait({stream.gone}, timeout=self.bounds.idle)
            if stream.gone.done() or stream.chunks > before:
                continue
            self._outbox.ask()
            await asyncio.wait({stream.gone}, timeout=self.bounds.stall)
            if stream.chunks == before:
                stream.fail(Cut("the server is silent"))

    def _hopeless(self, fault: Exception, failures: int) -> bool:
        """Whether there is no point in trying again, or no leave to."""
        if isinstance(fault, Replaced) or (isinstance(fault, Refused) and not self._begun.done()):
            return True
        return bool(self.bounds.attempts) and failures >= self.bounds.attempts

    def _end(self, fault: Exception | None) -> None:
        if self.ended.done():
            return
        self.ended.set_result(None if self._closing else fault)
        self._outbox.close()
        if not self._begun.done():
            self._begun.set_exception(fault or Closed("the link is closed"))
        self._tell("ended", "" if self._closing else str(fault))

    async def close(self, linger: float | None = None) -> None:
        """Say what is still to be said, for `linger` seconds at most, and go."""
        self._closing = True
        stream = self._stream
        if stream is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.bounds.linger if linger is None else linger):
                    await self._hearing.quiet()
                    await self._outbox.idle.wait()
            self._hearing.farewell()
            stream.write("</stream:stream>")
            await asyncio.wait({stream.gone}, timeout=LAST)
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        await self._hearing.settle()
        self._end(None)
        self._begun.cancel()

    # ---------------------------------------------------------------- sessions

    def _resuming(self) -> int:
        return self._outbox.tally.resuming()

    def _heard(self, xml: Element) -> None:
        """Take an element: a session begins, goes on, cannot go on; or something in it."""
        if (turn := TURNS.get(xml.tag)) is None:
            self._hearing.hear(xml)
            return
        try:
            turn(self, self._coming, xml)
        except (ValueError, Overdrawn) as fault:
            self._session = ""
            self._coming.fail(Cut(f"the server's counts are wrong: {fault}"))

    def _new(self, stream: Stream, xml: Element) -> None:
        self._session = xml.get("id", "") if xml.get("resume") in ("true", "1") else ""
        self._up(stream)
        self._outbox.begin(stream)
        for to in ("", *self._greeted):
            self._outbox.put(Entry(letter.presence(to)))
        if not self._begun.done():
            self._begun.set_result(None)
        self._tell("begun", "")

    def _again(self, stream: Stream, xml: Element) -> None:
        self._up(stream)
        self._outbox.resume(stream, int(xml.get("h", "")))
        self._tell("resumed", "")

    def _lost(self, _: Stream, xml: Element) -> None:
        self._session = ""
        said = xml.get("h")
        self._outbox.lost(None if said is None else int(said))

    def _up(self, stream: Stream) -> None:
        self._stream = stream
        self._hearing.begin(stream)

    def _tell(self, event: str, why: str) -> None:
        LOG.info("link", state=event, address=self.door.address, why=why)
        self._ears.told(event, why)


TURNS = {
    f"{MANAGED}enabled": Link._new,  # noqa: SLF001 - its own table
    f"{MANAGED}resumed": Link._again,  # noqa: SLF001 - the same
    f"{MANAGED}failed": Link._lost,  # noqa: SLF001 - the same
}

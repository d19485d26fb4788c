"""`derbridge replay`: says again what parties said in a record, and holds each answer to the recorded one.

Each party speaks with its own certificate, from a folder of certificates, in the order of the record. What
varies is bound by name (same.py). A line for each step; exit code 1 where any answer is another one. What
was said by parties that are not asked for is left out.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import aiohttp
import uvloop

from bridge.app import journal, screen
from bridge.app.config import Log
from bridge.app.fault import Fault
from bridge.app.record import tape
from bridge.app.record.envoy import Envoy, envoy
from bridge.app.record.same import Bound
from bridge.app.record.tape import MMS, Line
from bridge.app.sim.outstation.station import Papers
from bridge.transports import tls
from bridge.transports.stream import Door
from bridge.trust import folder as trust
from bridge.trust.folder import Client, Folder

RESOURCE = "IEC"
SAME = "same"
SERVICE = re.compile(
    r"<(?:\w+:)?(?:ConfirmedServiceRequest|ctx)[^>]*><(?:\w+:)?(?!confirmed-R|\w+:)([A-Za-z-]+)"
)
"""What a unit asks for, or which it is."""


class Wish(NamedTuple):
    """What is to be played, by whom, at whom."""

    file: Path
    pki: Path
    server: str = ""
    """Of IEEE 2030.5: https://host:port."""
    relay: tuple[str, int] | None = None
    """Host and port, where TLS begins with the connection."""
    domain: str = ""
    """Of the relay; the recorded one without."""
    parties: tuple[str, ...] = ()
    """LFDIs in the record; all without."""
    names: Mapping[str, str] = {}
    """Names of other certificates that speak for recorded LFDIs."""
    named: bool = True
    as_json: bool = False


class Step(NamedTuple):
    """What became of a line."""

    line: Line
    deviation: str


@dataclass(slots=True)
class Stage:
    """Who speaks, and how far it has come."""

    wish: Wish
    folder: Folder
    domain: str
    bound: Bound
    who: Mapping[str, Client]
    stack: AsyncExitStack
    sessions: dict[str, aiohttp.ClientSession] = field(default_factory=dict)
    envoys: dict[str, Envoy] = field(default_factory=dict)

    async def step(self, line: Line) -> Step:
        """Say a line, and give where its answer differs."""
        if line.door == MMS:
            return Step(line, await self._unit(line))
        return Step(line, await self._request(line))

    async def _request(self, line: Line) -> str:
        """A request of IEEE 2030.5."""
        asked, was = line.asked or {}, line.answered or {}
        session = await self._session(line.party)
        url = self.wish.server + self.bound.asked(asked["path"])
        headers = {"Content-Type": asked["media"]} if asked["media"] else {}
        body = self.bound.asked(asked["body"]).encode("utf-8", "surrogateescape") or None
        said = session.request(asked["method"], url, data=body, headers=headers, allow_redirects=False)
        try:
            async with said as answer:
                now, place = tape.plain(await answer.read()), answer.headers.get("Location", "")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Fault(url, f"nobody answers: {error}") from error
        if answer.status != was["status"]:
            return f"status was {was['status']}, is {answer.status}"
        if place != was["location"] and not self.bound.place(was["location"], place):
            return f"Location was {was['location']}, is {place}"
        return self.bound.differs(was["body"], now)

    async def _unit(self, line: Line) -> str:
        """A unit of IEC 61850, said or told."""
        speaker = await self._envoy(line.party)
        if line.asked is None:
            return self.bound.differs(line.told or "", await speaker.told())
        now = await speaker.ask(line.asked["how"], self.bound.asked(line.asked["pdu"]))
        was = line.answered
        if was is None or now is None:
            return "" if was is now else "one of the two is not answered"
        if was["how"] != now["how"]:
            return f"the answer was {was['how']}, is {now['how']} {now['pdu'][:80]}"
        return self.bound.differs(was["pdu"], now["pdu"])

    async def _session(self, party: str) -> aiohttp.ClientSession:
        if party not in self.sessions:
            if not self.wish.server:
                raise Fault("--server", "the record has requests of IEEE 2030.5")
            one = self.who[party]
            context = tls.client((one.root,), one.certificate, one.key, named=self.wish.named)
            made = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
            self.sessions[party] = await self.stack.enter_async_context(made)
        return self.sessions[party]

    async def _envoy(self, party: str) -> Envoy:
        if party not in self.envoys:
            if self.wish.relay is None:
                raise Fault("--relay", "the record has units of IEC 61850")
            one, roots = self.who[party], self.folder.path / "roots"
            papers = Papers(
                one.lfdi, one.certificate, one.key, roots / "service.pem", self.folder.roots,
                self.folder.certificate,
            )  # fmt: skip
            door = Door(self._address(one.lfdi), *self.wish.relay, direct=True)
            made = envoy(papers, door, self._address(self.folder.known("../server").lfdi))
            self.envoys[party] = await self.stack.enter_async_context(made)
        return self.envoys[party]

    def _address(self, lfdi: str) -> str:
        return f"{lfdi.lower()}@{self.domain}/{RESOURCE}"


def run(wish: Wish) -> int:
    """Play a record; 1 where an answer is another one."""
    journal.begin(Log(level="error"))
    steps = uvloop.run(_run(wish))
    wrong = [each for each in steps if each.deviation]
    if wish.as_json:
        screen.record({"steps": [_shown(each) for each in steps], "deviations": len(wrong)})
    else:
        screen.say(f"{len(steps)} steps, {len(wrong)} of them otherwise than recorded")
    return 1 if wrong else 0


async def _run(wish: Wish) -> list[Step]:
    head, lines = tape.read(wish.file)
    wanted = [each for each in lines if not wish.parties or each.party in wish.parties]
    if not wanted:
        raise Fault(str(wish.file), "nothing was said by these parties")
    if not (wish.pki / "roots").is_dir():
        raise Fault(str(wish.pki), "is no folder of certificates as derbridge init or pki makes one")
    folder = Folder(wish.pki)
    who = await asyncio.to_thread(_cast, wish, folder, {each.party for each in wanted})
    bound = Bound(int(time.time() - wanted[0].at))
    for was, now in (
        (head["bridge"], folder.known("../server").lfdi),
        *((w, c.lfdi) for w, c in who.items()),
    ):
        bound.bind(was, now)
        bound.bind(was.lower(), now.lower())
    async with AsyncExitStack() as stack:
        stage = Stage(wish, folder, wish.domain or head["domain"], bound, who, stack)
        return [step async for step in _played(stage, wanted)]


async def _played(stage: Stage, lines: list[Line]) -> AsyncIterator[Step]:
    """Play lines in order; a read that is answered otherwise is asked again when the next write is done.

    For while a write is under way others may see it already, and stand in the record before it.
    """
    aside: list[Line] = []
    for line in lines:
        step = await stage.step(line)
        if step.deviation and reads(line):
            aside.append(line)
            continue
        yield _said(step, stage.wish)
        if not reads(line):
            for one in aside:
                yield _said(await stage.step(one), stage.wish)
            aside.clear()
    for one in aside:
        yield _said(await stage.step(one), stage.wish)


def reads(line: Line) -> bool:
    """Whether nothing is changed by it."""
    asked = line.asked or {}
    return asked.get("method") in {"GET", "HEAD"} or asked.get("how") == "get"


def _cast(wish: Wish, folder: Folder, parties: set[str]) -> dict[str, Client]:
    """Who speaks for each party."""
    known = {each.lfdi: each for each in _clients(folder)}
    found = {}
    for party in parties:
        name = wish.names.get(party)
        if name is not None:
            known[party] = folder.client(name)
        if party not in known:
            raise Fault(str(folder.path), f"has no certificate of {party}; --as {party}=NAME takes another")
        found[party] = known[party]
    return found


def _clients(folder: Folder) -> Iterator[trust.Client]:
    for each in sorted((folder.path / "clients").glob("*.pem")):
        if each.with_suffix(".key").exists():
            yield folder.known(each.stem)


def _said(step: Step, wish: Wish) -> Step:
    if not wish.as_json:
        screen.say(f"{step.line.party[:8]} {_words(step.line)}: {step.deviation or SAME}")
    return step


def _shown(step: Step) -> dict[str, str]:
    return {"party": step.line.party, "said": _words(step.line), "deviation": step.deviation}


def _words(line: Line) -> str:
    """A line in a few words."""
    asked = line.asked or {}
    if "method" in asked:
        return f"{asked['method']} {asked['path']}"
    found = SERVICE.search(asked.get("pdu", line.told or ""))
    return f"{asked.get('how', 'told')} {found[1] if found else ''}".strip()

"""Plays a transcript: brings its parties to the one bridge that all transcripts share, and lets them speak.

`party NAME KIND` says who there is: `inverter`, `unit MODE ...` (each also `of AGGREGATOR`), `operator`,
`aggregator`, `subscriber`, `hearer`. A name is bound to the party's LFDI (a hearer's to its address), and
`solar-home` to where its EndDevice is; `let NAME VALUE` binds another one. Whoever asks with `=>` asks until
the answer is as told, for as long as a busy machine may take.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.app.endpoint.commanding import RULES
from tests.app.endpoint.test_endpoint import customer, opened
from tests.app.facility.inverter import inverter, linked
from tests.app.facility.plant import worked
from tests.app.facility.test_carrier import SETTING
from tests.app.facility.test_relay import add, there
from tests.conversations.cast import Commander, Hearer, Party, Speaker, Unit
from tests.conversations.script import Exchange, Names, read
from tests.iec61850.carrying.real import able
from tests.served import DOMAIN, RELAY, Served, certified, served
from tests.transports.receiver import receiving

SCRIPTS = {each.stem: each.read_text("utf-8") for each in sorted(Path(__file__).parent.glob("*.txt"))}
"""The transcripts by name."""
PATIENCE = 60.0
MOST = 3_000
"""Bytes of an answer that are shown where it is not as told."""
JSON = "application/json"
ROLES = {"aggregator": "aggregator", "subscriber": "aggregator", "operator": "operator"}
"""Of certificates; who is not here is a device."""
SAID = {"enabled": True, "hold": 1800, "again": 1.0, "poll": 3600.0, "refresh": 3600.0}
PUMP = {"longest": 1.0, "rest": 1.0, "tries": 8}


@contextmanager
def house(place: Path) -> Iterator[Served]:
    """A bridge with its relay, which knows the certificates of all parties of all transcripts."""
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    (place / "rules.toml").write_text(RULES)
    for script in SCRIPTS.values():
        for each in read(script):
            verb, name, kind, *_ = [*each.line.words.split(), "", ""]
            if verb == "party":
                files = made.client(name, ROLES.get(kind, "device"))
                shutil.copy(files.certificate, place / "parties" / files.certificate.name)
    with served(place, relay=RELAY, iec61850=SAID, access={"rules": "rules.toml"}, pump=PUMP) as site:
        yield site


@dataclass
class Stage:
    """A transcript that is played."""

    site: Served
    stack: AsyncExitStack
    place: Path
    names: Names = field(default_factory=Names)
    parties: dict[str, Party] = field(default_factory=dict)

    async def speak(self, exchange: Exchange) -> None:
        """Let somebody say something, and hold the answer to what is told of it."""
        deadline = time.monotonic() + (PATIENCE if exchange.patient else 0.0)
        while True:
            words, body = self.names.filled(exchange.asked), self.names.filled(exchange.line.body).strip()
            said = await self.parties[exchange.party].say(words, body)
            try:
                return self.names.check(exchange, said)
            except AssertionError as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{error}\n{said.words}\n{said.body.decode()[:MOST]}") from None
            await asyncio.sleep(0.1)

    async def act(self, words: str) -> None:
        """Do what the transcript itself says."""
        verb, name, *more = words.split()
        if verb == "let":
            self.names.bound[name] = self.names.filled(" ".join(more))
            return
        assert verb == "party", words
        self.names.bound[name] = self.site.pki.known(name).lfdi
        self.parties[name] = await KINDS[more[0]](self, name, *more[1:])

    async def operator(self, name: str) -> Party:
        admin = self.site.admin.client
        client = self.site.client(name, "operator")
        client.root = admin.root
        return Speaker(await self.stack.enter_async_context(client), JSON)

    async def inverter(self, name: str, *holder: str) -> Party:
        held = {"aggregator": self.names.bound[holder[1]]} if holder else {}
        made = await self._asked("devices", {"lfdi": self.names.bound[name], **held})
        self.names.bound[f"{name}-home"] = made["href"]
        return Speaker(await self.stack.enter_async_context(self.site.client(name)))

    async def aggregator(self, name: str) -> Party:
        await self._asked("access", {"lfdi": self.names.bound[name], "role": "aggregator"})
        return Commander(await opened(await self.stack.enter_async_context(customer(self.site, name))))

    async def subscriber(self, name: str) -> Party:
        """An aggregator that speaks 2030.5, and has an EndDevice of its own."""
        made = await self._asked("devices", {"lfdi": self.names.bound[name]})
        self.names.bound[f"{name}-home"] = made["href"]
        await self._asked("access", {"lfdi": self.names.bound[name], "role": "aggregator"})
        return Speaker(await self.stack.enter_async_context(self.site.client(name, "aggregator")))

    async def hearer(self, name: str) -> Party:
        made = await self.stack.enter_async_context(receiving(plain=True))
        self.names.bound[name] = made.url(f"/{name}")
        return Hearer(made)

    async def unit(self, name: str, *modes: str) -> Party:
        """A unit that is registered, logged in, and known to the bridge."""
        pki = self.site.pki
        holder = {}
        if modes[0] == "of":
            holder, modes = {"aggregator": self.names.bound[modes[1]]}, modes[2:]
        made = await self._asked("devices", {"lfdi": self.names.bound[name], **holder})
        self.names.bound[f"{name}-home"] = made["href"]
        made = inverter(pki.known(name), pki, self.place, able(*modes))
        plant = await self.stack.enter_async_context(made)
        plant.can(able(*modes), SETTING)
        works = await self.stack.enter_async_context(worked(plant))
        link = await self.stack.enter_async_context(AsyncExitStack())
        await link.enter_async_context(linked(plant, pki, self.site.ports["direct"]))
        await add(self.site, plant)
        await there(self.site, plant)
        return Unit(plant, works, link)

    async def _asked(self, family: str, value: object) -> Any:
        status, said = await self.site.admin.post(f"/api/v1/{family}", value)
        assert status == 201, said
        return said


KINDS = {
    "operator": Stage.operator, "inverter": Stage.inverter, "aggregator": Stage.aggregator,
    "hearer": Stage.hearer, "unit": Stage.unit, "subscriber": Stage.subscriber,
}  # fmt: skip


async def play(script: str, site: Served, place: Path) -> None:
    """Play a transcript to its end; AssertionError tells its line and both sides."""
    async with AsyncExitStack() as stack:
        stage = Stage(site, stack, place)
        for each in read(SCRIPTS[script]):
            try:
                await (stage.speak(each) if each.party else stage.act(each.line.words))
            except AssertionError as error:
                raise AssertionError(f"{script}.txt, line {each.line.number}: {error}") from None

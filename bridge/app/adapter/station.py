"""All adapters in their installation: made from the configuration, run, shown, and taken apart.

Worker 0 alone has them. How each is stands in a row, `/-/adapters/NAME`, written where it changes; the
administration API reads that. What is decided of a unit goes into the decision log. Decides nothing itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from bridge.app import chores, journal
from bridge.app.adapter import plug
from bridge.app.adapter.carrier import Carrier, Held
from bridge.app.adapter.guest import Guest
from bridge.app.adapter.plug import Plug
from bridge.app.adapter.word import Word
from bridge.app.agreement import standing
from bridge.app.agreement.standing import Standing
from bridge.app.config import Config
from bridge.app.facility.voice import Voice
from bridge.app.roll import Notice
from bridge.app.scribe import micros
from bridge.app.site import Site
from bridge.ports import Reach
from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Change, Conflict, Cut, Row, Who
from bridge.sep2.talk import Peer
from bridge.transports.pages import EVERY
from bridge.transports.store.fault import Unavailable
from bridge.trust import identity
from bridge.trust.decision import Decision

TYPE, DOOR = "Adapter", "adapter"
BEAT = 1.0
"""Seconds between two looks at how adapters are."""
MATTERS = (f"{ours.AGREEMENTS}/", f"{ours.PERMITS}/", f"{ours.FACILITIES}/", "EndDevice=")


@dataclass(slots=True)
class Station:
    """The adapters of an installation."""

    site: Site
    folder: Path
    """Where relative paths begin."""
    guests: tuple[Guest, ...]
    carrier: Carrier = field(init=False)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _renewing: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Have a carrier."""
        self.carrier = Carrier(self._stands, self._judged, time.time, self.stirred.set)

    async def _stands(self, name: str, unit: str) -> Standing:
        """How it stands with a unit, who is revoked left aside."""
        await self.site.revoked.fresh()
        if reason := self.site.revoked.reason(_peer(unit)):
            return Standing(why=reason)
        return await standing.standing(self.site.store, name, unit, self.site.now())

    def _judged(self, held: Held, subject: str, allowed: bool) -> None:
        """Note what was decided of a unit."""
        found = held.standing or Standing()
        said = f"{held.name} {subject}".encode()
        rule = f"agreement {found.number}" if found.number else found.why
        self.site.scribe.note(
            Decision(
                micros(), "", held.unit, "", None, "", "none", "agreement", "serve", f"{held.name}/{subject}",
                sha256(said).hexdigest(), rule, allowed, (), "", DOOR,
            )
        )  # fmt: skip

    def hear(self, topics: frozenset[str]) -> None:
        """Take note of rows that say who agreed, or whose a unit is."""
        if EVERY in topics or any(one.startswith(MATTERS) for one in topics):
            self.carrier.stir()

    async def heard(self, notice: Notice) -> None:
        """Take note of certificates that hold no more."""
        del notice
        self.carrier.stir()

    # ----------------------------------------------------------------------------------------------- renewing

    def renew(self, config: Config) -> None:
        """Take adapters in anew; what cannot be used leaves all as it was."""
        try:
            plugs = plug.all_made(config, self.folder)
        except plug.Wrong as wrong:
            journal.logger(part=DOOR).error("not reloaded", reason=str(wrong), remedy=wrong.remedy)
            return
        task = asyncio.create_task(self._renewed(plugs))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)

    async def _renewed(self, plugs: list[Plug]) -> None:
        """Have these adapters: one that wants nothing else goes on, any other is ended, and made anew."""
        async with self._turn:
            wanted = {each.name: each for each in plugs}
            kept = {one.plug.name: one for one in self.guests if _same(one.plug, wanted.get(one.plug.name))}
            gone = [one for one in self.guests if one.plug.name not in kept]
            for name, one in kept.items():
                one.plug = one.plug._replace(said=wanted[name].said)
            fresh = [Guest(each, _now) for each in plugs if each.name not in kept]
            self.guests = (*kept.values(), *fresh)
            for one in gone:
                await self.carrier.drop(one)
                await one.end()
            self.carrier.open(_held(self.site, fresh))
            self.carrier.stir()
            with suppress(Unavailable, Conflict):
                await self._clear()
            self.stirred.set()
        told([each.plug for each in fresh])

    async def close(self) -> None:
        """Let go of everything."""
        for task in self._renewing:
            task.cancel()
        await asyncio.gather(*self._renewing, return_exceptions=True)
        await self.carrier.close()
        for each in self.guests:
            await each.end()

    # ------------------------------------------------------------------------------------------------ showing

    async def show(self) -> None:
        """Keep the rows of all adapters as they are, again and again."""
        await self._clear()
        while True:
            self.stirred.clear()
            with suppress(Unavailable, Conflict):
                for each in self.guests:
                    await self._show(each)
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self.stirred.wait()

    async def _clear(self) -> None:
        """Leave no row of an adapter that is not here any more."""
        names = {each.plug.name for each in self.guests}
        for row in (await self.site.store.children(ours.ADAPTERS, Cut(limit=groups.EVERY))).rows:
            if (name := row.href.rpartition("/")[2]) not in names:
                self.shown.pop(name, None)
                await self._write(Change(row.href, None))

    async def _show(self, guest: Guest) -> None:
        found: dict[str, Any] = {
            "name": guest.plug.name, "kind": guest.plug.kind, "version": guest.plug.version,
            "breaker": guest.state.value, "why": await guest.health(),
            "units": [_unit(each) for each in self.carrier.units.values() if each.guest is guest],
        }  # fmt: skip
        was = self.shown.get(guest.plug.name, {})
        if found == {name: value for name, value in was.items() if name != "since"}:
            return
        same = (was.get("breaker"), was.get("why")) == (found["breaker"], found["why"])
        found["since"] = was["since"] if same else self.site.now()
        row = Row(_href(guest.plug.name), ours.ADAPTERS, TYPE, ours.body(found), rank=guest.plug.name)
        await self._write(Change(row.href, row))
        self.shown[guest.plug.name] = found

    async def _write(self, change: Change) -> None:
        await self.site.store.commit([change], Who("core", DOOR, self.site.now()))


@asynccontextmanager
async def running(site: Site, config: Config, folder: Path) -> AsyncIterator[Station]:
    """Run them as long as the context lasts; `folder` is where relative paths begin."""
    async with AsyncExitStack() as stack:
        plugs = plug.all_made(config, folder)
        station = Station(site, folder, tuple(Guest(each, _now) for each in plugs))
        stack.push_async_callback(station.close)
        site.store.listen(station.hear)
        site.revoked.listeners.append(station.heard)
        stack.callback(site.revoked.listeners.remove, station.heard)
        site.carriers.append(station.carrier)
        site.spoken.append(station.carrier.answered)
        station.carrier.open(_held(site, station.guests))
        showing = asyncio.create_task(chores.steady(DOOR, station.show))
        stack.push_async_callback(chores.cancelled, showing)
        told(plugs)
        yield station


def told(plugs: Iterable[Plug]) -> None:
    """Have the log say which adapters there are."""
    for each in plugs:
        journal.logger(part=DOOR).info(
            "adapter", name=each.name, kind=each.kind, version=each.version, units=len(each.adapter.units)
        )


def _same(was: Plug, wanted: Plug | None) -> bool:
    """Whether an adapter may go on as it is: how often it is asked, and how patiently, is not its own."""
    settings = (was.said.settings, was.kind, was.version)
    return wanted is not None and settings == (wanted.said.settings, wanted.kind, wanted.version)


def _held(site: Site, guests: Iterable[Guest]) -> list[Held]:
    def counted(what: str, count: int) -> None:
        site.meter.facility.labels(what).inc(count)

    def word(unit: str) -> Word:
        return Word(Voice(unit, site.store, lambda: site.policy, _peer, time.time), time.time, counted)

    return [Held(unit, each, word(unit)) for each in guests for unit in sorted(each.plug.adapter.units)]


def _unit(held: Held) -> dict[str, Any]:
    reach = held.reach or Reach()
    return {
        "lfdi": held.unit, "there": held.there,
        "agreement": (held.standing.number or None) if held.standing else None,
        "why": held.barred or held.why, "modes": sorted(reach.direct | reach.scheduled),
    }  # fmt: skip


def _href(name: str) -> str:
    return f"{ours.ADAPTERS}/{name}"


def _peer(unit: str) -> Peer:
    return Peer(unit, identity.sfdi(unit))


def _now() -> Decimal:
    return Decimal(time.time_ns() // 1_000_000).scaleb(-3)

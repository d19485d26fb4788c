"""A simulated inverter, or an aggregator of many, at a 2030.5 server: the client machine in its loop.

Time and sleep are arguments, so that a time-lapse clock can drive it. Between calls it looks at its units: an
alarm that comes or goes is logged at the server, and a changed state told at once. Faults are put in where
the real ones would be: the clock it reads, the calls it does not make, the readings it warps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.app.sim.inverter import faults
from bridge.app.sim.inverter.face import Face
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.inverter.wire import Failed, Heard, Wire
from bridge.app.sim.unit import Output, Unit
from bridge.sep2.client.call import Call
from bridge.sep2.client.client import Client
from bridge.sep2.client.plant import Options, Party
from bridge.trust import identity as names

Sleep = Callable[[float], Awaitable[object]]
SOUND = Faults()
LONGEST = 3600.0
"""Seconds between two looks at what is due, at most."""


class Member(NamedTuple):
    """A unit with its LFDI, and the PIN that its Registration must have."""

    unit: Unit
    lfdi: str
    pin: int | None = None
    faults: Faults = SOUND


@dataclass(slots=True)
class Seen:
    """What a unit last did, as far as it is told at once."""

    alarms: int = 0
    state: tuple[bool, bool] = (True, True)
    out: bool = False
    logged: int = 0


@dataclass(slots=True)
class Inverter:
    """One client of one server: its units, its clock, its certificate."""

    unit: Unit | Sequence[Member]
    """The unit of the certificate's own LFDI, or those that an aggregator speaks for."""
    now: Callable[[], float]
    identity: Identity
    server: str
    """Address of DeviceCapability."""
    options: Options = field(default_factory=Options)
    sleep: Sleep = asyncio.sleep
    faults: Faults = SOUND
    pin: int | None = None
    look: float = 5.0
    """Seconds between two looks at the units."""
    named: bool = True
    """Whether the server's certificate must bear its name."""
    note: Callable[..., None] | None = None
    heard: Heard | None = None
    modes: frozenset[str] = frozenset()
    """Canonical names of the modes that its units follow; all that the profile knows, if none is named."""
    aged: Callable[[], float] | None = None
    """What its faults are counted by, in seconds; from when it was made, if nothing is given."""
    client: Client = field(init=False)
    _faces: dict[str, Face] = field(init=False)
    _members: dict[str, Member] = field(init=False)
    _seen: dict[str, Seen] = field(init=False)
    _woken: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _start: float = field(init=False)

    def __post_init__(self) -> None:
        """Make the machine."""
        own = (
            self.unit
            if isinstance(self.unit, Sequence)
            else (Member(self.unit, self.identity.lfdi, self.pin, self.faults),)
        )
        self._start = self.now()
        self._members = {each.lfdi: each for each in own}
        self._seen = {each.lfdi: Seen() for each in own}
        self._faces = {each.lfdi: self._face(each) for each in own}
        parties = tuple(
            Party(each.lfdi, names.sfdi(each.lfdi), self._faces[each.lfdi], each.pin) for each in own
        )
        self.client = Client(
            self.identity.lfdi, self.server, parties, self.options, now=self._clock(), note=self.note
        )

    def _face(self, member: Member) -> Face:
        return Face(
            member.unit,
            member.lfdi,
            self.options.profile,
            post_rate=int(self.options.post_rate),
            since=int(self._start),
            modes=self.modes,
            warp=lambda name, value: member.faults.warped(name, value, self._age()),
        )

    def _age(self) -> float:
        return self.now() - self._start if self.aged is None else self.aged()

    def _clock(self) -> float:
        """Give the time as this inverter has it, which may drift."""
        return self.faults.drifted(self.now(), self._age())

    def notified(self, body: bytes) -> int:
        """Take a Notification; give the status of the answer."""
        if self.faults.silent(self._age()):
            return faults.NOT_THERE
        status = self.client.notified(body, self._clock())
        self._woken.set()
        return status

    async def run(self) -> None:
        """Go on until cancelled."""
        async with Wire(self.identity.context(named=self.named), heard=self.heard) as wire:
            while True:
                for lfdi in self._members:
                    self._watch(lfdi)
                call = self.client.due(self._clock())
                if call is None:
                    await self._pause(self.client.wake() - self._clock())
                else:
                    await self._made(wire, call)

    async def _made(self, wire: Wire, call: Call) -> None:
        """Make a call, and give the machine what came of it."""
        if self.faults.silent(self._age()):
            self.client.failed(call, "silence", self._clock())
            return
        try:
            reply = await wire.carry(call)
        except Failed as error:
            self.client.failed(call, str(error), self._clock())
        else:
            self.client.take(call, reply, self._clock())

    async def _pause(self, seconds: float) -> None:
        """Sleep until something is due, a unit is to be looked at, or there is news."""
        waits = (
            asyncio.ensure_future(self._woken.wait()),
            asyncio.ensure_future(self.sleep(min(max(seconds, 0.0), self.look, LONGEST))),
        )
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.wait(waits)  # which lets a cancellation of our own through
        self._woken.clear()

    # ---------------------------------------------------------------------------------------------- the units

    def _watch(self, lfdi: str) -> None:
        """Look at a unit: log alarms, tell a changed state at once, let its user opt out and in."""
        member, seen = self._members[lfdi], self._seen[lfdi]
        out, now = member.unit.output, self._clock()
        self._alarms(lfdi, out, now)
        state = (out.connected, out.operating)
        if state != seen.state:
            seen.state = state
            self.client.stir(lfdi, now)
        refuses = member.faults.refuses(self._age())
        if refuses != seen.out:
            seen.out = refuses
            self.client.opt(lfdi, now, out=refuses)

    def _alarms(self, lfdi: str, out: Output, now: float) -> None:
        seen = self._seen[lfdi]
        changed = out.alarms ^ seen.alarms
        for bit in range(changed.bit_length()):
            if changed >> bit & 1:
                gone = not out.alarms >> bit & 1
                second = self.client.desk.second(now)
                alarm = self._faces[lfdi].alarm(bit, gone=gone, number=seen.logged, now=second)
                if self.client.alarm(lfdi, alarm, now):
                    seen.alarms ^= 1 << bit
                    seen.logged = (seen.logged + 1) % 65536
                    self.client.stir(lfdi, now)

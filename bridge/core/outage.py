"""Outages: whether a unit or a group is in service, whose word decides that, and how much of it is left.

The rule is in docs/outage.md: what leaves least decides; between two that leave the same, an operator's word.
A unit's own word is read from its status by `TABLE`; silence is no outage. A group is what its members are.
Never asks a clock, a store or a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from models.der import messages

State = messages.OutageState
Source = messages.OutageSource
Modes = frozenset[str]
HUNDRED = Decimal(100)
FAULT, TEST, AVAILABLE = 0x10, 0x08, 0x02
"""Bits of ConnectStatusType (IEEE 2030.5-2018): fault, test, available."""
STOPS = (1 << 7, 1 << 8)
"""Bits of alarmStatus: emergency stop, at the unit and from afar."""
OFF, DERATING, FAULTY, TESTING = 1, 5, 7, 9
"""Values of InverterStatusType."""
MODE_OFF, MODE_TEST = 1, 3
"""Values of OperationalModeStatusType."""
EMERGENCY, BLOCKED, MAINTENANCE, FAILED = 7, 9, 10, 11
"""Values of DERStateKind (IEC 61850-7-420)."""
ALARM = "alarm"
"""What manufacturerStatus holds where the health of a 61850 unit is bad (HealthKind 3)."""
SWITCHING = frozenset({"connect", "energize", "gridConnectPermit"})
"""Modes under which a unit that is off does as it was told."""
LIMITING = SWITCHING | {
    "deltaW", "fixedW", "targetW", "storageTargetW", "expLimW", "genLimW", "maxLimW", "maxLimWInject",
    "maxLimPctVAInject", "voltWatt", "freqWatt", "freqDroop",
}  # fmt: skip
"""Modes under which a unit that gives less than it could does as it was told."""


class Entry(NamedTuple):
    """What an operator says of a unit or a group, for a window of time."""

    name: str
    state: State
    start: int
    end: int = 0
    """Not included; 0 for an end that nobody knows yet."""
    left: Decimal | None = None
    """Of what is derated: W that are left."""
    percent: Decimal | None = None
    """The same as a percentage of what it could do."""
    reason: str = ""

    def holds(self, now: int) -> bool:
        """Whether its window holds a moment."""
        return self.start <= now and (not self.end or now < self.end)


class Report(NamedTuple):
    """What a unit's status says; no state is in service."""

    state: State | None = None
    left: Decimal | None = None
    reason: str = ""


class Standing(NamedTuple):
    """How a unit stands; no state is in service."""

    state: State | None = None
    source: Source | None = None
    since: int = 0
    until: int = 0
    left: Decimal | None = None
    """W that are left; None where that is not known."""
    reason: str = ""
    entry: str = ""
    """Name of the entry that decides."""


SERVING = Standing()


class Sum(NamedTuple):
    """What several are together."""

    state: State | None = None
    members: int = 0
    planned: int = 0
    forced: int = 0
    derated: int = 0
    left: Decimal | None = None
    rated: Decimal | None = None

    @property
    def serving(self) -> int:
        """How many are wholly in service."""
        return self.members - self.planned - self.forced - self.derated


# ------------------------------------------------------------------------------------- a unit's own word


class Told(NamedTuple):
    """A unit's status as numbers, and which modes hold it now that somebody asked of it."""

    state: int | None
    connect: int
    inverter: int | None
    mode: int | None
    alarms: int
    health: str
    asked: Modes

    @property
    def idle(self) -> bool:
        """Whether it is off and cannot be had, though nobody told it to be."""
        off = self.inverter == OFF or (not self.inverter and self.mode == MODE_OFF)
        return off and not self.connect & AVAILABLE and not self.asked & SWITCHING

    @property
    def less(self) -> bool:
        """Whether it gives less than it could, though nobody told it to."""
        return self.inverter == DERATING and not self.asked & LIMITING


Row = tuple[Callable[[Told], bool], State, str]
TABLE: Sequence[Row] = (
    (lambda told: told.state == FAILED, State.forced, "failed (DEROpSt 11)"),
    (lambda told: told.inverter == FAULTY, State.forced, "fault (inverterStatus 7)"),
    (lambda told: bool(told.connect & FAULT), State.forced, "fault (connectStatus bit 4)"),
    (lambda told: told.health == ALARM, State.forced, "health is bad (PhyHealth 3)"),
    (lambda told: told.state == EMERGENCY, State.forced, "emergency stop (DEROpSt 7)"),
    (lambda told: any(told.alarms & bit for bit in STOPS), State.forced, "emergency stop (alarmStatus)"),
    (lambda told: told.state == MAINTENANCE, State.planned, "maintenance (DEROpSt 10)"),
    (lambda told: told.inverter == TESTING, State.planned, "test (inverterStatus 9)"),
    (lambda told: told.mode == MODE_TEST, State.planned, "test (operationalModeStatus 3)"),
    (lambda told: bool(told.connect & TEST), State.planned, "test (connectStatus bit 3)"),
    (lambda told: told.state == BLOCKED, State.forced, "blocked (DEROpSt 9)"),
    (lambda told: told.idle, State.forced, "off, and nobody told it to be"),
    (lambda told: told.less, State.derated, "gives less than it could (inverterStatus 5)"),
)
"""What a status means, the first row that fits; where none does, the unit is in service."""


def reported(said: messages.Operation, asked: Modes, left: Decimal | None = None) -> Report:
    """Read a unit's status; `left` is what it says that it could do, in W."""
    connects = [_bits(each.value) for each in (said.genConnectStatus, said.storConnectStatus) if each]
    told = Told(
        said.DEROpSt,
        sum({bit for bit in (FAULT, TEST, AVAILABLE) if any(one & bit for one in connects)}),
        said.inverterStatus.value if said.inverterStatus else None,
        said.operationalModeStatus.value if said.operationalModeStatus else None,
        _bits(said.alarmStatus),
        said.manufacturerStatus.value.strip().lower() if said.manufacturerStatus else "",
        asked,
    )
    state, reason = next(((state, why) for fits, state, why in TABLE if fits(told)), (None, ""))
    return Report(state, left if state is State.derated else None, reason)


def _bits(text: str | None) -> int:
    return int(text or "0", 16)


# ------------------------------------------------------------------------------------- whose word decides


def standing(entries: Iterable[Entry], report: Report, rated: Decimal | None, now: int) -> Standing:
    """Give how a unit stands: of all that is said of it now, what leaves least."""
    held = [each for each in entries if each.holds(now)]
    said = [_declared(each, rated) for each in held if each.state is not State.restored]
    silenced = any(each.state is State.restored for each in held)
    if report.state is not None and not silenced:
        left = _bounded(report.left, rated) if report.state is State.derated else Decimal(0)
        said.append(Standing(report.state, Source.unit, 0, 0, left, report.reason))
    return min(said, key=lambda one: _rank(one, rated), default=SERVING)


def _declared(entry: Entry, rated: Decimal | None) -> Standing:
    left = _left(entry, rated)
    return Standing(entry.state, Source.operator, entry.start, entry.end, left, entry.reason, entry.name)


def _left(entry: Entry, rated: Decimal | None) -> Decimal | None:
    """What an entry leaves, in W, where that is known."""
    if entry.state is not State.derated:
        return Decimal(0)
    if entry.left is not None:
        return _bounded(entry.left, rated)
    return None if rated is None or entry.percent is None else rated * entry.percent / HUNDRED


def _bounded(left: Decimal | None, rated: Decimal | None) -> Decimal | None:
    return left if left is None or rated is None else min(left, rated)


ORDER = {State.forced: 0, State.planned: 1, State.derated: 2}


def _rank(one: Standing, rated: Decimal | None) -> tuple[int, Decimal, int, int, int]:
    """What leaves least first; then an operator's word, what was not meant, what is younger."""
    most = rated if rated is not None else Decimal("Infinity")
    left = one.left if one.left is not None else most
    whole = int(one.state is State.derated)
    return whole, left, int(one.source is not Source.operator), ORDER[one.state or State.derated], -one.since


def edge(entries: Iterable[Entry], now: int) -> int | None:
    """Give when the clock next changes what entries say."""
    edges = (at for each in entries for at in (each.start, each.end) if at > now)
    return min(edges, default=None)


# ------------------------------------------------------------------------------------------------ several


def together(parts: Iterable[tuple[Standing | Report, Decimal | None]]) -> Sum:
    """Give what parts are together, each with what it could do, in W; what is not known is not guessed."""
    found = list(parts)
    count = {state: sum(part.state is state for part, _ in found) for state in ORDER}
    lefts = [_part(part, rated) for part, rated in found]
    rates = [rated for _, rated in found]
    left = None if None in lefts else sum((one for one in lefts if one is not None), Decimal(0))
    rated = None if None in rates else sum((one for one in rates if one is not None), Decimal(0))
    return Sum(
        _state(count, len(found)), len(found), count[State.planned], count[State.forced],
        count[State.derated], left, rated,
    )  # fmt: skip


def _state(count: dict[State, int], members: int) -> State | None:
    """All out is an outage, planned where all of it was meant; any out, or less, is a derating."""
    out = count[State.planned] + count[State.forced]
    if not out and not count[State.derated]:
        return None
    if out < members:
        return State.derated
    return State.forced if count[State.forced] else State.planned


def _part(part: Standing | Report, rated: Decimal | None) -> Decimal | None:
    if part.state in {State.planned, State.forced}:
        return Decimal(0)
    return part.left if part.state is State.derated else rated


def whole(parts: Iterable[tuple[Report, Decimal | None]]) -> Report:
    """Give what a unit of several DERs says as one: each DER's report, with what that DER could do."""
    found = list(parts)
    if len(found) == 1:
        return found[0][0]
    made = together(found)
    reasons = dict.fromkeys(part.reason for part, _ in found if part.reason)
    return Report(made.state, made.left if made.state is State.derated else None, "; ".join(reasons))


# -------------------------------------------------------------------------------------------------- told


def watts(value: Decimal | None) -> messages.Amount | None:
    """Give a power as canonical messages say it."""
    return None if value is None else messages.Amount(value=value, unit=messages.Unit.W)

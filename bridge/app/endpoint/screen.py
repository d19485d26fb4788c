"""What is under way as the image shows it: states of schedules by the clock, set points by the device's word.

FSCH and FSCC say what the bridge's schedule does (IEC 61850-7-4); a set point is in force once the device
has said that it follows, and no longer than that. What is over is shown first, so that what goes on stays.
It holds no state of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bridge.app.endpoint import parts
from bridge.app.endpoint.parts import Found, Span, Spans
from bridge.app.endpoint.tally import Tally
from bridge.app.endpoint.wishes import scheduled
from bridge.iec61850 import device as devices
from bridge.iec61850.command import Command
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import GOOD
from bridge.iec61850.image import constraint
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import stamp
from bridge.mapping.schedule import arbiter, slot
from models.der import messages

SHOWN = frozenset({"ST", "MX"})
CANCELLED = 2
FAULTLESS = 1


@dataclass(slots=True, eq=False)
class Entry:
    """A control that is watched."""

    mark: str
    href: str
    identity: str
    about: str
    """What was commanded, as `DWMX1.WMaxSptPct`, or the schedule, as `FSCH86`."""
    control: messages.Control
    command: Command | None = None
    """The command that waits for the outcome."""
    started: bool = False
    over: bool = False
    shown: bool = False
    """Whether its set points stand in the image."""
    error: int = FAULTLESS
    tally: Tally | None = None
    """What its devices have said; None where that is to be read."""
    edges: tuple[Decimal, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Say when it begins and ends, at the latest."""
        said = self.control
        end = said.start + said.duration + (said.randomizeStart or 0) + (said.randomizeDuration or 0)
        self.edges = (said.start, end)

    @property
    def parent(self) -> str:
        """Give the list that the event is in."""
        return self.href.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Screen:
    """Shows events in the image."""

    estate: Estate

    def show(self, identity: str, entries: Collection[Entry], now: float) -> Found:
        """Show the events of a device, in the order in which they were made, and give what goes with them."""
        found = self.estate.devices.get(identity)
        if found is None:
            return Found()
        for each in sorted(entries, key=lambda one: one.started and not one.over):
            self._fresh(found, dict(_values(found, each, now)), now)
        over = spans(each for each in entries if each.over).values()
        beside = parts.found(found, spans(each for each in entries if not each.over), over, now)
        self._fresh(found, beside.values, now)
        return beside

    def _fresh(self, found: devices.Device, shown: Mapping[str, Value], now: float) -> None:
        """Put what is other than before."""
        held = found.domain.leaves
        fresh = {item: value for item, value in shown.items() if not _same(item, value, shown, held)}
        self.estate.image.update(found.name, fresh, now)

    def refused(self, identity: str, schedule: str, error: int, now: float) -> None:
        """Show why a schedule was not enabled."""
        found = self.estate.devices[identity]
        self.estate.image.update(found.name, _erred(schedule, error, now), now)


def spans(entries: Iterable[Entry]) -> Spans:
    """Give the windows of the schedules among events."""
    found = ((each.about, each.control) for each in entries if scheduled(each.about))
    return {about: Span(said.start, said.start + said.duration) for about, said in found}


def _same(item: str, value: Value, shown: Mapping[str, Value], held: Mapping[str, Value]) -> bool:
    """Whether a leaf says nothing new: a time alone is no news, where nothing beside it has changed."""
    head, _, tail = item.rpartition("$")
    if tail != "t":
        return held.get(item) == value
    beside = (each for each in shown if each.startswith(f"{head}$") and each != item)
    return all(held.get(each) == shown[each] for each in beside)


def _values(device: devices.Device, entry: Entry, now: float) -> Iterator[tuple[str, Value]]:
    """Give the states and the set points of one event."""
    ended = entry.control.model_copy(update={"status": _ended(now)})
    if scheduled(entry.about):
        own = {entry.about, arbiter(entry.about)}
        placed = replace(device, bases=replace(device.bases, slot=slot(entry.about)))
        states = devices.show(placed, ended if entry.over else entry.control, now).values
        yield from ((item, value) for item, value in states.items() if _of(item) in own and _told(item))
        if entry.error != FAULTLESS:
            yield from _erred(entry.about, entry.error, now).items()
    follows = entry.started and not entry.over
    if follows or entry.shown:
        points = devices.show(device, entry.control if follows else ended, now).values
        yield from ((item, value) for item, value in points.items() if _point(item))
    entry.shown = follows


def _ended(now: float) -> messages.EventState:
    return messages.EventState(currentStatus=CANCELLED, at=Decimal(repr(now)), potentiallySuperseded=False)


def _of(item: str) -> str:
    return item.partition("$")[0]


def _told(item: str) -> bool:
    return constraint(item) in SHOWN


def _point(item: str) -> bool:
    return _told(item) and not item.startswith(("FSCH", "FSCC"))


def _erred(schedule: str, error: int, now: float) -> dict[str, Value]:
    said = f"{schedule}$ST$SchdEnaErr$"
    return {f"{said}stVal": error, f"{said}q": GOOD, f"{said}t": stamp(now)}

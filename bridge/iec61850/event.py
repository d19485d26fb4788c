"""What a control is at a moment, as points: the state of its schedules, and the set points that are in force.

Follows FSCH and FSCC of IEC 61850-7-4 and the status of a 2030.5 event, which is a function of the clock: a
schedule is ready before its start, runs until its end, and is not ready afterwards or once cancelled. The
window and the values themselves are the mapping's. Knows no picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from bridge.iec61850.roster import SCHEDULED
from bridge.iec61850.shape import Value
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import to_points
from bridge.mapping.nodes import read
from bridge.mapping.points import Point, stamp
from bridge.mapping.schedule import CANCELLED, arbiter
from models.der import messages

NOT_READY, READY, RUNNING = 1, 3, 4
FAULTLESS = 1
"""SchdEnaErr that says there is none."""
ATTRIBUTE: Mapping[str, str] = MappingProxyType({"ValMV": "mag.f", "ValSPS": "stVal", "ValENS": "stVal"})
VALUE: Mapping[str, str] = MappingProxyType({"ValASG1": "setMag.f", "ValSPG1": "setVal", "ValENG1": "setVal"})


def phase(control: messages.Control, now: Decimal) -> int:
    """The state of a control's schedules."""
    if control.status is not None and control.status.currentStatus in CANCELLED:
        return NOT_READY
    if now < control.start:
        return READY
    return RUNNING if now < control.start + control.duration else NOT_READY


def scheduled(
    points: Iterable[Point], control: messages.Control, now: Decimal, of: tuple[str, Mapping[str, Value]]
) -> Iterator[Point]:
    """What the schedules among a control's points say of themselves: state, next start, value that is due.

    An arbiter says that nothing runs where it named that schedule; `of` is the device's name, and its leaves.
    """
    ld, held = of
    told = {point.ref: point for point in points}
    state = phase(control, now)
    numbers = dict.fromkeys(ref.partition(".")[0] for ref in told if ref.startswith("FSCH"))
    for name in numbers:
        yield Point(f"{name}.SchdSt.stVal", "ST", state)
        yield Point(f"{name}.SchdEnaErr.stVal", "ST", FAULTLESS)
        if state == READY:
            yield Point(f"{name}.NxtStrTm.stVal", "ST", stamp(control.start, "start"))
        else:
            yield Point(f"{name}.NxtStrTm.q", "ST", "invalid")
        active, own = held.get(f"{arbiter(name)}$ST$ActSchdRef$stVal"), f"{ld}/{name}"
        if state == RUNNING or active in (None, "", own):
            yield Point(f"{arbiter(name)}.ActSchdRef.stVal", "ST", own if state == RUNNING else "")
        yield from _due(name, told, running=state == RUNNING)


def _due(name: str, told: Mapping[str, Point], *, running: bool) -> Iterator[Point]:
    for held, due in SCHEDULED.values():
        point = told.get(f"{name}.{held}.{VALUE[held]}")
        fc = "MX" if due == "ValMV" else "ST"
        if point is not None and running:
            yield Point(f"{name}.{due}.{ATTRIBUTE[due]}", fc, point.value)
        elif point is not None:
            yield Point(f"{name}.{due}.q", fc, "invalid")


def current(control: messages.Control, bases: Bases, now: Decimal) -> Iterator[Point]:
    """The set points of a control: what they are while it runs, and that they are no longer so after it."""
    state = phase(control, now)
    if state == READY:
        return
    fields = {name: getattr(control, name) for name in messages.Message.model_fields if name != "kept"}
    for point in to_points(messages.Status(**fields, modes=control.modes), bases).points:
        if point.fc not in ("ST", "MX") or _own(point.ref):
            continue
        object_ = ".".join(point.ref.split(".")[:2])
        yield point if state == RUNNING else Point(f"{object_}.q", point.fc, "invalid")


def _own(ref: str) -> bool:
    """A node's mode says that it takes commands, not that one is in force."""
    return ref.split(".")[1] in ("Mod", "Beh")


def enabled(
    setting: messages.Setting, modes: Iterable[str], bits: Mapping[str, str]
) -> Iterator[tuple[str, bool]]:
    """Each of a unit's modes whose map of enabled bits is told, and whether its own is set."""
    wanted = frozenset(modes)
    for field, listed in bits.items():
        told = getattr(setting, field.replace("Supported", "Enabled"))
        if told is not None:
            for bit, mode in enumerate(read().codes[listed]["bits"]):
                if mode in wanted:
                    yield mode, bool(int(told or "0", 16) >> bit & 1)

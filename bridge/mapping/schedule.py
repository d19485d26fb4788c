"""Windows and ranks: start, duration and primacy of a control as one FSCH for each object, and its FSCC.

SchdPrio = 255 - primacy + offset, because the higher number wins there and the lower here; the window is
StrTm and SchdIntv x NumEntr, and RvrtTms of each node that is started. Schedules alone are read too: their
values stand for direct commands.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.mapping.leaves import Leaves, plain
from bridge.mapping.nodes import constraint, has, place
from bridge.mapping.points import Point, Scalar, moment, stamp, whole
from bridge.mapping.scalars import ours_of, put_time, take_time
from bridge.mapping.table import Unknown, Unrepresentable
from bridge.mapping.work import COMMAND, Work

TOP = 255
ROW = 200
"""Schedules of the next slot are numbered this much higher; an arbiter has the number of the first."""
CANCELLED = (2, 3)
VALUES = {
    "APC": "ValASG1.setMag.f",
    "SPC": "ValSPG1.setVal",
    "DPC": "ValSPG1.setVal",
    "SPG": "ValSPG1.setVal",
    "ENC": "ValENG1.setVal",
}


def named(number: int, slot: int) -> str:
    """The schedule of an object's number in a slot."""
    return f"FSCH{number + ROW * slot}"


def slot(schedule: str) -> int:
    """The slot that a schedule is of, by its name."""
    return int(schedule.removeprefix("FSCH")) // ROW


def arbiter(schedule: str) -> str:
    """The arbiter of a schedule, by its name."""
    return f"FSCC{int(schedule.removeprefix('FSCH')) % ROW}"


def write_event(leaves: Leaves, work: Work) -> None:
    """Write one schedule for each object that the modes command, and the reversion time of each node."""
    for node in work.started:
        if has(node, "RvrtTms"):
            put_time(f"{node}.RvrtTms", leaves["duration"], work)
    for entity, value in work.entities.items():
        schedule = named(work.table.entities[entity], work.bases.slot)
        work.put(f"{arbiter(schedule)}.CtlEnt.setSrcRef", entity)
        work.put(f"{arbiter(schedule)}.Schd{work.bases.slot + 1}.setSrcRef", schedule)
        _write(schedule, VALUES[place(entity).cdc], value, leaves, work)


def _write(schedule: str, val: str, value: Scalar, leaves: Leaves, work: Work) -> None:
    if leaves["duration"] < 0:
        raise Unrepresentable("duration", f"{leaves['duration']} s is a negative time")
    work.put(f"{schedule}.StrTm1.setTm", stamp(leaves["start"], "start"))
    put_time(f"{schedule}.SchdIntv", leaves["duration"], work)
    work.put(f"{schedule}.NumEntr.setVal", 1)
    work.put(f"{schedule}.{val}", value)
    work.put(f"{schedule}.SchdReuse.setVal", value=False)
    if "primacy" in leaves:
        work.put(f"{schedule}.SchdPrio.setVal", priority(leaves["primacy"], work.bases.priority))
    ask = "DsaReq" if leaves.get("status.currentStatus") in CANCELLED else "EnaReq"
    work.put(f"{schedule}.{ask}.ctlVal", value=True)


def priority(primacy: int, offset: int) -> int:
    """Return SchdPrio (the higher wins) of a primacy (the lower wins)."""
    return whole(Decimal(TOP - primacy + offset), "primacy")


def primacy(prio: int, offset: int) -> int:
    """Return the primacy of a SchdPrio."""
    value = TOP - prio + offset
    if not 0 <= value <= TOP:
        raise Unrepresentable("primacy", f"SchdPrio {prio} is no primacy of 0 to 255")
    return value


def prepare(work: Work) -> None:
    """Let the values of schedules stand for direct commands, where only schedules were given."""
    for arbiter in sorted(node for node in work.sheet.nodes() if node.startswith("FSCC")):
        entity = work.sheet.target(f"{arbiter}.CtlEnt")
        for ref in [ref for ref in work.sheet.points if ref.startswith(f"{arbiter}.Schd")]:
            schedule = work.sheet.target(ref.removesuffix(".setSrcRef"))
            if entity is not None and schedule is not None:
                _stand_in(entity, schedule, work)


def _stand_in(entity: str, schedule: str, work: Work) -> None:
    try:
        found = place(entity)
    except Unknown as error:
        raise Unrepresentable(entity, f"a schedule cannot control it: {error}") from None
    if found.rest:
        raise Unrepresentable(entity, "a schedule controls an object, not an attribute of it")
    if found.cdc not in VALUES:
        raise Unrepresentable(entity, f"a schedule cannot control {found.cdc or 'this'}")
    value = work.sheet.take(f"{schedule}.{VALUES[found.cdc]}")
    direct = f"{entity}.{COMMAND[found.cdc]}" + (".f" if found.cdc == "APC" else "")
    if value is None:
        return
    there = work.sheet.points.setdefault(direct, Point(direct, constraint(direct), value))
    if there.value != value:
        raise Unrepresentable(direct, f"the schedule says {value!r}, the command {there.value!r}")


def read_event(work: Work) -> Leaves:
    """Read the window, rank and state that all schedules agree on.

    Without any, the reversion time is the duration.
    """
    found = [
        _read(node, work) for node in sorted(node for node in work.sheet.nodes() if node.startswith("FSCH"))
    ]
    if any(other != found[0] for other in found):
        raise Unrepresentable(
            "start", "the schedules are of different controls: window, rank or state differ"
        )
    leaves = dict(found[0]) if found else {}
    for node in work.started:
        ref = f"{node}.RvrtTms"
        read = set(work.sheet.read)
        value = take_time(ref, work) if has(node, "RvrtTms") else None
        if value is not None and leaves.setdefault("duration", value) != value:
            work.sheet.read = read
    return leaves


def _read(schedule: str, work: Work) -> Leaves:
    leaves: dict[str, Any] = {}
    if (start := work.sheet.take(f"{schedule}.StrTm1.setTm")) is not None:
        leaves["start"] = moment(start, "start")
    interval, entries = (
        take_time(f"{schedule}.SchdIntv", work),
        work.sheet.number(f"{schedule}.NumEntr.setVal"),
    )
    entries = 1 if entries is None else entries
    _alike(schedule, entries, work)
    if interval is not None:
        leaves["duration"] = plain(interval * entries)
    if (prio := work.sheet.number(f"{schedule}.SchdPrio.setVal")) is not None:
        leaves["primacy"] = primacy(prio, work.bases.priority)
    for ref, usual in ((f"{schedule}.SchdReuse.setVal", False), (f"{schedule}.EnaReq.ctlVal", True)):
        if ref in work.sheet.points and work.sheet.points[ref].value is usual:
            work.sheet.take(ref)
    return leaves | _state(schedule, leaves, work)


def _alike(schedule: str, entries: int, work: Work) -> None:
    """Refuse a schedule of several values: no single control says them."""
    names = dict.fromkeys(VALUES.values())
    first = next((name for name in names if f"{schedule}.{name}" in work.sheet.points), None)
    if entries == 1:
        return
    if entries < 1 or first is None:
        raise Unrepresentable(schedule, f"{entries} entries of unknown values are not one control")
    for number in range(2, min(entries, TOP) + 1):
        ref = f"{schedule}.{first.replace('1.', f'{number}.', 1)}"
        if work.sheet.take(ref) != work.sheet.points[f"{schedule}.{first}"].value:
            raise Unrepresentable(schedule, f"entry {number} of {entries} is not the same as the first")


def _state(schedule: str, leaves: Leaves, work: Work) -> Leaves:
    """Return what is known of the event's state.

    Asked to stop is cancelled, else what the schedule itself says.
    """
    stopped = work.sheet.flag(f"{schedule}.DsaReq.ctlVal")
    state = work.sheet.number(f"{schedule}.SchdSt.stVal")
    status = CANCELLED[0] if stopped else None if state is None else ours_of(work, "SchdSt", state)
    if status is None:
        return {}
    return {
        "status.currentStatus": status,
        "status.at": leaves.get("start", Decimal(0)),
        "status.potentiallySuperseded": False,
    }

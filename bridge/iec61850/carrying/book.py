"""A schedule written, enabled and disabled: window, value, rank, then EnaReq (IEC 61850-7-4 FSCH).

What is enabled is frozen, so it is disabled first. The mark goes before the values: an order that was broken
off finds its schedule again. Only SchdSt says that a schedule waits or runs; SchdEnaErr says why it does not.
Repeating an order that stands already writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from bridge.iec61850.carrying import fitting, slot, ways
from bridge.iec61850.carrying.deed import Desk, known
from bridge.iec61850.carrying.fault import UNABLE, Fault, Later, refused
from bridge.iec61850.carrying.line import Talk, Wait
from bridge.iec61850.carrying.plan import LEAD, Booking, Command
from bridge.iec61850.carrying.slot import ENABLED, Mark, Slot
from bridge.iec61850.carrying.survey import Arbiter, Survey
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import stamp
from models.mms.codes import DataAccessError

LOOKS = 5
"""How often a schedule's state is asked for, a second apart, until it has taken to it."""
SHORT = 0.5
"""Seconds between two looks at one that is about to begin."""
FAULTLESS = (0, 1)


def book(desk: Desk, booking: Booking, mark: Mark) -> Talk[Slot]:
    """Have an object follow a schedule; gives the one that it stands in.

    One of the same record that runs goes on until the other runs: what it limits has no gap.
    """
    held, mark = arbitrated(desk.survey, booking), mark._replace(end=booking.end)
    found = yield from slot.look(desk.line, desk.survey, held.schedules)
    now = Decimal(repr(desk.line.now))
    mine = [each for each in found if slot.mine(each, mark, booking.priority)]
    for each in mine:
        if (yield from _stands(desk, each, booking, mark)):
            yield from _relieved(desk, each, [one for one in mine if one is not each and one.mark])
            return each
    running = [each for each in mine if each.state == slot.RUNNING]
    spare = slot.spare(found) if running and booking.start <= now else None
    chosen = spare or slot.choose(found, mark, booking.priority, now)
    yield from _booked(desk, chosen, booking, mark, held)
    if spare:
        yield from _relieved(desk, chosen, running)
    return chosen


def _booked(desk: Desk, chosen: Slot, booking: Booking, mark: Mark, held: Arbiter) -> Talk[None]:
    """Write a schedule and have it enabled; what was there before comes back where that fails."""
    yield from _assigned(desk, held, booking.entity)
    before = yield from _before(desk, chosen.node, booking)
    desk.back.append(lambda: _restored(desk, chosen, before))
    if chosen.enabled:
        yield from ask(desk, chosen.node, "DsaReq")
        yield from settled(desk, chosen.node, enabled=False)
    alone = len(held.schedules) < ways.AHEAD
    yield from _write(desk, chosen, booking, mark, alone=alone)
    yield from ask(desk, chosen.node, "EnaReq")
    yield from settled(desk, chosen.node, enabled=True)


def _relieved(desk: Desk, other: Slot, held: Sequence[Slot]) -> Talk[None]:
    """End schedules in whose place another one stands, once that one runs."""
    if any(each.state == slot.RUNNING for each in held):
        yield from begun(desk, [other.node])
    for each in held:
        yield from drop(desk, each)


def begun(desk: Desk, schedules: Sequence[str]) -> Talk[None]:
    """Wait until one of some schedules runs that are about to, as long as one may take to begin."""
    for _ in range(2 * LOOKS):
        found = yield from slot.look(desk.line, desk.survey, schedules)
        soon = Decimal(repr(desk.line.now)) + LOOKS
        waits = any(each.state == slot.READY and each.start <= soon for each in found)
        if not waits or any(each.state == slot.RUNNING for each in found):
            return
        yield from desk.line.ask(Wait(desk.line.now + SHORT))


def drop(desk: Desk, held: Slot) -> Talk[None]:
    """Have a schedule end, and be nobody's."""
    if held.enabled:
        yield from ask(desk, held.node, "DsaReq")
        yield from settled(desk, held.node, enabled=False)
    if held.marked:
        yield from desk.line.write({held.marked: ""}, desk.survey.types)


def arbitrated(survey: Survey, booking: Booking) -> Arbiter:
    """The arbiter of a booking's object."""
    found = ways.arbiter(survey, booking.entity, booking.cdc)
    if found is None:
        raise Fault(booking.entity, "no schedule controls it", UNABLE)
    return found


def ask(desk: Desk, schedule: str, name: str) -> Talk[None]:
    """Ask a schedule to be enabled or disabled."""
    target = desk.survey.target(f"{schedule}.{name}")
    if not desk.survey.model(target):
        raise Fault(f"{schedule}.{name}", "the unit has no such object that takes commands", UNABLE)
    yield from desk.command(Command(target, value=True), None)


def settled(desk: Desk, schedule: str, *, enabled: bool) -> Talk[None]:
    """Wait until a schedule says that it has taken to what it was asked; raises why it has not."""
    items = slot.items(desk.survey, schedule)
    wanted = {items[name]: desk.survey.types[items[name]] for name in ("state", "fault") if name in items}
    for _ in range(LOOKS):
        told = yield from desk.line.read(wanted)
        state, fault = told.get(items.get("state", "")), told.get(items.get("fault", ""))
        if isinstance(state, DataAccessError):
            raise refused(f"{schedule}.SchdSt", state)
        if (state in ENABLED) is enabled:
            return
        if enabled and isinstance(fault, int) and fault not in FAULTLESS:
            raise Fault(schedule, f"SchdEnaErr {int(fault)}", schedule=int(fault))
        yield from desk.line.ask(Wait(desk.line.now + 1))
    raise Later(f"{schedule}: SchdSt does not change")


def _stands(desk: Desk, held: Slot, booking: Booking, mark: Mark) -> Talk[bool]:
    """Whether a schedule says already what it is to say."""
    if not held.enabled or not slot.mine(held, mark, booking.priority) or held.mark not in (None, mark):
        return False
    item, value = _value(desk.survey, held.node, booking)
    told = yield from desk.line.read({item: desk.survey.types[item]})
    return told[item] == value and held.priority == booking.priority


def _write(desk: Desk, held: Slot, booking: Booking, mark: Mark, *, alone: bool) -> Talk[None]:
    """Write mark, window, value and rank; an only schedule is not taken where it does not bear the mark."""
    survey, items = desk.survey, slot.items(desk.survey, held.node)
    if held.marked:
        yield from _marked(desk, held.marked, mark)
    if alone and survey.mute:
        raise Later(f"{held.node}: the only schedule does not take whose it is")
    if "start" not in items or "interval" not in items or "entries" not in items:
        raise Fault(held.node, "it has no StrTm, SchdIntv or NumEntr", UNABLE)
    begin = max(booking.start, Decimal(int(desk.line.now) + LEAD))
    length = ((booking.end - begin) / slot.tick(survey, held.node)).to_integral_value(ROUND_CEILING)
    item, value = _value(survey, held.node, booking)
    said: dict[str, Value] = {
        items["start"]: stamp(float(begin)),
        items["interval"]: max(int(length), 1),
        items["entries"]: 1,
        item: value,
    }
    if "priority" in items and booking.priority is not None:
        said[items["priority"]] = booking.priority
    if "reuse" in items:
        said[items["reuse"]] = False
    for each, said_value in said.items():
        fitting.fitted(survey.types[each], said_value, each)  # type: ignore[arg-type]
    yield from _put(desk, said)


def _marked(desk: Desk, item: str, mark: Mark) -> Talk[None]:
    """Write the mark; a unit that does not take it has its schedules known by window and rank."""
    if (yield from desk.line.write({item: mark.text}, desk.survey.types))[item] is not None:
        desk.survey.mute = True


def _put(desk: Desk, values: dict[str, Value]) -> Talk[None]:
    """Write items of a schedule that is nobody's now: what stood there before means nothing any more."""
    told = yield from desk.line.write(values, desk.survey.types)
    for item, error in told.items():
        if error is not None:
            raise refused(item, error)


def _value(survey: Survey, schedule: str, booking: Booking) -> tuple[str, Value]:
    item = ways.value_of(survey, schedule, booking.cdc)
    if item is None:
        raise Fault(f"{schedule}", f"it holds no value for {booking.entity}", UNABLE)
    return item, fitting.fitted(survey.types[item], booking.value, f"{schedule} for {booking.entity}")


def _assigned(desk: Desk, held: Arbiter, entity: str) -> Talk[None]:
    """Have a free arbiter control an object."""

    def freed() -> Talk[str]:
        held.entity = ""
        yield from ()
        return ""

    if not held.entity:
        yield from desk.settle({f"{held.node}$SP$CtlEnt$setSrcRef": f"{desk.survey.domain}/{entity}"})
        held.entity = entity
        desk.back.append(freed)


def _before(desk: Desk, schedule: str, booking: Booking) -> Talk[dict[str, Value]]:
    """What a schedule says of itself, as far as an order changes it."""
    named = slot.items(desk.survey, schedule)
    items = [item for name, item in named.items() if name not in ("state", "fault")]
    items.append(_value(desk.survey, schedule, booking)[0])
    told = yield from desk.line.read({item: desk.survey.types[item] for item in items})
    return known(told)


def _restored(desk: Desk, held: Slot, before: dict[str, Value]) -> Talk[str]:
    """Put a schedule back as it was, enabled where it was."""
    try:
        (now,) = yield from slot.look(desk.line, desk.survey, [held.node])
        yield from drop(desk, now)
        yield from _put(
            desk, {item: value for item, value in before.items() if now.marked or item != held.marked}
        )
        if held.enabled:
            yield from ask(desk, held.node, "EnaReq")
            yield from settled(desk, held.node, enabled=True)
    except (Fault, Later):
        return held.node
    return ""

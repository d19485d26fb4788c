"""A programme in time-lapse: heard line by line, by the core and by `naive`, and compared at every second.

Who has each mode from now on, what owners were told, what EventStatus says, and what a unit really does. The
course of a unit is held to one more rule that needs no second opinion: no gap between consecutive limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from bridge.core import course, events, fleet, spread, timeline
from models.der import messages
from tests.core import records
from tests.core.naive import World
from tests.core.programmes import CONTROL, HORIZON, MODES, UNITS, Line, message

SEED = b"lapse"
SHOWN = range(-20, HORIZON + 30)
"""The seconds at which a unit is watched: no spread reaches further."""


class Differs(AssertionError):
    """Where the core and the plain reading of the rules come apart."""


def lapse(programme: Sequence[Line]) -> int:
    """Hear a programme second by second; Differs at the first disagreement; gives how much was compared."""
    try:
        return _lapsed(programme)
    except Differs as fault:
        raise Differs("\n".join((str(fault), *map(str, programme)))) from None


def _lapsed(programme: Sequence[Line]) -> int:
    picture, world, count = records.housed(*UNITS), World(), 0
    ahead = list(enumerate(programme))
    for now in range(HORIZON):
        world.now = now
        heard = [pair for pair in ahead if pair[1].at == now]
        for number, line in heard:
            picture, out = records.run([message(number, line)], picture, Decimal(now))
            _same("told", now, records.said(out), world.hear(line))
        count += sum(_states(picture, world, unit) for unit in UNITS)
        if heard:
            count += sum(_plans(picture, world, unit) + _course(picture, world, unit) for unit in UNITS)
    return count


def _same(what: str, now: int, core: object, naive: object) -> None:
    if core != naive:
        raise Differs(f"{what}, second {now}: the core says {core}, the rules {naive}")


def _states(picture: fleet.Picture, world: World, unit: str) -> int:
    """Compare what EventStatus says of each control that a unit may follow, now."""
    plan, now = picture.plans[unit], Decimal(world.now)
    meant = [one for one in world.said.values() if unit in one.units and not world.out(unit, one.name)]
    for one in (each for each in meant if each.kind == CONTROL):
        state = int(events.state(picture.controls[one.name], plan, now))
        _same(f"state of {one.name} at {unit}", world.now, state, world.state(unit, one))
    return len(meant)


def _plans(picture: fleet.Picture, world: World, unit: str) -> int:
    """Compare who has each mode, at every second."""
    for mode in MODES:
        row = picture.plans[unit].get(mode, ())
        core = [_at(row, second) for second in range(-1, HORIZON)]
        rules = [world.winner(unit, mode, second) for second in range(-1, HORIZON)]
        _same(f"{mode} of {unit}", world.now, core, [one and one.name for one in rules])
    return len(MODES) * (HORIZON + 1)


def _course(picture: fleet.Picture, world: World, unit: str) -> int:
    """Compare what a unit really does, and look for gaps."""
    controls, defaults = fleet.asked(picture, unit)
    kept = [one for one in controls if not fleet.closed(picture, unit, one)]
    made = course.course(kept, defaults, unit, SEED)
    planned = timeline.plan(kept, defaults)
    by_name = {str(one.mRID): one for one in kept}
    for mode in MODES:
        core = [_at(made.get(mode, ()), second) for second in SHOWN]
        rules = world.run(unit, mode, lambda line: _drawn(by_name[line.name], unit), SHOWN)
        _same(f"course of {mode} at {unit}", world.now, core, rules)
        if not any(one.status and one.status.currentStatus == spread.RANDOMLY for one in kept):
            _same("gaps", world.now, gaps(made.get(mode, ()), planned.get(mode, ())), [])
    return len(MODES) * len(SHOWN)


def _at(row: Sequence[timeline.Span], second: int) -> str | None:
    span = timeline.at(row, Decimal(second))
    return None if span is None else span.source


def _drawn(control: messages.Control, unit: str) -> tuple[int, int]:
    """The moments at which a unit begins and ends a control."""
    start, end = spread.window(control, unit, SEED)
    let_go = spread.release(control, unit, SEED)
    return int(start), int(end if let_go is None else min(end, let_go))


def gaps(course_: Sequence[timeline.Span], planned: Sequence[timeline.Span]) -> list[tuple[str, str]]:
    """Pairs of limits with something else between them at the unit although the plan has nothing there."""
    return [pair for pair in _parted(course_) if pair not in set(_parted(planned))]


def _parted(row: Sequence[timeline.Span]) -> Iterator[tuple[str, str]]:
    """Each limit with each later one that is not in the same unbroken run of limits."""
    runs: list[list[str]] = [[]]
    for last, span in pairwise([None, *row]):
        if span is None or span.default or (last is not None and last.end != span.start):
            runs.append([])
        if span is not None and not span.default:
            runs[-1].append(span.source)
    for number, run in enumerate(runs):
        for later in runs[number + 1 :]:
            yield from ((one, other) for one in run for other in later)

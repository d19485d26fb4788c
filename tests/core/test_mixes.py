"""Every row of `mixes`: plan, states and answers, as the step and the clock give them; then two groups.

What is told is only what the step says when something is heard: that time passes makes no message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import pytest

from bridge.core import events, fleet, timeline
from bridge.core.timeline import ALWAYS, NEVER
from models.der import messages
from tests.core import records
from tests.core.mixes import MIXES, Mix
from tests.core.programmes import HORIZON, UNITS, Line, message
from tests.core.records import control

UNIT = UNITS[0]


def spelled(row: Sequence[timeline.Span]) -> str:
    """A row of a plan in words."""
    words, at = [], ALWAYS
    for span in row:
        words += ["-", str(span.start)] if span.start > at else []
        words += [span.source, str(span.end)]
        at = span.end
    return " ".join(words[:-1] if at == NEVER else [*words, "-"])


def heard(picture: fleet.Picture, said: Iterable[tuple[int, Line]]) -> tuple[fleet.Picture, list[str]]:
    told = []
    for number, line in said:
        picture, out = records.run([message(number, line)], picture, Decimal(line.at))
        told += [
            f"{line.at} {name} {status}"
            for _, name, status in records.said(out)
            if name not in picture.defaults
        ]
    return picture, told


@pytest.mark.parametrize("mix", MIXES, ids=[mix.name for mix in MIXES])
def test_mix(mix: Mix) -> None:
    picture, told = heard(records.housed(UNIT), enumerate(mix.said))
    assert {mode: spelled(row) for mode, row in picture.plans[UNIT].items()} == mix.plan
    assert ", ".join(told) == mix.told
    assert {name: states(mix, name) for name in mix.states} == mix.states


def states(mix: Mix, name: str) -> str:
    """What EventStatus says of a control from when it is heard, and the seconds at which that turns."""
    said: list[str] = []
    picture, last = records.housed(UNIT), -1
    for now in range(HORIZON):
        picture, _ = heard(picture, [pair for pair in enumerate(mix.said) if pair[1].at == now])
        if name in picture.controls:
            code = int(events.state(picture.controls[name], picture.plans[UNIT], Decimal(now)))
            said += [*([str(now)] if said else []), str(code)] if code != last else []
            last = code
    return " ".join(said)


@pytest.mark.parametrize("mix", MIXES, ids=[mix.name for mix in MIXES])
def test_the_order_of_hearing_does_not_change_a_plan(mix: Mix) -> None:
    forwards, _ = heard(records.housed(UNIT), enumerate(mix.said))
    backwards, _ = heard(records.housed(UNIT), reversed(list(enumerate(mix.said))))
    assert backwards.plans == forwards.plans


# ------------------------------------------------------------------------------------------- two groups (AGG)

NORTH, SOUTH, BOTH = "0D01", "0D02", "0D03"


@pytest.fixture
def house() -> fleet.Picture:
    joined = {NORTH: ["north"], SOUTH: ["south"], BOTH: ["north", "south"]}
    return records.run(records.enrolment(unit, programme=groups) for unit, groups in joined.items())[0]


def plans(picture: fleet.Picture) -> dict[str, str]:
    return {unit: spelled(row.get("maxLimW", ())) for unit, row in picture.plans.items()}


LOCAL = control("A1", 1_100, 100, primacy=1, group=["north"], issued=901)
WIDE = control("B1", 1_050, 200, primacy=2, group=["north", "south"])


def test_a_control_for_one_group_is_not_heard_of_in_the_other(house: fleet.Picture) -> None:
    picture, out = records.run([LOCAL], house)
    assert records.said(out) == [(NORTH, "A1", 1), (BOTH, "A1", 1)]
    assert records.sent(out) == [(NORTH, "Control", "A1"), (BOTH, "Control", "A1")]
    assert plans(picture) == {NORTH: "- 1100 A1 1200 -", SOUTH: "-", BOTH: "- 1100 A1 1200 -"}


def test_a_similar_one_for_all_gives_way_in_one_group_alone(house: fleet.Picture) -> None:
    picture, out = records.run([LOCAL, WIDE], house)
    within = "- 1050 B1 1100 A1 1200 B1 1250 -"
    assert plans(picture) == {NORTH: within, SOUTH: "- 1050 B1 1250 -", BOTH: within}
    assert records.said(out)[2:] == [(unit, "B1", 1) for unit in (NORTH, SOUTH, BOTH)]


def test_one_for_all_that_is_covered_in_one_group_is_superseded_there_alone(house: fleet.Picture) -> None:
    covering = control("A2", 1_000, 400, primacy=1, group=["north"])
    picture, out = records.run([WIDE, covering], house)
    assert records.said(out)[3:] == [
        (NORTH, "A2", 1),
        (NORTH, "B1", 7),
        (BOTH, "A2", 1),
        (BOTH, "B1", 7),
    ]
    state = {unit: int(events.state(WIDE, picture.plans[unit], Decimal(1_100))) for unit in plans(picture)}
    assert state == {NORTH: 4, SOUTH: 1, BOTH: 4}


def test_independent_ones_of_two_groups_meet_in_the_unit_that_is_in_both(house: fleet.Picture) -> None:
    other = control("B2", 1_050, 200, asked=records.modes("connect"), primacy=2, group=["south"])
    picture, _ = records.run([LOCAL, other], house)
    assert {unit: sorted(plan) for unit, plan in picture.plans.items()} == {
        NORTH: ["maxLimW"],
        SOUTH: ["connect"],
        BOTH: ["connect", "maxLimW"],
    }


def test_a_cancel_in_one_group_brings_back_what_it_covered_there(house: fleet.Picture) -> None:
    covering = control("A2", 1_000, 400, primacy=1, group=["north"])
    before, _ = records.run([WIDE], house)
    picture, out = records.run([covering, records.cancelled(covering)], before)
    assert records.said(out)[4:] == [
        (NORTH, "A2", 6),
        (NORTH, "B1", 1),
        (BOTH, "A2", 6),
        (BOTH, "B1", 1),
    ]
    assert picture.plans == before.plans


@pytest.mark.parametrize("code", [3, 4, 8, 10, 253])
def test_a_unit_that_opts_out_or_ends_leaves_the_others_as_they_are(house: fleet.Picture, code: int) -> None:
    picture, out = records.run([LOCAL, WIDE, records.outcome(BOTH, "A1", code)], house)
    before, earlier = records.run([LOCAL, WIDE], house)
    assert records.said(out)[len(records.said(earlier)) :] == [(BOTH, "A1", code)]
    assert plans(picture) == {**plans(before), BOTH: "- 1050 B1 1250 -"}


def test_a_unit_that_moves_is_told_to_drop_the_one_and_gets_the_other(house: fleet.Picture) -> None:
    there = control("B2", 1_300, 50, group=["south"])
    before, _ = records.run([LOCAL, there], house)
    picture, out = records.run([records.enrolment(NORTH, at=20, programme=["south"])], before)
    assert records.said(out) == [(NORTH, "A1", 10), (NORTH, "B2", 1)]
    dropped = next(one for one in out if isinstance(one, messages.Control) and one.mRID == "A1")
    assert dropped.status is not None
    assert dropped.status.currentStatus == events.State.CANCELLED
    assert plans(picture)[NORTH] == plans(picture)[SOUTH] == "- 1300 B2 1350 -"

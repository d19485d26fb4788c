"""Drawings of plans: what a reader sees is what the plan says, column by column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import drawing, timeline
from models.der import messages
from tests.core import records

PLAN = timeline.plan(
    [
        records.control("0A", 1_010, 30, primacy=2),
        records.control("0B", 1_006, 12, primacy=1, asked=records.modes("maxLimW", "connect")),
        records.control("0C", 1_060, 20, asked=records.modes("connect")),
    ],
    [records.default("DD")],
)


def draw(plan: timeline.Plan, since: int, until: int, **more: object) -> list[str]:
    return list(drawing.draw(plan, Decimal(since), Decimal(until), **more))  # type: ignore[arg-type]


def test_a_drawing() -> None:
    assert draw(PLAN, 1_000, 1_100, width=50, now=Decimal(1_030)) == [
        "connect  ...AAAAAA.....................CCCCCCCCCC..........",
        "maxLimW  ===AAAAAABBBBBBBBBBB==============================",
        "         1000      1020      1040      1060      1080",
        "                        ^ now",
        "A  0B: connect from 1006 to 1018, maxLimW from 1006 to 1018",
        "B  0A: maxLimW from 1018 to 1040",
        "C  0C: connect from 1060 to 1080",
        "=  DD default: maxLimW to 1006, maxLimW from 1040",
    ]


def test_moments_are_told_as_asked_and_find_room() -> None:
    lines = draw(PLAN, 1_000, 1_040, width=20, tell=lambda moment: f"second {moment}")
    assert lines[2] == "         second 1000"
    assert lines[4] == "B  0A: maxLimW from second 1018 to second 1040"


@pytest.mark.parametrize(
    ("width", "row"),
    [(1, "+"), (2, "+B"), (4, "AABB"), (10, "=AAABBBBB=")],
)
def test_a_column_shows_who_holds_the_greater_part(width: int, row: str) -> None:
    assert draw(PLAN, 1_002, 1_044, width=width)[1] == f"maxLimW  {row}"


def test_a_plan_of_nothing_and_what_lies_outside() -> None:
    assert draw({}, 0, 10, width=10) == ["  0"]
    assert draw(PLAN, 0, 10, width=5, now=Decimal(11))[:3] == [
        "connect  .....",
        "maxLimW  =====",
        "         0",
    ]
    always = timeline.plan([], [records.default("DD")])
    assert draw(always, 0, 10, width=5)[-1] == "=  DD default: maxLimW always"


@pytest.mark.parametrize(("since", "until", "width"), [(10, 10, 5), (10, 0, 5), (0, 10, 0)])
def test_no_time_is_no_drawing(since: int, until: int, width: int) -> None:
    with pytest.raises(ValueError, match="needs some time"):
        draw(PLAN, since, until, width=width)


def test_more_controls_than_letters_share_one() -> None:
    many = [records.control(f"{n:04X}", 10 * n, 10) for n in range(60)]
    lines = draw(timeline.plan(many), 0, 600, width=60)
    assert lines[0] == f"maxLimW  {drawing.CONTROLS}{'*' * 8}"
    assert lines[-1] == "*  003B: maxLimW from 590 to 600"


@records.EXAMPLES
@given(st.lists(records.controls(), max_size=6), st.lists(records.defaults(), max_size=2), st.integers(1, 40))
def test_a_column_of_a_second_says_what_the_plan_says(
    controls: list[messages.Control], defaults: list[messages.Default], width: int
) -> None:
    plan = timeline.plan(controls, defaults)
    lines = draw(plan, 1_005, 1_005 + width, width=width)
    legend = dict(line.split("  ", 1) for line in lines[len(plan) + 1 :])
    for line, (mode, row) in zip(lines, plan.items(), strict=False):
        bars = line[-width:]
        assert line.startswith(mode)
        for second, mark in enumerate(bars, 1_005):
            span = timeline.at(row, Decimal(second))
            assert (mark == ".") is (span is None)
            assert span is None or legend[mark].split(":")[0].split(" ")[0] == span.source


def test_half_a_column_is_enough_to_be_seen() -> None:
    assert draw(timeline.plan([records.control("0A", 1_010, 30)]), 1_000, 1_060, width=3)[0] == "maxLimW  AA."


@pytest.mark.parametrize(
    ("moment", "shown"),
    [(1_030, (998, 1_087)), (50_000, (49_940, 50_060)), (44_230, (-3_279, 48_549))],
    ids=["all edges", "none of them", "those that are near"],
)
def test_around_a_moment(moment: int, shown: tuple[int, int]) -> None:
    since, until = drawing.around(PLAN, Decimal(moment))
    assert (int(since), int(until)) == shown

"""What a unit really does: the edges of its plan, each at the moment that was drawn for it.

An event is a letter, with its window as planned and as drawn; the default is `=`. Programmes
at random are in `test_rules`.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.core import course, spread, timeline
from bridge.core.course import Frame
from bridge.core.timeline import ALWAYS, NEVER, Span
from models.der import messages
from tests.core import records

SEED = b"site"
UNIT = "0D01"
Window = tuple[int, int]


def frame(planned: Window, drawn: Window) -> Frame:
    return Frame((Decimal(planned[0]), Decimal(planned[1])), (Decimal(drawn[0]), Decimal(drawn[1])))


def row(*parts: tuple[str, int | None, int | None]) -> tuple[Span, ...]:
    return tuple(
        Span(
            ALWAYS if start is None else Decimal(start),
            NEVER if end is None else Decimal(end),
            name,
            default=name == "=",
        )
        for name, start, end in parts
    )


@pytest.mark.parametrize(
    ("planned", "drawn", "shown"),
    [
        (
            [("=", None, 10), ("A", 10, 20), ("B", 20, 30), ("=", 30, None)],
            {"A": ((10, 20), (12, 22)), "B": ((20, 30), (27, 37))},
            [("=", None, 12), ("A", 12, 27), ("B", 27, 37), ("=", 37, None)],
        ),
        (
            [("=", None, 10), ("A", 10, 20), ("B", 20, 30), ("=", 30, None)],
            {"A": ((10, 20), (10, 25)), "B": ((20, 30), (17, 27))},
            [("=", None, 10), ("A", 10, 17), ("B", 17, 27), ("=", 27, None)],
        ),
        (
            [("=", None, 10), ("A", 10, 20), ("=", 20, 25), ("B", 25, 30), ("=", 30, None)],
            {"A": ((10, 20), (10, 20)), "B": ((25, 30), (28, 33))},
            [("=", None, 10), ("A", 10, 20), ("=", 20, 28), ("B", 28, 33), ("=", 33, None)],
        ),
        (
            [("=", None, 10), ("A", 10, 20), ("=", 20, 21), ("B", 21, 30), ("=", 30, None)],
            {"A": ((10, 20), (10, 25)), "B": ((21, 30), (21, 30))},
            [("=", None, 10), ("A", 10, 21), ("B", 21, 30), ("=", 30, None)],
        ),
        (
            [("A", 0, 10), ("C", 10, 20), ("A", 20, 40)],
            {"A": ((0, 40), (5, 45)), "C": ((10, 20), (13, 18))},
            [("A", 5, 13), ("C", 13, 18), ("A", 18, 45)],
        ),
        (
            [("A", 0, 10), ("B", 10, 20)],
            {"A": ((0, 10), (30, 40)), "B": ((10, 20), (10, 20))},
            [("B", 10, 20)],
        ),
        (
            [("A", 0, 10), ("C", 10, 20), ("A", 20, 40)],
            {"A": ((0, 40), (0, 40)), "C": ((10, 20), (20, 20))},
            [("A", 0, 40)],
        ),
        ([("=", None, None)], {}, [("=", None, None)]),
        ([("A", 0, 10)], {"A": ((0, 10), (3, 3))}, []),
    ],
    ids=[
        "the earlier holds until the later has begun",
        "the later begins early",
        "what the plan leaves to the default stays there",
        "one that lasts into the next needs no default between",
        "one that comes back does so when the stronger has ended",
        "one that the next overtakes before it begins",
        "one that is drawn down to nothing is not missed",
        "a default has no edges",
        "nothing left",
    ],
)
def test_edges(
    planned: list[tuple[str, int | None, int | None]],
    drawn: dict[str, tuple[Window, Window]],
    shown: list[tuple[str, int | None, int | None]],
) -> None:
    frames = {name: frame(*windows) for name, windows in drawn.items()}
    assert course.moved(row(*planned), frames) == row(*shown)


def spreading(name: str, start: int, length: int, early: int, longer: int = 0) -> messages.Control:
    one = records.control(name, start, length)
    return one.model_copy(update={"randomizeStart": Decimal(early), "randomizeDuration": Decimal(longer)})


def test_each_unit_has_a_course_of_its_own_and_no_gap_in_it() -> None:
    pair = [spreading("0A", 1_000, 300, 100, 100), spreading("0B", 1_300, 300, -100, -100)]
    default = records.default("DD")
    found = set()
    for number in range(50):
        unit = f"{number:04X}"
        made = course.course(pair, [default], unit, SEED)["maxLimW"]
        begins, ends = spread.window(pair[0], unit, SEED)[0], spread.window(pair[1], unit, SEED)[1]
        middle = spread.window(pair[1], unit, SEED)[0]
        assert made == (
            Span(ALWAYS, begins, "DD", default=True),
            Span(begins, middle, "0A"),
            Span(middle, ends, "0B"),
            Span(ends, NEVER, "DD", default=True),
        )
        found.add(made)
    assert len(found) == 50


def test_without_spread_the_course_is_the_plan() -> None:
    sent = [
        records.control("0A", 1_010, 30, primacy=2),
        records.control("0B", 1_005, 13, primacy=1),
        records.cancelled(records.control("0C", 1_000, 90, primacy=0)),
    ]
    defaults = [records.default("DD", asked=records.modes("connect", "maxLimW"))]
    assert course.course(sent, defaults, UNIT, SEED) == timeline.plan(sent, defaults)


@pytest.mark.parametrize("at", [1_050, 1_099])
def test_one_cancelled_with_spread_holds_until_it_is_let_go_of(at: int) -> None:
    one = records.cancelled(spreading("0A", 1_000, 1_000, 0, 400), at, spread.RANDOMLY)
    let_go = spread.release(one, UNIT, SEED)
    assert let_go is not None
    assert course.course([one], [], UNIT, SEED) == {"maxLimW": (Span(Decimal(1_000), let_go, "0A"),)}
    after = records.control("0B", at + 300, 50)
    assert course.course([one, after], [], UNIT, SEED)["maxLimW"][-1].source == "0B"


def test_a_spread_cancel_never_makes_an_event_longer() -> None:
    one = records.cancelled(spreading("0A", 1_000, 100, 0, -90), 1_099, spread.RANDOMLY)
    end = spread.window(spreading("0A", 1_000, 100, 0, -90), UNIT, SEED)[1]
    assert course.course([one], [], UNIT, SEED)["maxLimW"][0].end == end


@pytest.mark.parametrize("at", [990, 1_000])
def test_one_cancelled_before_it_began_never_begins(at: int) -> None:
    one = records.cancelled(spreading("0A", 1_000, 100, 0, 50), at, spread.RANDOMLY)
    assert course.course([one], [], UNIT, SEED) == {}


def test_one_cancelled_before_it_began_at_this_unit_never_begins_there() -> None:
    late = spreading("0A", 1_000, 100, 50)
    begins = spread.window(late, UNIT, SEED)[0]
    assert begins > 1_000
    one = records.cancelled(late, int(begins), spread.RANDOMLY)
    assert course.course([one], [], UNIT, SEED) == {}


def test_from_when_to_when_a_record_is_held() -> None:
    weak = records.control("0A", 1_000, 50, asked=records.modes("maxLimW", "connect"), primacy=2)
    strong = records.control("0B", 1_010, 90, primacy=1)
    made = course.course([weak, strong], [], UNIT, SEED)
    assert course.held(made, weak) == (Decimal(1_000), Decimal(1_050))
    assert course.held(made, strong) == (Decimal(1_010), Decimal(1_100))
    assert course.held(made, records.control("0C")) is None

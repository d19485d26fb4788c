"""The event mixes of the CSIP conformance procedures, as rows: BASIC-016 to 026, and those for aggregators.

A row says who says what and when, the plan that must come of it for each mode, what EventStatus says over
time, and what owners are told. `SP` is the service point's programme, `SY` the system's, which gives way to
it. Windows are in seconds from 0, where most is said; `-` is a time in which nothing holds. Names as in the
public catalogues of the procedures; the figures are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.core.programmes import CONTROL, DEFAULT, UNITS, Line

ONE = UNITS[:1]
SP, SY = 1, 10
DEFAULTS = (
    Line(0, DEFAULT, "DA", ONE, ("maxLimW", "connect"), primacy=SP),
    Line(0, DEFAULT, "DB", ONE, ("maxLimW", "connect"), primacy=SY),
)


class Mix(NamedTuple):
    """One mix for one unit."""

    name: str
    said: tuple[Line, ...]
    plan: Mapping[str, str]
    """By mode: who holds it, and the second at which it turns."""
    states: Mapping[str, str]
    """By control: currentStatus, and the second at which it turns."""
    told: str
    """What the owners of controls are told, in order: second, name, status."""


def event(name: str, primacy: int, start: int, end: int, *modes: str, at: int = 0, **more: Any) -> Line:
    """A control of a programme, made when it is heard unless said otherwise."""
    asked = modes or ("maxLimW",)
    return Line(
        at, CONTROL, name, ONE, asked, primacy, **{"made": at, "start": start, "length": end - start, **more}
    )


def ended(one: Line, at: int, code: int = 2) -> Line:
    """The same control with the end that its source says."""
    return one._replace(at=at, code=code)


RUN = "0 10 1 40 5"
MIXES = (
    Mix("BASIC-016: two programmes, two defaults", DEFAULTS, {"maxLimW": "DA", "connect": "DA"}, {}, ""),
    Mix(
        "BASIC-017: one control, no default",
        (event("A1", SP, 10, 40),),
        {"maxLimW": "- 10 A1 40 -"},
        {"A1": RUN},
        "0 A1 1",
    ),
    Mix(
        "BASIC-018: one control, one default",
        (DEFAULTS[0], event("A1", SP, 10, 40)),
        {"maxLimW": "DA 10 A1 40 DA", "connect": "DA"},
        {"A1": RUN},
        "0 A1 1",
    ),
    Mix(
        "BASIC-019: two similar controls of one programme apart",
        (DEFAULTS[0], event("A1", SP, 10, 20), event("A2", SP, 30, 40)),
        {"maxLimW": "DA 10 A1 20 DA 30 A2 40 DA", "connect": "DA"},
        {"A1": "0 10 1 20 5", "A2": "0 30 1 40 5"},
        "0 A1 1, 0 A2 1",
    ),
    Mix(
        "BASIC-019: two that follow each other at once",
        (DEFAULTS[0], event("A1", SP, 10, 20), event("A2", SP, 20, 40)),
        {"maxLimW": "DA 10 A1 20 A2 40 DA", "connect": "DA"},
        {"A1": "0 10 1 20 5", "A2": "0 20 1 40 5"},
        "0 A1 1, 0 A2 1",
    ),
    Mix(
        "BASIC-020: two similar controls of two programmes apart",
        (*DEFAULTS, event("A1", SP, 10, 20), event("B1", SY, 30, 40)),
        {"maxLimW": "DA 10 A1 20 DA 30 B1 40 DA", "connect": "DA"},
        {"A1": "0 10 1 20 5", "B1": "0 30 1 40 5"},
        "0 A1 1, 0 B1 1",
    ),
    Mix(
        "BASIC-021: similar, the system's begins under the service point's",
        (*DEFAULTS, event("A1", SP, 10, 40), event("B1", SY, 20, 50)),
        {"maxLimW": "DA 10 A1 40 B1 50 DA", "connect": "DA"},
        {"A1": RUN, "B1": "0 20 1 50 5"},
        "0 A1 1, 0 B1 1",
    ),
    Mix(
        "BASIC-021: the same, made after the other has begun",
        (*DEFAULTS, event("A1", SP, 10, 40), event("B1", SY, 20, 50, at=15)),
        {"maxLimW": "DA 10 A1 40 B1 50 DA", "connect": "DA"},
        {"A1": RUN, "B1": "0 20 1 50 5"},
        "0 A1 1, 15 B1 1",
    ),
    Mix(
        "BASIC-021: the system's lies wholly under the service point's",
        (*DEFAULTS, event("A1", SP, 10, 40), event("B1", SY, 20, 30)),
        {"maxLimW": "DA 10 A1 40 DA", "connect": "DA"},
        {"A1": RUN, "B1": "0 10 4"},
        "0 A1 1, 0 B1 1, 0 B1 7",
    ),
    Mix(
        "BASIC-022: similar, the service point's begins under the system's",
        (*DEFAULTS, event("B1", SY, 10, 40), event("A1", SP, 20, 50)),
        {"maxLimW": "DA 10 B1 20 A1 50 DA", "connect": "DA"},
        {"A1": "0 20 1 50 5", "B1": "0 10 1 20 4"},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "BASIC-022: the same, made after the other has begun, and at once",
        (*DEFAULTS, event("B1", SY, 10, 40), event("A1", SP, 20, 50, at=20)),
        {"maxLimW": "DA 10 B1 20 A1 50 DA", "connect": "DA"},
        {"A1": "1 50 5", "B1": "0 10 1 20 4"},
        "0 B1 1, 20 A1 1, 20 B1 7",
    ),
    Mix(
        "BASIC-023: the service point's lies within the system's",
        (*DEFAULTS, event("B1", SY, 10, 50), event("A1", SP, 20, 40)),
        {"maxLimW": "DA 10 B1 20 A1 40 B1 50 DA", "connect": "DA"},
        {"A1": "0 20 1 40 5", "B1": "0 10 1 50 5"},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "BASIC-023: the same, and cancelled while it runs",
        (
            *DEFAULTS,
            event("B1", SY, 10, 50),
            event("A1", SP, 20, 40, at=15),
            ended(event("A1", SP, 20, 40), 25),
        ),
        {"maxLimW": "DA 10 B1 50 DA", "connect": "DA"},
        {"A1": "0 20 1 25 2", "B1": "0 10 1 50 5"},
        "0 B1 1, 15 A1 1, 25 A1 6",
    ),
    Mix(
        "BASIC-024: independent, in the same window",
        (*DEFAULTS, event("B1", SY, 10, 40, "connect"), event("A1", SP, 10, 40)),
        {"maxLimW": "DA 10 A1 40 DA", "connect": "DA 10 B1 40 DA"},
        {"A1": RUN, "B1": RUN},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "BASIC-025: independent, one begins under the other",
        (*DEFAULTS, event("B1", SY, 10, 40, "connect"), event("A1", SP, 20, 50)),
        {"maxLimW": "DA 20 A1 50 DA", "connect": "DA 10 B1 40 DA"},
        {"A1": "0 20 1 50 5", "B1": RUN},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "BASIC-025: the same, made after the other has begun",
        (*DEFAULTS, event("B1", SY, 10, 40, "connect"), event("A1", SP, 20, 50, at=15)),
        {"maxLimW": "DA 20 A1 50 DA", "connect": "DA 10 B1 40 DA"},
        {"A1": "0 20 1 50 5", "B1": RUN},
        "0 B1 1, 15 A1 1",
    ),
    Mix(
        "BASIC-026: independent, one lies within the other",
        (*DEFAULTS, event("B1", SY, 10, 50, "connect"), event("A1", SP, 20, 40)),
        {"maxLimW": "DA 20 A1 40 DA", "connect": "DA 10 B1 50 DA"},
        {"A1": "0 20 1 40 5", "B1": "0 10 1 50 5"},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "CORE-023: half similar, half independent",
        (*DEFAULTS, event("B1", SY, 10, 40, "connect", "maxLimW"), event("A1", SP, 10, 40)),
        {"maxLimW": "DA 10 A1 40 DA", "connect": "DA 10 B1 40 DA"},
        {"A1": RUN, "B1": RUN},
        "0 B1 1, 0 A1 1",
    ),
    Mix(
        "CORE-023: of one programme the newer wins",
        (event("A1", SP, 10, 40), event("A2", SP, 10, 40, at=5)),
        {"maxLimW": "- 10 A2 40 -"},
        {"A1": "0 10 4", "A2": RUN},
        "0 A1 1, 5 A1 7, 5 A2 1",
    ),
    Mix(
        "CORE-023: of one second the higher name wins",
        (event("A1", SP, 10, 40), event("A2", SP, 10, 40)),
        {"maxLimW": "- 10 A2 40 -"},
        {"A1": "0 10 4", "A2": RUN},
        "0 A1 1, 0 A1 7, 0 A2 1",
    ),
    Mix(
        "CORE-022: a new version moves the window",
        (event("A1", SP, 10, 20), event("A1", SP, 30, 50, at=5, version=1)),
        {"maxLimW": "- 30 A1 50 -"},
        {"A1": "0 30 1 50 5"},
        "0 A1 1, 5 A1 1",
    ),
    Mix(
        "CORE-022: an older version says nothing",
        (event("A1", SP, 30, 50, version=1), event("A1", SP, 10, 20, at=5)),
        {"maxLimW": "- 30 A1 50 -"},
        {"A1": "0 30 1 50 5"},
        "0 A1 1",
    ),
    Mix(
        "CORE-022: cancelled before it begins",
        (event("A1", SP, 10, 40), ended(event("A1", SP, 10, 40), 5)),
        {},
        {"A1": "0 5 2"},
        "0 A1 1, 5 A1 6",
    ),
    Mix(
        "CORE-022: cancelled with spread while it runs",
        (event("A1", SP, 10, 40, longer=9), ended(event("A1", SP, 10, 40, longer=9), 20, 3)),
        {},
        {"A1": "0 10 1 20 3"},
        "0 A1 1, 20 A1 6",
    ),
    Mix(
        "CORE-022: one that comes when it is over",
        (event("A1", SP, 10, 20, at=30),),
        {"maxLimW": "- 10 A1 20 -"},
        {"A1": "5"},
        "30 A1 254",
    ),
)

"""A scenario file: who takes part, what the grid does, what happens, and what is expected of it.

TOML; docs/simulators.md explains every key. Modes are written as the administration API has them, so that
the same file runs without a network and at a server. A file is checked whole before anything is begun. Here
is only what may be said, nothing that is done.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bridge.app.sim.heard import Word as Answer
from bridge.app.sim.profile import Part, Profile, Span
from bridge.sdk.forms.grid import Reference, Spot
from bridge.sdk.forms.modes import GridEntry, Modes

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_*?-]{1,48}$")]
CURVES = frozenset(name for name, field in Modes.model_fields.items() if "str" in str(field.annotation))
"""Modes that name a curve."""


def _mode(said: str) -> str:
    if said not in Modes.model_fields:
        raise ValueError(f"there is no mode {said}")
    return said


Mode = Annotated[str, AfterValidator(_mode)]


class Grid(Part):
    """What the units stand in."""

    hertz: float = 60.0
    """Nominal frequency."""
    voltage: Profile = 1.0
    """As a part of the nominal one."""
    frequency: Profile | None = None
    """In hertz; the nominal one if nothing is said."""
    sun: Profile = 1.0
    """Power from the sun, as a part of each unit's own active power."""
    load: Profile = 0.0
    """Watts that each site takes beside its unit."""


class Fault(Part):
    """What is wrong with a unit, and when."""

    kind: Literal["silence", "refusal", "bad"]
    """It hears and says nothing; its user opts out; its readings are wrong."""
    begin: Span
    end: Span

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.end <= self.begin:
            raise ValueError("end is not after begin")
        return self


class Inverters(Part):
    """Units that are alike: `name-1`, `name-2` and so on."""

    name: Word
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    group: Word = "all"
    protocol: Literal["none", "2030.5", "61850"] = "none"
    """`none` follows controls inside this program; the others at a server, as `sim run --server` names it,
    `61850` behind its relay."""
    model: Literal["light", "opender"] = "light"
    watts: Annotated[float, Field(gt=0)] = 10_000.0
    va: Annotated[float, Field(gt=0)] | None = None
    """As many as watts if nothing is said."""
    var: Annotated[float, Field(ge=0)] | None = None
    """44 % of va if nothing is said."""
    volts: Annotated[float, Field(gt=0)] = 240.0
    charge: Annotated[float, Field(ge=0)] = 0.0
    """Watts that its store takes."""
    wh: Annotated[float, Field(ge=0)] = 0.0
    """What its store holds; 0 for none."""
    soc: Annotated[float, Field(ge=0, le=100)] = 50.0
    sunny: bool | None = None
    """Whether the sun shines on it; it does if nothing is said, on what has no store."""
    category: Literal["I", "II", "III"] = "III"
    watts_first: bool = False
    eager: bool = False
    response: Annotated[float, Field(ge=0)] = 5.0
    drift: float = 0.0
    """Seconds that its clock gains in a second."""
    factor: float = 10.0
    """What bad readings are multiplied with."""
    faults: tuple[Fault, ...] = ()
    follows: tuple[Mode, ...] = ()
    """Modes that it has, at a server; all of them if nothing is said."""

    def names(self) -> tuple[str, ...]:
        """What each is called."""
        return tuple(f"{self.name}-{number}" for number in range(1, self.count + 1))


class Curve(Part):
    """A curve in plain figures: percent of voltage or power, hertz, seconds, as its kind has them."""

    kind: Annotated[int, Field(ge=0, le=14)]
    """11 volt-var, 12 volt-watt, 13 watt-PF, 14 watt-var, 0 frequency-watt, 1 to 10 ride-through."""
    of: Reference = "setMaxW"
    points: Annotated[tuple[tuple[float, float], ...], Field(min_length=1, max_length=10)]
    open_loop: Annotated[float, Field(ge=0)] | None = None

    def spots(self) -> tuple[Spot, ...]:
        """Its points with three decimals, as a server takes them."""
        return tuple(Spot(x=round(x * 1000), y=round(y * 1000)) for x, y in self.points)


class Aggregator(Part):
    """Somebody who commands units over IEC 61850, beside the head-end."""

    name: Word
    holds: Pattern = "*"
    """The units that it holds, by their names."""


class Step(Part):
    """Something that the head-end does, or an aggregator."""

    at: Span
    do: Literal["control", "schedule", "default", "cancel", "cut", "mend"]
    """A control, a default, the end of a control; the server goes away from everybody, and is back. A
    `schedule` is an aggregator's control that is written ahead of its time."""
    by: Word | None = None
    """The aggregator who does it; the head-end if nothing is said."""
    device: Pattern | None = None
    """Units that an aggregator commands one by one; it commands the group if nothing is said."""
    name: Word | None = None
    """Of the control, for `cancel` and for what is expected."""
    group: Word = "all"
    primacy: Annotated[int, Field(ge=0, le=255)] = 1
    """Of the programme it is in."""
    modes: Modes = Modes()
    entry: GridEntry = GridEntry()
    after: Span = 0.0
    """From now until a control begins."""
    lasts: Span = 3600.0
    spread: Annotated[int, Field(ge=-3600, le=3600)] = 0
    """Seconds by which each unit moves the start, at random."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.do in {"control", "schedule", "cancel"} and self.name is None:
            raise ValueError(f"a {self.do} needs the name of the control")
        if (
            self.do in {"control", "schedule", "default"}
            and not self.modes.model_fields_set | self.entry.model_fields_set
        ):
            raise ValueError(f"a {self.do} asks for nothing: say modes")
        return self


def _tolerance(said: Any) -> Any:  # noqa: ANN401 - whatever a file says
    """`1 %` is of the unit's rating; a number is of the quantity's own unit."""
    if isinstance(said, str) and said.rstrip().endswith("%"):
        return -float(said.rstrip()[:-1])
    return said


class Expect(Part):
    """What is to be so: a quantity of units, the responses to a control, what an aggregator hears of it."""

    at: Span
    within: Span = 0.0
    """Time that it may take from `at` on."""
    lasts: Span = 0.0
    """Time that it is to stay so, from when it is."""
    device: Pattern = "*"
    what: Literal["w", "var", "va", "v", "hz", "soc", "connected", "operating", "alarms"] | None = None
    equals: float | bool | None = None
    least: float | None = None
    most: float | None = None
    tolerance: Annotated[float, BeforeValidator(_tolerance)] = -1.0
    """`1 %` of the rating if nothing is said."""
    control: Word | None = None
    responses: tuple[int, ...] = ()
    """Statuses, in this order and no others between."""
    hears: Answer | None = None
    """What the aggregator hears of its control, in one word."""
    cause: Annotated[int, Field(ge=0, le=27)] | None = None
    """AddCause that it hears with it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        bounds = [one for one in (self.equals, self.least, self.most) if one is not None]
        if (self.what is None) == (self.control is None):
            raise ValueError("say either what is looked at, or the control whose responses are")
        if self.what is not None and not bounds:
            raise ValueError("say equals, least or most")
        if self.control is not None and not self.responses and self.hears is None:
            raise ValueError("say which responses, or what its aggregator hears")
        if self.responses and self.hears is not None:
            raise ValueError("say either the responses, or what the aggregator hears")
        if self.cause is not None and self.hears not in {"refused", "failed"}:
            raise ValueError("a cause is heard with refused or failed")
        return self


class Scene(Part):
    """A whole file; what does not fit together in it is found by `sense`."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    about: str = ""
    lasts: Span
    step: Annotated[float, Field(gt=0, le=3600)] = 1.0
    """Seconds between two looks at everything."""
    seed: int = 1
    """Decides all that is drawn."""
    patience: Span = 1800.0
    """Time without the server after which a unit goes back to its default."""
    grid: Grid = Grid()
    inverters: Annotated[tuple[Inverters, ...], Field(min_length=1)]
    aggregators: tuple[Aggregator, ...] = ()
    curves: dict[Word, Curve] = Field(default_factory=dict)
    story: tuple[Step, ...] = ()
    expect: tuple[Expect, ...] = ()

    def units(self) -> tuple[str, ...]:
        """Every unit's name."""
        return tuple(name for one in self.inverters for name in one.names())

"""A scenario file: who takes part, what the grid does, what happens, and what is expected of it.

TOML; docs/simulators.md explains every key. Modes are written as the administration API has them, so that
the same file runs without a network and at a server. A file is checked whole before anything is begun. Here
is only what may be said, nothing that is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from bridge.app.sim.profile import Part, Profile, Span
from bridge.sdk.forms.grid import Reference, Spot
from bridge.sdk.forms.modes import GridEntry, Modes

Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Pattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_*?-]{1,48}$")]
CURVES = frozenset(name for name, field in Modes.model_fields.items() if "str" in str(field.annotation))
"""Modes that name a curve."""


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
    protocol: Literal["none", "2030.5"] = "none"
    """`none` follows controls inside this program; `2030.5` at a server, as `sim run --server` names it."""
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


class Step(Part):
    """Something that the head-end does."""

    at: Span
    do: Literal["control", "default", "cancel", "cut", "mend"]
    """A control, a default, the end of a control; the server goes away from everybody, and is back."""
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
        if self.do in {"control", "cancel"} and self.name is None:
            raise ValueError(f"a {self.do} needs the name of the control")
        if (
            self.do in {"control", "default"}
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
    """What is to be so: a quantity of units, or the responses to a control."""

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

    @model_validator(mode="after")
    def _one(self) -> Self:
        bounds = [one for one in (self.equals, self.least, self.most) if one is not None]
        if (self.what is None) == (self.control is None):
            raise ValueError("say either what is looked at, or the control whose responses are")
        if self.what is not None and not bounds:
            raise ValueError("say equals, least or most")
        if self.control is not None and not self.responses:
            raise ValueError("say which responses")
        return self


class Scene(Part):
    """A whole file."""

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
    curves: dict[Word, Curve] = Field(default_factory=dict)
    story: tuple[Step, ...] = ()
    expect: tuple[Expect, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        """What does not fit together."""
        kinds = [one.name for one in self.inverters]
        groups, named = {one.group for one in self.inverters}, {one.name for one in self.story}
        units = [name for one in self.inverters for name in one.names()]
        yield from (f"two kinds of inverters are called {name}" for name in kinds if kinds.count(name) > 1)
        for number, step in enumerate(self.story, 1):
            if step.group != "all" and step.group not in groups:
                yield f"story {number}: no inverter is in group {step.group}"
            for mode in sorted(CURVES & step.modes.model_fields_set):
                if getattr(step.modes, mode) not in self.curves:
                    yield f"story {number}: {mode} names a curve that is not there"
        made = [one.name for one in self.story if one.do == "control"]
        yield from (f"two controls are called {name}" for name in made if made.count(name) > 1)
        yield from (
            f"there is no control {one.name} to cancel" for one in self.story
            if one.do == "cancel" and one.name not in made
        )  # fmt: skip
        for number, one in enumerate(self.expect, 1):
            if not any(fnmatchcase(name, one.device) for name in units):
                yield f"expect {number}: no inverter is called {one.device}"
            if one.control is not None and one.control not in named:
                yield f"expect {number}: there is no control {one.control}"
            if one.at + one.within + one.lasts > self.lasts:
                yield f"expect {number}: is not decided before the end"

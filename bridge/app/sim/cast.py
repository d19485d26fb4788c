"""Units that follow controls inside this program, without a network: a scenario's `protocol = "none"`.

Each has the event engine of the 2030.5 client (`bridge/sep2/client/course.py`), so that what holds, and which
responses are due, is decided by the same code as at a server. It hears of controls at once, unless it is
silent or the server is away; then it goes on with what it knows, and after the patience with its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from bridge.app.fault import Fault
from bridge.app.sim import script
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.physics.grid import Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.physics.referee import Referee, Unknown
from bridge.app.sim.scene import Inverters, Scene, Step
from bridge.app.sim.unit import Output
from bridge.core import limits, primacy, timeline
from bridge.sep2.client.course import Course, Demand, Now
from bridge.sep2.client.orders import Asked, Order
from models.der import messages

INVALID, CANCELLED = 253, 2
Model = Light | Referee


@dataclass(slots=True)
class House:
    """What the head-end asks for, by the name of each record, and how often that has changed."""

    records: dict[str, messages.Control | messages.Default] = field(default_factory=dict)
    version: int = 0
    away: bool = False
    """Whether nobody reaches it."""

    def do(self, scene: Scene, step: Step) -> None:
        """Take a step of the story."""
        if step.do in {"cut", "mend"}:
            self.away = step.do == "cut"
            return
        self.version += 1
        if step.do != "cancel":
            made = script.record(scene, step)
            self.records[primacy.key(made)] = made
            return
        name = script.mrid(step.name or "")
        held = self.records[name]
        at = Decimal(str(script.BEGIN + step.at))
        state = messages.EventState(currentStatus=CANCELLED, at=at, potentiallySuperseded=False)
        self.records[name] = held.model_copy(update={"status": state})


@dataclass(slots=True)
class Actor:
    """A unit, who it is, and what it has heard."""

    name: str
    kind: Inverters
    unit: Model
    faults: Faults
    course: Course
    ratings: messages.Ratings
    responses: dict[str, list[int]] = field(default_factory=dict)
    """Statuses by mRID, as they were said and heard."""
    output: Output = field(default_factory=lambda: Output(0.0, 0.0, 0.0, 0.0))
    _version: int = -1
    _quiet: float | None = None
    _next: Decimal = timeline.ALWAYS
    _demand: Demand | None = None
    _out: bool = False
    _lost: bool = False

    def act(self, house: House, t: float, patience: float) -> None:
        """Hear what there is to hear, and do what follows."""
        quiet = house.away or self.faults.silent(t)
        self._quiet = (t if self._quiet is None else self._quiet) if quiet else None
        lost = self._quiet is not None and t - self._quiet >= patience
        now = Decimal(str(round(script.BEGIN + self.faults.drifted(t, t), 3)))
        fresh = not quiet and self._version != house.version
        if fresh:
            self._version = house.version
            self.course.take(self._asked(house), now)
        out = self.faults.refuses(t)
        if fresh or now >= self._next or (out, lost) != (self._out, self._lost):
            self._out, self._lost = out, lost
            since = Decimal(str(script.BEGIN + (self._quiet or 0.0) + patience)) if lost else None
            self._tick(Now(now, since, out), quiet=quiet)

    def _tick(self, now: Now, *, quiet: bool) -> None:
        if now.lost is not None or not quiet:
            self.course.lost()
        for said in self.course.tick(now):
            if not quiet:
                self.responses.setdefault(primacy.key(said.control), []).append(said.status)
        self._next = self.course.next(now.at)
        if self.course.demand != self._demand:
            self._demand = self.course.demand
            try:
                self.unit.demand(*self._demand)
            except Unknown as error:
                raise Fault(self.name, str(error)) from error

    def _asked(self, house: House) -> Asked:
        """What of it all is meant for this unit."""
        mine = [one for one in house.records.values() if one.target.group[0] in {"all", self.kind.group}]
        controls = [one for one in mine if isinstance(one, messages.Control)]
        orders = [
            Order(one, 0 if limits.beyond(one.modes, (self.ratings,)) is None else INVALID)
            for one in controls
        ]
        return Asked(tuple(orders), tuple(one for one in mine if isinstance(one, messages.Default)))

    def step(self, grid: Grid, sun: float, t: float, seconds: float) -> None:
        """Let time go by, and note what its meter says."""
        sunny = self.kind.wh == 0 if self.kind.sunny is None else self.kind.sunny
        found = self.unit.step(grid, sun * self.kind.watts if sunny else 0.0, seconds)
        self.output = found._replace(
            w=self.faults.warped("W", found.w, t), var=self.faults.warped("var", found.var, t)
        )


def cast(scene: Scene) -> dict[str, Actor]:
    """Everybody without a network, by name."""
    chance = Random(scene.seed)  # noqa: S311 - a simulated draw
    found: dict[str, Actor] = {}
    for kind in scene.inverters:
        for name in kind.names() if kind.protocol == "none" else ():
            made = script.build(kind, scene.grid.hertz, chance.random())
            model: Model = Referee(made) if kind.model == "opender" else Light(made)
            course = Course(name, str(scene.seed).encode(), resumes=False)
            found[name] = Actor(name, kind, model, script.faults(kind), course, ratings(kind))
    return found


def ratings(kind: Inverters) -> messages.Ratings:
    """What a unit says of itself, which bounds what it may be asked."""
    va = kind.va or kind.watts
    var = Decimal(str(0.44 * va if kind.var is None else kind.var))
    amount, unit = messages.Amount, messages.Unit
    return messages.Ratings(
        WMax=amount(value=Decimal(str(kind.watts)), unit=unit.W),
        ChaWMax=amount(value=Decimal(str(kind.charge)), unit=unit.W),
        IvarMax=amount(value=var, unit=unit.var),
        AvarMax=amount(value=var, unit=unit.var),
    )


def heard(actors: Mapping[str, Actor]) -> dict[str, dict[str, tuple[int, ...]]]:
    """The responses to each control, by unit."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, one in actors.items():
        for subject, statuses in one.responses.items():
            found.setdefault(subject, {})[name] = tuple(statuses)
    return found

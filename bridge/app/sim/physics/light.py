"""The light model of an inverter: the functions of IEEE 1547-2018 for units by the thousand.

OpenDER is its judge (docs/simulators.md).

`demand` compiles the modes in force to plain numbers once; `step` lets a stretch of time go by: ride-
through, service, active power, reactive power, capability, store. A unit has no clock and draws no chance.
"""

from __future__ import annotations

from math import inf

from bridge.app.sim.physics import watts
from bridge.app.sim.physics.cell import Cell
from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.guard import Guard, Verdict, levels
from bridge.app.sim.physics.lag import TENTH, lagged, ramped, timed
from bridge.app.sim.physics.law import law
from bridge.app.sim.physics.reach import along, bounded, reach
from bridge.app.sim.physics.service import Service, State, entry
from bridge.app.sim.physics.shape import Moment
from bridge.app.sim.physics.watts import Bound
from bridge.app.sim.unit import Output, Plate
from models.der import messages

PROMPT = frozenset({"voltWatt", "freqWatt", "freqDroop", "sun"})
"""What no ramp of ordinary changes holds back."""


class Light:
    """One unit: what it is asked, and what it does now."""

    def __init__(self, build: Build, grid: Grid | None = None, *, running: bool = True) -> None:
        self.build = build
        self._grid = grid or Grid(hz=build.hertz)
        self._cell = Cell(build)
        self._w = self._var = 0.0
        self._at = self._var_at = 0.0
        self._reference = self._grid.v
        self._before: float | None = None
        self._stepped = False
        self._available = 0.0
        self.by = self.var_by = ""
        self._bases: dict[str, tuple[messages.Amount | None, float]] = {}
        self._modes = messages.Modes()
        self._compile(self._modes, messages.GridEntry())
        self._guard = Guard(levels(self._modes, build))
        self._service = Service(self._entry, running=running)
        self._alarms = 0

    @property
    def plate(self) -> Plate:
        """Its ratings."""
        return self.build.plate

    @property
    def state(self) -> State:
        """Where it stands on its way into service."""
        return self._service.state

    @property
    def output(self) -> Output:
        """What it does now."""
        state, plate = self._service.state, self.build.plate
        return Output(
            self._w,
            self._var,
            self._grid.v * plate.volts,
            self._grid.hz,
            connected=state is not State.OFF,
            operating=state in {State.STARTING, State.RUNNING},
            available=min(self._available + self._cell.gives(1.0), plate.watts),
            soc=self._cell.soc * 100 if self.build.stores else None,
            alarms=self._alarms,
        )

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Take the modes that are in force from now on; what is not named is off."""
        self._compile(modes, entry)
        self._guard.set(levels(modes, self.build))
        self._service.entry = self._entry
        self._modes = modes

    def _compile(self, modes: messages.Modes, said: messages.GridEntry) -> None:
        self._want = watts.want(modes, self.build, self._base("deltaW", modes, self._w))
        self._law = law(modes, self.build, self._base("deltaVar", modes, self._var))
        self._reach = reach(modes, self.build)
        self._entry = entry(said, self.build)
        self._on = modes.connect is not False and modes.gridConnectPermit is not False
        self._energized = modes.energize is not False
        self._left = 0.0 if modes.rampTms is None else float(modes.rampTms)
        grad = 0.0 if said.setGradW is None else float(said.setGradW.value)
        self._rate = grad * self.build.plate.watts / 100 if grad > 0 else inf

    def _base(self, mode: str, modes: messages.Modes, now: float) -> float:
        """What a change is counted from: the power when it was ordered, for as long as the order stands."""
        said: messages.Amount | None = getattr(modes, mode)
        if mode not in self._bases or self._bases[mode][0] != said:
            self._bases[mode] = (said, now)
        return self._bases[mode][1]

    def step(self, grid: Grid, available: float, seconds: float) -> Output:
        """Let time go by, in this grid and with so much power from the sun."""
        self._grid, self._available = grid, available
        verdict = self._guard.judge(grid, seconds)
        self._serve(verdict, grid, seconds)
        if verdict is Verdict.GO_ON and self._service.state in {State.STARTING, State.RUNNING}:
            self._run(grid, available, seconds)
        else:
            self._w = self._var = self._at = self._var_at = 0.0
            self._before, self._reference = None, grid.v
        self._store(available, seconds)
        return self.output

    def _serve(self, verdict: Verdict, grid: Grid, seconds: float) -> None:
        """Orders first, then trips, then the way back into service."""
        self._alarms = self._guard.alarms
        if not self._on:
            self._service.leave(State.OFF)
        elif not self._energized:
            self._service.leave(State.CEASED)
        elif verdict is Verdict.TRIP:
            self._service.leave(State.WAITING)
        else:
            self._service.step(grid, seconds)

    def _run(self, grid: Grid, available: float, seconds: float) -> None:
        low, high = -self._cell.takes(seconds), available + self._cell.gives(seconds)
        wanted, response = self._active(grid, available, (low, high))
        soft = self._service.share * self.build.plate.watts
        w = self._approach(wanted.w, wanted.by, response, seconds)
        w = self._at = min(max(w, low, -soft), high, soft)
        moment = Moment(w, grid.v, available)
        if self._law.tied:
            w = along(self._reach, w, lambda some: self._law.wanted(moment._replace(w=some)))
        self._var_at = self._reactive(moment._replace(w=w), seconds)
        self._w, self._var = bounded(self.build, self._reach, w, self._var_at)
        self.by = wanted.by if self._service.state is State.RUNNING else "setESRampTms"
        self.var_by = self._law.by
        self._left, self._stepped = max(self._left - seconds, 0.0), True

    def _active(self, grid: Grid, available: float, span: tuple[float, float]) -> tuple[Bound, float]:
        """The active power that is wanted, what says so, and in which time it is there."""
        asked, build = self._want, self.build
        low, high = span
        free = asked.target or Bound(available, "sun")
        curve = watts.curves(asked, build, grid, available)
        bound = self._held(free, grid)
        over = self._dropped(grid, min(bound.w, curve.w, high))
        if over is not None:
            bound, response = (
                Bound(min(over, high), "freqDroop"),
                asked.droop.response if asked.droop else 0.0,
            )
        else:
            response = build.response
        if curve.w < bound.w:
            bound, response = curve, self._time(curve.by)
        outside = watts.ceiling(asked._replace(most=watts.ENDLESS), grid)
        bound = min(bound, outside, key=lambda one: one.w)
        if bound.w < low:
            bound = Bound(low, bound.by)
        return bound, response

    def _held(self, free: Bound, grid: Grid) -> Bound:
        """What is wanted, within the limits of unit and connection point."""
        top = watts.ceiling(self._want, grid)
        bottom = watts.floor(self._want, grid)
        bound = top if top.w < free.w else free
        return Bound(-bottom.w, bottom.by) if bound.w < -bottom.w else bound

    def _dropped(self, grid: Grid, normal: float) -> float | None:
        """What frequency asks for, from the power that was there before it left the dead band."""
        droop = self._want.droop
        if droop is None:
            return None
        if droop.under <= grid.hz <= droop.over:
            self._before = None
            return None
        if self._before is None:
            self._before = self._w if self._stepped else normal
        return watts.dropped(droop, self.build, grid.hz, self._before)

    def _time(self, by: str) -> float:
        row = self._want.volt_watt if by == "voltWatt" else self._want.freq_watt
        return self.build.response if row is None or row.response is None else row.response

    def _approach(self, wanted: float, by: str, response: float, seconds: float) -> float:
        """Where active power has got to on its way to what is wanted."""
        if by == "sun" and self._left <= 0 and self._rate == inf:
            return wanted if wanted <= self._at else lagged(self._at, wanted, response, seconds)
        if self._left > 0 and by not in PROMPT:
            return timed(self._at, wanted, self._left, seconds)
        reached = lagged(self._at, wanted, response, seconds)
        return reached if by in PROMPT - {"sun"} else ramped(self._at, reached, self._rate, seconds)

    def _reactive(self, moment: Moment, seconds: float) -> float:
        """Where reactive power has got to on its way to what its law wants."""
        follows = self._law.follows
        if follows is not None:
            near = lagged(self._reference, moment.v, follows * TENTH, seconds)
            self._reference = min(max(near, 0.95), 1.05)
        response = self.build.response if self._law.response is None else self._law.response
        wanted = self._law.wanted(moment._replace(reference=self._reference))
        wanted = min(max(wanted, -self._reach.absorb), self._reach.inject)
        return lagged(self._var_at, wanted, response, seconds)

    def _store(self, available: float, seconds: float) -> None:
        """What the sun does not give comes from the store, and what it gives too much goes there."""
        if self.build.stores:
            surplus = available - self._w
            self._cell.move(-min(surplus, self._cell.takes(seconds)) if surplus > 0 else -surplus, seconds)

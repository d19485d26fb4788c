"""One device's course of events: what holds now, what is to be said of each control, when to look again.

The windows come from `windows`, who wins from `core.timeline`, the steps from the table of `lives`. In the
editions before 2023 what is superseded does not come back. While communication is lost a control that runs is
finished and none begins; then defaults hold. Moments are the server's; no clock is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from bridge.core import displaced, primacy, timeline
from bridge.sep2.client import lives
from bridge.sep2.client.lives import Facts, Phase
from bridge.sep2.client.orders import Asked, Order
from bridge.sep2.client.windows import Effective, windows
from models.der import messages

NOTHING = messages.Modes()
GRACE = 5
"""Seconds before its end from which a control may be missing in its list: clocks differ."""


class Said(NamedTuple):
    """A status that is due for a control, whether it was asked for or not."""

    control: messages.Control
    status: int
    at: int


@dataclass(slots=True)
class Life:
    """What became of one control so far."""

    order: Order
    phase: Phase = Phase.NEW
    started: bool = False
    paused: bool = False
    said: list[int] = field(default_factory=list)


class Now(NamedTuple):
    """A moment and its circumstances."""

    at: Decimal
    lost: Decimal | None = None
    """When communication was lost, while it is."""
    out: bool = False
    """Whether the user has opted out."""


class Demand(NamedTuple):
    """What is in force."""

    modes: messages.Modes
    entry: messages.GridEntry


class Course:
    """The events of one device."""

    def __init__(self, who: str, seed: bytes, *, resumes: bool) -> None:
        """`who` and `seed` decide on its spreads; `resumes` is the rule of 2023."""
        self.lives: dict[str, Life] = {}
        self.demand = Demand(NOTHING, messages.GridEntry())
        self._who, self._seed, self._resumes = who, seed, resumes
        self._asked = Asked()
        self._windows: dict[str, Effective] = {}
        self._missing: frozenset[str] = frozenset()
        self._gone: frozenset[str] = frozenset()
        """Those of the missing ones that were taken away before their end."""
        self._plans: dict[bool, timeline.Plan] = {}

    def take(self, asked: Asked, now: Decimal) -> None:
        """Take what is asked of the device now."""
        self._asked = asked
        there = {primacy.key(order.control): order for order in asked.orders}
        for name, order in there.items():
            life = self.lives.setdefault(name, Life(order))
            life.order = order
        self._missing = frozenset(self.lives.keys() - there.keys() if asked.whole else ())
        controls = (life.order.control for life in self.lives.values())
        drawn = windows(controls, self._who, self._seed)
        self._windows = {primacy.key(each.control): each for each in drawn}
        self._gone = frozenset(name for name in self._missing if now < self._close(name))
        self._plans = {}

    def tick(self, now: Now) -> list[Said]:
        """Go on to a moment: take each control's steps, and say what holds; give what there is to say."""
        said: list[Said] = []
        for name in list(self.lives):
            said.extend(self._steps(name, now))
        for name in self._missing:
            if self.lives[name].phase == Phase.OVER:
                del self.lives[name], self._windows[name]
        self._missing &= self.lives.keys()
        self._gone &= self.lives.keys()
        self.demand = self._demand(now)
        return said

    def next(self, now: Decimal) -> Decimal:
        """Give the next moment at which something may be otherwise."""
        moments = [
            moment
            for each in self._windows.values()
            for moment in (each.start, each.end)
            if moment > now and self._phase(each) != Phase.OVER
        ]
        spans = [
            moment
            for row in self._plan(lost=False).values()
            for span in row
            for moment in (span.start, span.end)
            if moment > now
        ]
        return min([*moments, *spans], default=timeline.NEVER)

    def _close(self, name: str) -> Decimal:
        """Give the moment from which a control may be missing without having been taken away."""
        window = self._windows[name]
        return min(window.end, window.control.start + window.control.duration) - GRACE

    def _phase(self, each: Effective) -> Phase:
        life = self.lives.get(primacy.key(each.control))
        return Phase.OVER if life is None else life.phase

    # ------------------------------------------------------------------------------------------ each control

    def _steps(self, name: str, now: Now) -> Iterable[Said]:
        life = self.lives[name]
        while turn := lives.turn(life.phase, self._facts(name, life, now)):
            life.started |= turn.phase == Phase.RUNNING
            life.paused |= turn.phase == Phase.IDLE
            ended = turn.phase == Phase.OVER and life.phase != Phase.OVER
            life.phase = turn.phase
            life.said.extend(turn.says)
            for status in turn.says:
                yield Said(life.order.control, status, int(now.at))
            if ended:
                self._plans = {}

    def _facts(self, name: str, life: Life, now: Now) -> Facts:
        window = self._windows[name]
        state = life.order.control.status
        ended = state is not None and primacy.withdrawn(life.order.control) and state.at <= now.at
        plan = self._plan(lost=now.lost is not None, since=now.lost)
        own, holds = _spans(plan, window.control, name, now.at)
        return Facts(
            verdict=life.order.verdict,
            said=state.currentStatus if ended and state is not None and not window.cut else None,
            gone=name in self._gone,
            began=window.start <= now.at,
            ended=window.end <= now.at,
            cut=window.cut,
            holds=holds,
            beaten=0 if holds else self._beaten(window, name, now.at),
            returns=own,
            out=now.out,
            started=life.started,
            paused=life.paused,
        )

    def _beaten(self, window: Effective, name: str, now: Decimal) -> int:
        """Give the status for a control of which stronger events hold all, or had it; 0 where they do not."""
        plan = self._plan(lost=False)
        ahead, holds = _spans(plan, window.control, name, now)
        rivals = self._rivals(plan, window, name, now)
        if not rivals or holds or (ahead and not self._started(name)):
            return 0
        return displaced.status(window.control.programme, rivals)

    def _started(self, name: str) -> bool:
        return self.lives[name].started

    def _rivals(self, plan: timeline.Plan, window: Effective, name: str, now: Decimal) -> list[str | None]:
        """Give the programmes of the events that have taken modes of a control by now."""
        known = {key: each.control.programme for key, each in self._windows.items() if key != name}
        return displaced.rivals(plan, window.control, (window.start, window.end), known, now)

    # ------------------------------------------------------------------------------------------- all together

    def _plan(self, *, lost: bool, since: Decimal | None = None) -> timeline.Plan:
        """Give the plan of all controls that count; while communication is lost, of those that had begun."""
        if lost not in self._plans:
            live = [
                each.record
                for name, each in self._windows.items()
                if self._counts(name) and (not lost or since is None or each.start <= since)
            ]
            self._plans[lost] = timeline.plan(live, self._asked.defaults, lasting=not self._resumes)
        return self._plans[lost]

    def _counts(self, name: str) -> bool:
        """Whether a control has a part in who wins: what is over has none, and never comes back."""
        life = self.lives[name]
        return not life.order.verdict and name not in self._gone and life.phase != Phase.OVER

    def _demand(self, now: Now) -> Demand:
        plan = self._plan(lost=now.lost is not None, since=now.lost)
        if now.out:
            plan = timeline.plan((), self._asked.defaults)
        records = {primacy.key(each): each.modes for each in self._asked.defaults}
        records |= {name: each.control.modes for name, each in self._windows.items()}
        holding = {mode: span for mode, row in plan.items() if (span := timeline.at(row, now.at))}
        values = {mode: getattr(records[span.source], mode) for mode, span in holding.items()}
        values |= _ramp(holding, records)
        return Demand(NOTHING.model_copy(update=values), self._entry())

    def _entry(self) -> messages.GridEntry:
        """Give what the defaults say of coming back to the grid, the strongest first."""
        values: dict[str, object] = {}
        for record in sorted(self._asked.defaults, key=primacy.rank):
            given = {name: getattr(record.entry, name) for name in type(record.entry).model_fields}
            values |= {name: value for name, value in given.items() if value is not None}
        return messages.GridEntry().model_copy(update=values)

    def lost(self) -> None:
        """Forget the plan for a loss of communication, whose moment is another one now."""
        self._plans.pop(True, None)


def _spans(plan: timeline.Plan, control: messages.Control, name: str, now: Decimal) -> tuple[bool, bool]:
    """Whether a control has any time to come, and whether it has any of its modes now."""
    own = [
        span
        for mode in timeline.named(control.modes)
        for span in plan.get(mode, ())
        if span.source == name and span.end > now
    ]
    return bool(own), any(span.start <= now for span in own)


def _ramp(holding: Mapping[str, timeline.Span], records: Mapping[str, messages.Modes]) -> dict[str, Decimal]:
    """Give the ramp of the control that came last."""
    controls = sorted((span.start, span.source) for span in holding.values() if not span.default)
    ramp = records[controls[-1][1]].rampTms if controls else None
    return {} if ramp is None else {"rampTms": ramp}

"""One control object beside a second, naive reading of the rules, for any order of requests, time and losses.

The naive object knows no table: it is a few facts (who, what, until when) and a ladder of questions. It
shares with the server only the names of the causes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import PENDING, Pending
from models.mms.codes import AddCause
from tests.iec61850.controlled import EXECUTION, NOW, ONE, SELECTION, TWO, Scene, utc

A = AddCause
MOSTLY = st.sampled_from([True, True, True, False])
ANSWERS: list[AddCause | Pending | None] = [PENDING, None, A.blocked_by_process]
Told = list[tuple[Peer, AddCause | None]]


@dataclass
class Naive:
    """A control object as one would explain it."""

    model: int
    many: bool
    owner: Peer | None = None
    selected_until: float = 0.0
    chosen: tuple[int, float | None] | None = None
    armed_at: float | None = None
    running_until: float | None = None
    at: float | None = None
    number: int | None = None
    value: bool = True

    @property
    def selecting(self) -> bool:
        return self.model in {2, 4}

    @property
    def busy(self) -> bool:
        return self.armed_at is not None or self.running_until is not None

    @property
    def held(self) -> bool:
        return self.owner is not None

    def free(self) -> None:
        self.owner = self.chosen = self.armed_at = self.running_until = self.number = self.at = None

    def over(self, now: float) -> None:
        """A command has ended: a selection for many goes on."""
        keep = self.owner if self.selecting and self.many else None
        self.free()
        if keep:
            self.owner, self.selected_until = keep, now + SELECTION

    def select(self, who: Peer, chosen: tuple[int, float | None] | None, now: float) -> AddCause | None:
        if not self.held:
            self.owner, self.chosen, self.selected_until = who, chosen, now + SELECTION
            return None
        if self.owner != who:
            return A.locked_by_other
        return A.already_in_execution if self.busy else A.already_selected

    def may_operate(self, who: Peer, *, value: bool, timed: bool) -> AddCause | None:
        """Why an operate cannot even be judged."""
        if not self.held:
            return A.not_selected if self.selecting else None
        if self.owner != who:
            return A.locked_by_other if self.selecting else A.already_in_execution
        if self.busy:
            return A.parameter_change if timed or value != self.value else A.already_in_execution
        return None

    def consistent(self, number: int, at: float | None) -> bool:
        return self.chosen in {None, (number, at)}

    def cancel(self, who: Peer, number: int) -> AddCause | None:
        if not self.held:
            return A.not_selected
        if self.owner != who:
            return A.locked_by_other
        meant = self.number if self.busy else self.chosen and self.chosen[0]
        return None if meant in {None, number} else A.inconsistent_parameters


class Both(RuleBasedStateMachine):
    """The server's object and the naive one, asked the same."""

    model, many = 1, False
    answer: AddCause | Pending | None = None

    @initialize()
    def begin(self) -> None:
        model, many, answer = self.model, self.many, self.answer
        self.scene = Scene(model, answer, many=many)
        self.naive = Naive(model, many)
        self.now = NOW
        self.stamps = 0
        self.carried = 0
        self.aborted = 0
        self.armed = 0

    def fresh(self) -> bytes:
        """A time of its own for each request, so that none is stale."""
        self.stamps += 1
        return utc(NOW - 10_000 + self.stamps)

    def asking(self, own: bool) -> Peer:
        """Who asks: whoever holds the object, or the other one."""
        holder = self.naive.owner or ONE
        return holder if own else {ONE: TWO, TWO: ONE}[holder]

    def numbered(self, fits: bool) -> int:
        """The number of what is in hand, or another one."""
        held = self.naive.number or (self.naive.chosen and self.naive.chosen[0]) or 1
        return held if fits else 3 - held

    @rule(answer=st.sampled_from(ANSWERS))
    def plant(self, answer: AddCause | Pending | None) -> None:
        self.scene.plant.answer = self.answer = answer

    @precondition(lambda self: self.naive.model == 2)
    @rule(own=MOSTLY)
    def read_select(self, own: bool) -> None:
        who = self.asking(own)
        refused = self.naive.select(who, None, self.now)
        assert bool(self.scene.select(peer=who, now=self.now)) == (refused is None)

    @precondition(lambda self: self.naive.model == 4)
    @rule(own=MOSTLY, fits=MOSTLY, ahead=st.sampled_from([None, 9]))
    def value_select(self, own: bool, fits: bool, ahead: int | None) -> None:
        who, number = self.asking(own), self.numbered(fits)
        at = self.now + ahead if ahead else None
        said = self.scene.write(
            "SBOw", peer=who, now=self.now, ctlNum=number, T=self.fresh(), operTm=utc(at or 0)
        )
        assert said == self.naive.select(who, (number, at), self.now)

    @rule(own=MOSTLY, fits=MOSTLY, value=st.sampled_from([True, True, False]))
    def operate(self, own: bool, fits: bool, value: bool) -> None:
        who, number = self.asking(own), self.numbered(fits)
        said = self.scene.write("Oper", peer=who, now=self.now, ctlNum=number, ctlVal=value, T=self.fresh())
        naive = self.naive
        expected = naive.may_operate(who, value=value, timed=False)
        if expected is not None:
            assert said is expected
            return
        fits = naive.consistent(number, None) and (naive.chosen is None or value)
        if not fits:
            expected = A.inconsistent_parameters
        elif not value:
            expected = A.position_reached
        elif isinstance(self.answer, AddCause):
            expected = self.answer
        assert said is expected
        told: Told = []
        if expected is not None:
            naive.over(self.now)
        elif self.answer is PENDING and naive.model > 2:
            self.carried += 1
            naive.owner, naive.number, naive.value = who, number, value
            naive.chosen, naive.running_until = None, self.now + EXECUTION
        else:
            self.carried += 1
            naive.owner = who
            naive.over(self.now)
            told = [(who, None)] if naive.model > 2 else []
        assert self.scene.told(self.now) == told

    @rule(own=MOSTLY, fits=MOSTLY, ahead=st.sampled_from([5, 30]))
    def arm(self, own: bool, fits: bool, ahead: int) -> None:
        who, number = self.asking(own), self.numbered(fits)
        at = (self.naive.chosen and self.naive.chosen[1]) or self.now + ahead
        said = self.scene.write("Oper", peer=who, now=self.now, ctlNum=number, operTm=utc(at), T=self.fresh())
        naive = self.naive
        expected = naive.may_operate(who, value=True, timed=True)
        if expected is None and (not naive.consistent(number, at) or at <= self.now):
            expected = A.time_limit_over if naive.consistent(number, at) else A.inconsistent_parameters
            naive.over(self.now)
        elif expected is None:
            naive.owner, naive.number, naive.value, naive.armed_at = who, number, True, at
            naive.at = at
            self.armed += 1
        assert said is expected

    @rule(own=MOSTLY, fits=MOSTLY)
    def cancel(self, own: bool, fits: bool) -> None:
        who, number = self.asking(own), self.numbered(fits)
        naive = self.naive
        at = naive.at or (naive.chosen and naive.chosen[1]) or 0
        said = self.scene.write(
            "Cancel", peer=who, now=self.now, ctlNum=number, T=self.fresh(), operTm=utc(at)
        )
        expected = naive.cancel(who, number)
        assert said is expected
        ran, armed = naive.running_until is not None, naive.armed_at is not None
        if expected is None:
            naive.free()
            self.aborted += ran or armed
        assert self.scene.told(self.now) == (
            [(who, A.abortion_by_cancel)] if ran and expected is None else []
        )

    @rule(seconds=st.sampled_from([1, 9, 21]))
    def wait(self, seconds: int) -> None:
        """Time goes on second by second, and is told each time."""
        for _ in range(seconds):
            self.now += 1
            assert self.scene.told(self.now) == self.due()

    def due(self) -> Told:
        """What this second brings by the naive reading."""
        naive, who = self.naive, self.naive.owner
        if who is None:
            return []
        if naive.armed_at is not None:
            return self.launched(who) if naive.armed_at <= self.now else []
        if naive.running_until is not None:
            if naive.running_until > self.now:
                return []
            self.aborted += 1
            naive.over(self.now)
            return [(who, A.time_limit_over)]
        if naive.selecting and naive.selected_until <= self.now:
            naive.free()
        return []

    def launched(self, who: Peer) -> Told:
        naive = self.naive
        if isinstance(self.answer, AddCause):
            naive.over(self.now)
            return [(who, self.answer)]
        self.carried += 1
        naive.armed_at = None
        if self.answer is PENDING and naive.model > 2:
            naive.running_until = self.now + EXECUTION
            return []
        naive.over(self.now)
        return [(who, None)]

    @precondition(lambda self: self.naive.running_until is not None)
    @rule(cause=st.sampled_from([None, A.abortion_by_trip]))
    def done(self, cause: AddCause | None) -> None:
        who = self.naive.owner
        assert who is not None
        self.scene.controls.done(self.scene.plant.done[-1], cause, self.now)
        self.naive.over(self.now)
        assert self.scene.told(self.now) == [(who, cause)]

    @rule(own=MOSTLY)
    def lost(self, own: bool) -> None:
        who = self.asking(not own)
        self.scene.controls.gone(who, self.now)
        if self.naive.owner == who:
            self.aborted += self.naive.running_until is not None or self.naive.armed_at is not None
            self.naive.free()
        assert self.scene.told(self.now) == []

    @invariant()
    def shown(self) -> None:
        if not hasattr(self, "scene"):
            return
        assert self.scene.read("Spc", "stSeld") is (self.naive.held and self.naive.selecting)
        assert self.scene.read("Spc", "opOk", "OR") is (self.naive.running_until is not None)
        assert self.scene.read("Spc", "opRcvd", "OR") is False
        assert len(self.scene.plant.done) == self.carried
        assert len(self.scene.plant.aborted) == self.aborted
        assert len(self.scene.plant.armed) == self.armed
        assert (self.scene.controls.deadline is not None) == self.naive.held


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
@pytest.mark.parametrize(
    ("model", "many"), [(1, False), (2, False), (2, True), (3, False), (4, False), (4, True)]
)
def test_both_agree(model: int, many: bool, answer: AddCause | Pending | None) -> None:
    kind = type("Kind", (Both,), {"model": model, "many": many, "answer": answer})
    run_state_machine_as_test(kind, settings=settings(max_examples=20, stateful_step_count=40))

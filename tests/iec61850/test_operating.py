"""A control from the client's side, against the server's: every end, and never a success that nobody told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.iec61850 import command, stages, unit
from bridge.iec61850.operating import Operation, Outcome, Request, Unfit, Wish
from bridge.iec61850.peer import Report
from bridge.iec61850.plant import PENDING, Pending
from bridge.iec61850.stages import Event, Move, Result, Stage
from models.mms import pdu
from models.mms.codes import AddCause, DataAccessError
from tests.iec61850.controlled import BOOL, CLASSES, DOMAIN, NODE, NOW, ONE, TWO, Scene, spoken

A, DENIED = AddCause, DataAccessError.object_access_denied
MODELS = [1, 2, 3, 4]
GRID = """
    ready       begin      d=operating:Oper D=operating:Oper s=selecting:SBO S=selecting:SBOw
    selecting   yes        s=operating:Oper S=operating:Oper
    selecting   no         s=over/refused S=over/refused
    selecting   cancel     *=cancelling:Cancel
    selecting   late       *=over/late
    selecting   lost       *=over/lost
    operating   yes        d=over/done s=over/done D=awaiting S=awaiting
    operating   no         *=over/refused
    operating   good       *=over/done
    operating   bad        *=over/failed
    operating   cancel     *=cancelling:Cancel
    operating   late       *=over/late
    operating   lost       *=over/lost
    awaiting    good       *=over/done
    awaiting    bad        *=over/failed
    awaiting    cancel     *=cancelling:Cancel
    awaiting    late       *=over/late
    awaiting    lost       *=over/lost
    cancelling  yes        *=over/cancelled
    cancelling  no         *=awaiting
    cancelling  good       *=over/done
    cancelling  bad        *=over/failed
    cancelling  late       *=over/late
    cancelling  lost       *=over/lost
"""


def drawn() -> Iterator[tuple[tuple[str, Stage, Event], Move]]:
    for line in GRID.strip().splitlines():
        stage, event, *cells = line.split()
        for cell in cells:
            kinds, _, rest = cell.partition("=")
            following, _, result = rest.partition("/")
            following, _, sent = following.partition(":")
            found = Move(Stage[following.upper()], sent or None, Result[result.upper()] if result else None)
            for kind in "dsDS" if kinds == "*" else kinds:
                if (kind in "dD" and stage == "selecting") and kinds == "*":
                    continue
                yield (kind, Stage[stage.upper()], Event[event.upper()]), found


def test_the_table_is_as_drawn() -> None:
    reached = {
        case: move
        for case, move in stages.TABLE.items()
        if not (case[0] in "dD" and case[1] is Stage.SELECTING)
    }
    assert dict(drawn()) == reached
    assert sum(len(row[0]) * len(row[1]) for row in stages.ROWS) == len(stages.TABLE)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("kind", "dsDS")
def test_what_is_over_stays_so(kind: str, event: Event) -> None:
    assert stages.move(kind, Stage.OVER, event) == Move(Stage.OVER)


class Pair:
    """An operation and the server that it is played against, told as bytes."""

    def __init__(
        self,
        model: int,
        answer: AddCause | Pending | None = None,
        *,
        one: str = "Spc",
        at: float | None = None,
    ) -> None:
        self.scene = Scene(model, answer)
        held, _, _, value = CLASSES[one]
        wish = Wish(value, (3, b"bridge"), 9, at)
        target = command.Target(DOMAIN, NODE, one)
        self.operation = Operation(target, model, command.service_types(held, model), wish, 25.0)
        self.next: Request | None = None

    def begin(self, now: float = NOW) -> Outcome | None:
        self.next = self.operation.begin(now)
        return self.go(now)

    def go(self, now: float = NOW) -> Outcome | None:
        """Send what there is to send until there is no more."""
        while self.next is not None:
            self.next = self._sent(self.next, now)
            self.hear(now)
        return self.operation.outcome

    def _sent(self, request: Request, now: float) -> Request | None:
        controls = self.scene.controls
        if request.value is None:
            return self.operation.answered(controls.read_sbo(ONE, *request[:2], now), now)
        answer = controls.write(ONE, *request[:2], request.value, now)
        self.reported(list(answer.before), now)
        return self.operation.answered(answer.error, now)

    def hear(self, now: float = NOW) -> Outcome | None:
        self.reported([report for report in self.scene.controls.tick(now) if report.peer == ONE], now)
        return self.operation.outcome

    def reported(self, reports: list[Report], now: float) -> None:
        for report in reports:
            assert self.operation.reported(again(report), now)

    def done(self, cause: AddCause | None = None, now: float = NOW + 1) -> Outcome | None:
        self.scene.controls.done(self.scene.plant.done[0], cause, now)
        return self.hear(now)


def again(report: Report) -> pdu.Unconfirmed_PDU:
    """Give a report as it comes out at the other end."""
    read = unit.read(unit.write("1:1", "unconfirmed-PDU", report.unit)).choice.value
    assert isinstance(read, pdu.Unconfirmed_PDU)
    return read


@pytest.mark.parametrize("one", CLASSES)
@pytest.mark.parametrize("model", MODELS)
def test_done(model: int, one: str) -> None:
    pair = Pair(model, PENDING if model > 2 else None, one=one)
    outcome = pair.begin()
    if model > 2:
        assert outcome is None
        outcome = pair.done()
    assert outcome == Outcome(Result.DONE)
    assert [done.number for done in pair.scene.plant.done] == [9]
    assert pair.operation.deadline is None


@pytest.mark.parametrize("model", MODELS)
def test_refused_with_its_cause(model: int) -> None:
    pair = Pair(model, A.blocked_by_process)
    assert pair.begin() == Outcome(Result.REFUSED, A.blocked_by_process, DENIED)


def test_a_select_that_is_refused() -> None:
    pair = Pair(4)
    pair.scene.write("SBOw", peer=TWO)
    assert pair.begin() == Outcome(Result.REFUSED, A.locked_by_other, DENIED)
    pair = Pair(2)
    pair.scene.select(peer=TWO)
    assert pair.begin() == Outcome(Result.REFUSED)


@pytest.mark.parametrize("model", [3, 4])
def test_failed_with_its_cause(model: int) -> None:
    pair = Pair(model, PENDING)
    assert pair.begin() is None
    assert pair.done(A.abortion_by_trip) == Outcome(Result.FAILED, A.abortion_by_trip)


@pytest.mark.parametrize("model", [3, 4])
def test_no_termination_is_no_success(model: int) -> None:
    pair = Pair(model, PENDING)
    pair.begin()
    assert pair.operation.deadline == NOW + 25
    pair.operation.tick(NOW + 24)
    assert pair.hear() is None
    pair.operation.tick(NOW + 25)
    assert pair.operation.outcome == Outcome(Result.LATE, A.time_limit_over)
    assert pair.done(now=NOW + 26) == Outcome(Result.LATE, A.time_limit_over)


@pytest.mark.parametrize("model", MODELS)
def test_no_answer_is_no_success(model: int) -> None:
    operation = Pair(model).operation
    assert operation.begin(NOW)
    operation.tick(NOW + 25)
    assert operation.outcome == Outcome(Result.LATE, A.time_limit_over)
    assert operation.answered(None, NOW + 26) is None
    assert operation.outcome == Outcome(Result.LATE, A.time_limit_over)


@pytest.mark.parametrize("model", MODELS)
def test_loss_is_no_success(model: int) -> None:
    operation = Pair(model).operation
    operation.begin(NOW)
    operation.lost(NOW)
    assert operation.outcome == Outcome(Result.LOST, A.communication_loss)


@pytest.mark.parametrize("model", MODELS)
def test_an_error_of_the_service_refuses(model: int) -> None:
    operation = Pair(model).operation
    operation.begin(NOW)
    operation.refused(NOW)
    assert operation.outcome == Outcome(Result.REFUSED)


@pytest.mark.parametrize("model", MODELS)
def test_operate_at_a_time(model: int) -> None:
    pair = Pair(model, at=NOW + 60)
    assert pair.begin() is None
    assert pair.operation.deadline == NOW + 85
    assert pair.hear(NOW + 60) == Outcome(Result.DONE)


@pytest.mark.parametrize("model", MODELS)
def test_an_armed_operate_is_cancelled(model: int) -> None:
    pair = Pair(model, at=NOW + 60)
    pair.begin()
    pair.next = pair.operation.cancel(NOW + 1)
    assert pair.go(NOW + 1) == Outcome(Result.CANCELLED, A.abortion_by_cancel)
    assert pair.hear(NOW + 60) == Outcome(Result.CANCELLED, A.abortion_by_cancel)
    assert pair.scene.plant.done == []


@pytest.mark.parametrize("model", [3, 4])
def test_a_running_operate_is_cancelled(model: int) -> None:
    pair = Pair(model, PENDING)
    pair.begin()
    pair.next = pair.operation.cancel(NOW + 1)
    pair.go(NOW + 1)
    assert pair.operation.outcome == Outcome(Result.CANCELLED, A.abortion_by_cancel)


def test_a_cancel_that_comes_too_late() -> None:
    pair = Pair(3, PENDING)
    pair.begin()
    request = pair.operation.cancel(NOW + 1)
    assert pair.done() == Outcome(Result.DONE)
    assert request
    assert pair.operation.answered(DENIED, NOW + 1) is None
    assert pair.operation.outcome == Outcome(Result.DONE)


def foreign() -> Iterator[Report]:
    """Give what is told of other commands of the object, and of the same number on another object."""
    others: list[dict[str, Any]] = [{"ctlNum": 9}, {"ctlNum": 8}, {"origin": (3, b"bridge"), "ctlNum": 8}]
    for said in others:
        well, badly = Scene(3), Scene(1, A.blocked_by_process)
        assert well.write("Oper", **said) is None
        yield from well.controls.tick(NOW)
        item = f"{NODE}$CO$Spc$Oper"
        yield from badly.controls.write(ONE, DOMAIN, item, spoken("Oper", **said), NOW).before
    elsewhere = Scene(3)
    assert elsewhere.write("Oper", "Enc", ctlNum=9, origin=(3, b"bridge")) is None
    yield from elsewhere.controls.tick(NOW)


def test_what_is_told_of_another_command_does_not_count() -> None:
    pair = Pair(3, PENDING)
    pair.begin()
    reports = list(foreign())
    assert len(reports) == 7
    for report in reports:
        assert not pair.operation.reported(again(report), NOW)
    assert pair.operation.outcome is None


def test_an_object_that_cannot_be_commanded_so() -> None:
    target, wish = command.Target(DOMAIN, NODE, "Spc"), Wish(True, (3, b""), 1)
    with pytest.raises(Unfit):
        Operation(target, 0, {}, wish)
    with pytest.raises(Unfit):
        Operation(target, 1, command.service_types(BOOL, 1, timed=False), wish._replace(at=NOW))


def test_an_object_without_a_time_is_commanded_without_one() -> None:
    target, wish = command.Target(DOMAIN, NODE, "Spc"), Wish(True, (3, b""), 1)
    request = Operation(target, 1, command.service_types(BOOL, 1, timed=False), wish).begin(NOW)
    assert request is not None
    assert isinstance(request.value, tuple)
    assert len(request.value) == 6

"""One control of a peer's object, from the select to its end: what to send, and what became of it.

The object's ctlModel decides the way (`stages`). LastApplError tells the cause of a refusal that follows it;
a termination counts only with the origin and the number of this control. Whoever holds the association sends
the requests, brings the answers and reports, and calls at the deadline; the moment is an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bridge.iec61850 import phases, signs, stages, termination
from bridge.iec61850.command import SELECT, Target
from bridge.iec61850.shape import Structure, Type, Value
from bridge.iec61850.stages import Event, Result, Stage
from models.mms import pdu
from models.mms.codes import AddCause, DataAccessError

PATIENCE = 30.0
"""Seconds until an answer, and until a termination after it."""


class Wish(NamedTuple):
    """What is to be done, who says so, and as which of its commands."""

    value: Value
    origin: tuple[int, bytes]
    number: int
    at: float | None = None
    test: bool = False
    check: str = "00"


class Request(NamedTuple):
    """A variable to be read (no value) or written."""

    domain: str
    item: str
    type: Type
    value: Value | None


class Outcome(NamedTuple):
    """How a control ended, with the cause and the code of the peer, as far as it told them."""

    result: Result
    cause: AddCause | None = None
    error: DataAccessError | None = None


class Unfit(ValueError):
    """The object cannot be commanded so: status only, or not at a time."""


class Operation:
    """One control in hand."""

    def __init__(
        self, target: Target, model: int, types: Mapping[str, Type], wish: Wish, patience: float = PATIENCE
    ) -> None:
        """`types` are those of the variables under CO of the object."""
        kind = phases.KINDS.get(model)
        if kind is None:
            raise Unfit(f"{target} takes no control")
        if wish.at is not None and "operTm" not in _names(types.get("Oper")):
            raise Unfit(f"{target} does not operate at a time")
        self._target, self._kind, self._types, self._wish = target, kind, types, wish
        self._patience, self._stage = patience, Stage.READY
        self._cause: AddCause | None = None
        self.outcome: Outcome | None = None
        self.deadline: float | None = None

    def begin(self, now: float) -> Request | None:
        """Give the first request."""
        return self._moved(Event.BEGIN, now)

    def answered(self, answer: Value | DataAccessError | None, now: float) -> Request | None:
        """Take the answer to the last request (a read's value, None for a write, a code); give the next."""
        if isinstance(answer, DataAccessError):
            return self._moved(Event.NO, now, error=answer)
        return self._moved(Event.NO if answer == "" else Event.YES, now)

    def refused(self, now: float) -> None:
        """Take that the last request was turned back whole: an error of the service or of the stanza."""
        self._moved(Event.NO, now)

    def reported(self, unit: pdu.Unconfirmed_PDU, now: float) -> bool:
        """Take a report; False where it is about something else."""
        said = termination.read(unit)
        if said is None or not self._ours(said):
            return False
        if said.failed:
            self._cause = said.failed.cause
        if said.over:
            self._moved(Event.BAD if said.failed else Event.GOOD, now)
        return True

    def cancel(self, now: float) -> Request | None:
        """Give the request that cancels it; None where there is nothing to be cancelled."""
        self._cause = None
        return self._moved(Event.CANCEL, now)

    def lost(self, now: float) -> None:
        """Take that the peer is lost."""
        self._moved(Event.LOST, now)

    def tick(self, now: float) -> None:
        """Give it up, where nothing was heard in time."""
        if self.deadline is not None and self.deadline <= now:
            self._moved(Event.LATE, now)

    def _moved(self, event: Event, now: float, error: DataAccessError | None = None) -> Request | None:
        waits = event is Event.YES and self._stage is Stage.OPERATING and self._wish.at is not None
        move = stages.move(stages.WAITS[0] if waits else self._kind, self._stage, event)
        if move.stage is self._stage and move.send is None:
            return None
        self._stage = move.stage
        if move.result:
            self.outcome, self.deadline = Outcome(move.result, _cause(move.result, self._cause), error), None
            return None
        start = max(now, self._wish.at or now) if move.stage is Stage.AWAITING else now
        self.deadline = start + self._patience
        return self._request(move.send, now) if move.send else None

    def _request(self, variable: str, now: float) -> Request:
        item, of = self._target.service(variable), self._types[variable]
        value = None if variable == SELECT else self._spoken(of, now)
        return Request(self._target.domain, item, of, value)

    def _spoken(self, of: Type, now: float) -> Value:
        wish = self._wish
        parts: Mapping[str, Value] = {
            "ctlVal": wish.value,
            "operTm": bytes(8) if wish.at is None else signs.stamp(wish.at),
            "origin": wish.origin,
            "ctlNum": wish.number,
            "T": signs.stamp(now),
            "Test": wish.test,
            "Check": wish.check,
        }
        return tuple(parts[name] for name in _names(of))

    def _ours(self, said: termination.Ended) -> bool:
        """Say whether a report is about this control and no other one of the object."""
        domain, node, name = self._target
        if not said.reference.startswith(f"{domain}/{node}$CO${name}$"):
            return False
        if said.failed:
            return (said.failed.origin, said.failed.number) == (self._wish.origin, self._wish.number)
        spoken: Any = dict(zip(_names(self._types.get("Oper")), said.spoken or (), strict=False))
        return (spoken.get("origin"), spoken.get("ctlNum")) == (self._wish.origin, self._wish.number)


def _names(of: Type | None) -> tuple[str, ...]:
    return tuple(name for name, _ in of.fields) if isinstance(of, Structure) else ()


def _cause(result: Result, told: AddCause | None) -> AddCause | None:
    """Give the cause of an end: what the peer told, or what the end itself says."""
    own = {
        Result.CANCELLED: AddCause.abortion_by_cancel,
        Result.LATE: AddCause.time_limit_over,
        Result.LOST: AddCause.communication_loss,
    }
    return None if result is Result.DONE else own.get(result, told)

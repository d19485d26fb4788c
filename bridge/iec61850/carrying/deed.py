"""Settings and commands, done one by one, each with what takes it back.

A setting that stands already is not written. A curve goes as one value where the unit takes it so, which
changes it at once and whole, else element by element with the number of points last. A command goes the way
of its control model; its object's value from before is what takes it back. Nothing here begins a schedule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.iec61850 import operating
from bridge.iec61850.carrying import fitting
from bridge.iec61850.carrying.fault import Fault, Later, judged, refused
from bridge.iec61850.carrying.line import Heard, Line, Read, Talk, Wait, reading, writing
from bridge.iec61850.carrying.plan import SOFT, Command
from bridge.iec61850.carrying.survey import Survey
from bridge.iec61850.image import constraint, gathered
from bridge.iec61850.operating import Operation, Outcome, Request, Wish
from bridge.iec61850.shape import Basic, Type, Value
from bridge.iec61850.stages import Result
from bridge.mapping.points import Scalar
from models.mms.codes import DataAccessError

CURVE = ("numPts", "crvPts")
WHOLE = frozenset({
    DataAccessError.type_inconsistent, DataAccessError.type_unsupported,
    DataAccessError.object_access_unsupported, DataAccessError.temporarily_unavailable,
})  # fmt: skip
"""What a unit answers to a curve as one value that may still take it in parts."""
CHECKED, FREE = "11", "00"
"""Check: a switch is asked for with interlocking and synchrocheck, all else without."""
POSITIONS: Mapping[str, bool] = {"01": False, "10": True}
STATES = ("MX", "mxVal$f"), ("ST", "stVal")


class Author(NamedTuple):
    """Who commands, and as which of its commands."""

    origin: tuple[int, bytes]
    number: int


Back = Callable[[], Talk[str]]
"""Takes something back; gives what could not be."""


@dataclass(slots=True)
class Desk:
    """One order in hand: the unit, the conversation, who speaks, and what takes back what was done."""

    survey: Survey
    line: Line
    author: Author
    back: list[Back] = field(default_factory=list)

    def undo(self) -> Talk[str]:
        """Take everything back, the last first; give what could not be."""
        left: list[str] = []
        while self.back:
            said = yield from self.back.pop()()
            left += [said] if said else []
        return ", ".join(left)

    # ------------------------------------------------------------------------------------------ settings

    def settle(self, settings: Mapping[str, Value]) -> Talk[None]:
        """Write settings that do not stand already; raises at the first that the unit refuses."""
        held = yield from self.line.read({item: self.survey.types[item] for item in settings})
        other = {item: value for item, value in settings.items() if held[item] != value}
        curves = dict.fromkeys(head for item in other if (head := _curve(item)))
        plain = {item: value for item, value in other.items() if not _curve(item)}
        for some in _soft(plain), _hard(plain):
            yield from self._put(some, held)
        for head in curves:
            yield from self._draw(head, {item: v for item, v in settings.items() if _curve(item) == head})

    def _put(self, values: Mapping[str, Value], held: Mapping[str, Read]) -> Talk[None]:
        if not values:
            return
        told = yield from self.line.write(values, self.survey.types)
        before = known({item: held[item] for item, error in told.items() if error is None})
        self.back.append(lambda: self._restore(before))
        for item, error in told.items():
            if error is not None and constraint(item) not in SOFT:
                raise refused(item, error)

    def _restore(self, before: Mapping[str, Value]) -> Talk[str]:
        told = yield from self.line.write(before, self.survey.types)
        return ", ".join(item for item, error in told.items() if error is not None)

    def _draw(self, head: str, points: Mapping[str, Value]) -> Talk[None]:
        """Write a curve, and note the one that was there."""
        of = self.survey.types[head]
        leaves: dict[str, Type] = {
            item: each for item, each in self.survey.types.items()
            if item.startswith(f"{head}$") and isinstance(each, Basic)
        }  # fmt: skip
        held = yield from self.line.read(leaves)
        before = known(held)
        self.back.append(lambda: self._again(head, before))
        whole = head not in self.survey.loose and len(before) == len(leaves)
        if whole:
            value = gathered(of, head, lambda item: points.get(item, before[item]))
            error = (yield from self.line.write({head: value}, self.survey.types))[head]
            if error is not None and error not in WHOLE:
                raise refused(head, error)
            if error is None:
                return
        yield from self._pieces(points)

    def _pieces(self, points: Mapping[str, Value]) -> Talk[None]:
        for item, value in sorted(points.items(), key=lambda pair: pair[0].endswith("$numPts")):
            error = (yield from self.line.write({item: value}, self.survey.types))[item]
            if error is not None:
                raise refused(item, error)

    def _again(self, head: str, before: Mapping[str, Value]) -> Talk[str]:
        try:
            yield from self._pieces(before)
        except Fault:
            return head
        return ""

    # ------------------------------------------------------------------------------------------ commands

    def states(self, commands: Iterable[Command]) -> Talk[dict[str, Value]]:
        """What the objects of commands hold now, as far as they tell it and it is a figure."""
        items = {each.ref: item for each in commands if (item := _state(self.survey, each))}
        told = yield from self.line.read({item: self.survey.types[item] for item in items.values()})
        found = {ref: _plain(told[item]) for ref, item in items.items()}
        return {ref: value for ref, value in found.items() if value is not None}

    def command(self, each: Command, before: Value | None, at: float | None = None) -> Talk[Outcome]:
        """Command one object; raises what was refused or not answered in time.

        What was refused was not begun, so that nothing of it is to be taken back.
        """
        outcome = yield from self.operate(each, at)
        begun = outcome.result is not Result.REFUSED and before != each.value
        if begun and isinstance(before, bool | int | float):
            self.back.append(lambda: self._undone(each, before))
        judged(each.ref, outcome)
        return outcome

    def _undone(self, each: Command, before: Scalar) -> Talk[str]:
        outcome = yield from self.operate(each._replace(value=before))
        return "" if _fine(outcome) else each.ref

    def operate(self, each: Command, at: float | None = None) -> Talk[Outcome]:
        """Go the way of the object's control model to its end, or until it is armed for a moment."""
        types = self.survey.services(each.target)
        form = dict(types["Oper"].fields)["ctlVal"]  # type: ignore[union-attr]
        value = fitting.commanded(form, each.value, each.ref)
        check = CHECKED if each.target.object == "Pos" else FREE
        wish = Wish(value, *self.author, at, check=check)
        operation = Operation(each.target, self.survey.model(each.target), types, wish)
        request = operation.begin(self.line.now)
        while operation.outcome is None:
            if request is None and at is not None:
                return Outcome(Result.DONE)
            heard = yield from self.line.ask(
                Wait(operation.deadline or self.line.now) if request is None else _asked(request)
            )
            request = _moved(operation, request, heard)
        return operation.outcome


def _moved(operation: Operation, request: Request | None, heard: Heard) -> Request | None:
    """Give an operation what was heard: reports first, as LastApplError comes before its answer."""
    for report in heard.reports:
        operation.reported(report, heard.now)
    if operation.outcome is not None:
        return None
    if request is None:
        operation.tick(heard.now)
        return None
    if heard.refused is not None:
        operation.refused(heard.now)
        return None
    return operation.answered(_answer(request, heard), heard.now)


def _answer(request: Request, heard: Heard) -> Value | DataAccessError | None:
    if request.value is not None:
        one = heard.answer.CHOICE[0].choice
        return one.value if one.tag == "failure" else None
    one = heard.answer.listOfAccessResult.AccessResult[0].choice
    return one.value if one.tag == "failure" else str(one.value.choice.value)


def _asked(request: operating.Request):  # type: ignore[no-untyped-def]  # noqa: ANN202
    if request.value is None:
        return reading(request.domain, [request.item])
    return writing(request.domain, {request.item: request.value}, {request.item: request.type})


def known(values: Mapping[str, Read]) -> dict[str, Value]:
    """The values that were told, without figures that are none: nobody can write those back."""
    told = {item: value for item, value in values.items() if not isinstance(value, DataAccessError)}
    return {
        item: value for item, value in told.items() if not (isinstance(value, float) and math.isnan(value))
    }


def _fine(outcome: Outcome) -> bool:
    try:
        judged("", outcome)
    except (Fault, Later):
        return False
    return True


def _curve(item: str) -> str:
    """The whole of a curve that an item is a piece of; nothing for any other."""
    node, fc, do, *rest = item.split("$")
    return f"{node}${fc}${do}" if fc == "SP" and rest and rest[0].startswith(CURVE) else ""


def _soft(values: Mapping[str, Value]) -> dict[str, Value]:
    return {item: value for item, value in values.items() if constraint(item) in SOFT}


def _hard(values: Mapping[str, Value]) -> dict[str, Value]:
    return {item: value for item, value in values.items() if constraint(item) not in SOFT}


def _state(survey: Survey, each: Command) -> str | None:
    items = (each.target.leaf(fc, tail) for fc, tail in STATES)
    return next((item for item in items if item in survey.types), None)


def _plain(value: object) -> Scalar | None:
    """A state as it would be commanded; None for one that tells nothing."""
    if isinstance(value, str):
        return POSITIONS.get(value)
    if isinstance(value, DataAccessError) or (isinstance(value, float) and math.isnan(value)):
        return None
    return value if isinstance(value, bool | int | float) else None

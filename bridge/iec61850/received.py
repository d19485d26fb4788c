"""Reports as a client reads them: fields by the options they name, segments joined, gaps noticed.

The reader trusts nothing: what does not follow the report's own options and inclusion is Malformed. Values
are read by the types of the data set where they are known, freely otherwise. A gap is told with the report
that comes after it; whether to go back to an EntryID is the caller's decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bridge.iec61850 import shape
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.unit import FIELDS, SEGMENT
from bridge.iec61850.shape import Basic, Mismatch, OutOfRange, Type, Value
from models.mms import data, pdu
from models.mms.codes import DataAccessError

TEXT = Basic("visible-string", -1000)


class Malformed(ValueError):
    """An information report that is no report of a control block."""


class Item(NamedTuple):
    """A member that is in a report; without reference and reasons where the options leave them out."""

    place: int
    value: Value | DataAccessError
    reference: str | None = None
    reasons: frozenset[str] = frozenset()


class Received(NamedTuple):
    """A report, or a segment of one; what the options leave out is None."""

    RptID: str
    options: frozenset[str]
    members: int
    """How many the data set has."""
    items: tuple[Item, ...]
    SqNum: int | None = None
    TimeOfEntry: bytes | None = None
    DatSet: str | None = None
    BufOvfl: bool | None = None
    EntryID: bytes | None = None
    ConfRev: int | None = None
    SubSqNum: int | None = None
    MoreSegments: bool = False
    missed: int = 0
    """How many reports are missing before this one."""


def read(report: pdu.InformationReport, types: Sequence[Type] | None = None) -> Received:
    """The report that a unit holds."""
    results = iter(report.listOfAccessResult.AccessResult)
    try:
        head = _head(results)
        included = _bits(results)
        if types is not None and len(included) != len(types):
            raise Malformed(f"inclusion of {len(included)} members where {len(types)} are expected")
        indices = [index for index, bit in enumerate(included) if bit == "1"]
        items = _items(results, head["options"], indices, types)
    except (Mismatch, OutOfRange) as error:
        raise Malformed(str(error)) from error
    if next(results, None) is not None:
        raise Malformed("more results than the inclusion says")
    return Received(members=len(included), items=items, **head)


def _head(results: Iterator[data.AccessResult]) -> dict[str, Any]:
    head: dict[str, Any] = {"RptID": _success(results, TEXT)}
    head["options"] = options = fields.names(_bits(results), fields.OPTIONS)
    for option, name, of in FIELDS:
        if option in options:
            head[name] = _success(results, of)
    if "segmentation" in options:
        head["SubSqNum"], head["MoreSegments"] = (_success(results, of) for of in SEGMENT)
    return head


def _items(
    results: Iterator[data.AccessResult],
    options: frozenset[str],
    indices: Sequence[int],
    types: Sequence[Type] | None,
) -> tuple[Item, ...]:
    named = "data-reference" in options
    references = [str(_success(results, TEXT)) if named else None for _ in indices]
    values = [_value(_next(results), types[index] if types else None) for index in indices]
    told = "reason-for-inclusion" in options
    reasons = [fields.names(_bits(results), fields.TRIGGERS) if told else frozenset() for _ in indices]
    return tuple(map(Item, indices, values, references, reasons))


def _next(results: Iterator[data.AccessResult]) -> data.AccessResult:
    found = next(results, None)
    if found is None:
        raise Malformed("fewer results than the options and the inclusion say")
    return found


def _value(result: data.AccessResult, of: Type | None) -> Value | DataAccessError:
    if isinstance(result.choice, data.AccessResult_failure):
        return result.choice.value
    return shape.free(result.choice.value) if of is None else shape.decode(of, result.choice.value)


def _success(results: Iterator[data.AccessResult], of: Type) -> Value:
    value = _value(_next(results), of)
    if isinstance(value, DataAccessError):
        raise Malformed("a failure where a field of the report is expected")
    return value


def _bits(results: Iterator[data.AccessResult]) -> str:
    choice = _next(results).choice
    if not isinstance(choice, data.AccessResult_success):
        raise Malformed("a failure where a bit string is expected")
    if not isinstance(choice.value.choice, data.Data_bit_string):
        raise Malformed(f"{choice.value.choice.tag} where a bit string is expected")
    return choice.value.choice.value


class Reception:
    """The reports of one enabled block, in order; `largest` is where its SqNum begins anew."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._expected = 0
        self._parts: list[Received] = []

    def take(self, part: Received) -> Received | None:
        """Give the whole report that a unit completes, with the number of reports that were missed."""
        if not part.SubSqNum or not self._follows(part, part.SubSqNum):
            self._parts.clear()  # of a report with a hole nothing is used
        if part.SubSqNum is None:
            return self._whole(part)
        if part.SubSqNum != len(self._parts):
            return None
        self._parts.append(part)
        if part.MoreSegments:
            return None
        parts, self._parts = self._parts, []
        items = tuple(item for each in parts for item in each.items)
        return self._whole(parts[0]._replace(items=items, SubSqNum=None, MoreSegments=False))

    def _follows(self, part: Received, number: int) -> bool:
        """Whether a segment goes on where the last one ended; there are never more than members."""
        before = self._parts
        return number == len(before) < part.members and part.SqNum == before[-1].SqNum

    def _whole(self, report: Received) -> Received:
        if report.SqNum is None:
            return report
        missed = (report.SqNum - self._expected) % self._largest
        self._expected = (report.SqNum + 1) % self._largest
        return report._replace(missed=missed)

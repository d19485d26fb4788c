"""What a client reads and writes of a unit, as conversations: many items in few requests, by their types.

IEC 61850-7-2 GetDataValues and SetDataValues over MMS. A list that does not fit into a unit is asked for in
halves; an item whose whole is not known, or not told, is asked for by its parts. A value that is none of its
type, and what the unit will not tell, is named and left out. Sends nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bridge.iec61850 import image, selection, shape
from bridge.iec61850.discovery import Conversation, several
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Index
from bridge.iec61850.shape import Basic, Mismatch, OutOfRange, Value
from models.mms import access, data, services, variables
from models.mms.codes import DataAccessError

TOGETHER = 24
"""Items that are asked for in one request."""


@dataclass(slots=True)
class Heard:
    """What a unit told: values by leaf, and why others are not there."""

    leaves: dict[str, Value] = field(default_factory=dict)
    apart: dict[str, str] = field(default_factory=dict)
    strange: str = ""
    """The first item whose value is none of its type."""


def values(domain: str, index: Index, items: Iterable[str], loose: frozenset[str]) -> Conversation[Heard]:
    """The values of items of a device."""
    heard, wanted = Heard(), list(_whole(index, items, loose))
    chunks = [wanted[start : start + TOGETHER] for start in range(0, len(wanted), TOGETHER)]
    yield from _some(domain, index, chunks, heard)
    return heard


def _whole(index: Index, items: Iterable[str], loose: frozenset[str]) -> Iterable[str]:
    """Items that may be read as they are; instead of a loose one its parts."""
    for item in items:
        of = index.types.get(item)
        if of is None:
            continue
        if item in loose and not isinstance(of, Basic):
            yield from _whole(index, (name for name, _ in image.parts(of, item)), loose)
        else:
            yield item


def _some(domain: str, index: Index, chunks: Sequence[Sequence[str]], heard: Heard) -> Conversation[None]:
    """Read items, those of a chunk in one request, or in two of half the length where that is refused."""
    answers = yield from several(_read(domain, items) for items in chunks)
    for items, told in zip(chunks, answers, strict=True):
        if not isinstance(told, Refusal):
            _taken(index, items, told, heard)
        elif less := _less(index, items):
            yield from _some(domain, index, less, heard)
        else:
            heard.apart[items[0]] = str(told)


def _less(index: Index, items: Sequence[str]) -> list[Sequence[str]]:
    """What to ask for instead of items that are too much together; nothing where there is no less."""
    half = len(items) // 2
    return [items[:half], items[half:]] if half else _parts(index, items[0])


def _taken(index: Index, items: Sequence[str], told: variables.Read_Response, heard: Heard) -> None:
    results = told.listOfAccessResult.AccessResult
    if len(results) != len(items):
        heard.apart[items[0]] = f"{len(results)} results where {len(items)} were asked for"
        return
    for item, result in zip(items, results, strict=True):
        take(index, item, result, heard)


def _parts(index: Index, item: str) -> list[Sequence[str]]:
    of = index.types[item]
    return [] if isinstance(of, Basic) else [[name for name, _ in image.parts(of, item)]]


def take(index: Index, item: str, result: data.AccessResult, heard: Heard) -> None:
    """Take one result, if it is what the item can hold."""
    if isinstance(result.choice, data.AccessResult_failure):
        heard.apart[item] = DataAccessError(result.choice.value).name
        return
    of = index.types[item]
    try:
        value = shape.decode(of, result.choice.value)
    except (Mismatch, OutOfRange) as error:
        heard.apart[item] = str(error)
        heard.strange = heard.strange or f"{item}: {error}"
    else:
        heard.leaves |= dict(image.scattered(of, item, value))


def _read(domain: str, items: Iterable[str]) -> services.ConfirmedServiceRequest_read:
    asked = variables.Read_Request(variableAccessSpecification=_where(domain, items))
    return services.ConfirmedServiceRequest_read(value=asked)


def put(domain: str, index: Index, item: str, value: Value) -> Conversation[DataAccessError | None]:
    """Write one item; the code by which that is refused, if it is."""
    given = data.DataList(Data=(shape.encode(index.types[item], value),))
    asked = variables.Write_Request(variableAccessSpecification=_where(domain, (item,)), listOfData=given)
    told: variables.Write_Response = yield services.ConfirmedServiceRequest_write(value=asked)
    results = told.CHOICE
    if len(results) != 1:
        return DataAccessError.type_inconsistent
    choice = results[0].choice
    return DataAccessError(choice.value) if choice.tag == "failure" else None


def _where(domain: str, items: Iterable[str]) -> access.VariableAccessSpecification:
    listed = selection.variables((domain, item) for item in items)
    choice = access.VariableAccessSpecification_listOfVariable(value=listed)
    return access.VariableAccessSpecification(choice=choice)

"""Values and types straight to the text of their elements: what a read and a question for a type answer.

The same bytes as through the models (mms.xsd, the 8-2 shape), from plans that are made once for each item of
a type and shared by all devices of it. Values are those of an image, which has checked them. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, cast

from bridge.iec61850 import shape, unit
from bridge.iec61850.basic import KINDS
from bridge.iec61850.image import BLOCKS, Index, constraint, parts
from bridge.iec61850.shape import Array, Basic, Type, Value
from bridge.iec61850.unit import Ready
from bridge.mapping.writing import escaped
from models.mms import access, codes, data, services, variables

MOST = 4_096
"""Plans that are kept of one type."""
Say = Callable[[Value], str]


class Plan(NamedTuple):
    """How an item is written: its leaves in order, how each is said, and the text around them."""

    depth: int
    leaves: tuple[str, ...]
    says: tuple[Say, ...]
    between: tuple[str, ...]
    owned: tuple[int, ...]
    """Which of the leaves are of control blocks, and so asked of their owner."""


def plan(index: Index, item: str) -> Plan:
    """The plan of an item of a type."""
    found = cast("Plan | None", index.plans.get(item))
    if found is None:
        if len(index.plans) >= MOST:
            index.plans.clear()
        found = index.plans[item] = _planned(index.types[item], item)
    return found


def _planned(of: Type, item: str) -> Plan:
    leaves: list[str] = []
    says: list[Say] = []
    between = [""]
    for piece in _pieces(of, item):
        if isinstance(piece, str):
            between[-1] += piece
        else:
            leaves.append(piece[0])
            says.append(piece[1])
            between.append("")
    owned = tuple(place for place, leaf in enumerate(leaves) if constraint(leaf) in BLOCKS)
    return Plan(depth(of), tuple(leaves), tuple(says), tuple(between), owned)


def _pieces(of: Type, item: str) -> Iterator[str | tuple[str, Say]]:
    """The text of a value in pieces, each leaf in its place."""
    if isinstance(of, Basic):
        yield item, SAYS[of.kind]
        return
    held = tuple(parts(of, item))
    name = "array" if isinstance(of, Array) else "structure"
    if not held:
        yield unit.tag(name, "")
        return
    yield f"<{unit.name(name)}>"
    for inner, part in held:
        yield f"<{unit.name('Data')}>"
        yield from _pieces(part, inner)
        yield f"</{unit.name('Data')}>"
    yield f"</{unit.name(name)}>"


def depth(of: Type) -> int:
    """How many structures and arrays stand in one another."""
    if isinstance(of, Basic):
        return 0
    if isinstance(of, Array):
        return 1 + depth(of.of)
    return 1 + max((depth(part) for _, part in of.fields), default=0)


def filled(how: Plan, leaves: Mapping[str, Value], owner: Callable[[str], Value]) -> str:
    """The text of an item's value."""
    values = [leaves[leaf] for leaf in how.leaves]
    for place in how.owned:
        values[place] = owner(how.leaves[place])
    out = [how.between[0]]
    for say, value, after in zip(how.says, values, how.between[1:], strict=True):
        out += (say(value), after)
    return "".join(out)


def value(of: Type, held: Value) -> str:
    """The text of a value that no image holds; Mismatch or OutOfRange where it is none of the type."""
    checked = shape.checked(of, held)
    return _value(of, checked)


def _value(of: Type, held: Value) -> str:
    if isinstance(of, Basic):
        return SAYS[of.kind](held)
    inner = (of.of,) * of.count if isinstance(of, Array) else tuple(part for _, part in of.fields)
    each = zip(inner, cast("tuple[Value, ...]", held), strict=True)
    text = "".join(unit.tag("Data", _value(part, item)) for part, item in each)
    return unit.tag("array" if isinstance(of, Array) else "structure", text)


def _say(kind: str) -> Say:
    write = KINDS[kind].write
    start, end, bare = f"<{unit.name(kind)}>", f"</{unit.name(kind)}>", unit.tag(kind, "")

    def plain(held: Value) -> str:
        text = str(write(held))
        return f"{start}{text}{end}" if text else bare

    def truth(held: Value) -> str:
        return yes if held else no

    def words(held: Value) -> str:
        return f"{start}{escaped(str(held))}{end}" if held else bare

    yes, no = f"{start}true{end}", f"{start}false{end}"
    return {"boolean": truth, "visible-string": words, "mMSString": words}.get(kind, plain)


SAYS: Mapping[str, Say] = MappingProxyType({kind: _say(kind) for kind in KINDS})


# ------------------------------------------------------------------------------------------------- responses


def read(asked: access.VariableAccessSpecification | None, results: list[str]) -> Ready:
    """The response of a read: the text of each result, and what was asked where that is to be said again."""
    head, tail = _frame() if asked is None else _framed(asked)
    return Ready(f"{head}{''.join(results)}{tail}")


def success(text: str) -> str:
    """The result of a variable that was read."""
    return unit.tag("AccessResult", unit.tag("success", text))


@lru_cache
def failure(code: codes.DataAccessError) -> str:
    """The result of one that was not."""
    held = data.AccessResult(choice=data.AccessResult_failure(value=code))
    made = variables.Read_Response(listOfAccessResult=data.AccessResultList(AccessResult=(held,)))
    text = unit.inner(services.ConfirmedServiceResponse_read(value=made))
    start, end = f"<{unit.name('AccessResult')}>", f"</{unit.name('AccessResult')}>"
    return text[text.index(start) : text.rindex(end) + len(end)]


@lru_cache
def _frame() -> tuple[str, str]:
    return _framed(None)


def _framed(asked: access.VariableAccessSpecification | None) -> tuple[str, str]:
    """What stands before and after the results."""
    held = data.AccessResult(choice=data.AccessResult_failure(value=codes.DataAccessError.hardware_fault))
    made = variables.Read_Response(
        variableAccessSpecification=asked, listOfAccessResult=data.AccessResultList(AccessResult=(held,))
    )
    text = unit.inner(services.ConfirmedServiceResponse_read(value=made))
    head, _, tail = text.rpartition(failure(codes.DataAccessError.hardware_fault))
    return head, tail


def attributes(of: Type) -> Ready:
    """The response that tells a type."""
    head, tail = _told()
    return Ready(f"{head}{description(of)}{tail}")


@lru_cache
def _told() -> tuple[str, str]:
    text = _response(_BOOLEAN)
    head, _, tail = text.rpartition(_said(_BOOLEAN))
    return head, tail


def description(of: Type) -> str:
    """The text of a type."""
    if isinstance(of, Basic):
        return _said(of)
    if isinstance(of, Array):
        inner = unit.tag("numberOfElements", str(of.count)) + unit.tag("elementType", _specified(of.of))
        return unit.tag("array", inner)
    if not of.fields:
        return unit.tag("structure", unit.tag("components", ""))
    components = [f"{escaped(name)}{_BETWEEN}{description(part)}" for name, part in of.fields]
    return f"{_HEAD}{_NEXT.join(components)}{_TAIL}"


def _specified(of: Type) -> str:
    return unit.tag("typeDescription", description(of))


@lru_cache(maxsize=1024)
def _said(of: Basic) -> str:
    """The text of a basic type, as the models have it."""
    text = _response(of)
    start, end = f"<{unit.name('typeDescription')}>", f"</{unit.name('typeDescription')}>"
    return text[text.index(start) + len(start) : text.rindex(end)]


def _response(of: Type) -> str:
    made = variables.GetVariableAccessAttributes_Response(
        mmsDeletable=False, typeDescription=shape.description(of)
    )
    return unit.inner(services.ConfirmedServiceResponse_getVariableAccessAttributes(value=made))


_BOOLEAN = Basic("boolean")


def _around(*names: str) -> tuple[str, str]:
    """The start tags of elements that stand in one another, and their end tags."""
    held = [unit.name(each) for each in names]
    return "".join(f"<{each}>" for each in held), "".join(f"</{each}>" for each in reversed(held))


_COMPONENT = _around("SEQUENCE", "componentName")[0]
_DONE = _around("SEQUENCE", "componentType", "typeDescription")[1]
_BETWEEN = _around("componentName")[1] + _around("componentType", "typeDescription")[0]
_NEXT = _DONE + _COMPONENT
_HEAD = _around("structure", "components")[0] + _COMPONENT
_TAIL = _DONE + _around("structure", "components")[1]

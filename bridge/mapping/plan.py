"""A class compiled for reading, once for each wire namespace: qualified name to place, field and reader.

The checks are those that pydantic would make, taken from the same fields (see `form`), so that an instance
may be made directly from values that a plan has passed. Holds no state of a document. Never reads XML itself;
see `reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bridge.mapping import form, lexical
from bridge.mapping.form import Part, Scalar
from models import kit

_REMEMBERED = 512
_LONGEST = 24
_SHOWN = 40
_HEXADECIMAL = form.patterns(form.simple(kit.HexBinary))[0]


class Known(dict[str | None, object]):
    """The short texts that a reader has passed; any other is read when it is asked for by its key."""

    __slots__ = ("leaf",)

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf

    def __missing__(self, text: str | None) -> object:
        """The value of a text that is not remembered; none at all and an empty one are the same."""
        return self.leaf.read(text or None)


class Leaf:
    """A scalar's reader, with a bounded memory of short texts it has passed; it remembers no refusal."""

    __slots__ = ("empty", "known", "open", "parse")

    def __init__(self, scalar: Scalar, empty: object = None) -> None:
        self.parse = parser(scalar)
        self.empty = empty
        self.open = scalar.open
        self.known = Known(self)

    def read(self, text: str | None) -> object:
        """The value of a text; ValueError with a sentence when it has none."""
        if text is None and self.empty is not None:
            return self.empty  # the schema's default stands for an element without content
        value = self.parse(text or "")
        if text is not None and len(text) < _LONGEST and len(self.known) < _REMEMBERED:
            self.known[text] = value
        return value


@dataclass(frozen=True, slots=True)
class Wild:
    """A wildcard's place and the namespace rule of xs:any."""

    position: int
    field: str
    many: bool
    rule: str
    target: str
    process: str = "lax"

    def admits(self, namespace: str) -> bool:
        """Whether an element of this namespace may stand here."""
        if self.rule == "##any":
            return True
        if self.rule == "##other":
            return namespace not in {"", self.target}
        if self.rule == "##local":
            return not namespace
        names = self.rule.replace("##targetNamespace", self.target).split()
        return namespace in names or (not namespace and "##local" in names)


Entry = tuple[int, str, bool, Leaf | None, "Plan | None", type[kit.Case] | None]
"""Position, field, whether repeated, reader of a scalar or plan of a complex element, case of a choice."""


@dataclass(slots=True)
class Plan:
    """Everything the reader needs to know about one class."""

    cls: type[kit.Model]
    template: dict[str, Any]
    children: Mapping[str, Entry]
    """Empty until `link` has named the plans of the children, which may lead back here."""
    attributes: dict[str, tuple[str, Leaf]]
    required: frozenset[str]
    repeated: tuple[Part, ...]
    wilds: tuple[Wild, ...]
    text: tuple[str, Leaf] | None
    any_attribute: Wild | None
    empty: bool
    linked: bool = False
    local: dict[str, Any] = field(default_factory=dict)
    """The children by their bare names, as `scanner` wants them; empty until it has made them."""


def clark(part: Part, wire: Callable[[str], str]) -> str:
    """The qualified name of a part as it stands on the wire."""
    ns = wire(part.ns)
    return f"{{{ns}}}{part.name}" if ns else part.name


def compiled(cls: type[kit.Model], wire: Callable[[str], str]) -> Plan:
    """The plan of a class whose model namespaces are written as `wire` says."""
    _plain(cls)
    parts = form.parts(cls)
    attributes = [p for p in parts if p.kind == "attribute" and isinstance(p.item, Scalar)]
    text = next((p for p in parts if p.kind == "text"), None)
    return Plan(
        cls=cls,
        template={
            name: None if info.is_required() else info.default for name, info in cls.model_fields.items()
        },
        children={},
        attributes={clark(p, wire): (p.field, Leaf(scalar(p))) for p in attributes},
        required=frozenset(p.field for p in parts if p.required),
        repeated=tuple(p for p in parts if p.many and p.kind != "anyAttribute"),
        wilds=tuple(_wild(cls, n, p, wire) for n, p in enumerate(parts) if p.kind == "any"),
        text=(text.field, Leaf(scalar(text))) if text else None,
        any_attribute=next((_wild(cls, 0, p, wire) for p in parts if p.kind == "anyAttribute"), None),
        empty=form.empty(cls),
    )


def link(plan: Plan, wire: Callable[[str], str], find: Callable[[type[kit.Model]], Plan]) -> None:
    """Fill in the children of a plan; `find` gives the plan of a class, which may be this one."""
    parts = form.parts(plan.cls)
    plan.children = {
        name: entry for n, part in enumerate(parts) for name, entry in _entries(n, part, wire, find)
    }
    plan.linked = True


def _wild(cls: type[kit.Model], position: int, part: Part, wire: Callable[[str], str]) -> Wild:
    return Wild(position, part.field, part.many, part.ns, wire(cls.XMLNS), part.process)


def _plain(cls: type[kit.Model]) -> None:
    """Refuse a class that checks more than its fields say: a plan would pass what pydantic would not."""
    found = cls.__pydantic_decorators__
    if found.validators or found.field_validators or found.root_validators or found.model_validators:
        raise TypeError(f"{cls.__name__} has validators of its own, which no plan runs")


def _entries(
    position: int, part: Part, wire: Callable[[str], str], find: Callable[[type[kit.Model]], Plan]
) -> Iterator[tuple[str, Entry]]:
    cases = part.cases if part.kind == "choice" else (None,) if part.kind == "element" else ()
    for case in cases:
        held = part if case is None else form.case(case)
        leaf = Leaf(held.item, part.default) if isinstance(held.item, Scalar) else None
        plan = None if held.item is None or isinstance(held.item, Scalar) else find(held.item)
        yield clark(held, wire), (position, part.field, part.many, leaf, plan, case)


def scalar(part: Part) -> Scalar:
    """The scalar of a part that can hold nothing else."""
    if not isinstance(part.item, Scalar):
        raise TypeError(f"{part.field} holds elements where only text may stand")
    return part.item


def parser(scalar: Scalar) -> Callable[[str], object]:
    """The reader of a scalar: built-in type first, then each facet, each with its own sentence."""
    read = lexical.READERS[scalar.builtin]
    checks = (*_bounds(scalar), *_lengths(scalar), *_patterns(scalar))
    if not scalar.checks and not scalar.spelling and not issubclass(scalar.python, Enum):
        return _checked(read, checks)
    spelling = form.bare(scalar.spelling) if scalar.spelling else None
    final = _member(scalar.python) if issubclass(scalar.python, Enum) else None

    def parse(text: str) -> object:
        value: Any = read(text)
        if spelling is not None and not spelling.fullmatch(text.strip(lexical.BLANK)):
            raise ValueError("does not match the pattern of its text")
        for holds, sentence in checks:
            if not holds(value):
                raise ValueError(sentence)
        for demand in scalar.checks:
            value = demand(value)
        return value if final is None else final(value)

    return parse


def _checked(read: Callable[[str], Any], checks: tuple[Check, ...]) -> Callable[[str], object]:
    """The usual readers: a type with at most one facet group needs no loop."""
    if not checks:
        return read
    if len(checks) > 1:
        return lambda text: _all(read(text), checks)
    ((holds, sentence),) = checks

    def parse(text: str) -> object:
        value = read(text)
        if not holds(value):
            raise ValueError(sentence)
        return value

    return parse


def _all(value: object, checks: tuple[Check, ...]) -> object:
    for holds, sentence in checks:
        if not holds(value):
            raise ValueError(sentence)
    return value


Check = tuple[Callable[[Any], object], str]


def _bounds(scalar: Scalar) -> Iterator[Check]:
    low, high = scalar.ge, scalar.le
    if low is not None and high is not None:
        yield (lambda value: low <= value <= high), f"is not between {low} and {high}"
        return
    if scalar.ge is not None:
        yield (lambda value: value >= scalar.ge), f"is less than {scalar.ge}"
    if scalar.le is not None:
        yield (lambda value: value <= scalar.le), f"is more than {scalar.le}"
    if scalar.gt is not None:
        yield (lambda value: value > scalar.gt), f"is not more than {scalar.gt}"
    if scalar.lt is not None:
        yield (lambda value: value < scalar.lt), f"is not less than {scalar.lt}"


def _lengths(scalar: Scalar) -> Iterator[Check]:
    per, unit = (2, "octets") if scalar.builtin == "hexBinary" else (1, "characters")
    least, most = scalar.min_length, scalar.max_length
    if least is not None:
        yield (lambda value: len(value) >= least), f"has fewer than {least // per} {unit}"
    if most is not None:
        yield (lambda value: len(value) <= most), f"has more than {most // per} {unit}"


def _patterns(scalar: Scalar) -> Iterator[Check]:
    for pattern in form.patterns(scalar):
        if scalar.builtin == "hexBinary" and pattern == _HEXADECIMAL:
            continue  # its reader has seen to it
        yield pattern.fullmatch, "does not match its pattern"


def _member(kind: type[Enum]) -> Callable[[object], object]:
    members = {member.value: member for member in kind}

    def find(value: object) -> object:
        found = members.get(value)
        if found is None:
            raise ValueError(f"is none of {', '.join(str(each) for each in members)}"[:200])
        return found

    return find


def shown(text: str | None) -> str:
    """A text as an error quotes it: bounded, with control characters escaped."""
    text = text or ""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")

"""Parsed elements to model objects: order, occurrence, types and attributes checked against a compiled plan.

W3C XML Schema Part 1 sections 3.3.4 and 3.4.4, with the verdicts of libxml2; `xsi:type` may name an extension
of the declared type, `xsi:nil` is refused since no 2030.5 element is nillable, `xsi:schemaLocation` is
ignored. Refuses with the path, line and reason of the first fault. Never fetches, never fills in a default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from lxml.etree import _Element

from bridge.mapping import form
from bridge.mapping.foreign import Keeping
from bridge.mapping.guard import Refused, refusal
from bridge.mapping.instance import make, wrapped
from bridge.mapping.lexical import BLANK
from bridge.mapping.plan import Leaf, Plan, Wild, shown
from bridge.mapping.wire import Wire
from models import kit

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
Items = Sequence[tuple[str, str]]
_TYPE = f"{XSI}type"
_LOCATIONS = frozenset({f"{XSI}schemaLocation", f"{XSI}noNamespaceSchemaLocation"})
_INSTANCE = _LOCATIONS | {_TYPE, f"{XSI}nil"}


class Reading:
    """One document being read: the wire form it is in, and the foreign parts met on the way.

    Where it only judges, what wildcards take is checked and not written out.
    """

    __slots__ = ("judges", "keeping", "wire")

    def __init__(self, wire: Wire, *, judges: bool = False) -> None:
        self.wire = wire
        self.keeping = Keeping(wire.profile.caps)
        self.judges = judges

    def build(self, element: _Element, declared: Plan) -> kit.Model:
        """The object that an element of a declared class stands for."""
        items = cast("Items", element.items())
        plan = actual(self.wire, element, declared) if items else declared
        if plan.cls.ABSTRACT:
            raise refusal(
                element, f"{plan.cls.__name__} is abstract: xsi:type must name an extension of it", "type"
            )
        values = plan.template.copy()
        seen: set[str] = set()
        if items:
            self._attributes(element, plan, items, values, seen)
        if plan.text is not None:
            self._text(element, plan.text, values, seen)
        else:
            self._children(element, plan, values, seen)
        if not plan.required <= seen:
            raise _missing(element, plan, seen)
        if plan.repeated:
            _close(element, plan, values, seen)
        return make(plan.cls, values, seen)

    def _children(self, element: _Element, plan: Plan, values: dict[str, Any], seen: set[str]) -> None:
        """One dictionary look-up for each child tells its place, field and reader."""
        if not plan.linked:
            self.wire.link(plan)
        known, least, filling = plan.children, 0, -1
        bucket: list[object] = []
        _blank(element, plan, element.text)
        for child in element:
            entry = known.get(child.tag)
            if entry is None or entry[0] < least:
                least = self._other(child, plan, least, values, seen)
                continue
            position, field, many, leaf, within, case = entry
            value = self.build(child, within) if within is not None else self._leaf(child, leaf, plan, values)
            if case is not None:
                value = wrapped(case, value)
            if not many:
                values[field] = value
                seen.add(field)
                least = position + 1
            elif position == filling:
                bucket.append(value)
            else:
                least = filling = position
                values[field] = bucket = [value]
                seen.add(field)
            if child.tail is not None:
                _blank(element, plan, child.tail)

    def _leaf(self, child: _Element, leaf: Leaf | None, plan: Plan, values: dict[str, Any]) -> object:
        """The value of an element that holds text only."""
        if leaf is None:
            raise TypeError(f"{plan.cls.__name__} has a child that is neither a scalar nor a class")
        value = _read(child, leaf, child.text)
        if len(child):
            raise refusal(child[0], "an element where only text may stand", "unknown")
        items = cast("Items", child.items())
        if items:
            self._adorned(child, leaf, plan, items, values)
        return value

    def _text(
        self, element: _Element, text: tuple[str, Leaf], values: dict[str, Any], seen: set[str]
    ) -> None:
        field, leaf = text
        values[field] = _read(element, leaf, element.text)
        seen.add(field)
        if len(element):
            raise refusal(element[0], "an element where only text may stand", "unknown")

    def _attributes(
        self,
        element: _Element,
        plan: Plan,
        items: Sequence[tuple[str, str]],
        values: dict[str, Any],
        seen: set[str],
    ) -> None:
        for name, text in items:
            known = plan.attributes.get(name)
            if known is not None:
                field, leaf = known
                values[field] = _read(element, leaf, text, name)
                seen.add(field)
            elif name in _INSTANCE:
                _instance(element, name)
            elif plan.any_attribute is not None and plan.any_attribute.admits(_space(name)):
                values[plan.any_attribute.field] += ((name, text),)
                seen.add(plan.any_attribute.field)
            elif self.wire.profile.keeps:
                self.keeping.attribute(element, name, text)
            else:
                raise refusal(element, f"attribute {_local(name)} is not known here", "unknown", name)

    def _adorned(
        self,
        child: _Element,
        leaf: Leaf,
        plan: Plan,
        items: Sequence[tuple[str, str]],
        values: dict[str, Any],
    ) -> None:
        """Attributes on a scalar: kept by the parent where the type is open, see `kit.OPEN`."""
        for name, text in items:
            if name in _INSTANCE:
                _instance(child, name, scalar=True)
            elif leaf.open and plan.any_attribute is not None:
                values[plan.any_attribute.field] += ((f"{_numbered(child)}/@{name}", text),)
            elif self.wire.profile.keeps:
                self.keeping.attribute(child, name, text)
            else:
                raise refusal(child, f"attribute {_local(name)} is not known here", "unknown", name)

    def _other(self, child: _Element, plan: Plan, least: int, values: dict[str, Any], seen: set[str]) -> int:
        """A child that has no place here: a wildcard takes it, or the profile keeps it, or it is refused."""
        parent = cast("_Element", child.getparent())
        if not isinstance(child.tag, str):
            raise refusal(parent, "a comment or processing instruction, none is read", "comment")
        if child.tail is not None:
            _blank(parent, plan, child.tail)
        space = _space(child.tag)
        wild = next((w for w in plan.wilds if w.position >= least and w.admits(space)), None)
        if wild is not None:
            if wild.process != "skip":
                self._known(child, strict=wild.process == "strict")
            _take(wild, "" if self.judges else self.keeping.wildcard(child), values, seen)
            return wild.position if wild.many else wild.position + 1
        if child.tag in plan.children:
            raise _misplaced(child, plan, seen)
        if self.wire.profile.keeps:
            self.keeping.element(child, parent)
            return least
        raise refusal(child, f"{_local(child.tag)} is not known here{_expected(plan, least)}", "unknown")

    def _known(self, element: _Element, *, strict: bool) -> None:
        """Check what a wildcard admits, and its content, as far as it is known; strictly, it must be."""
        name = _local(str(element.tag))
        cls = self.wire.root(_space(str(element.tag)), name)
        if cls is not None:
            Reading(self.wire, judges=True).build(element, self.wire.plan(cls))
            return
        if strict:
            raise refusal(element, f"{name} is no element of profile {self.wire.profile.name}", "unknown")
        for child in element:
            if not isinstance(child.tag, str):
                raise refusal(element, "a comment or processing instruction, none is read", "comment")
            self._known(child, strict=False)


def actual(wire: Wire, element: _Element, plan: Plan) -> Plan:
    """The plan that `xsi:type` names, if any: that of the declared class or of an extension of it."""
    name = element.get(_TYPE)
    if name is None:
        return plan
    prefix, _, local = name.rpartition(":")
    namespace = element.nsmap.get(prefix or None, None if prefix else "")
    cls = None if namespace is None else wire.named(namespace, local)
    if cls is None:
        raise refusal(element, f"xsi:type {shown(name)} names no type known here", "type")
    if not issubclass(cls, plan.cls):
        raise refusal(element, f"xsi:type {shown(name)} is not an extension of {plan.cls.__name__}", "type")
    return wire.plan(cls)


def _read(element: _Element, leaf: Leaf, text: str | None, attribute: str = "") -> object:
    try:
        return leaf.read(text)
    except ValueError as fault:
        raise refusal(element, f"{shown(text)} {fault}", "value", attribute) from None


def _blank(element: _Element, plan: Plan, text: str | None) -> None:
    if text is not None and (plan.empty or text.strip(BLANK)):  # an empty section is text of no characters
        raise refusal(element, f"text {shown(text)} where only elements may stand", "text")


def _instance(element: _Element, name: str, *, scalar: bool = False) -> None:
    """Attributes of the schema instance namespace: locations are ignored, nil is never true here."""
    if name in _LOCATIONS or (name == _TYPE and not scalar):
        return
    raise refusal(element, f"xsi:{_local(name)} is not allowed here", "type", name)


def _take(wild: Wild, text: str, values: dict[str, Any], seen: set[str]) -> None:
    if not wild.many:
        values[wild.field] = text
    elif wild.field in seen:
        values[wild.field].append(text)
    else:
        values[wild.field] = [text]
    seen.add(wild.field)


def _close(element: _Element, plan: Plan, values: dict[str, Any], seen: set[str]) -> None:
    """Make tuples of what was gathered in lists, and check how many there are."""
    for part in plan.repeated:
        if part.field in seen:
            held = values[part.field] = tuple(values[part.field])
            if len(held) < part.least:
                raise refusal(
                    element, f"{len(held)} of {part.name}, at least {part.least} must stand", "occurrence"
                )
            if part.most is not None and len(held) > part.most:
                raise refusal(
                    element, f"{len(held)} of {part.name}, at most {part.most} may stand", "occurrence"
                )


def _missing(element: _Element, plan: Plan, seen: set[str]) -> Refused:
    part = next(p for p in form.parts(plan.cls) if p.field in plan.required - seen)
    kind = "attribute" if part.kind == "attribute" else "element"
    return refusal(element, f"required {kind} {part.name} is missing", "missing")


def _misplaced(child: _Element, plan: Plan, seen: set[str]) -> Refused:
    _, field, many, *_ = plan.children[str(child.tag)]
    name = _local(str(child.tag))
    if field in seen and not many:
        return refusal(child, f"{name} stands more than once, or beside another of its choice", "occurrence")
    return refusal(child, f"{name} is out of order", "order")


def _expected(plan: Plan, least: int) -> str:
    names = [_local(tag) for tag, entry in plan.children.items() if entry[0] >= least][:5]
    return f", but one of: {', '.join(names)}" if names else ""


def _numbered(child: _Element) -> str:
    """A child's name, with its number among its like from the second on."""
    number = sum(1 for _ in child.itersiblings(child.tag, preceding=True)) + 1
    name = _local(str(child.tag))
    return name if number == 1 else f"{name}[{number}]"


def _space(tag: str) -> str:
    return tag[1:].rpartition("}")[0] if tag.startswith("{") else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]

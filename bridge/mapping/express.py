"""The quick way through a document with nothing odd in it; what is odd, `reading` must say.

It reads order, types, ranges and occurrence by the same plans, but looks at no element twice: stray text,
attributes on scalars and elements inside scalars are found at the end, by comparing what was read with what
libxml2 counts in the tree. Refuses nothing and keeps nothing foreign: it gives the object or raises `Odd`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from lxml.etree import XPath, _Element

from bridge.mapping.guard import Refused
from bridge.mapping.instance import make, wrapped
from bridge.mapping.plan import Leaf, Plan
from bridge.mapping.reading import actual
from bridge.mapping.wire import Wire
from models import kit

_COUNTS = XPath("concat(count(//*), ' ', count(//@*), ' ', count(//text()))")
_UNREAD = object()


class Odd(Exception):
    """The document is not plain, or not valid: `reading` will tell."""


def express(wire: Wire, root: _Element, plan: Plan) -> kit.Model:
    """The object of a plain and valid document; Odd for every other."""
    run = _Run(wire)
    try:
        made = run.build(root, plan)
    except (KeyError, ValueError, Refused):
        raise Odd from None
    counted = f"{run.elements} {run.attributes} {run.elements - run.complex - run.blank + run.texts}"
    if counted != cast("str", _COUNTS(root)):
        raise Odd
    return made


class _Run:
    """One document being read, and what has been counted of it."""

    __slots__ = ("attributes", "blank", "complex", "elements", "texts", "wire")

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.elements = 1
        self.complex = 0
        self.attributes = 0
        self.blank = 0
        self.texts = 0

    def build(self, element: _Element, plan: Plan) -> kit.Model:
        """The object of one element."""
        found: dict[str, Any] = {}
        items: Any = element.items()
        if items:
            plan = self._attributes(element, plan, items, found)
        if not plan.linked:
            self.wire.link(plan)
        self.complex += 1
        self.elements += len(element)
        if plan.text is not None:
            self._text(element, plan.text, found)
        elif len(element):
            self._children(element, plan.children, found)
        if plan.repeated:
            gather(plan, found)
        seen = set(found)
        if plan.cls.ABSTRACT or not plan.required <= seen:
            raise Odd
        return make(plan.cls, plan.template | found, seen)

    def _children(self, element: _Element, table: Any, found: dict[str, Any]) -> None:
        """The hot loop: one look-up tells place, field and reader, another the value of a known text."""
        least, filling = 0, -1
        bucket: list[object] = []
        for child in element:
            position, field, many, leaf, plan, case = table[child.tag]
            if plan is not None:
                value: object = self.build(child, plan)
            else:
                text = child.text
                value = leaf.known.get(text, _UNREAD)
                if value is _UNREAD:
                    self.blank += text is None
                    value = leaf.read(text)
            if case is not None:
                value = wrapped(case, value)
            if position < least:
                raise Odd
            if not many:
                found[field] = value
                least = position + 1
            elif position == filling:
                bucket.append(value)
            else:
                least = filling = position
                found[field] = bucket = [value]

    def _attributes(
        self, element: _Element, plan: Plan, items: Sequence[tuple[str, str]], found: dict[str, Any]
    ) -> Plan:
        plan = actual(self.wire, element, plan)
        self.attributes += len(items)
        for name, text in items:
            known = plan.attributes.get(name)
            if known is None:
                if name[0] != "{" or not name.endswith("}type"):
                    raise Odd
            else:
                field, leaf = known
                value = leaf.known.get(text, _UNREAD)
                found[field] = leaf.read(text) if value is _UNREAD else value
        return plan

    def _text(self, element: _Element, text: tuple[str, Leaf], found: dict[str, Any]) -> None:
        field, leaf = text
        held = element.text
        self.texts += held is not None
        if len(element):
            raise Odd
        found[field] = leaf.read(held)


def gather(plan: Plan, found: dict[str, Any]) -> None:
    """Make tuples of what repeats, where it does so as often as it may."""
    for part in plan.repeated:
        held = found.get(part.field)
        if held is not None:
            found[part.field] = tuple(held)
            if len(held) < part.least or (part.most is not None and len(held) > part.most):
                raise Odd

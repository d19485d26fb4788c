"""The quickest way through a simple document: no parser, only its text cut at each `<` and `>`.

What it takes is a small part of XML 1.0 (W3C) that has one meaning: printable ASCII, tags without a space too
many, one namespace, said by the root, attributes in double quotes; no reference, section, comment or prefix.
It reads by the same plans as `express`, within the bounds of `guard`. Refuses nothing: it gives the object of
a document that is simple and valid, and nothing for any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.mapping.express import Odd, gather
from bridge.mapping.guard import Caps, stretch
from bridge.mapping.instance import make, wrapped
from bridge.mapping.plan import Plan
from bridge.mapping.profile import Profile
from bridge.mapping.wire import Wire, wire
from models import kit

USUAL = 128
"""Characters of a root's start tag up to which it is remembered."""
TEXT = bytes({9, 10, *range(32, 127)} - set(b"<>&!"))
"""What may stand between the brackets of a tag, or outside them."""
DECLARATION = '?xml version="1.0" encoding="UTF-8"?'
ATTRIBUTES = r'((?: [A-Za-z]+="[^"<>\t\n]*")*)'
ROOT = re.compile(r'([A-Za-z]+) xmlns="([^"\s<>]+)"' + ATTRIBUTES)
HEAD = re.compile(r"([A-Za-z]+)" + ATTRIBUTES + r"(/?)")
ATTRIBUTE = re.compile(r' ([A-Za-z]+)="([^"]*)"')


def scan(data: bytes, profile: Profile) -> tuple[kit.Model, str] | None:
    """The object of a simple and valid document, and the name of its root; None for every other."""
    if not _bounded(data, profile.caps):
        return None
    pieces = data.decode("ascii").replace(">", "<").split("<")
    first = 3 if pieces[1] == DECLARATION and not pieces[0] else 1
    try:
        _blank(pieces[first - 1])
        return _scanned(pieces, first, profile)
    except (Odd, KeyError, ValueError, IndexError):
        return None


def _bounded(data: bytes, caps: Caps) -> bool:
    """Whether a document keeps each bound that its bytes show, and its brackets come by turns."""
    tags = data.count(b"<")
    return (
        len(data) <= caps.bytes
        and 0 < tags <= 2 * caps.elements
        and data.translate(None, TEXT) == b"<>" * tags
        and data.count(b"=") <= caps.elements
        and data.count(b"xmlns") == 1 <= caps.namespaces
        and not stretch(data, caps.text)
    )


def _scanned(pieces: Sequence[str], first: int, profile: Profile) -> tuple[kit.Model, str]:
    head = pieces[first]
    opened = (_opened if len(head) <= USUAL else _open)(head, profile)
    if opened is None:
        raise Odd
    run = _Run(opened.wire, pieces, first)
    made = run.element(opened.plan, f"/{opened.name}", run.attributes(opened.plan, opened.attributes))
    _blank(pieces[-1])
    tags = len(pieces) // 2
    if run.at != len(pieces) or tags + run.single > 2 * profile.caps.elements:
        raise Odd
    return made, opened.name


class _Opening(NamedTuple):
    """What a root's start tag says."""

    name: str
    wire: Wire
    plan: Plan
    attributes: str


def _open(head: str, profile: Profile) -> _Opening | None:
    found = ROOT.fullmatch(head)
    if found is None or found[2] not in profile.accept or len(found[2]) > profile.caps.namespace:
        return None
    form = wire(profile, found[2])
    cls = form.root(found[2], found[1])
    return None if cls is None else _Opening(found[1], form, form.plan(cls), found[3])


_opened = lru_cache(maxsize=1024)(_open)
"""Most documents begin as others did."""


class _Run:
    """One document being read: tags at odd places, the text behind each at the next, and what was met."""

    __slots__ = ("at", "caps", "depth", "pieces", "single", "wire")

    def __init__(self, wire: Wire, pieces: Sequence[str], first: int) -> None:
        self.wire = wire
        self.caps = wire.profile.caps
        self.pieces = pieces
        self.at = first
        self.depth = 1
        self.single = 0

    def element(self, plan: Plan, end: str, found: dict[str, Any]) -> kit.Model:
        """The object of the element whose start tag is at hand; `end` is empty where it ends there, too."""
        if not plan.linked:
            self.wire.link(plan)
        if plan.text is not None or plan.cls.ABSTRACT:
            raise Odd
        if plan.empty and end and self.pieces[self.at + 1]:
            raise Odd
        self.at += 2
        if end:
            self.depth += 1
            if self.depth > self.caps.depth:
                raise Odd
            self._children(plan.local or _local(plan, self.wire), end, found)
            self.depth -= 1
        if plan.repeated:
            gather(plan, found)
        seen = set(found)
        if not plan.required <= seen:
            raise Odd
        return make(plan.cls, plan.template | found, seen)

    def _children(self, table: Mapping[str, Any], end: str, found: dict[str, Any]) -> None:
        """One look-up for each child tells its place, field and reader, another the value of its text."""
        pieces, at = self.pieces, self.at
        least, filling = 0, -1
        while (head := pieces[at]) != end:
            known = table.get(head)
            position, field, many, case, plan, texts, close = known or table[_name(head)]
            if pieces[at - 1]:
                _blank(pieces[at - 1])
            if plan is not None:
                self.at = at
                value: object = self.element(plan, close, {}) if known else self._adorned(plan, close, head)
                at = self.at
            elif known is None or pieces[at + 2] != close:
                raise Odd
            else:
                value = texts[pieces[at + 1]]
                at += 4
            if case is not None:
                value = wrapped(case, value)
            if position == filling:
                found[field].append(value)
                continue
            if position < least:
                raise Odd
            found[field] = [value] if many else value
            least, filling = (position, position) if many else (position + 1, -1)
        _blank(pieces[at - 1])
        self.at = at + 2

    def _adorned(self, plan: Plan, close: str, head: str) -> kit.Model:
        """The object of an element with attributes, or one that is a single tag."""
        found = HEAD.fullmatch(head)
        if found is None:
            raise Odd
        self.single += len(found[3])
        return self.element(plan, "" if found[3] else close, self.attributes(plan, found[2]))

    def attributes(self, plan: Plan, text: str) -> dict[str, Any]:
        """The values of the attributes that a start tag has."""
        values: dict[str, Any] = {}
        for name, value in ATTRIBUTE.findall(text) if text else ():
            field, leaf = plan.attributes[name]
            if field in values:
                raise Odd
            values[field] = leaf.known[value]
        if len(values) > self.caps.attributes:
            raise Odd
        return values


def _blank(text: str) -> None:
    """Raise Odd for anything but white space; it stands where no text may."""
    if text and not text.isspace():
        raise Odd


def _name(head: str) -> str:
    return head.partition(" ")[0].removesuffix("/")


def _local(plan: Plan, wire: Wire) -> Mapping[str, Any]:
    """A plan's children in the wire's own namespace, by their bare names; each with its end tag."""
    space = f"{{{wire.namespace}}}"
    for name, (position, field, many, leaf, inner, case) in plan.children.items():
        if name.startswith(space):
            local = name.removeprefix(space)
            plan.local[local] = (position, field, many, case, inner, leaf and leaf.known, f"/{local}")
    return plan.local

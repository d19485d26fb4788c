"""The quickest way through a short and simple document: no parser, only its text cut at each `<`.

What it takes is a small part of XML 1.0 (W3C) that has one meaning: printable ASCII, tags without a space too
many, one namespace, said by the root, attributes in double quotes; no reference, section, comment or prefix.
It reads by the same plans as `express`. Refuses nothing: it gives the object of a document that is simple and
valid, and nothing for any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.mapping.express import Odd, gather
from bridge.mapping.guard import Caps
from bridge.mapping.instance import make, wrapped
from bridge.mapping.plan import Leaf, Plan
from bridge.mapping.profile import Profile
from bridge.mapping.wire import Wire, wire
from models import kit

LONGEST = 4_096
"""Bytes of a document that is tried at all."""
USUAL = 128
"""Characters of a root's start tag up to which it is remembered."""
PLAIN = bytes({9, 10, *range(32, 127)} - {ord("&")})
DECLARATION = '?xml version="1.0" encoding="UTF-8"?'
ATTRIBUTES = r'((?: [A-Za-z]+="[^"<>\t\n]*")*)'
ROOT = re.compile(r'([A-Za-z]+) xmlns="([^"\s<>]+)"' + ATTRIBUTES)
HEAD = re.compile(r"([A-Za-z]+)" + ATTRIBUTES + r"(/?)")
ATTRIBUTE = re.compile(r' ([A-Za-z]+)="([^"]*)"')
Piece = tuple[str, str, str]
"""What stands between `<` and `>`, the latter itself, and the text behind it."""
_UNREAD = object()


def scan(data: bytes, profile: Profile) -> tuple[kit.Model, str] | None:
    """The object of a simple and valid document, and the name of its root; None for every other."""
    if not _short(data, profile.caps) or data.translate(None, PLAIN):
        return None
    before, *chunks = data.decode("ascii").split("<")
    pieces = [chunk.partition(">") for chunk in chunks]
    try:
        if pieces[0][0] == DECLARATION and not before:
            before = pieces.pop(0)[2]
        return None if before.strip() else _scanned(pieces, profile)
    except (Odd, KeyError, ValueError, IndexError):
        return None


def _short(data: bytes, caps: Caps) -> bool:
    """Whether a document is too short to break any bound, and has one `>` for each `<`."""
    tags = data.count(b"<")
    return (
        len(data) <= min(LONGEST, caps.bytes, caps.text)
        and tags == data.count(b">")
        and tags <= min(2 * caps.depth - 2, caps.elements)
        and data.count(b"=") <= caps.attributes
    )


def _scanned(pieces: Sequence[Piece], profile: Profile) -> tuple[kit.Model, str]:
    head = pieces[0][0]
    opened = (_opened if len(head) <= USUAL else _open)(head, profile)
    if opened is None:
        raise Odd
    run = _Run(opened.wire, pieces)
    made = run.element(opened.plan, f"/{opened.name}", _attributes(opened.plan, opened.attributes))
    if run.at != len(pieces):
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
    """One document being read, and where in it."""

    __slots__ = ("at", "pieces", "wire")

    def __init__(self, wire: Wire, pieces: Sequence[Piece]) -> None:
        self.wire = wire
        self.pieces = pieces
        self.at = 0

    def element(self, plan: Plan, end: str, found: dict[str, Any]) -> kit.Model:
        """The object of the element whose start tag is at hand; `end` is empty where it ends there, too."""
        if not plan.linked:
            self.wire.link(plan)
        if plan.text is not None or plan.cls.ABSTRACT:
            raise Odd
        if plan.empty and end and self.pieces[self.at][2]:
            raise Odd
        self._blank()
        if end:
            self._children(plan.local or _local(plan, self.wire), end, found)
        if plan.repeated:
            gather(plan, found)
        seen = set(found)
        if not plan.required <= seen:
            raise Odd
        return make(plan.cls, plan.template | found, seen)

    def _children(self, table: Mapping[str, Any], end: str, found: dict[str, Any]) -> None:
        """One look-up for each child tells its place, field and reader, another the value of a known text."""
        pieces = self.pieces
        least, filling = 0, -1
        bucket: list[object] = []
        while (head := pieces[self.at][0]) != end:
            known = table.get(head)
            position, field, many, leaf, plan, case, close = known or table[_name(head)]
            if plan is not None:
                value: object = self.element(plan, close, {}) if known else self._adorned(plan, close, head)
            elif known is None:
                raise Odd
            else:
                value = self._scalar(leaf, close)
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
        self._blank()

    def _scalar(self, leaf: Leaf, end: str) -> object:
        """The value of an element that holds text alone."""
        text = self.pieces[self.at][2] or None
        last, _, blank = self.pieces[self.at + 1]
        if last != end or (blank and not blank.isspace()):
            raise Odd
        self.at += 2
        value = leaf.known.get(text, _UNREAD)
        return leaf.read(text) if value is _UNREAD else value

    def _adorned(self, plan: Plan, close: str, head: str) -> kit.Model:
        """The object of an element with attributes, or one that is a single tag."""
        found = HEAD.fullmatch(head)
        if found is None:
            raise Odd
        return self.element(plan, "" if found[3] else close, _attributes(plan, found[2]))

    def _blank(self) -> None:
        """Go on to the next tag; nothing but white space may stand before it."""
        text = self.pieces[self.at][2]
        if text and not text.isspace():
            raise Odd
        self.at += 1


def _name(head: str) -> str:
    return head.partition(" ")[0].removesuffix("/")


def _attributes(plan: Plan, text: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in ATTRIBUTE.findall(text) if text else ():
        field, leaf = plan.attributes[name]
        if field in values:
            raise Odd
        values[field] = leaf.read(value)
    return values


def _local(plan: Plan, wire: Wire) -> Mapping[str, Any]:
    """A plan's children in the wire's own namespace, by their bare names; each with its end tag."""
    space = f"{{{wire.namespace}}}"
    plan.local = {
        name.removeprefix(space): (*entry, f"/{name.removeprefix(space)}")
        for name, entry in plan.children.items()
        if name.startswith(space)
    }
    return plan.local

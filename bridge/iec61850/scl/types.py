"""Templates read: the types of an SCL file as outlines of nodes, each resolved once.

IEC 61850-6 9.5. A reference that leads nowhere, a type that contains itself, a basic type that MMS has no
place for: each is an error with its line. What is not ours (Private, foreign attributes) is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from bridge.iec61850.outline import ORDER, Attribute, Enumeration, Group, Kind, Object
from bridge.iec61850.scl.fault import at
from bridge.iec61850.scl.words import tag
from bridge.iec61850.sorts import SORTS

TRIGGERS = ("dchg", "qchg", "dupd")
MOST = 2_000_000
"""Values of all nodes of a file together: a few elements may make many."""
ARRAY = 1024
"""Elements of an array."""
LEAVES = 50_000
"""Values of one node: far more than any device's model has."""
DEEPEST = 12
WIDE = range(-(2**31), 2**31)


class Types:
    """The types of a file."""

    def __init__(self, root: _Element) -> None:
        self._found: dict[tuple[str, str], _Element] = {}
        for each in root.iterfind(f"{tag('DataTypeTemplates')}/*"):
            key = (str(each.tag).rpartition("}")[2], each.get("id", ""))
            if key in self._found:
                raise at(each, f"{key[0]} {key[1]} is there twice")
            self._found[key] = each
        self._objects: dict[str, tuple[str, tuple[Attribute, ...], tuple[Object, ...]]] = {}
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._leaves: dict[int, int] = {}
        """How many leaves a constructed type has, by the identity of its group, which `_kinds` keeps."""
        self._held: dict[str, int] = {}
        """How many leaves an object of a type has."""
        self._all = 0

    def node(self, used: _Element) -> tuple[Object, ...]:
        """The objects of a logical node."""
        found = self._of("LNodeType", used.get("lnType", ""), used)
        if found.get("lnClass") != used.get("lnClass"):
            raise at(used, f"{used.get('lnType')} is of class {found.get('lnClass')}")
        made = tuple(self._object(each, 0) for each in self._each(found, "DO"))
        self._all += self._bounded(found, self._within(found, "DO"))
        if self._all > MOST:
            raise at(used, f"more than {MOST} values in all")
        return made

    def _bounded(self, found: _Element, leaves: int) -> int:
        """How many leaves a type counts for; too many are refused before anything is laid out."""
        if leaves > LEAVES:
            raise at(found, f"{found.get('id')} has more than {LEAVES} values")
        return max(leaves, 1)

    def _within(self, found: _Element, name: str) -> int:
        return sum(self._held[each.get("type", "")] for each in found.iterfind(tag(name)))

    def _weight(self, attributes: tuple[Attribute, ...]) -> int:
        return sum(max(each.count, 1) * self._leaves.get(id(each.kind), 1) for each in attributes)

    def _of(self, kind: str, name: str, used: _Element) -> _Element:
        found = self._found.get((kind, name))
        if found is None:
            raise at(used, f"there is no {kind} {name!r}")
        return found

    def _each(self, parent: _Element, name: str) -> Iterator[_Element]:
        seen: set[str] = set()
        for each in parent.iterfind(tag(name)):
            own = each.get("name", "")
            if not own or own in seen:
                raise at(each, f"{name} {own!r} has no name of its own")
            seen.add(own)
            yield each

    def _object(self, used: _Element, depth: int) -> Object:
        name = used.get("type", "")
        if depth > DEEPEST:
            raise at(used, f"DOType {name} contains itself")
        if used.get("count", "0") not in ("0", ""):
            raise at(used, f"{used.get('name')} is an array of objects, which is not read")
        if name not in self._objects:
            found = self._of("DOType", name, used)
            inner = tuple(self._object(each, depth + 1) for each in self._each(found, "SDO"))
            own = tuple(self._attribute(each, depth, top=True) for each in self._each(found, "DA"))
            self._held[name] = self._bounded(found, self._within(found, "SDO") + self._weight(own))
            self._objects[name] = (found.get("cdc", ""), own, inner)
        return Object(used.get("name", ""), *self._objects[name])

    def _attribute(self, used: _Element, depth: int, *, top: bool) -> Attribute:
        fc, count = used.get("fc", ""), used.get("count", "0") or "0"
        if top and fc not in ORDER:
            raise at(used, f"{used.get('name')} has no functional constraint that is known: {fc!r}")
        if not count.isdecimal() or int(count) > ARRAY:
            raise at(used, f"{used.get('name')}: an array of {count} is not read")
        triggers = tuple(each for each in TRIGGERS if used.get(each) in {"true", "1"})
        return Attribute(
            used.get("name", ""),
            self._kind(used, depth),
            fc if top else "",
            int(count),
            triggers if top else (),
        )

    def _kind(self, used: _Element, depth: int) -> Kind:
        basic, name = used.get("bType", ""), used.get("type", "")
        if basic not in {"Struct", "Enum"}:
            if basic not in SORTS:
                raise at(used, f"{used.get('name')}: a basic type {basic!r}, which is not known")
            return basic
        if (basic, name) not in self._kinds:
            if depth > DEEPEST:
                raise at(used, f"DAType {name} contains itself")
            self._kinds[basic, name] = (
                self._enumeration(self._of("EnumType", name, used))
                if basic == "Enum"
                else self._group(self._of("DAType", name, used), depth)
            )
        return self._kinds[basic, name]

    def _group(self, found: _Element, depth: int) -> Group:
        made = Group(tuple(self._attribute(each, depth + 1, top=False) for each in self._each(found, "BDA")))
        self._leaves[id(made)] = self._bounded(found, self._weight(made.parts))
        return made

    def _enumeration(self, found: _Element) -> Enumeration:
        return Enumeration(
            found.get("id", ""), tuple(_literal(each) for each in found.iterfind(tag("EnumVal")))
        )


def _literal(element: _Element) -> tuple[int, str]:
    text = element.get("ord", "")
    try:
        number = int(text)
    except ValueError:
        number = WIDE.stop
    if number not in WIDE:
        raise at(element, f"{text!r} is no number of a literal")
    return number, element.text or ""

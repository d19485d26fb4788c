"""Data type templates: each node, object, attribute and enumeration type written once, whoever uses it.

IEC 61850-6 9.5: LNodeType, DOType, DAType, EnumType, in this order. Two of one shape are one type, so that a
file has every type that is used and no other. A type is named by its class, with a number where there are
several.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from bridge.iec61850.outline import Attribute, Enumeration, Group, Kind, Node, Object
from bridge.iec61850.scl.words import tag
from bridge.iec61850.scl.writing import child, made

ORDER = ("LNodeType", "DOType", "DAType", "EnumType")


class Templates:
    """The types of a file while it is written."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._taken: dict[str, int] = {}
        self._elements: dict[str, list[_Element]] = {name: [] for name in ORDER}

    def node(self, node: Node) -> str:
        """The type of a node."""
        key = (node.cls, node.objects)
        if key in self._names:
            return self._names[key]
        element = self._new("LNodeType", key, node.cls, lnClass=node.cls)
        for item in node.objects:
            child(element, "DO", name=item.name, type=self._object(item))
        return self._names[key]

    def element(self) -> _Element:
        """The templates as they stand in the file."""
        found = made(tag("DataTypeTemplates"))
        found.extend(element for name in ORDER for element in self._elements[name])
        return found

    def _new(self, kind: str, key: object, stem: str, **attributes: str) -> _Element:
        number = self._taken[f"{kind} {stem}"] = self._taken.get(f"{kind} {stem}", 0) + 1
        self._names[key] = stem if number == 1 else f"{stem}_{number}"
        element = made(tag(kind), id=self._names[key], **attributes)
        self._elements[kind].append(element)
        return element

    def _object(self, item: Object) -> str:
        key = (item.cdc, item.attributes, item.objects)
        if key in self._names:
            return self._names[key]
        element = self._new("DOType", key, item.cdc, cdc=item.cdc)
        for inner in item.objects:
            child(element, "SDO", name=inner.name, type=self._object(inner))
        for attribute in item.attributes:
            child(element, "DA", **dict(self._attribute(attribute, item.cdc)))
        return self._names[key]

    def _attribute(self, attribute: Attribute, stem: str) -> Iterator[tuple[str, str]]:
        yield "name", attribute.name
        if attribute.fc:
            yield "fc", attribute.fc
        yield from self._kind(attribute.kind, f"{stem}_{attribute.name}")
        if attribute.count:
            yield "count", str(attribute.count)
        yield from ((trigger, "true") for trigger in attribute.triggers)

    def _kind(self, kind: Kind, stem: str) -> Iterator[tuple[str, str]]:
        if isinstance(kind, str):
            yield "bType", kind
            return
        yield "bType", "Enum" if isinstance(kind, Enumeration) else "Struct"
        yield "type", self._enumeration(kind) if isinstance(kind, Enumeration) else self._group(kind, stem)

    def _enumeration(self, kind: Enumeration) -> str:
        if kind not in self._names:
            element = self._new("EnumType", kind, kind.name)
            for number, literal in kind.literals:
                child(element, "EnumVal", text=literal, ord=str(number))
        return self._names[kind]

    def _group(self, kind: Group, stem: str) -> str:
        if kind not in self._names:
            element = self._new("DAType", kind, stem)
            for part in kind.parts:
                child(element, "BDA", **dict(self._attribute(part, stem)))
        return self._names[kind]

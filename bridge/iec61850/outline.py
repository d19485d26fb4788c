"""What a logical device is made of, as SCL and 7-3 name it: nodes, objects, attributes, sets, blocks.

A type of MMS has lost what an integer counts and which class an object is of; the outline still has it. It is
made from `models.der` for our own devices and read from SCL for a peer's (IEC 61850-6 9.5). Holds no value
but those a configuration gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bridge.iec61850.shape import Array, Structure, Type, Value
from bridge.iec61850.sorts import SORTS

ORDER = ("ST", "MX", "CO", "SP", "SV", "CF", "DC", "SG", "SE", "SR", "OR", "BL", "EX", "RP", "BR", "LG")
"""Functional constraints in the order that a logical node lists them."""
WIDE = range(-128, 128)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Literals of an enumeration, each with its number."""

    name: str
    literals: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A constructed attribute."""

    parts: tuple[Attribute, ...]


Kind: TypeAlias = "str | Enumeration | Group"
"""A basic type by its bType, an enumeration, or a constructed one."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an object, or a part of one, which has no constraint of its own."""

    name: str
    kind: Kind
    fc: str = ""
    count: int = 0
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """A data object, or one inside another."""

    name: str
    cdc: str
    attributes: tuple[Attribute, ...] = ()
    objects: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A logical node."""

    cls: str
    objects: tuple[Object, ...]
    prefix: str = ""
    inst: str = ""

    @property
    def name(self) -> str:
        """The name in its device."""
        return f"{self.prefix}{self.cls}{self.inst}"


@dataclass(frozen=True, slots=True)
class Block:
    """A control block: its constraint, its data set, how many there are; 0 is one without number.

    `values` are what the attributes of every instance are preset to.
    """

    name: str
    fc: str
    set: str
    values: tuple[tuple[str, Value], ...]
    instances: int = 1
    node: str = "LLN0"

    def names(self) -> tuple[str, ...]:
        """The names of the instances, numbered with two digits where the block is indexed."""
        return (
            tuple(f"{self.name}{number:02d}" for number in range(1, self.instances + 1))
            if self.instances
            else (self.name,)
        )


@dataclass(frozen=True, slots=True)
class Set:
    """A data set: members as items of this device, or with the domain and a slash before them."""

    name: str
    members: tuple[str, ...]
    node: str = "LLN0"


@dataclass(frozen=True, slots=True)
class Outline:
    """A logical device without its values; `inst` is its name in its server's configuration."""

    inst: str
    nodes: tuple[Node, ...]
    sets: tuple[Set, ...] = ()
    blocks: tuple[Block, ...] = ()


def kind_type(kind: Kind) -> Type:
    """The MMS type of a kind of attribute."""
    if isinstance(kind, Group):
        return Structure(tuple((part.name, attribute_type(part)) for part in kind.parts))
    return SORTS["Enum" if isinstance(kind, Enumeration) else kind].basic


def attribute_type(attribute: Attribute) -> Type:
    """The MMS type of an attribute."""
    of = kind_type(attribute.kind)
    return Array(attribute.count, of) if attribute.count else of


def node_type(node: Node) -> Structure:
    """The MMS type of a logical node: constraints, in each the objects, in these what stands under it."""
    found = ((fc, _under(node.objects, fc)) for fc in ORDER)
    return Structure(tuple((fc, Structure(objects)) for fc, objects in found if objects))


def _under(objects: tuple[Object, ...], fc: str) -> tuple[tuple[str, Type], ...]:
    found = ((item.name, _parts(item, fc)) for item in objects)
    return tuple((name, Structure(parts)) for name, parts in found if parts)


def _parts(item: Object, fc: str) -> tuple[tuple[str, Type], ...]:
    own = ((each.name, attribute_type(each)) for each in item.attributes if each.fc == fc)
    return (*_under(item.objects, fc), *own)


def leaves(node: Node) -> Iterator[tuple[str, str, Kind, tuple[str, ...]]]:
    """Each leaf of a node: its item, its object, its kind, what makes it worth a report."""
    for item in node.objects:
        yield from _object_leaves(node.name, item.name, item)


def _object_leaves(node: str, path: str, item: Object) -> Iterator[tuple[str, str, Kind, tuple[str, ...]]]:
    for inner in item.objects:
        yield from _object_leaves(node, f"{path}${inner.name}", inner)
    for attribute in item.attributes:
        for tail, kind in attribute_leaves(attribute):
            yield f"{node}${attribute.fc}${path}${tail}", f"{node}.{path}", kind, attribute.triggers


def attribute_leaves(attribute: Attribute) -> Iterator[tuple[str, Kind]]:
    """The leaves of an attribute, by what follows the object's name."""
    many = [f"({number})" for number in range(attribute.count)] if attribute.count else [""]
    for each in many:
        if not isinstance(attribute.kind, Group):
            yield f"{attribute.name}{each}", attribute.kind
            continue
        for part in attribute.kind.parts:
            yield from ((f"{attribute.name}{each}${tail}", kind) for tail, kind in attribute_leaves(part))


def written(kind: Kind, value: Value) -> str:
    """The text of a value; an enumeration's is its literal. ValueError for a number that has none."""
    if isinstance(kind, Enumeration):
        return dict(kind.literals)[_known(kind, value)]
    return SORTS[_basic(kind)].write(value)


def read(kind: Kind, text: str) -> Value:
    """The value that a text says; ValueError where it says none of the kind."""
    if isinstance(kind, Enumeration):
        found = next((number for number, literal in kind.literals if literal == text), None)
        if found is None:
            raise ValueError(f"{text!r} is no literal of {kind.name}")
        return found
    return SORTS[_basic(kind)].read(text)


def _known(kind: Enumeration, value: Value) -> int:
    if not isinstance(value, int) or all(number != value for number, _ in kind.literals):
        raise ValueError(f"{value!r} is no number of {kind.name}")
    return value


def _basic(kind: str | Group) -> str:
    if isinstance(kind, Group):
        raise TypeError("a constructed attribute has no text")
    return kind


def members(outline: Outline) -> Mapping[str, Node]:
    """The nodes of an outline by their names."""
    return {node.name: node for node in outline.nodes}

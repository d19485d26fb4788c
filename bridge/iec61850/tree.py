"""The domain of a logical device: its outline as the type of a named variable, with sets, blocks and values.

IEC 61850-8-1 flattens a device this way: node, constraint, object, attribute; report and log blocks stand in
LLN0 under RP, BR and LG. What SCL and our own rosters have in common is made here, once. Reads no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bridge.iec61850.image import DataSet, Domain, Member
from bridge.iec61850.outline import Kind, Outline, leaves, node_type
from bridge.iec61850.panel import TYPES
from bridge.iec61850.shape import Structure, Type, Value

LONGEST = 64
"""Characters of a domain's name, and of an item's (IEC 61850-8-2, as far as it is public)."""


def domain(name: str, outline: Outline, values: Mapping[str, Value]) -> Domain:
    """The domain of an outline with the values of its leaves; those that are not given hold what is usual."""
    triggers = {item: made for node in outline.nodes for item, _, _, made in leaves(node) if made}
    return founded(name, outline, values, Shape(device_type(outline), triggers, {}))


class Shape(NamedTuple):
    """What devices of one kind share: their type, when leaves are worth a report, what they hold at first."""

    type: Structure
    triggers: Mapping[str, tuple[str, ...]]
    base: Mapping[str, Value]


def founded(name: str, outline: Outline, values: Mapping[str, Value], of: Shape) -> Domain:
    """The domain of an outline whose shape is known; `values` are its own."""
    sets = {
        f"{each.node}${each.name}": DataSet(tuple(_member(name, member) for member in each.members))
        for each in outline.sets
    }
    own = {**dict(_preset(outline)), **values}
    return Domain(name, of.type, own, sets, of.triggers, of.base)


def device_type(outline: Outline) -> Structure:
    """The type of a whole device."""
    return Structure(
        tuple((node.name, _whole(node.name, node_type(node), outline)) for node in outline.nodes)
    )


def kinds(outline: Outline) -> dict[str, Kind]:
    """What each leaf of an outline is, by its item."""
    return {item: kind for node in outline.nodes for item, _, kind, _ in leaves(node)}


def _member(name: str, member: str) -> Member:
    domain_, _, item = member.rpartition("/")
    return domain_ or name, item


def _whole(name: str, of: Structure, outline: Outline) -> Structure:
    found = ((fc, _blocks(name, outline, fc)) for fc in TYPES)
    return Structure((*of.fields, *((fc, blocks) for fc, blocks in found if blocks.fields)))


def _blocks(name: str, outline: Outline, fc: str) -> Structure:
    found: list[tuple[str, Type]] = [
        (each, TYPES[fc])
        for block in outline.blocks
        if (block.fc, block.node) == (fc, name)
        for each in block.names()
    ]
    return Structure(tuple(found))


def _preset(outline: Outline) -> Iterator[tuple[str, Value]]:
    for block in outline.blocks:
        for each in block.names():
            head = f"{block.node}${block.fc}${each}"
            yield from ((f"{head}${attribute}", value) for attribute, value in block.values)

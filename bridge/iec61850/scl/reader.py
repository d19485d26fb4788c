"""Import: an SCL file as servers with their addresses, and each server's logical devices as domains.

IEC 61850-6 clause 9: what a client needs to know of a peer before it has ever spoken with it. Types, data
sets, blocks and configured values become the same outlines and domains that our own devices are; a file with
several servers gives them all. Opens no connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element

from bridge.iec61850.image import Domain, Unknown
from bridge.iec61850.outline import Kind, Node, Outline, Set, leaves, read
from bridge.iec61850.scl.blocks import blocks
from bridge.iec61850.scl.fault import at
from bridge.iec61850.scl.opening import opened
from bridge.iec61850.scl.types import Types
from bridge.iec61850.scl.words import ADDRESS, tag
from bridge.iec61850.shape import Mismatch, Value
from bridge.iec61850.tree import domain


@dataclass(frozen=True, slots=True)
class Device:
    """A logical device of a peer."""

    outline: Outline
    domain: Domain


@dataclass(frozen=True, slots=True)
class Server:
    """A peer: its name, its access point, its address on a network of 8-2, its devices."""

    ied: str
    point: str
    jid: str
    devices: tuple[Device, ...]


def load(data: bytes) -> tuple[Server, ...]:
    """The servers of a file."""
    root = opened(data)
    types, addresses = Types(root), _addresses(root)
    return tuple(
        Server(ied, point, addresses.get((ied, point), ""), _devices(server, ied, types))
        for ied, point, server in servers(root)
    )


def servers(root: _Element) -> Iterator[tuple[str, str, _Element]]:
    """Each server of a file with the name of its device and of its access point."""
    for ied in root.iterfind(tag("IED")):
        for point in ied.iterfind(tag("AccessPoint")):
            for server in point.iterfind(tag("Server")):
                yield ied.get("name", ""), point.get("name", ""), server


def _addresses(root: _Element) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for each in root.iterfind(f"{tag('Communication')}/{tag('SubNetwork')}/{tag('ConnectedAP')}"):
        for told in each.iterfind(f"{tag('Address')}/{tag('P')}"):
            if told.get("type") == ADDRESS:
                found[each.get("iedName", ""), each.get("apName", "")] = (told.text or "").strip()
    return found


def called(device: _Element, ied: str) -> str:
    """The name of a device's domain: as it is called, else its server's name and its own."""
    return device.get("ldName") or f"{ied}{device.get('inst', '')}"


def _devices(server: _Element, ied: str, types: Types) -> tuple[Device, ...]:
    found = list(server.iterfind(tag("LDevice")))
    names = {each.get("inst", ""): called(each, ied) for each in found}
    if len(names) != len(found):
        raise at(server, "two devices have one name")
    return tuple(_device(each, types, names) for each in found)


def _device(device: _Element, types: Types, names: Mapping[str, str]) -> Device:
    inst = device.get("inst", "")
    elements = [each for each in device if each.tag in (tag("LN0"), tag("LN"))]
    nodes = tuple(_node(each, types) for each in elements)
    pairs = list(zip(elements, nodes, strict=True))
    sets = tuple(each for element, node in pairs for each in _sets(element, node.name, inst, names))
    held = tuple(block for each, node in pairs for block in blocks(each, node.name, names[inst]))
    outline = Outline(inst, nodes, sets, held)
    values = {item: value for each, node in pairs for item, value in _values(each, node)}
    try:
        return Device(outline, domain(names[inst], outline, values))
    except (Unknown, Mismatch) as fault:
        raise at(device, str(fault)) from None


def _node(element: _Element, types: Types) -> Node:
    return Node(
        element.get("lnClass", ""), types.node(element), element.get("prefix", ""), element.get("inst", "")
    )


def _sets(element: _Element, node: str, inst: str, names: Mapping[str, str]) -> Iterator[Set]:
    for each in element.iterfind(tag("DataSet")):
        members = tuple(_member(member, inst, names) for member in each.iterfind(tag("FCDA")))
        yield Set(each.get("name", ""), members, node)


def _member(element: _Element, inst: str, names: Mapping[str, str]) -> str:
    """The item that a member of a data set stands for; its attribute's path may name elements of arrays."""
    said = {key: element.get(key, "") for key in ("prefix", "lnClass", "lnInst", "doName", "daName", "fc")}
    steps = [f"{said['prefix']}{said['lnClass']}{said['lnInst']}", said["fc"]]
    steps += [*said["doName"].split("."), *said["daName"].split(".")]
    other = element.get("ldInst", inst)
    if other not in names:
        raise at(element, f"there is no device {other!r}")
    item = "$".join(step for step in steps if step)
    return item if other == inst else f"{names[other]}/{item}"


# ---------------------------------------------------------------------------------------------------- values


def _values(element: _Element, node: Node) -> Iterator[tuple[str, Value]]:
    """The configured values of a node by item."""
    known = {_path(item): (item, kind) for item, _, kind, _ in leaves(node)}
    for instance in element.iterfind(tag("DOI")):
        for path, told in _instances(instance, instance.get("name", "")):
            if path not in known:
                raise at(told, f"{node.name} has no attribute {path.replace('$', '.')}")
            for text in (each.text or "" for each in told.iterfind(tag("Val")) if not each.get("sGroup")):
                yield known[path][0], _value(known[path][1], text, told)


def _path(item: str) -> str:
    """An item without node and constraint."""
    return item.split("$", 2)[2]


def _instances(element: _Element, path: str) -> Iterator[tuple[str, _Element]]:
    for each in element:
        place = each.get("ix")
        name = f"{path}${each.get('name', '')}{f'({place})' if place is not None else ''}"
        if each.tag == tag("DAI"):
            yield name, each
        elif each.tag == tag("SDI"):
            yield from _instances(each, name)


def _value(kind: Kind, text: str, told: _Element) -> Value:
    try:
        return read(kind, text.strip())
    except (ValueError, OverflowError) as fault:
        raise at(told, str(fault)) from None

"""Our own checks of an SCL file: what a schema cannot say, or could and need not be there to say.

References lead to something, types are used, names are of the length and letters that 7-2 and 6 allow, items
are short enough for 8-2, values are ones of their attributes, blocks and members of sets lead to what the
file has. Each problem is one sentence with its line. Refuses nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lxml.etree import _Element

from bridge.iec61850.image import Domain
from bridge.iec61850.outline import Enumeration, Node, leaves
from bridge.iec61850.scl.fault import Faulty, line_of
from bridge.iec61850.scl.opening import opened
from bridge.iec61850.scl.reader import Server, called, load, servers
from bridge.iec61850.scl.words import ADDRESS, NETWORK, tag
from bridge.iec61850.tree import LONGEST

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,10})?")
CLASS = re.compile(r"LLN0|[A-Z]{4}")
OBJECT = re.compile(r"[A-Z][A-Za-z0-9]{0,11}")
ATTRIBUTE = re.compile(r"[a-zA-Z][A-Za-z0-9]{0,59}")
BLOCK = 32
"""Letters of a block's or data set's name."""
OCTETS = frozenset(map(str, range(-128, 128)))
USES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({
    "LNodeType": (("LN", "lnType"), ("LN0", "lnType")),
    "DOType": (("DO", "type"), ("SDO", "type")),
    "DAType": (("DA", "type"), ("BDA", "type")),
    "EnumType": (("DA", "type"), ("BDA", "type")),
})  # fmt: skip
"""Where a type of each kind is used."""


class Problem(NamedTuple):
    """One thing that is wrong, with its line where that is known."""

    line: int
    text: str


def check(data: bytes) -> list[Problem]:
    """All that is wrong with a file; a file that cannot be read has one problem."""
    try:
        root = opened(data)
        found = load(data)
    except Faulty as fault:
        return [Problem(fault.line, fault.reason)]
    told = [problem for each in ELEMENTS for problem in each(root)]
    told += [Problem(0, text) for server in found for text in _server(server)]
    return sorted(told)


def _at(element: _Element, text: str) -> Problem:
    return Problem(line_of(element), text)


def _unused(root: _Element) -> Iterator[Problem]:
    """Types that nothing uses."""
    for kind, places in USES.items():
        used = {each.get(key) for name, key in places for each in root.iter(tag(name))}
        for each in root.iterfind(f"{tag('DataTypeTemplates')}/{tag(kind)}"):
            if each.get("id") not in used:
                yield _at(each, f"{kind} {each.get('id')} is used by nothing")


def _names(root: _Element) -> Iterator[Problem]:
    """Names that no device, node, object or attribute may have."""
    for ied, _, server in servers(root):
        for device in server.iterfind(tag("LDevice")):
            name = called(device, ied)
            if not NAME.fullmatch(name) or len(name) > LONGEST:
                yield _at(device, f"{name} is no name of a domain of at most {LONGEST} letters")
    for name, key, pattern in PATTERNS:
        for each in root.iter(tag(name)):
            if not pattern.fullmatch(each.get(key, "")):
                yield _at(each, f"{name} {each.get(key)!r} is no {key} that IEC 61850 has")
    for name in ("DataSet", "ReportControl", "LogControl"):
        for each in root.iter(tag(name)):
            if not 0 < len(each.get("name", "")) <= BLOCK:
                yield _at(each, f"{name} {each.get('name')!r}: a name has 1 to {BLOCK} letters")


def _parts(root: _Element) -> Iterator[Problem]:
    """Parts of an attribute that have a constraint of their own; only an attribute has one."""
    for each in root.iter(tag("BDA")):
        if each.get("fc"):
            yield _at(each, f"BDA {each.get('name')} has a functional constraint")


def _literals(root: _Element) -> Iterator[Problem]:
    """Enumerations that have a number twice, or one that an octet does not hold."""
    for kind in root.iter(tag("EnumType")):
        numbers = [each.get("ord", "") for each in kind.iterfind(tag("EnumVal"))]
        if len(set(numbers)) < len(numbers) or not OCTETS.issuperset(numbers):
            yield _at(
                kind, f"EnumType {kind.get('id')}: its numbers are not one octet each, or not different"
            )


def _network(root: _Element) -> Iterator[Problem]:
    """Access points of a network that the file has no server for, or that have no address on it."""
    known = {(ied, point) for ied, point, _ in servers(root)}
    for network in root.iterfind(f"{tag('Communication')}/{tag('SubNetwork')}"):
        for each in network.iterfind(tag("ConnectedAP")):
            if (each.get("iedName", ""), each.get("apName", "")) not in known:
                yield _at(each, f"{each.get('iedName')} {each.get('apName')} is no server of this file")
            told = {item.get("type") for item in each.iter(tag("P"))}
            if network.get("type") == NETWORK and ADDRESS not in told:
                yield _at(each, f"{each.get('iedName')} has no {ADDRESS} on a network of type {NETWORK}")


ELEMENTS: tuple[Callable[[_Element], Iterator[Problem]], ...] = (_unused, _names, _parts, _literals, _network)
PATTERNS = (
    ("IED", "name", NAME),
    ("LN", "prefix", PREFIX),
    ("LN", "lnClass", CLASS),
    ("DO", "name", OBJECT),
    ("SDO", "name", ATTRIBUTE),
    ("DA", "name", ATTRIBUTE),
    ("BDA", "name", ATTRIBUTE),
)


# ----------------------------------------------------------------------------------------- what has been read


def _server(server: Server) -> Iterator[str]:
    for device in server.devices:
        yield from _device(device.domain, device.outline.nodes)
        sets = {f"{each.node}${each.name}" for each in device.outline.sets}
        for block in device.outline.blocks:
            if block.set and f"{block.node}${block.set}" not in sets:
                yield f"{device.domain.name}: {block.name} is for a data set {block.set}, which is not there"
    domains = {device.domain.name: device.domain for device in server.devices}
    for domain in domains.values():
        for name, each in domain.sets.items():
            for where, item in each.members:
                if where not in domains or item not in domains[where].index.types:
                    yield f"{domain.name}: {name} has a member {where}/{item}, which is not there"


def _device(domain: Domain, nodes: tuple[Node, ...]) -> Iterator[str]:
    names = [node.name for node in nodes]
    if "LLN0" not in names or len(set(names)) < len(names):
        yield f"{domain.name}: its nodes are not LLN0 and others with names of their own"
    long = next((item for item in domain.index.types if len(item) > LONGEST), None)
    if long:
        yield f"{domain.name}: {long} is longer than {LONGEST} letters"
    for node in nodes:
        for item, _, kind, _ in leaves(node):
            value = domain.leaves[item]
            if (
                isinstance(kind, Enumeration)
                and value
                and all(value != number for number, _ in kind.literals)
            ):
                yield f"{domain.name}/{item}: {value!r} is no number of {kind.name}"

"""Data sets and control blocks of a logical device: what is measured, how it stands, what became of commands.

Each set has a buffered and an unbuffered report block, indexed so that several clients have one each, and the
states have a log. Names, triggers and options are the configuration values of IEC 61850-7-2 control blocks; a
client may change what the blocks allow. Sends and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from bridge.iec61850.logs import BLOCK
from bridge.iec61850.outline import Block, Node, Object, Set
from bridge.iec61850.rcb.attributes import structure
from bridge.iec61850.shape import Structure, Value

INSTANCES = 4
"""Clients that can have one block of a kind at the same time."""
LN0 = "LLN0"
OPTIONS = "0111100010"
"""Sequence number, time, reason, data set, configuration revision; not the references: the set has them."""
BUFFERED = "0111101110"
TRIGGERS = "011011"
"""Data and quality changes, integrity, general interrogation."""
LOGGED = "011000"
PERIOD = MappingProxyType({"Measurements": (1000, 60_000), "States": (100, 0), "Outcomes": (0, 0)})
"""Milliseconds that changes are gathered, and between integrity reports, by data set."""
Pick = Callable[[Node, Object], str]
MEASURES = frozenset({"MMXU", "MMTR"})
LEVELS = frozenset({"UseSocPct", "AvlChaW", "AvlDschW", "AvlUpW", "AvlDnW", "IvarAvl", "AvarAvl"})
STANDING = frozenset(
    {"LLN0", "LPHD", "DGEN", "DSTO", "DBAT", "DINV", "CALH", "XCBR", "DHVT", "DLVT", "DHFT", "DLFT"}
    | {"PTOC", "QVUB", "QIUB", "DCTE"}
)
QUIET = frozenset({"GnOpSt", "OpTmsRs", "Beh", "Mod", "NamPlt", "PhyNam"})
SCHEDULE = frozenset({"SchdSt", "SchdEnaErr", "ActSchdRef"})


def sets(nodes: tuple[Node, ...]) -> tuple[Set, ...]:
    """The data sets of a device with these nodes; one that would be empty is left out."""
    found = ((each, tuple(_members(nodes, pick))) for each, pick in PICKS.items())
    return tuple(Set(each, members) for each, members in found if members)


def blocks(name: str, of: tuple[Set, ...]) -> tuple[Block, ...]:
    """The control blocks for data sets of a domain: unbuffered, buffered, logs."""
    found = [block for each in of for block in _blocks(name, each.name)]
    return tuple(sorted(found, key=lambda block: list(TYPES).index(block.fc)))


def _members(nodes: tuple[Node, ...], pick: Pick) -> Iterator[str]:
    for node in nodes:
        for item in node.objects:
            if fc := pick(node, item):
                yield f"{node.name}${fc}${item.name}"


def _constraint(item: Object, *wanted: str) -> str:
    """The constraint that an object's value stands under."""
    inner = item.objects[0] if item.objects else item
    return next((each.fc for each in inner.attributes if each.fc in wanted), "")


def _measurement(node: Node, item: Object) -> str:
    if node.cls in MEASURES:
        return "" if item.name in QUIET else _constraint(item, "MX", "ST")
    return _constraint(item, "MX") if item.name in LEVELS else ""


def _state(node: Node, item: Object) -> str:
    return _constraint(item, "ST") if node.cls in STANDING and item.name not in QUIET else ""


def _outcome(node: Node, item: Object) -> str:
    if item.name in SCHEDULE:
        return _constraint(item, "ST")
    commanded = any(each.fc == "CO" for each in item.attributes)
    return _constraint(item, "ST", "MX") if commanded and node.cls != "FSCH" else ""


PICKS: Mapping[str, Pick] = MappingProxyType(
    {"Measurements": _measurement, "States": _state, "Outcomes": _outcome}
)


def _blocks(name: str, of: str) -> Iterator[Block]:
    held, period = PERIOD[of]
    for fc, kind, options in (("RP", "urcb", OPTIONS), ("BR", "brcb", BUFFERED)):
        values: dict[str, Value] = {
            "RptID": f"{name}/{LN0}${fc}${kind}{of}",
            "DatSet": f"{name}/{LN0}${of}",
            "ConfRev": 1,
            "OptFlds": options,
            "BufTm": held,
            "TrgOps": TRIGGERS,
            "IntgPd": period,
        }
        yield Block(f"{kind}{of}", fc, of, tuple(values.items()), INSTANCES)
    if of == "States":
        logged: dict[str, Value] = {
            "LogEna": True,
            "LogRef": f"{name}/{LN0}${LN0}",
            "DatSet": f"{name}/{LN0}${of}",
            "TrgOps": LOGGED,
            "IntgPd": 0,
        }
        yield Block("lcbStates", "LG", of, tuple(logged.items()), 0)


# --------------------------------------------------------------------------- the types of blocks in the tree

TYPES: Mapping[str, Structure] = MappingProxyType({"RP": structure("RP"), "BR": structure("BR"), "LG": BLOCK})
"""By functional constraint: 7-2 names the attributes of a block, 8-1 their order and types."""

"""Bit maps of modes: which objects a unit has (Capability), and which nodes are on (Setting).

A bit stands for a mode, whose row names the object. An object is there when its common data class is told
(cdcName), a mode is enabled when the node that serves it alone is on (Beh). Reads as many whole octets as the
list of the map's bits needs, most significant first, as 2030.5 writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import EQUIPMENT, Row, place
from bridge.mapping.work import ON, Codec, Work

OCTET = 8


def objects(row: Row, work: Work) -> Iterator[tuple[int, Row, str]]:
    """Yield each bit with its mode's row and the object that shows it."""
    modes = {mode.canonical: mode for mode in work.table.rows["Modes"]}
    for bit, name in enumerate(work.table.codes[row.codes]["bits"]):
        if name:
            mode = modes[name]
            yield bit, mode, mode.iec61850 or next(iter(mode.also.values()))


def write_present(row: Row, leaves: Leaves, work: Work) -> None:
    """Tell the common data class of each object whose bit is set."""
    for bit, _, do in objects(row, work):
        if int(leaves[""] or "0", 16) >> bit & 1:
            work.put(f"{do}.cdcName", place(do).cdc)


def read_present(row: Row, work: Work) -> Leaves:
    """Set the bit of each object that has a point."""
    found = 0
    for bit, _, do in objects(row, work):
        if any(ref.startswith(f"{do}.") for ref in work.sheet.points):
            work.sheet.take(f"{do}.cdcName")
            found |= 1 << bit
    return {"": _text(found, row, work)} if found else {}


def write_enabled(row: Row, leaves: Leaves, work: Work) -> None:
    """Tell that the node of each mode whose bit is set is on."""
    for bit, mode, do in objects(row, work):
        if int(leaves[""] or "0", 16) >> bit & 1 and _own(mode, do):
            work.put(f"{do.partition('.')[0]}.Beh.stVal", ON)


def read_enabled(row: Row, work: Work) -> Leaves:
    """Set the bit of each mode whose node is on."""
    found, known = 0, False
    for bit, mode, do in objects(row, work):
        state = work.sheet.number(f"{do.partition('.')[0]}.Beh.stVal") if _own(mode, do) else None
        known = known or state is not None
        found |= (state == ON) << bit
    return {"": _text(found, row, work)} if known else {}


def _text(bits: int, row: Row, work: Work) -> str:
    return bits.to_bytes(-(-len(work.table.codes[row.codes]["bits"]) // OCTET)).hex().upper()


def _own(mode: Row, do: str) -> bool:
    return not mode.shared and place(do).node not in EQUIPMENT


CODECS: Mapping[str, Codec] = {
    "present": Codec(write_present, read_present, ("",)),
    "enabled": Codec(write_enabled, read_enabled, ("",)),
}

"""One translation between a record and points while it is under way, and what a codec of a row is.

A codec writes the points of a row from its leaves, or reads its leaves from the points; it says nothing where
the points say nothing. Which attribute holds an object's value follows from its common data class (IEC
61850-7-3). Converts no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.mapping.bases import Bases
from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import EQUIPMENT, Row, Table, constraint, has, place
from bridge.mapping.points import Scalar, Sheet
from bridge.mapping.table import Unrepresentable

ON, OFF = 1, 5
# Common data class: what a command or setting is written to, and what a state is read from.
COMMAND = {
    "APC": "ctlVal",
    "SPC": "ctlVal",
    "DPC": "ctlVal",
    "ENC": "ctlVal",
    "INC": "ctlVal",
    "ASG": "setMag",
    "ING": "setVal",
    "ENG": "setVal",
    "SPG": "setVal",
    "VSG": "setVal",
    "MV": "mag",
    "SPS": "stVal",
    "ENS": "stVal",
    "INS": "stVal",
    "ACT": "general",
    "ACD": "general",
}
STATE = COMMAND | {"APC": "mxVal", "SPC": "stVal", "DPC": "stVal", "ENC": "stVal", "INC": "stVal"}
ANALOGUE = frozenset({"APC", "ASG", "MV"})
AMOUNT = ("value", "unit", "of")


@dataclass(slots=True)
class Work:
    """One translation under way: its points, its conventions, and what the codecs tell each other."""

    sheet: Sheet
    bases: Bases
    table: Table
    curves: Mapping[str, Any] = field(default_factory=dict)
    state: bool = False
    started: dict[str, bool] = field(default_factory=dict)
    entities: dict[str, Scalar] = field(default_factory=dict)
    memory: Leaves = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)
    """Nodes of a mode that are off because none of its points stands there."""
    bent: list[Row] = field(default_factory=list)
    """Modes whose meaning suffers though all their figures are carried."""

    def put(self, ref: str, value: Scalar) -> None:
        """Write a point under the constraint its attribute has."""
        self.sheet.put(ref, constraint(ref), value)

    def attribute(self, do: str) -> str:
        """Return the reference of an object's own value."""
        cdc = place(do).cdc
        return f"{do}.{(STATE if self.state else COMMAND)[cdc]}"

    def attributes(self, do: str) -> tuple[str, ...]:
        """Return the attributes that may hold an object's value: a state is no command, nor the reverse."""
        cdc = place(do).cdc
        return ("instMag", "mag") if cdc == "MV" else ((STATE if self.state else COMMAND)[cdc],)

    def value(self, do: str) -> Scalar | None:
        """Read an object's value, wherever it stands."""
        found = (self.sheet.take(f"{do}.{name}") for name in self.attributes(do))
        return next((value for value in found if value is not None), None)

    def sign(self, ecp: str) -> int:
        """Return the sign of a direction at a connection point.

        Its own RefFrm, else the peer's as configured.
        """
        frame = self.sheet.flag(f"{ecp}.RefFrm.setVal") if ecp else None
        return self.bases.sign(ecp) if frame is None else (1 if frame else -1)

    def start(self, row: Row, node: str, *, on: bool = True) -> None:
        """Note that a mode runs on a node, and say which connection point it regulates."""
        if place(node).node not in EQUIPMENT:
            self.started[node] = self.started.get(node, False) or on
        if row.ecp and has(node, "InEcpRef"):
            self.put(f"{node}.InEcpRef.setSrcRef", row.ecp)

    def switched(self, row: Row, node: str) -> bool | None:
        """Read whether a node is on; refuse one that regulates another connection point than the row says."""
        ecp = self.sheet.target(f"{node}.InEcpRef") if row.ecp and has(node, "InEcpRef") else None
        if ecp is not None and ecp != row.ecp:
            raise Unrepresentable(f"{node}.InEcpRef", f"points at {ecp}; {row.canonical} is for {row.ecp}")
        return self.mode(node) if place(node).node not in EQUIPMENT else None

    def mode(self, node: str) -> bool | None:
        """Read whether a node is on or off; what says anything else (test) is left.

        A command is what Mod is told, and only without that what Mod and Beh are.
        """
        states = [f"{node}.{name}" for name in ("Mod.stVal", "Beh.stVal")]
        for refs in (states,) if self.state else ([f"{node}.Mod.ctlVal"], states):
            there = [ref for ref in refs if ref in self.sheet.points]
            said = [self.sheet.take(ref) == ON for ref in there if self.sheet.points[ref].value in (ON, OFF)]
            if there:
                return all(said) if said else None
        return None


class Codec(NamedTuple):
    """Both directions of one row; `carries` names the leaves below the row's path that it takes."""

    write: Callable[[Row, Leaves, Work], None]
    read: Callable[[Row, Work], Leaves]
    carries: tuple[str, ...]


def below(leaves: Mapping[str, Any], name: str) -> Leaves:
    """Return the leaves under a name, by the rest of their paths."""
    head = f"{name}."
    own = {"": leaves[name]} if name in leaves else {}
    return own | {path[len(head) :]: value for path, value in leaves.items() if path.startswith(head)}


def above(leaves: Mapping[str, Any], name: str) -> Leaves:
    """Return leaves put under a name."""
    return {f"{name}.{path}" if path else name: value for path, value in leaves.items()}

"""Associations of a server: the state machine as a table, and what is kept for one that is open.

ISO 9506-1 clause 8 (environment management) with the carriage of 8-2: initiate and conclude as an iq of type
set, loss of the peer by its presence, no unit that aborts. A row says which stanzas may carry a unit and
which step follows, without and with an association. Never answers anything itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.image import DataSet
from bridge.iec61850.peer import Peer

IQ = frozenset({"get", "set"})
ANY = IQ | {"message"}
UNCALLED = "000"
"""Stands for the number of the called side until it has given one."""


class Row(NamedTuple):
    """A unit's carriage, and the steps of a server for it."""

    carried: frozenset[str]
    absent: str
    opened: str


TABLE: Mapping[str, Row] = MappingProxyType({
    "initiate-RequestPDU": Row(frozenset({"set"}), "open", "open"),
    "conclude-RequestPDU": Row(frozenset({"set"}), "unopened", "close"),
    "confirmed-RequestPDU": Row(IQ, "unopened", "serve"),
    "extended-RequestPDU": Row(frozenset({"get"}), "unopened", "extend"),
    "cancel-RequestPDU": Row(frozenset({"get"}), "unopened", "cancel"),
    "rejectPDU": Row(ANY, "ignore", "ignore"),
    "confirmed-ResponsePDU": Row(ANY, "turn", "turn"),
    "confirmed-ErrorPDU": Row(ANY, "turn", "turn"),
    "unconfirmed-PDU": Row(ANY, "turn", "turn"),
    "cancel-ResponsePDU": Row(ANY, "turn", "turn"),
    "cancel-ErrorPDU": Row(ANY, "turn", "turn"),
    "initiate-ResponsePDU": Row(ANY, "turn", "turn"),
    "initiate-ErrorPDU": Row(ANY, "turn", "turn"),
    "conclude-ResponsePDU": Row(ANY, "turn", "turn"),
    "conclude-ErrorPDU": Row(ANY, "turn", "turn"),
    "extended-ResponsePDU": Row(ANY, "turn", "turn"),
    "sealed": Row(ANY, "turn", "turn"),
})  # fmt: skip
"""Steps: open (an initiate that names an open association is refused there), close, serve, extend, cancel,
unopened (out of sequence), ignore, turn (no unit for a server)."""


@dataclass(slots=True)
class Association:
    """One that is open: with whom, what was agreed, and the data sets that end with it."""

    peer: Peer
    room: int
    nesting: int
    sets: dict[str, DataSet] = field(default_factory=dict)


def caller(assoc: str) -> str:
    """The caller's end of an association's name."""
    return assoc.partition(":")[0]


def called(assoc: str) -> str:
    """The called side's end of it."""
    return assoc.partition(":")[2]

"""A unit behind the relay, as the store keeps it: who it is, where it speaks, what it is called there.

One row for each unit, `/-/facilities/LFDI`, beside the EndDevice of the same LFDI; the file that it was
imported from (IEC 61850-6) stands in it as text. Plain values and their row: nothing is asked of a unit here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bridge.sep2 import ours
from bridge.sep2.shelf import Row

TYPE = "Facility"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit."""

    lfdi: str
    address: str
    """Where it logs in: user@domain/resource."""
    device: str = ""
    """Name of its logical device, as its server calls it; empty where it has only one."""
    sealed: bool = True
    """Whether all that is said is sealed; else it is taken on the word of the relay."""
    scl: str = ""
    """The CID that it was imported from, if it was."""
    asked: int = 0
    """How often it was asked for to begin anew with it."""


def href(lfdi: str) -> str:
    """The address of a unit's row."""
    return f"{ours.FACILITIES}/{lfdi}"


def row(unit: Unit) -> Row:
    """The row of a unit."""
    said = asdict(unit)
    del said["lfdi"]
    return Row(
        href(unit.lfdi), ours.FACILITIES, TYPE, ours.body(said), owner=unit.lfdi, mark=unit.lfdi,
        rank=unit.lfdi,
    )  # fmt: skip


def read(found: Row) -> Unit:
    """The unit that a row says."""
    return Unit(found.mark, **ours.read(found))

"""The committed facts of tests/xsd/facts: what the IEC definitions say.

An independent reader wrote them (facts/extract.py), and peers/nsd.py compares them with the definitions where
those are at hand. Nothing here reads a definition or a schema.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

FACTS = Path(__file__).parent / "facts"
GROUPS = frozenset(
    {
        "AtLeastOne",
        "AtMostOne",
        "AllOrNonePerGroup",
        "MAllOrNonePerGroup",
        "AllOnlyOneGroup",
        "AllAtLeastOneGroup",
    }
)

Row = dict[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """One table, a dictionary a row."""
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def objects() -> tuple[Row, ...]:
    """Every data object of every node."""
    return table("presence")


@cache
def nodes() -> list[str]:
    """The nodes, in the order of the facts."""
    return list(dict.fromkeys(row["LN"] for row in objects()))


def members(owner: str) -> list[Row]:
    """The attributes of one data class or constructed type."""
    return [row for row in table("attributes") if row["owner"] == owner]


def arguments(row: Row) -> tuple[str, ...]:
    """The arguments a condition has in a flattened node: its own, and for a group the declaring class."""
    own = tuple(row["args"].split())
    return (*own, row["class"]) if row["condition"] in GROUPS and "class" in row else own

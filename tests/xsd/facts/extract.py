"""An independent reader of the IEC namespace definitions: it writes the facts that the schema tests rest on.

It shares no code with the generator and resolves inheritance its own way: a class is asked for its
parent's objects first, and group numbers are told apart by the declaring class. Run it as `python
extract.py NSD-FOLDER OUT-FOLDER`.
"""

from __future__ import annotations

import csv
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from pathlib import Path

NS = {"n": "http://www.iec.ch/61850/2016/NSD"}
PARTS = ("7-2", "7-3", "7-4", "7-420")

# Every node the canonical model has to hold.
NODES = [
    "DWGC",
    "DAGC",
    "DTCD",
    "DWMX",
    "DWMN",
    "DVAR",
    "DVVR",
    "DWVR",
    "DFPF",
    "DVWC",
    "DHFW",
    "DLFW",
    "DHVT",
    "DLVT",
    "DHFT",
    "DLFT",
    "PTOV",
    "PTUV",
    "PTOF",
    "PTUF",
    "PTOC",
    "DRGS",
    "DCTE",
    "DPMC",
    "FSCH",
    "FSCC",
    "CSWI",
    "XCBR",
    "CALH",
    "MMXU",
    "MMTR",
    "LLN0",
    "LPHD",
    "DGEN",
    "DSTO",
    "DECP",
    "DPCC",
    "DINV",
    "DBAT",
    "DPVA",
    "QVUB",
    "QIUB",
]

OBJECTS = ("LN", "DO", "CDC", "condition", "args", "underlying", "class")
ATTRIBUTES = ("owner", "attribute", "type", "kind", "fc", "condition", "args", "array")
LITERALS = ("enumeration", "literal", "value")

Row = tuple[str, ...]
Class = tuple[str, list[ET.Element]]


def documents(folder: Path) -> dict[str, ET.Element]:
    """The definitions by part, found by the identifier on their root."""
    roots = [ET.parse(path).getroot() for path in folder.glob("*.nsd")]  # noqa: S314 - the user's own local files
    return {root.get("id", "").removeprefix("IEC 61850-"): root for root in roots}


def extract(folder: Path) -> dict[str, list[Row]]:
    """Every table of facts, by file name, header row first."""
    found = documents(folder)
    roots = [found[part] for part in PARTS]
    objects = [row for name in NODES for row in node(classes(roots), name)]
    attributes = list(structures(roots))
    return {
        "presence.csv": [OBJECTS, *objects],
        "attributes.csv": [ATTRIBUTES, *attributes],
        "enums.csv": [LITERALS, *literals(roots)],
    }


def classes(roots: Iterable[ET.Element]) -> Mapping[str, Class]:
    """Base name and declared objects of each class; an extension adds its own to the class it extends."""
    table: dict[str, Class] = {}
    for root in roots:
        for e in root.findall("n:LNClasses/*", NS):
            if "name" in e.attrib:
                base, objects = table.get(e.attrib["name"], (e.get("base", ""), []))
                table[e.attrib["name"]] = (base, objects + e.findall("n:DataObject", NS))
    return table


def node(table: Mapping[str, Class], name: str) -> list[Row]:
    """The objects of a class: its parent's first, its own instead of a parent's of the same name."""
    return [(name, *row) for row in inherited(table, name)]


def inherited(table: Mapping[str, Class], name: str) -> list[Row]:
    """Object rows of a class and all above it."""
    base, own = table[name]
    rows = {row[0]: row for row in inherited(table, base)} if base else {}
    rows.update((e.attrib["name"], described(e, name)) for e in own)
    return list(rows.values())


def described(e: ET.Element, owner: str) -> Row:
    """One object as a row without its node."""
    keys = ("name", "type", "presCond", "presCondArgs", "underlyingType")
    return (*(e.get(key, "").replace(",", "") for key in keys), owner)


def structures(roots: Iterable[ET.Element]) -> Iterable[Row]:
    """Members of data classes (setting variants joined) and of constructed attributes."""
    rows: dict[tuple[str, str], Row] = {}
    for root in roots:
        for path in ("n:CDCs/n:CDC", "n:ConstructedAttributes/n:ConstructedAttribute"):
            for owner in root.findall(path, NS):
                for e in owner:
                    if "name" in e.attrib:
                        add(rows, owner.attrib["name"], e)
    return rows.values()


def add(rows: dict[tuple[str, str], Row], owner: str, e: ET.Element) -> None:
    """Put one member down, or add a further functional constraint to the one already there."""
    kind = e.get("typeKind", "OBJECT" if e.tag.endswith("SubDataObject") else "BASIC")
    service = e.tag.endswith("ServiceParameter")
    cond, fc = ("O", "CO") if service else (e.get("presCond", ""), e.get("fc", ""))
    key = (owner, e.attrib["name"])
    if key in rows and fc not in rows[key][4].split():
        fc = f"{rows[key][4]} {fc}"
    type_, args, array = e.get("type", ""), e.get("presCondArgs", ""), e.get("sizeAttribute", "")
    rows[key] = (*key, type_, kind, fc, cond, args, array)


def literals(roots: Iterable[ET.Element]) -> Iterable[Row]:
    """Every literal of every enumeration."""
    for root in roots:
        for enum in root.findall("n:Enumerations/n:Enumeration", NS):
            for e in enum.findall("n:Literal", NS):
                yield enum.attrib["name"], e.attrib["name"], e.attrib["literalVal"]


def main(folder: Path, out: Path) -> None:
    """Write the tables."""
    for name, rows in extract(folder).items():
        with (out / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""Peer nsd: the facts the schema tests rest on, taken anew from the IEC namespace definitions themselves.

An independent reader (tests/xsd/facts/extract.py) reads the definitions and its tables are compared with
the committed ones; the schemas are generated again and compared with xsd/der. The definitions are where
DERBRIDGE_NSD says, else beside the checkout; they are never copied.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from peers.table import Missing
from tests.xsd.facts import extract
from xsd import generate

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "tests" / "xsd" / "facts"


def committed(name: str) -> list[tuple[str, ...]]:
    """One committed table, header row first."""
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def changed(folder: Path) -> list[str]:
    """The generated schemas that are not what the definitions give."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "der"
        generate.write_der(folder, made)
        return list(generate.differences(made, generate.DER))


def run() -> dict[str, object]:
    """Compare; without the definitions there is nothing to compare with, and the peer is missing."""
    folder = generate.nsd_folder()
    if folder is None or not list(folder.glob("*.nsd")):
        raise Missing("the IEC namespace definitions (DERBRIDGE_NSD) are not on this machine")
    tables = extract.extract(folder)
    figures = {name.removesuffix(".csv"): len(rows) - 1 for name, rows in tables.items()}
    differing = {
        name: len(set(rows) ^ set(committed(name)))
        for name, rows in tables.items()
        if rows != committed(name)
    }
    schemas = changed(folder)
    return {
        "ok": not differing and not schemas,
        "nodes": len({row[0] for row in tables["presence.csv"][1:]}),
        **figures,
        "differing": differing,
        "schemas": schemas,
    }

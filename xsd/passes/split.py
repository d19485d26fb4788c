"""Which type goes to which module of `models/`: the table in `split.toml`, read and applied.

A module is a function set of IEEE 2030.5, a kind of data class, or a group of logical nodes or services.
Whether a cut makes two modules need each other is checked by the order pass, not here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from xsd.passes import shape
from xsd.passes.shape import Complex, Family, Simple

TABLE = Path(__file__).with_name("split.toml")


@cache
def tables() -> Mapping[str, Mapping[str, list[str]]]:
    """Read the table once."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def place(folder: str, family: Family) -> dict[str, str]:
    """Give each definition its module."""
    return {key: module(folder, family, key) for key in family.definitions}


def module(folder: str, family: Family, key: str) -> str:
    """Give one definition its module."""
    one, name = family.definitions[key], shape.local(shape.root(key))
    sep2 = folder.startswith("sep2/")
    if sep2 and isinstance(one, Simple) and "@" not in key:
        return "common"
    known = sep2 or shape.space(key) == family.namespace
    home = named(folder.split("/", maxsplit=1)[0], name) if known else ""
    if sep2 and not home:
        raise ValueError(f"{name} belongs to no function set: give it a row in {TABLE.name}")
    if sep2 and "@" in key and isinstance(one, Complex):
        return next((word for word, homes in tables()["roots"].items() if home in homes), home)
    return home or re.sub(r"\W", "_", family.files[key].stem)


def named(table: str, name: str) -> str:
    """Find the module whose patterns name a type, or nothing."""
    rows = tables().get(table, {}).items()
    return next((word for word, patterns in rows if any(re.fullmatch(one, name) for one in patterns)), "")

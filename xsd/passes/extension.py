"""The extension namespace: our own logical nodes for what 7-420 Ed. 2 lacks, from the table extension.toml.

Each node inherits from an abstract class of the standard, so it carries mode, connection point, ramp
rates and timers like its neighbours, and uses the common data classes of 7-3 unchanged. A name that the
standard already has is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from xsd.passes.inherit import Flat, ancestry, merge
from xsd.passes.markup import bring, document
from xsd.passes.nodes import node
from xsd.passes.nsd import DataObject, Library, NsdError, Presence

SOURCE = "derbridge"
IMPORT = bring("ext", "extension.xsd")


@cache
def _table() -> Mapping[str, Any]:
    with (Path(__file__).parent / "extension.toml").open("rb") as file:
        return tomllib.load(file)


def nodes(library: Library) -> Sequence[Flat]:
    """Our nodes, flattened like those of the standard."""
    return [_flat(library, name, entry) for name, entry in _table().items()]


def _flat(library: Library, name: str, entry: Mapping[str, Any]) -> Flat:
    if name in library.nodes:
        raise NsdError(f"{name}: the standard has a node of this name")
    chain = ancestry(library, entry["base"])
    own = [_object(name, item) for item in entry["objects"]]
    inherited = [o for n in chain for o in n.objects]
    return Flat(name, SOURCE, tuple(n.name for n in chain), merge([*inherited, *own]))


def _object(owner: str, item: Mapping[str, str]) -> DataObject:
    presence = Presence(item["cond"], tuple(item.get("args", "").split()))
    return DataObject(item["name"], item["cdc"], item.get("enum", ""), presence, owner)


def schema(library: Library, flats: Iterable[Flat]) -> str:
    """The schema of the extension namespace."""
    body = (line for flat in flats for line in node(flat, _texts(flat.name), "ext"))
    intro = (
        "OUR OWN extension, not IEC: nodes for what 7-420 Ed. 2 lacks. Inherited objects are the standard's."
    )
    return document("ext", intro, library.sources, [bring("der", "cdc.xsd")], body)


def _texts(name: str) -> Mapping[str, str]:
    entry = _table()[name]
    return {"": entry["text"], **{item["name"]: item["text"] for item in entry["objects"]}}

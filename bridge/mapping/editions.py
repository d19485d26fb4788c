"""The editions of the 2030.5 models and their classes by name: a named type, or a document's head element.

From 2023 the two differ: the element's own type adds the attribute schemaVer. Nothing here is imported
before it is asked for, and nothing here knows a field.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from models import kit

PACKAGES = {
    "2018": "models.sep2.y2018",
    "2023": "models.sep2.y2023",
    "aus12": "models.sep2.aus12",
    "aus13": "models.sep2.aus13",
}


@cache
def named(edition: str, name: str) -> type[kit.Model] | None:
    """Return the class of a named complex type."""
    return _class(edition, index(edition).TYPES.get(name))


@cache
def element(edition: str, name: str) -> type[kit.Model] | None:
    """Return the class of a document's head element: the named type's, where the schema says no more."""
    return _class(edition, index(edition).ELEMENTS.get(name)) or named(edition, name)


@cache
def index(edition: str) -> Any:
    """Return the index module of an edition."""
    if edition not in PACKAGES:
        raise LookupError(f"no edition {edition}: {', '.join(PACKAGES)}")
    return import_module(f"{PACKAGES[edition]}.index")


def _class(edition: str, place: str | None) -> type[kit.Model] | None:
    if place is None:
        return None
    module, _, name = place.rpartition(".")
    home = module if module.startswith("models.") else f"{PACKAGES[edition]}.{module}"
    found = getattr(import_module(home), name)
    return found if isinstance(found, type) and issubclass(found, kit.Model) else None

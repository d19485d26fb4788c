"""Canonical records as plain facts of a document, in the first edition that can say all of them.

What `dispatch` takes are facts: the fields of a document without its nesting. Units and scales stand in the
mapping's table (mappings/der-sep2.toml); what no edition can say exactly is refused, never rounded. Pure.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bridge.mapping.sep2 import from_canonical
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import canon
from models import kit

Facts = dict[str, Any]
PLACE = "has no place for it"
"""What is said of an element that an edition does not know; another fault tells more."""


def said(made: kit.Model, kind: str) -> Facts:
    """Give what a record says, those of its modes beside the others; Unrepresentable where no edition can."""
    return _flat(_written(made, kind))


def _written(made: kit.Model, kind: str) -> kit.Model:
    faults: list[Unrepresentable] = []
    for edition in canon.PROFILES:
        try:
            return from_canonical(made, edition, kind=kind)
        except Unrepresentable as error:
            faults.append(error)
        except ValidationError as error:
            faults.append(Unrepresentable("modes", error.errors()[0]["msg"]))
    raise next((each for each in faults if PLACE not in each.reason), faults[0])


def _flat(made: kit.Model) -> Facts:
    """Give the fields of a document, those of its modes and of its grid entry beside the others."""
    tree = made.model_dump(mode="json", exclude_none=True)
    base = tree.pop("DERControlBase", {})
    return {**tree, **{name: value for name, value in base.items() if value not in ((), [])}}

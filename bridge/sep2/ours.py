"""Rows of our own, hidden below `/-/`: their addresses, and the JSON object that is the body of each.

Group, Member, Reach, Permit, Roles, Tally, Pending, Facility and Written are kept here beside what they are
about, in the same store and commits. No 2030.5 client ever reads one; nothing here decides what any means.
"""

from __future__ import annotations

import json
from typing import Any, cast

from bridge.sep2.shelf import HIDDEN, Row

GROUPS = f"{HIDDEN}group"
PERMITS = f"{HIDDEN}permit"
REACHES = f"{HIDDEN}reach"
POLLS = f"{HIDDEN}poll"
ROLES = f"{HIDDEN}role"
TALLIES = f"{HIDDEN}tally"
PENDING = f"{HIDDEN}pending"
FACILITIES = f"{HIDDEN}facilities"
ORDERS = f"{HIDDEN}orders"
TOLD = f"{HIDDEN}told"
WRITTEN = f"{HIDDEN}written"


def read(row: Row | None) -> dict[str, Any]:
    """Give what a row of ours says; nothing where there is no row."""
    return cast("dict[str, Any]", json.loads(row.body)) if row and row.body else {}


def body(fields: dict[str, Any]) -> bytes:
    """Give the body that says it, the same bytes for the same fields."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def number(href: str) -> int:
    """Give the number at the end of an address."""
    return int(href.rpartition("/")[2])

"""Rows of our own, hidden below `/-/`: their addresses, and the JSON object that is the body of each.

Groups, members, permits, roles, what waits, units, endpoints and what they are told are kept here beside what
they are about, in the same store and commits. No 2030.5 client ever reads one; nothing is decided here.
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
ENTITIES = f"{HIDDEN}entities"
ORDERS = f"{HIDDEN}orders"
TOLD = f"{HIDDEN}told"
WRITTEN = f"{HIDDEN}written"
AGREEMENTS = f"{HIDDEN}agreements"
ADAPTERS = f"{HIDDEN}adapters"
OUTAGES = f"{HIDDEN}outage"
"""What operators say of outages, each for its window."""
STANDINGS = f"{HIDDEN}standing"
"""How each unit stands that was ever out, by LFDI."""
SUMS = f"{HIDDEN}sum"
"""How each group stands that was ever out, by its number."""
TURNS = f"{HIDDEN}turn"
"""Every change of these, one row each."""
ORGANISATIONS = f"{HIDDEN}organisation"
"""Stands for all that an organisation has; no row is ever there."""
ENDPOINTS = f"{HIDDEN}endpoint"
ACCOUNTS = f"{HIDDEN}account"
LETTERS = f"{HIDDEN}letter"
CLAIMS = f"{HIDDEN}claim"
BODIES = f"{HIDDEN}body"
PHASES = f"{HIDDEN}phase"
BULLETINS = f"{HIDDEN}bulletin"
TESTS = f"{HIDDEN}test"
SAID = f"{HIDDEN}said"
PUSHED = f"{HIDDEN}pushed"
INTERFACES = f"{HIDDEN}interface"
"""What was announced of versions of interfaces, by name."""
USES = f"{HIDDEN}use"
"""Who uses each, by its name and LFDI."""
NOTICES = f"{HIDDEN}notice"
"""Canonical notices that the bridge itself gave."""
METERS = f"{HIDDEN}meter"
REQUESTS = f"{HIDDEN}request"
WORDS = f"{HIDDEN}word"
"""Prices and texts on their way to units behind the relay."""


def read(row: Row | None) -> dict[str, Any]:
    """Give what a row of ours says; nothing where there is no row."""
    return cast("dict[str, Any]", json.loads(row.body)) if row and row.body else {}


def body(fields: dict[str, Any]) -> bytes:
    """Give the body that says it, the same bytes for the same fields."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


def number(href: str) -> int:
    """Give the number at the end of an address."""
    return int(href.rpartition("/")[2])

"""What is a command, by function set: what is refused while it is not known who is revoked.

A command changes what devices do with power. Reads, and what devices say of themselves, go on: a device that
cannot report is no safer. Rows of the administration API are told by their family, requests of IEEE 2030.5
by the function set at the head of their path.
"""

from __future__ import annotations

from bridge.app.office import routes
from bridge.sep2 import rules

SETS = frozenset({"derp", "dr", "tp"})
"""DER programmes with their controls, defaults and curves; load control; prices."""
FAMILIES = frozenset({"programmes", "controls", "defaults", "curves"})
DOCUMENTS = "resources"
"""The family whose path names a 2030.5 resource."""


def native(method: str, path: str) -> bool:
    """Whether a request of IEEE 2030.5 is a command."""
    return method not in rules.READS and _set(path) in SETS


def office(method: str, path: str) -> bool:
    """Whether a request of the administration API is a command."""
    found = routes.rows(path).get(method)
    if found is None or found.operation.safe:
        return False
    family = found.operation.family
    return family in FAMILIES or (family == DOCUMENTS and _set(found.path["href"]) in SETS)


def _set(path: str) -> str:
    """The function set of a path."""
    return path.strip("/").partition("/")[0]

"""Which attribute of a report control block its client may write in which state; a table.

Whether the writer is the block's client is asked before; what the written value does comes after. A write at
the wrong time is refused as temporarily-unavailable, one that is never possible as object-access-denied
(IEC 61850-8-1, service tracking of control blocks; docs/interpretations.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.iec61850.rcb.attributes import RULES
from bridge.iec61850.rcb.states import REPORTING, State
from models.mms.codes import DataAccessError

QUIET = frozenset({State.FREE, State.RESERVED})

WRITABLE: Mapping[str, frozenset[State]] = MappingProxyType(
    {
        "setting": QUIET,
        "reservation": QUIET,
        "switch": QUIET | REPORTING,
        "interrogation": REPORTING,
        "shown": frozenset(),
    }
)
"""From the rule of an attribute to the states in which it may be written."""


def refusal(kind: str, attribute: str, state: State) -> DataAccessError | None:
    """Why an attribute may not be written now, if it may not."""
    rule = RULES.get((kind, attribute))
    if rule is None:
        return DataAccessError.object_non_existent
    if not WRITABLE[rule]:
        return DataAccessError.object_access_denied
    return None if state in WRITABLE[rule] else DataAccessError.temporarily_unavailable

"""The decision log: who wanted what, what was decided, by which rule; and its records as they are chained.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Nothing
is proved here: `derbridge audit verify` does that.
"""

from __future__ import annotations

from bridge.sdk.forms import audit
from bridge.sdk.operation import OCTETS
from bridge.sdk.sending import Caller, Family, Pages, Request


class Audit:
    """Operations of the family `audit`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "audit")

    def list(self, query: audit.AuditQuery | None = None) -> Pages[audit.Decided]:
        """The decisions on access, allowed or not; newest first."""
        return self._family.list("list", query or audit.AuditQuery())

    async def export(self, query: audit.Stretch | None = None) -> bytes:
        """Records as they are chained, with checkpoints, as JSON lines; nothing where there are no more."""
        found = await self._family.send("export", Request(query=query or audit.Stretch(), accept=OCTETS))
        return bytes(found or b"")

    async def show(self, record: int) -> audit.Decided:
        """One decision, with all that is kept of it."""
        found: audit.Decided = await self._family.ask("show", record=record)
        return found

"""Controls that others have brought about, as a head-end sees them: what an aggregator's command has become.

A command over 61850 becomes a DERControl of the bridge's own making, whose mRID nobody says beforehand. What
is new for a device or in a programme since a command was given, and is not the head-end's, is taken for that
command's. By the administration API alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.sdk.client import Client
from bridge.sdk.forms import grid


@dataclass(slots=True)
class Claim:
    """One command, where its controls appear, and those that have."""

    name: str
    queries: tuple[grid.ControlQuery, ...]
    before: frozenset[str]
    found: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Foreign:
    """All that others have brought about since it was made."""

    site: Client
    own: Callable[[], frozenset[str]]
    """mRIDs of the head-end's own controls."""
    claims: list[Claim] = field(default_factory=list)

    async def expect(self, name: str, *queries: grid.ControlQuery) -> None:
        """Take what appears from now on for a command's."""
        await self.look()
        there = frozenset(await self._listed(queries))
        self.claims.append(Claim(name, queries, there))

    async def look(self) -> None:
        """See what has appeared; of two commands at one place it is the later one's, which is listed last."""
        listed = [(claim, await self._listed(claim.queries)) for claim in self.claims]
        taken = self.own() | {mrid for claim in self.claims for mrid in claim.found}
        for claim, there in reversed(listed):
            fresh = [mrid for mrid in there if mrid not in taken | claim.before]
            claim.found += fresh
            taken |= {*fresh}

    async def _listed(self, queries: tuple[grid.ControlQuery, ...]) -> list[str]:
        found = [one.mrid for query in queries for one in await self.site.controls.list(query).all()]
        return list(dict.fromkeys(found))

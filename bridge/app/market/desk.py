"""The books of what units behind the relay are told: what a letter says, what became of it, in one commit.

A letter goes in the commit that says in the row of its address how far it has got, and that adds the response
which the unit would have posted if it spoke IEEE 2030.5 (responseRequired). So a restart finds either all of
it or nothing, and an address is told once. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.app.market import asked, leave, letter
from bridge.app.market.asked import Address, Asked, Word
from bridge.app.market.letter import Letter
from bridge.app.market.section import Market
from bridge.app.market.verdict import Verdict
from bridge.app.pump import answers
from bridge.mapping import carried
from bridge.mapping.carried import Beside
from bridge.sep2 import audience, draft, notify, ours, response, tree
from bridge.sep2.shelf import Change, Conflict, Row, Who
from bridge.sep2.talk import Told
from bridge.sep2.work import Policy, Work
from bridge.transports.store.store import Store

TRIES = 8
DOOR = "market"
HERE = {audience.TYPE, audience.WITHDRAWN}


@dataclass(slots=True)
class Desk:
    """Those of all units."""

    store: Store
    policy: Callable[[], Policy]
    said: Market
    clock: Callable[[], int]
    revoked: Callable[[str], str] = lambda _lfdi: ""
    """Why an LFDI holds no more."""
    heard: Callable[[str], None] = lambda _mark: None
    """Told the mRID of what a unit has answered."""

    async def word(self, one: Letter) -> tuple[Word | None, str]:
        """Give what a unit is to be told now, or why it may not be."""
        held = await self.store.get(one.request)
        if held is None:
            return None, "its request is forgotten"
        wanted, row = asked.read(held), await self.store.get(one.to) if one.to else None
        address = Address(*ours.read(row)["to"]) if row else Address(device=one.unit)
        if no := await self._no(wanted, (address, one.unit)):
            return None, no
        policy = self.policy()
        beside = Beside(policy.lfdi, one.unit, one.mark, self.said.primacy, self.said.locale, one.ends)
        return carried.told(wanted.message, beside), ""

    async def _no(self, wanted: Asked, to: tuple[Address, str]) -> str:
        party = wanted.message.origin.party
        if party and (why := self.revoked(party)):
            return f"the certificate of {party}: {why}"
        return await leave.denied(self.store, self.policy(), wanted, to, self.clock())

    async def settle(self, one: Letter, found: Verdict) -> None:
        """Write down what became of a letter, which is gone with that."""
        for left in reversed(range(TRIES)):
            work = answers.work(self.store, self.policy(), one.unit, self.clock())
            work.changes.append(Change(one.href, None, expect=one.version))
            try:
                await self._written(work, one, found)
                await self._commit(work)
            except Conflict:
                if await self._gone(one):
                    return
                if not left:
                    raise
            else:
                self.heard(one.mark)
                return

    async def later(self, one: Letter, after: Letter, why: str) -> None:
        """Write down that a letter is to be tried again, and why; who asks is told that, too."""
        work = answers.work(self.store, self.policy(), one.unit, self.clock())
        work.changes.append(Change(one.href, letter.row(after), expect=one.version))
        await self._address(work, one, Verdict("accepted", f"not told yet: {why}"))
        await self._commit(work)

    async def _written(self, work: Work, one: Letter, found: Verdict) -> None:
        row = await self._address(work, one, found)
        if row is None or found.status is None or row.type not in HERE or one.ends:
            return
        kind = ours.read(await self.store.get(one.request))["kind"]
        fields = {
            "createdDateTime": work.now, "endDeviceLFDI": one.unit, "status": found.status,
            "subject": one.mark,
        }  # fmt: skip
        try:
            spot = tree.spot(f"{response.FIRST}/rsp")
            await response.posted(work, spot, draft.body(carried.kinds()[kind].response, fields))
        except Told:  # nobody asked for it
            return

    async def _address(self, work: Work, one: Letter, found: Verdict) -> Row | None:
        """Say in the row of an address how far it has got."""
        row = await self.store.get(one.to) if one.to else None
        if row is not None:
            said = {**ours.read(row), "verdict": found.word, "reason": found.reason}
            work.amend(row, body=ours.body(said))
        return row

    async def _commit(self, work: Work) -> None:
        parcels = await notify.parcels(work)
        await self.store.commit(work.changes, Who(work.caller.lfdi, DOOR, work.now), parcels)

    async def _gone(self, one: Letter) -> bool:
        """Whether a letter is gone, or is another one by now."""
        row = await self.store.get(one.href)
        return row is None or row.version != one.version

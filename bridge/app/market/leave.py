"""Whether who has sent a price or a text may have one unit told it: asked at the moment at which it is told.

An operator is asked about by the rules, with the roles that it has now, of the unit's own place; a company by
its row and its right. Whoever is revoked by now, or was let go, has no word any more. Every decision of the
rules is in the log. It is asked before anything is translated, and never sends.
"""

from __future__ import annotations

from bridge.app.gateway import entities
from bridge.app.market import registry
from bridge.app.market.asked import Address, Asked
from bridge.mapping import carried
from bridge.sep2 import access, rules
from bridge.sep2.access import Wish
from bridge.sep2.shelf import Shelf
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Policy, Trace, Work
from bridge.trust import identity
from models.der import messages

STAFF = frozenset({"operator"})
"""What somebody was whose request was taken at the administration API; what is assigned to it counts more."""
HOP = "translator"


async def denied(shelf: Shelf, policy: Policy, asked: Asked, to: tuple[Address, str], now: int) -> str:
    """Say why a unit may not be told; nothing where it may. `to` is an address of a request, and its unit."""
    address, unit = to
    trace, kind = Trace(shelf), carried.kinds()[type(asked.message).__name__]
    found = await registry.found(trace, address, asked.entity)
    if unit not in found.devices:
        return found.reason or "the meter is another one's by now"
    if asked.message.origin.door is messages.Door.soap:
        return await _company(shelf, asked.entity, kind.right)
    return await _operator(trace, policy, asked, Wish(kind.function, "create", hop=HOP), unit, now)


async def _company(shelf: Shelf, name: str, right: str) -> str:
    company = await entities.named(shelf, name)
    if company is None or not company.enabled:
        return f"{name} is let in no more"
    return "" if right in company.rights else f"{name} may send no {right} any more"


async def _operator(  # noqa: PLR0917 - what a question is made of
    trace: Trace, policy: Policy, asked: Asked, wish: Wish, unit: str, now: int
) -> str:
    word = asked.message
    peer = Peer(word.origin.party, identity.sfdi(word.origin.party), STAFF)
    ask = Ask("POST", f"/{type(word).__name__}", peer, now, correlation=word.correlation or "")
    caller = await rules.caller(ask, trace, policy)
    if not caller.granted:
        return f"{caller.lfdi} is let in no more"
    device = next(iter(await trace.marked("EndDevice", unit)), None)
    if device is None:
        return "the device is not registered"
    try:
        await access.judge(Work(ask, caller, policy, trace), wish._replace(hrefs=(device.href,)))
    except Told as no:
        return no.reason
    return ""

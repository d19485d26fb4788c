"""Serving a request: first what it becomes, then its addresses, some at a time, each exactly once.

Each step is a work whose commit moves the request's own row on as well: who finds it there after a crash goes
on from there. A device that is served becomes a member of the group its profile hangs from, and gets a row
that says the event is for it. What cannot be served says why, in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bridge.app.facility import unit
from bridge.app.market import letter, registry, shop, state, tariff, texts
from bridge.app.market.asked import Address, Asked
from bridge.app.market.letter import Letter
from bridge.app.market.section import Market
from bridge.app.market.state import State
from bridge.sep2 import audience, groups, ours, rules
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work
from models.der import messages

OTHER = "Unaddressed"
"""Type of the row of an address for which no event is."""


class Outlet(NamedTuple):
    """What a request became, while its addresses are served."""

    asked: Asked
    state: State
    group: Row | None
    """What its devices become members of; none where something is taken back."""
    before: frozenset[str]
    """Audiences of what it takes the place of."""


async def begun(work: Work, asked: Asked, was: State, said: Market) -> State:
    """Add what a request becomes, or find what it takes back."""
    kind = tariff if isinstance(asked.message, messages.Price) else texts
    mark = kind.mark(work, asked)
    if not asked.cancels:
        rows = await kind.told(work, asked, said)
        return was._replace(mark=mark, audience=rows[0].grp, events=tuple(row.href for row in rows))
    types = (tariff.INTERVAL, texts.MESSAGE)
    first = next(iter([row for type_ in types for row in await work.shelf.marked(type_, mark)]), None)
    if first is None:
        return was._replace(mark=mark, reason="there is nothing of that number")
    rows = tuple([row for type_ in types for row in await work.shelf.grouped(type_, first.grp)])
    whole = first.grp.endswith(asked.audience[: shop.HEAD])
    for row in rows if whole else ():
        shop.ended(work, row)
    return was._replace(mark=mark, audience=first.grp, events=tuple(row.href for row in rows), whole=whole)


async def outlet(work: Work, asked: Asked, was: State) -> Outlet:
    """Give what is needed to serve addresses."""
    event = await work.shelf.get(was.events[0])
    home = await work.shelf.get(rules.root(was.events[0]))
    if asked.cancels or event is None or home is None:
        return Outlet(asked, was, None, frozenset())
    group = await work.shelf.get(home.grp)
    before = await texts.before(work, event) if event.type == texts.MESSAGE else frozenset[str]()
    return Outlet(asked, was, group, before)


async def served(work: Work, out: Outlet, together: int) -> State:
    """Serve the next addresses."""
    first = out.state.next
    part = out.asked.to[first : first + together]
    for at, address in enumerate(part, first):
        found = await registry.found(work.shelf, address, out.asked.entity)
        verdict = "unknown" if found.reason else "accepted"
        rows = [await _device(work, out, lfdi) for lfdi in found.devices] or [_other(verdict, found.reason)]
        await _keep(work, out, at, address, rows)
    return out.state._replace(next=first + len(part))


class Told(NamedTuple):
    """What becomes of one device."""

    device: str
    verdict: str
    reason: str = ""
    addressed: bool = False
    carried: bool = False
    """Whether it is a unit behind the relay, which is told besides."""


def _other(verdict: str, reason: str) -> Told:
    return Told("", verdict, reason)


async def _device(work: Work, out: Outlet, lfdi: str) -> Told:
    """Serve one device."""
    device = next(iter(await work.shelf.marked("EndDevice", lfdi)), None)
    if device is None:
        return Told(lfdi, "failed", "the device is not registered")
    if out.asked.cancels:
        return await _taken(work, out, lfdi)
    if out.group is not None:
        await _joined(work, out.group, device)
    if device.grp:
        await _witnessed(work, out.state, device)
    behind = await work.shelf.get(unit.href(lfdi)) is not None
    for row in await work.shelf.owned(audience.TYPE, lfdi) if out.before else ():
        if row.grp in out.before:
            _put(work, row._replace(type=audience.WITHDRAWN), row)
            if behind:
                await _recalled(work, row)
    return Told(lfdi, "accepted", addressed=True, carried=behind)


async def _recalled(work: Work, row: Row) -> None:
    """Have a unit told that what it was told before holds no more."""
    request = row.href.partition("/to/")[0]
    was = await work.shelf.get(state.href(request))
    if was is not None:
        await _sent(work, Letter(0, row.owner, request, state.read(was).mark, ends=True))


async def _sent(work: Work, one: Letter) -> None:
    """Have a unit behind the relay told something."""
    numbered = one._replace(number=await work.shelf.fresh(), made=work.now)
    work.put(letter.row(numbered))


async def _witnessed(work: Work, now: State, device: Row) -> None:
    """Name a device to its aggregator, the first that is met of each."""
    row = audience.witness(now.request, now.audience, device)
    if await work.shelf.get(row.href) is None:
        _put(work, row, None)


async def _joined(work: Work, group: Row, device: Row) -> None:
    """Make a device a member, once in a commit."""
    if _first(work, f"{group.href}/member/{ours.number(device.href)}"):
        await groups.join(work, group.href, device)


async def _taken(work: Work, out: Outlet, lfdi: str) -> Told:
    """Take back from one device what is taken back."""
    held = [row for row in await work.shelf.owned(audience.TYPE, lfdi) if row.grp == out.state.audience]
    if not held:
        return Told(lfdi, "failed", "the device has nothing of that number")
    for row in held if not out.state.whole else ():
        _put(work, row._replace(type=audience.WITHDRAWN), row)
    behind = await work.shelf.get(unit.href(lfdi)) is not None
    return Told(lfdi, "accepted", "taken back", carried=behind)


def _put(work: Work, row: Row, was: Row | None) -> None:
    if _first(work, row.href):
        work.put(row, was)


def _first(work: Work, href: str) -> bool:
    """Whether an address comes up for the first time in a commit."""
    met = work.memo.setdefault("met", set())
    before = len(met)
    met.add(href)
    return len(met) > before


async def _keep(work: Work, out: Outlet, at: int, address: Address, told: Sequence[Told]) -> None:
    """Add the rows of an address: one for each device, or the one that says why there is none."""
    now, word = out.state, out.asked.message
    place, until = f"{now.request}/to", 0 if out.asked.cancels else int(word.start + word.duration)
    for turn, one in enumerate(told):
        type_ = audience.TYPE if one.addressed else OTHER
        body = ours.body({"at": at, "to": list(address), "verdict": one.verdict, "reason": one.reason})
        href, grp = f"{place}/{at}.{turn}", now.audience if one.addressed else ""
        work.put(Row(href, place, type_, body, owner=one.device, grp=grp, rank=f"{at:06d}{turn:04d}"))
        if one.carried:
            sent = Letter(0, one.device, now.request, now.mark, href, out.asked.cancels, until)
            await _sent(work, sent)

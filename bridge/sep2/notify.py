"""Notifications: which follow from a commit, and which from the clock (IEEE 2030.5-2018 8.6; CSIP 2.1, 5.3).

One Notification for each subscription and commit, written in the same transaction as what it tells of; where
a resource goes, its subscriptions end and say so. Mostly nobody watches what changes: that costs one look.
Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from bridge.sep2 import concern, doors, events, overlay, subscription, tree, watch
from bridge.sep2.concern import Hit, Scene
from bridge.sep2.overlay import Overlay
from bridge.sep2.shelf import Cut, Parcel, Row, Shelf
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.teller import CANCELLED, DELETED, News, Side, Teller
from bridge.sep2.tree import Spot
from bridge.sep2.work import Caller, Policy, Trace, Work

DEVICES = "/edev"
OWN = "/edev/{}"
TIMED = frozenset(f"{type_}List" for type_ in events.EVENTS)


async def parcels(work: Work) -> tuple[Parcel, ...]:
    """Give what is to be sent for the changes of a work; the subscriptions that end are added to them."""
    kinds = await watch.kinds(work.shelf)
    if not kinds or not concern.touches(work.changes, kinds):
        return ()
    after = Overlay(work.shelf, work.changes, work.now)
    scene = Scene(work.shelf, after, kinds)
    await concern.find(scene, work.changes)
    teller = Teller(Side(Overlay(work.shelf, (), work.now), work.now), Side(after, work.now), work.policy)
    found: dict[str, News] = {}
    for sub, status in await _ends(work, scene):
        found[sub.href] = await teller.end(sub, status)
        await _dropped(work, after, sub)
    for href, hit in scene.hits.items():
        for sub in await _subscribers(scene, href, hit):
            if not hit.concerns(sub.owner):
                continue
            news = None if sub.href in found else await teller.tell(sub, tree.spot(href), hit)
            if news is not None:
                found[sub.href] = news
            if news is not None and news.last:
                await _dropped(work, after, sub)
    return tuple(news.parcel for news in found.values())


async def due(shelf: Shelf, policy: Policy, since: int, now: int) -> tuple[Parcel, ...]:
    """Give what is to be sent because the clock changed the status of events between two moments."""
    teller = Teller(Side(shelf, since), Side(shelf, now), policy)
    found: list[Parcel] = []
    for type_ in sorted(await watch.kinds(shelf) & TIMED):
        for href in sorted({each.on for each in await watch.among(shelf, type_)}):
            spot = tree.match(href)
            if spot is None or not await _turns(shelf, policy, spot, since, now):
                continue
            for sub in await shelf.grouped(subscription.TYPE, href):
                news = await teller.tell(sub, spot, Hit())
                found += [news.parcel] if news else []
    return tuple(found)


async def _turns(shelf: Shelf, policy: Policy, spot: Spot, since: int, now: int) -> bool:
    """Whether the clock alone changes a list between two moments: a reading of the first one says so."""
    trace = Trace(shelf)
    ask = Ask("GET", spot.href, Peer("", 0), since)
    view = Work(ask, Caller("", 0, "operator", profile=policy.profile), policy, trace)
    await doors.members(view, spot, Cut(limit=0))
    return trace.until is not None and trace.until <= now


# ------------------------------------------------------------------------------------------- who is concerned


async def _subscribers(scene: Scene, href: str, hit: Hit) -> Sequence[Row]:
    """Give the subscriptions on an address; on the list of devices, of those who hold one that changed."""
    spot = tree.match(href)
    if spot is None or spot.node.type not in scene.kinds:
        return ()
    if href != DEVICES or hit.itself or hit.whole:
        return await scene.before.grouped(subscription.TYPE, href)
    rows = [await side.get(each) for each in sorted(hit.changed) for side in (scene.before, scene.after)]
    holders = {lfdi for row in rows if row for lfdi in (row.mark, row.grp) if lfdi}
    found = [row for lfdi in sorted(holders) for row in await scene.before.owned(subscription.TYPE, lfdi)]
    return [row for row in found if row.grp == href]


async def _ends(work: Work, scene: Scene) -> list[tuple[Row, int]]:
    """Give the subscriptions that end: removed by another, below what is removed, or of who reads no more."""
    found: dict[str, tuple[Row, int]] = {}
    new = overlay.fresh(work.changes)
    for change in work.changes:
        was = None if change.href in new else await scene.before.get(change.href)
        if was is None:
            continue
        if was.type == subscription.TYPE and change.row is None and was.owner != work.caller.lfdi:
            found[was.href] = was, CANCELLED
        if was.type == "EndDevice" and change.row is not None and was.grp not in {"", change.row.grp}:
            lost = [each for each in await watch.of(scene.before, was.grp) if _below(each.on, was.href)]
            found |= {row.href: (row, CANCELLED) for row in await _rows(scene, lost)}
    for href in scene.cut:
        found |= {row.href: (row, status) for row, status in await _cut(scene, href)}
    return list(found.values())


async def _cut(scene: Scene, href: str) -> list[tuple[Row, int]]:
    """Give the subscriptions that go with all that stands below an address: its own, and those on it."""
    spot = tree.match(href)
    if spot is None:
        return []
    template = spot.node.template
    lost = [
        each
        for type_ in sorted(_types(template) & scene.kinds)
        for each in await watch.among(scene.before, type_)
        if each.on.startswith(f"{href}/")
    ]
    own = (await scene.before.children(f"{href}/sub", Cut(limit=watch.EVERY))).rows if template == OWN else ()
    return [*((row, DELETED) for row in await _rows(scene, lost)), *((row, CANCELLED) for row in own)]


@cache
def _types(template: str) -> frozenset[str]:
    """The types that are served below an address."""
    return frozenset(node.type for node in tree.nodes().values() if node.template.startswith(f"{template}/"))


async def _rows(scene: Scene, watches: Sequence[watch.Watch]) -> list[Row]:
    found = [await scene.before.get(each.href) for each in watches]
    return [row for row in found if row is not None]


def _below(href: str, top: str) -> bool:
    return href == top or href.startswith(f"{top}/")


async def _dropped(work: Work, after: Overlay, sub: Row) -> None:
    """Add to a work that a subscription ends, unless that is among its changes already."""
    if any(change.href == sub.href for change in work.changes):
        return
    if after.dropped(sub.href):
        await watch.end(work, sub)
    else:
        await subscription.ended(work, sub)

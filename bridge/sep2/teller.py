"""What one subscriber is told: the resource as it reads it, in its profile, with as many members as it wants.

IEEE 2030.5-2018 8.6: a Notification has the resource, or of a list the members that changed and the count of
all; a limit of 0 asks for the news alone. Every look goes by the rules that a GET of the subscriber goes by,
once at what was and once at what will be. Finds nobody, sends nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.sep2 import audience, canon, document, doors, events, render, rules, tree, watch
from bridge.sep2.concern import Hit, beside
from bridge.sep2.document import Thing
from bridge.sep2.shelf import Cut, Page, Parcel, Row, Shelf
from bridge.sep2.talk import MEDIA, Ask, Peer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.trust import identity

DEFAULT, CANCELLED, DELETED = 0, 1, 4
"""Notification.status; 2 and 3 are of a resource that moved or got another meaning, which ours never do."""
MOST = 1000
"""Members in one Notification, whatever a subscriber wants."""
UNCHANGING = 3
"""Slashes from which on all who may read a place below a programme read the same."""


class Side(NamedTuple):
    """What there was, or what there will be."""

    shelf: Shelf
    now: int


class News(NamedTuple):
    """What goes out to one subscriber."""

    parcel: Parcel
    last: bool = False
    """Whether the subscription ends with it."""


class Teller:
    """Looks at what was and at what will be through the eyes of subscribers."""

    def __init__(self, before: Side, after: Side, policy: Policy) -> None:
        self.before, self.after, self.policy = before, after, policy
        self._works: dict[tuple[str, bool], Work] = {}
        self._made: dict[tuple[object, ...], Thing | None] = {}
        self._stirred: dict[tuple[str, str], frozenset[str]] = {}

    async def tell(self, sub: Row, spot: Spot, hit: Hit) -> News | None:
        """Give the news for one subscriber; none where it sees no difference or may see nothing."""
        view = await self._view(sub.owner, late=True)
        if hit.gone and not spot.node.lists and await doors.found(view, spot) is None:
            return await self.end(sub, DELETED)
        if not await _may(view, spot):
            return None
        said: Thing = canon.obj(sub)
        if spot.node.lists:
            part = await self._list(view, sub, spot, hit, min(said.limit, MOST))
            return None if part is None else News(self._parcel(view, sub, part))
        row = await doors.found(view, spot)
        if row is None or not _outside(said.Condition, row):
            return None
        return News(self._parcel(view, sub, await render.thing(view, row) if said.limit else None))

    async def end(self, sub: Row, status: int) -> News:
        """Give the news that a subscription has ended."""
        return News(self._parcel(await self._view(sub.owner, late=False), sub, None, status), last=True)

    async def stirred(self, href: str, profile: str) -> frozenset[str]:
        """Give the events of a list whose status the commit or the time changes, for a profile's readers."""
        if (href, profile) not in self._stirred:
            found: set[str] = set()
            for each in beside(href):
                found |= await self._turned(each, profile)
            self._stirred[href, profile] = frozenset(found)
        return self._stirred[href, profile]

    async def _turned(self, parent: str, profile: str) -> set[str]:
        early, late = self._core(self.before, profile), self._core(self.after, profile)
        page = await self.before.shelf.children(parent, Cut(limit=watch.EVERY, ending=self.before.now))
        found = set()
        for row in page.rows:
            new = await self.after.shelf.get(row.href)
            spot = tree.spot(row.href)
            # what it was when it was written was told with that, to those who could see it
            written = min(max(self.before.now, row.changed), self.after.now)
            since = (
                early
                if written == self.before.now
                else self._core(self.before._replace(now=written), profile)
            )
            was, will = await events.seen(since, spot, row), await events.seen(late, spot, new)
            if (was and was.body) != (will and will.body):
                found.add(row.href)
        return found

    async def _list(self, view: Work, sub: Row, spot: Spot, hit: Hit, limit: int) -> Thing | None:
        """Give a list with the members that changed for its reader; none where nothing did."""
        caller = view.caller
        below = spot.node.read == "member" and spot.href.count("/") >= UNCHANGING
        shared = below and caller.role != "operator" and spot.node.member not in audience.EVENTS
        key = (spot.href, caller.profile, limit, "" if shared else caller.lfdi)
        if key not in self._made:
            page = await self._page(view, sub, spot, hit, limit)
            self._made[key] = None if page is None else await render.things(view, spot, page)
        return self._made[key]

    async def _page(self, view: Work, sub: Row, spot: Spot, hit: Hit, limit: int) -> Page | None:
        if hit.itself:
            return await doors.members(view, spot, Cut(limit=limit))
        early = await self._view(sub.owner, late=False)
        told = hit.told.get(sub.owner, set())
        changed = hit.changed | (await _seen(early, spot, told) ^ await _seen(view, spot, told))
        if spot.node.member in events.EVENTS:
            changed |= await self.stirred(spot.href, view.caller.profile)
        if hit.whole:
            changed |= await _every(early, spot) ^ await _every(view, spot)
        rows = await _those(view, spot, changed)
        if not rows and not await _those(early, spot, changed):
            return None
        total = (await doors.members(view, spot, Cut(limit=0))).total
        return Page(rows[:limit], total)

    async def _view(self, lfdi: str, *, late: bool) -> Work:
        """Give the work of a subscriber's reading, before or after."""
        if (lfdi, late) not in self._works:
            side = self.after if late else self.before
            trace = Trace(side.shelf)
            ask = Ask("GET", "/", Peer(lfdi, identity.sfdi(lfdi)), side.now)
            caller = await rules.caller(ask, trace, self.policy)
            self._works[lfdi, late] = Work(ask, caller, self.policy, trace)
        return self._works[lfdi, late]

    def _core(self, side: Side, profile: str) -> Work:
        """Give the work of our own reading."""
        ask = Ask("GET", "/", Peer("", 0), side.now)
        return Work(ask, Caller("", 0, "operator", profile=profile), self.policy, Trace(side.shelf))

    def _parcel(self, view: Work, sub: Row, part: Thing | None, status: int = DEFAULT) -> Parcel:
        profile = view.caller.profile
        fields = {
            "subscribedResource": sub.grp,
            "Resource": part,
            "status": status,
            "subscriptionURI": sub.href,
        }
        obj = document.made(profile, "Notification", **fields)
        if "createdDateTime" in type(obj).model_fields:
            obj = obj.model_copy(update={"createdDateTime": self.after.now})
        body = document.written(obj, "Notification", profile)
        return Parcel(sub.href, canon.obj(sub).notificationURI, body, MEDIA)


async def _may(view: Work, spot: Spot) -> bool:
    """Whether a subscriber may read the place."""
    try:
        await rules.check(view, spot)
    except Told:
        return False
    return True


async def _those(view: Work, spot: Spot, changed: set[str]) -> tuple[Row, ...]:
    """Give those of some members that a reader sees; a list that is made when it is read gives all it has."""
    if not changed:
        return ()
    page = await doors.members(view, spot, Cut(limit=watch.EVERY, among=tuple(sorted(changed))))
    return tuple(row for row in page.rows if row.href in changed)


async def _seen(view: Work, spot: Spot, among: set[str]) -> set[str]:
    """Give the addresses of those of some members that a reader sees."""
    return {row.href for row in await _those(view, spot, among)}


async def _every(view: Work, spot: Spot) -> set[str]:
    return {row.href for row in (await doors.members(view, spot, Cut(limit=watch.EVERY))).rows}


def _outside(condition: Thing | None, row: Row) -> bool:
    """Whether a condition lets the news through: the value of a reading is outside of the thresholds."""
    if condition is None:
        return True
    value = getattr(canon.obj(row), "value", None)
    return value is not None and not condition.lowerThreshold <= value <= condition.upperThreshold

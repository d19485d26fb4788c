"""What a commit concerns: the addresses whose readers would see something else after it than before.

A row concerns its own address, the list it stands in and the lists made from that one; a group, a membership
or a programme concerns the lists that are made when they are read. Whether a reader really sees a difference
is for `teller` to find out. Never reads a document, never asks who is subscribed to what beyond its type.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from bridge.sep2 import audience, groups, ours, overlay, tree, watch
from bridge.sep2.overlay import Overlay
from bridge.sep2.shelf import HIDDEN, Change, Row, Shelf
from bridge.sep2.work import Trace

FSA = "FunctionSetAssignmentsList"
MADE = frozenset({f"{type_}List" for type_ in groups.HANGING} | {FSA})
"""Types of lists that are made from groups and memberships when they are read."""
SERIES = 5
"""Parts of the address of a MeterReading, the empty one before the first slash included."""


@dataclass(slots=True)
class Hit:
    """What befell an address."""

    changed: set[str] = field(default_factory=set)
    """Addresses of members that are new, changed or gone."""
    whole: bool = False
    """Whether any member may have come or gone."""
    itself: bool = False
    """Whether its own document changed, as by another pollRate."""
    gone: bool = False
    told: dict[str, set[str]] = field(default_factory=dict)
    """Addresses of members that are new or gone for one reader alone, by its LFDI."""

    def concerns(self, reader: str) -> bool:
        """Whether a reader may see a difference."""
        return (
            bool(self.changed or self.whole or self.itself or self.gone or not self.told)
            or reader in self.told
        )


@dataclass(slots=True)
class Scene:
    """A commit: what there was, what there will be, which types anybody watches, what was found so far."""

    before: Shelf | Trace
    after: Overlay
    kinds: frozenset[str]
    hits: dict[str, Hit] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    """Addresses below which everything is removed."""

    def hit(self, href: str) -> Hit:
        """Give what befell an address, to be added to."""
        return self.hits.setdefault(href, Hit())


Finder = Callable[[Scene, Row | None, Row | None], Awaitable[None]]


def touches(changes: list[Change], kinds: frozenset[str]) -> bool:
    """Whether any of it can concern anybody, as far as that can be said without a look at the shelf."""
    return any(change.row is None or change.deep or _touches(change.row.type, kinds) for change in changes)


@cache
def _touches(type_: str, kinds: frozenset[str]) -> bool:
    return bool(_near(type_) & kinds) or type_ in FINDERS


@cache
def _near(type_: str) -> frozenset[str]:
    """The types that a row of a type concerns: its own and those of the lists that it may stand in."""
    lists = {node.type for node in tree.nodes().values() if type_ in node.also and node.lists}
    return frozenset({type_, *lists})


async def find(scene: Scene, changes: list[Change]) -> None:
    """Find what some changes concern."""
    new = overlay.fresh(changes)
    for change in changes:
        was = None if change.href in new else await scene.before.get(change.href)
        if change.deep:
            scene.cut.append(change.href)
        if change.row is None and was is None:
            continue
        if change.row is not None and was is not None and _same(change.row, was):
            continue
        type_ = (change.row or was or Row("", "", "")).type
        await FINDERS.get(type_, _plain)(scene, was, change.row)


def _same(new: Row, was: Row) -> bool:
    return new._replace(version=was.version, changed=was.changed) == was


async def _plain(scene: Scene, was: Row | None, new: Row | None) -> None:
    """A resource: its own address, its list, and the lists made from that."""
    row = new or was
    if row is None or not _near(row.type) & scene.kinds:
        return
    own = scene.hit(row.href)
    own.itself, own.gone = True, new is None
    for each in {row.parent, was.parent if was else row.parent}:
        for href in beside(each):
            scene.hit(href).changed.add(row.href)
    if row.type == "Reading" and row.parent.startswith("/upt/"):
        scene.hit("/".join(row.href.split("/")[:SERIES]) + "/r").itself = True


def beside(href: str) -> list[str]:
    """Give a list's address, and those of the lists that are made from it, as that of the active ones."""
    spot = tree.match(href)
    if spot is None or not spot.node.lists:
        return []
    stem = href.rpartition("/")[0]
    return [f"{stem}/{last}" for last in _beside(spot.node.template)]


@cache
def _beside(template: str) -> tuple[str, ...]:
    node = tree.node(template)
    stem = template.rpartition("/")[0]
    same = [
        each.template.rpartition("/")[2]
        for each in tree.nodes().values()
        if each.lists and each.member == node.member and each.template.rpartition("/")[0] == stem
    ]
    return tuple(same)


async def _programme(scene: Scene, was: Row | None, new: Row | None) -> None:
    """What hangs from a group: its list, those of the group's assignments, those made from several groups."""
    await _plain(scene, was, new)
    row = new or was
    type_ = f"{row.type}List" if row else ""
    if row is None or type_ not in scene.kinds:
        return
    places = {each.grp for each in (was, new) if each and each.grp.startswith(HIDDEN)}
    for key in {"any", *(str(ours.number(place)) for place in places)}:
        for each in await watch.among(scene.after, type_, key):
            scene.hit(each.on).changed.add(row.href)


async def _member(scene: Scene, was: Row | None, new: Row | None) -> None:
    """A membership, or that an aggregator reaches a group: the lists made from groups, for either."""
    row = new or was
    if row is None or not MADE & scene.kinds:
        return
    device = next(iter(await scene.after.marked("EndDevice", row.owner)), None)
    for lfdi in {row.owner, device.grp if device else row.owner}:
        for each in await watch.of(scene.before, lfdi):
            spot = tree.match(each.on)
            if spot and spot.node.type in MADE:
                scene.hit(each.on).whole = True


async def _group(scene: Scene, was: Row | None, new: Row | None) -> None:
    """A group: its assignments wherever they are read; moved or gone, all that is made from groups."""
    row = new or was
    if row is None:
        return
    number = ours.number(row.href)
    moved = was is None or new is None or was.grp != new.grp
    for each in await watch.among(scene.after, FSA) if FSA in scene.kinds else ():
        found = scene.hit(each.on)
        found.changed.add(f"{each.on}/{number}")
        found.whole |= moved
    for each in await watch.among(scene.after, "FunctionSetAssignments"):
        if each.on.endswith(f"/fsa/{number}"):
            scene.hit(each.on).itself = True
    for type_ in MADE & scene.kinds if moved else ():
        for each in await watch.among(scene.after, type_, "any"):
            scene.hit(each.on).whole = True


async def _poll(scene: Scene, was: Row | None, new: Row | None) -> None:
    """A pollRate for all of a type: every resource of it."""
    row = new or was
    type_ = row.href.rpartition("/")[2] if row else ""
    for each in await watch.among(scene.after, type_) if type_ in scene.kinds else ():
        scene.hit(each.on).itself = True


async def _addressed(scene: Scene, was: Row | None, new: Row | None) -> None:
    """An event is for a device from now on, or no more: its reader and whoever holds it, and nobody else."""
    row = new or was
    if row is None or not {f"{type_}List" for type_ in audience.EVENTS} & scene.kinds:
        return
    device = next(iter(await scene.after.marked("EndDevice", row.owner)), None)
    readers = {row.owner, device.grp if device else row.owner}
    for event in [each for type_ in audience.EVENTS for each in await scene.after.grouped(type_, row.grp)]:
        for href in beside(event.parent):
            told = scene.hit(href).told
            for reader in readers:
                told.setdefault(reader, set()).add(event.href)


FINDERS: Mapping[str, Finder] = {
    **dict.fromkeys(groups.HANGING, _programme),
    audience.TYPE: _addressed,
    audience.WITHDRAWN: _addressed,
    "Member": _member,
    "Reach": _member,
    "Group": _group,
    "Poll": _poll,
}

"""What a client has read: each resource by its address, whole lists, and which device needs which of them.

A list is put together from its pages and counts when it is whole. What nothing leads to any more is
forgotten. It says what there is and what would have to be read; it decides no moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from bridge.sep2.client import leads
from bridge.sep2.client.leads import Thing

TRIES = 3
"""Beginnings of one reading of a list that changes while its pages are read."""


@dataclass(slots=True)
class Place:
    """One resource."""

    href: str
    """Its address, absolute."""
    type: str
    rate: float
    """Seconds between two reads, as the list that led here says."""
    devices: frozenset[str] = frozenset()
    """LFDIs of the devices that it is read for; none for what is everybody's."""
    behind: Thing = None
    """The EndDevice whose links count once this, its Registration, is as it should be."""
    obj: Thing = None
    edition: str = ""
    """Edition of the models that it was read with."""
    tag: str = ""
    failed: bool = False
    """Whether the last read gave nothing."""
    told: str = ""
    """Address of the subscription by which its changes are told."""
    part: list[Thing] = field(default_factory=list)
    """Members of a list that is being read."""
    tries: int = 0
    follows: tuple[str, ...] = ()

    def members(self) -> tuple[Thing, ...]:
        """Give the members of what was read."""
        return () if self.obj is None else leads.members(self.obj, self.type)


class Known:
    """All that was read, from one DeviceCapability on."""

    def __init__(
        self, root: str, rate: float, whose: Callable[[Thing], str], trusted: Callable[[Place], bool]
    ) -> None:
        """`whose` gives the LFDI of an EndDevice that is ours, `trusted` judges its Registration."""
        self.root = root
        self.places = {root: Place(root, "DeviceCapability", rate)}
        self.starts: dict[str, tuple[str, ...]] = {}
        """For each device of ours the first resources behind its EndDevice."""
        self._whose, self._trusted = whose, trusted

    def get(self, href: str) -> Place | None:
        """Give the resource of an address."""
        return self.places.get(href)

    def paged(self, place: Place, obj: Thing) -> Thing | None:
        """Take one page of a list; give the whole list once it is there."""
        name = leads.MEMBERS.get(place.type)
        if name is None:
            return obj
        found = getattr(obj, name)
        place.part.extend(found)
        if found and len(place.part) < obj.all:
            return None
        whole, place.part = place.part, []
        if len(whole) != obj.all and place.tries < TRIES:
            place.tries += 1
            return None
        place.tries = 0
        return obj.model_copy(update={name: tuple(whole), "results": len(whole), "all": len(whole)})

    def keep(self, place: Place, obj: Thing) -> list[Place]:
        """Note what a resource is now; give the resources that it leads to and that are new."""
        place.obj, place.failed = obj, obj is None
        return self._follow(place)

    def _follow(self, place: Place) -> list[Place]:
        fresh: list[Place] = []
        follows: list[str] = []
        if place.type == "EndDeviceList":
            self.starts = {}
        for child, devices, behind in self._children(place):
            there = self.places.get(child[1])
            follows.append(child[1])
            if place.type == "EndDeviceList":
                for lfdi in devices:
                    self.starts[lfdi] = (*self.starts.get(lfdi, ()), child[1])
            if there is None:
                there = self.places[child[1]] = Place(child[1], child[0], place.rate, devices, behind)
                fresh.append(there)
            elif not devices <= there.devices or there.behind is not behind:
                there.devices, there.behind = there.devices | devices, behind
                fresh.extend(self._follow(there))
        place.follows = tuple(follows)
        return fresh

    def _children(self, place: Place) -> Iterator[tuple[tuple[str, str], frozenset[str], Thing]]:
        """Give type and address of each resource that one leads to, whose it is, and what is behind it."""
        if place.behind is not None:
            if place.obj is not None and self._trusted(place):
                yield from self._links(place, place.behind, "EndDevice", place.devices)
            return
        for one in place.members():
            name = leads.MEMBERS.get(place.type, place.type)
            if name != "EndDevice":
                yield from self._links(place, one, name, place.devices)
                continue
            lfdi = self._whose(one)
            if lfdi and one.RegistrationLink is not None:
                href = urljoin(place.href, one.RegistrationLink.href)
                yield ("Registration", href), frozenset({lfdi}), one
            elif lfdi:
                yield from self._links(place, one, name, frozenset({lfdi}))

    def _links(
        self, place: Place, obj: Thing, type_: str, devices: frozenset[str]
    ) -> Iterator[tuple[tuple[str, str], frozenset[str], Thing]]:
        for kind, href in leads.links(obj, type_):
            yield (kind, urljoin(place.href, href)), devices, None

    def swept(self) -> list[Place]:
        """Forget what nothing leads to; give it."""
        reached: set[str] = set()
        left = [self.root]
        while left:
            href = left.pop()
            if href not in reached and href in self.places:
                reached.add(href)
                left.extend(self.places[href].follows)
        gone = [place for href, place in self.places.items() if href not in reached]
        for place in gone:
            del self.places[place.href]
        return gone

    def below(self, start: Iterable[str], *types: str) -> Iterator[Place]:
        """Give the resources of some types that are reached from addresses, each once, nearest first."""
        left, seen = list(start), set()
        for href in left:
            place = self.places.get(href)
            if place is None or href in seen:
                continue
            seen.add(href)
            if place.type in types:
                yield place
            left.extend(place.follows)

"""Which series are known, and which object of a logical device holds what: found by device, point and series.

With many devices nothing here is looked for among all of them. Series are named by their address, points by
theirs, devices by their LFDI; a series of which it is known that nobody reads it is kept as None. Plain
values: it reads nothing and decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from bridge.sep2.shelf import Row

T = TypeVar("T")


class Series(NamedTuple):
    """A series, with what its readings mean."""

    lfdi: str
    about: Row
    kind: Row
    site: bool


class Place(NamedTuple):
    """An object of a logical device."""

    identity: str
    object: str


@dataclass(slots=True, repr=False)
class Ledger:
    """All series, and where they stand."""

    series: dict[str, Series | None] = field(default_factory=dict)
    _held: dict[Place, tuple[int, str]] = field(default_factory=dict)
    """When what an object holds began, and the series that it is of."""
    _beneath: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Series by their point, and by their device."""
    _places: defaultdict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))

    def know(self, address: str, series: Series | None) -> None:
        """Take note of a series."""
        self.forget(address)
        self.series[address] = series
        for above in _above(address, series):
            self._beneath[above].add(address)

    def forget(self, address: str) -> None:
        """Know nothing of a series any more; what objects hold of it stays noted."""
        if address in self.series:
            for above in _above(address, self.series.pop(address)):
                _less(self._beneath, above, address)

    def beneath(self, above: str) -> frozenset[str]:
        """The series of a point, or of a device."""
        return frozenset(self._beneath.get(above, ()))

    def begun(self, place: Place) -> int:
        """When what an object holds began."""
        return self._held.get(place, (0, ""))[0]

    def hold(self, place: Place, at: int, address: str) -> None:
        """Take note of what an object holds."""
        self._free(place)
        self._held[place] = at, address
        self._places[address].add(place)

    def free(self, address: str) -> frozenset[Place]:
        """The objects that held a series, which hold nothing from now on."""
        found = frozenset(self._places.get(address, ()))
        for place in found:
            self._free(place)
        return found

    def _free(self, place: Place) -> None:
        if place in self._held:
            _less(self._places, self._held.pop(place)[1], place)


def _above(address: str, series: Series | None) -> tuple[str, ...]:
    point = address.rpartition("/mr/")[0]
    return (point, series.lfdi) if series else (point,)


def _less(of: defaultdict[str, set[T]], key: str, value: T) -> None:
    of[key].discard(value)
    if not of[key]:
        del of[key]

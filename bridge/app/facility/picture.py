"""What a unit has told, leaf by leaf, and the canonical records that it makes.

A record is made of the points that its kind looks at, by the mapping's table. A value that the mapping
cannot take is left out, with all of its object, and named with the reason; the rest of the record stands.
Percentages are of the unit's own nameplate and settings. Asks nobody and keeps no history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import ValidationError

from bridge.app import bases as given
from bridge.app.facility import wanted
from bridge.app.facility.points import points
from bridge.iec61850.image import Index
from bridge.iec61850.shape import Value
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import from_points
from bridge.mapping.points import Point
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unrepresentable
from models.der import messages

LIVING = frozenset({"ST", "MX"})
MOST = 64
"""Objects that may be left out of one record."""
METERS = {False: "1", True: "2"}
"""The number of a meter's node: the DER's, or the site's."""


class Drawn(NamedTuple):
    """A record, and what was left out of it: the object, and why."""

    record: Any
    apart: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Picture:
    """What a unit has told."""

    index: Index
    """The model of its logical device, laid flat."""
    leaves: dict[str, Value] = field(default_factory=dict)
    bases: Bases = Bases()  # noqa: RUF009 - it is frozen

    def put(self, leaves: Mapping[str, Value]) -> frozenset[str]:
        """Take values, and give the kinds of records that may be others by now.

        An object that bears an earlier time than what is held of it is history, and changes nothing here.
        """
        past = tuple(
            item[:-1] for item, value in leaves.items() if item.endswith("$t") and self._before(item, value)
        )
        new = {
            item: value for item, value in leaves.items()
            if self.leaves.get(item) != value and not (past and item.startswith(past))
        }  # fmt: skip
        self.leaves |= new
        return wanted.kinds_of(new)

    def _before(self, item: str, value: Value) -> bool:
        held = self.leaves.get(item)
        return isinstance(held, bytes) and isinstance(value, bytes) and value[:7] < held[:7]

    def drawn(self, kind: str, envelope: Envelope) -> Drawn:
        """The record of a kind that is about the unit itself."""
        said = {each.ref: each for each in points(wanted.of_kind(kind, self.leaves), self.index.types)}
        if kind == "Capability":
            said = {**said, **{each.ref: each for each in wanted.present(self.index, self.leaves)}}
        found = drawn(kind, said.values(), self.bases, envelope)
        if isinstance(found.record, messages.Capability | messages.Setting):
            ratings: dict[str, Any] = {**given.ratings(found.record.ratings)}
            self.bases = replace(self.bases, **ratings)
        return found

    def metered(self, leaves: Mapping[str, Value], envelope: Envelope, *, site: bool) -> Drawn | None:
        """The readings among some leaves, of the DER's own meter or of the site's; None where there are none.

        What is needed beside them (units, method, signs) is as it was told before.
        """
        nodes = {
            each.node for item in leaves if (each := wanted.split(item)) and wanted.meter(each.node)
            and each.node[-1:] == METERS[site]
        }  # fmt: skip
        if not nodes:
            return None
        beside = {
            item: value for item, value in self.leaves.items() if (each := wanted.split(item)) and (
                (each.node in nodes and each.fc not in LIVING) or f"{each.node}.{each.name}" in wanted.PLACES)
        }  # fmt: skip
        told = {item: value for item, value in leaves.items() if item.partition("$")[0] in nodes}
        said = tuple(points({**beside, **told}, self.index.types))
        return drawn(wanted.READING, said, replace(self.bases, site=site), envelope)


def drawn(kind: str, said: Iterable[Point], bases: Bases, envelope: Envelope) -> Drawn:
    """The record of a kind that points make, without the objects that cannot be read."""
    left, apart = tuple(said), []
    for _ in range(MOST):
        try:
            record = from_points(left, kind, bases, envelope=envelope, keep=False)
        except Unrepresentable as error:
            apart.append((error.path, str(error)))
            less = _without(left, error.path)
            if len(less) == len(left):
                return Drawn(None, tuple(apart))
            left = less
        except ValidationError as error:
            return Drawn(None, (*apart, (kind, str(error.errors(include_url=False)[0]["msg"]))))
        else:
            return Drawn(record, tuple(apart))
    return Drawn(None, tuple(apart))


def _without(left: tuple[Point, ...], path: str) -> tuple[Point, ...]:
    """The points without those of an object that is named, or of one that stands for a field."""
    named = ".".join(path.split(".")[:2])
    fewer = tuple(each for each in left if each.ref != path and not each.ref.startswith(f"{named}."))
    return fewer if fewer != left else _field(left, path)


def _field(left: tuple[Point, ...], path: str) -> tuple[Point, ...]:
    """The points without the object whose row has a field of a record."""
    refs = wanted.behind(path)
    return tuple(each for each in left if ".".join(each.ref.split(".")[:2]) not in refs)


def about(lfdi: str, at: float) -> Envelope:
    """What a record says of itself: whose it is, and when it was told."""
    origin = messages.Origin(party=lfdi, door=messages.Door.iec61850)
    return Envelope(f"{lfdi}@{at}", origin, messages.Target(device=(lfdi,)), Decimal(repr(at)))

"""Round trips as plain checks, for the tests beside this file and for `peers/points.py`.

A record goes to points and comes back; a 2030.5 object goes by way of the canonical record to points and
back. Each check raises AssertionError for a difference and lets a refusal pass only where it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis.strategies import SearchStrategy

import models.der.messages as m
from bridge.mapping import editions, sep2
from bridge.mapping.bases import Bases, Unrepresentable
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.leaves import Beside, flatten
from bridge.mapping.losses import INSIDE, speaks
from bridge.mapping.nodes import read
from models import kit
from tests.mapping.taming import tame
from tests.strategies import model

KINDS = (
    "Control",
    "Default",
    "Capability",
    "Setting",
    "Status",
    "Reading",
    "Alarm",
    "Outcome",
    "Curve",
    "Price",
    "Notice",
    "Enrolment",
    "Programme",
)
ENVELOPE = sep2.Envelope("1", m.Origin(party="AB", door=m.Door.sep2), m.Target(device=("CD",)), Decimal(1))
NAMES = (
    "DERControl",
    "DefaultDERControl",
    "DERCapability",
    "DERSettings",
    "DERStatus",
    "DERAvailability",
    "DERCurve",
    "MirrorUsagePoint",
    "DERControlResponse",
    "LogEvent",
)
WATTS, VARS, SIDED = (0, 12), (11, 14), 13


def there_and_back(record: Any, bases: Bases) -> None:
    """Prove that a record comes back equal, and that each loss has a reason."""
    kind = type(record).__name__
    found = to_points(record, bases)
    assert from_points(found.points, kind, bases, found.beside) == record
    assert all(reason for _, reason in found.losses)
    told = {path for path, _ in found.losses}
    assert {path for path, (was, _) in found.beside.items() if was is not None} <= told
    figures(kind, found.beside)


def figures(kind: str, beside: Beside) -> None:
    """Prove that a figure which comes back is the same within rounding: what was kept hides no other."""
    for path, (was, now) in beside.items():
        bare = INSIDE.sub("", path)
        word = speaks(kind, bare)
        rebased = path.replace(".point", ".yOf") in beside or path.replace(".value", ".of") in beside
        turned = word.row is not None and word.row.how in ("absolute", "magnitude", "readings", "state")
        if (
            was is None
            or now is None
            or rebased
            or turned
            or any(name in bare for name in ("freqWatt", "wattPF", ".at"))
        ):
            continue
        if isinstance(was, Decimal):
            assert close(was, now), (path, was, now)
        elif path.endswith("point") and kind != "Curve":
            assert all(
                close(x, y)
                for one, two in zip(was, now, strict=True)
                for x, y in zip(one[:2], two[:2], strict=True)
            )


def close(was: Decimal, now: Decimal) -> bool:
    """Tell whether two figures are the same within half a millisecond or the last place of a FLOAT32."""
    return abs(was - now) <= max(Decimal("0.0005"), abs(was) * Decimal(2) ** -23)


def alone(record: Any, bases: Bases) -> None:
    """Prove that points alone give back every leaf that is not declared lost, and stay so."""
    kind = type(record).__name__
    found = to_points(record, bases)
    if not found.points:
        return
    again = from_points(found.points, kind, bases)
    here, there = flatten(record), flatten(again)
    lost = {path for path, _ in found.losses} | set(found.beside)
    assert {path: value for path, value in here.items() if path not in lost} == {
        path: there.get(path) for path in here if path not in lost
    }
    assert from_points(to_points(again, bases).points, kind, bases) == again


def wild(record: Any, bases: Bases) -> bool:
    """Prove that a record comes back equal or is refused; tell whether it came back."""
    try:
        found = to_points(record, bases)
    except Unrepresentable:
        return False
    assert from_points(found.points, type(record).__name__, bases, found.beside) == record
    return True


@dataclass(frozen=True)
class Wire:
    """A 2030.5 type of an edition that has points."""

    edition: str
    name: str

    def __str__(self) -> str:
        return f"{self.edition}-{self.name}"

    def type(self) -> type[kit.Model]:
        """Return the generated class."""
        found = editions.element(self.edition, self.name)
        assert found is not None
        return found

    def strategy(self) -> SearchStrategy[Any]:
        """Any object of the type, its extremes folded back."""
        return model(self.type()).map(tame)

    def check(self, wire: Any, bases: Bases) -> int:
        """Prove that an object comes back equal from its points; tell how many there were."""
        canonical = sep2.to_canonical(wire, self.edition, envelope=ENVELOPE)
        found = to_points(canonical, bases, curves(canonical))
        again = from_points(found.points, type(canonical).__name__, bases, found.beside)
        assert again == canonical
        assert sep2.from_canonical(again, self.edition) == wire
        return len(found.points)


def curves(record: Any) -> dict[str, m.Curve]:
    """Return a curve for each address that one mode of a record links to."""
    modes = getattr(record, "modes", None)
    uses = (
        {row.kind: getattr(modes, row.canonical) for row in read().rows["Modes"] if row.kind >= 0}
        if modes
        else {}
    )
    linked = [(use.ref, kind) for kind, use in uses.items() if use is not None and use.ref]
    alone_ = [ref for ref, _ in linked]
    return {ref: _curve(kind) for ref, kind in linked if alone_.count(ref) == 1}


def _curve(kind: int) -> m.Curve:
    """Return a curve of a type."""
    y = Decimal("0.9") if kind == SIDED else Decimal(61)
    of = "setMaxVar" if kind in VARS else "setMaxW" if kind in WATTS else "effectiveV"
    side = True if kind == SIDED else None
    return m.Curve(kind=kind, yOf=of, point=(m.Point(x=Decimal(61), y=y, absorbing=side),))


def wires() -> list[Wire]:
    """Return every 2030.5 type of every edition that has points."""
    return [Wire(edition, name) for edition in ("2018", "2023", "aus12", "aus13") for name in NAMES]

"""One control through the whole canonical path and back: what the demonstration and the manual show.

Bytes, wire object, canonical Control, the pure step with its plan, IEC 61850 references and values, and
2030.5 bytes again. Time and identities are constants here, so that every run says the same. It prints
nothing and judges only whether the way back is equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import canonicalize

from bridge.app import bases, source
from bridge.app.fault import Fault
from bridge.app.source import Document, Given
from bridge.core import fleet, timeline
from bridge.core.step import step
from bridge.mapping import iec61850, sep2, xml
from bridge.mapping.bases import Bases
from bridge.mapping.table import Unrepresentable
from models.der import messages

PROFILE = "csip-aus-1.2"
UTILITY = "5C1D9E0B7A3F4E2D8C6B1A0F9E8D7C6B5A493827"
BRIDGE = "B01D6E0000000000000000000000000000000001"
UNIT = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
PROGRAMME = "feeder-7"
NOW = Decimal(1_799_996_401)
GRID = ("hertz=50",)
NAMES = ("control.xml", "curve.xml", "settings.xml")


@dataclass(frozen=True, slots=True)
class Life:
    """Every stage of one control."""

    control: Document
    curves: tuple[Document, ...]
    settings: Document
    message: messages.Control
    """The canonical control with its envelope, as it goes into the step."""
    out: tuple[messages.Message, ...]
    """What the step says: the control for the unit, and the outcome for its owner."""
    plan: timeline.Plan
    ordered: messages.Control
    """The control as the step passes it on to the unit."""
    translation: iec61850.Translation
    returned: messages.Control
    back: bytes

    @property
    def equal(self) -> bool:
        """Whether the bytes that come back say the same, as canonical XML."""
        return same(self.control.given.data, self.back)


def same(one: bytes, other: bytes) -> bool:
    """Whether two documents are equal as canonical XML, without regard to prefixes and indentation."""
    first, second = (
        canonicalize(data.decode("utf-8-sig"), strip_text=True, rewrite_prefixes=True)
        for data in (one, other)
    )
    return first == second


def example(name: str) -> Given:
    """An example that ships with the package, from a wheel or from a checkout."""
    for folder in (files("bridge.app").joinpath("examples"), Path(__file__).parents[2] / "examples"):
        place = folder.joinpath(name)
        if place.is_file():
            return Given(f"examples/{name}", place.read_bytes())
    raise Fault(f"examples/{name}", "this installation has no examples; name a document of your own")


def live(control: Given, curves: Sequence[Given], settings: Given) -> Life:
    """Take a control all the way and back."""
    first, last, *rest = source.documents((control, settings, *curves), "auto")
    if not isinstance(first.record, messages.Control) or not isinstance(last.record, messages.Setting):
        raise Fault(control.place, "the demonstration takes a DERControl, and DERSettings for its bases")
    message = first.record.model_copy(update=envelope("control-1", UTILITY)._asdict())
    picture, out = stepped(message, last.record)
    ordered = next((one for one in out if isinstance(one, messages.Control)), message)
    based = bases.bases((last.record,), GRID, edition=first.edition)
    translation, returned = translated(control.place, ordered, based, published(rest))
    return Life(
        control=first,
        curves=tuple(rest),
        settings=last,
        message=message,
        out=out,
        plan=picture.plans.get(UNIT, {}),
        ordered=ordered,
        translation=translation,
        returned=returned,
        back=xml.write(sep2.from_canonical(returned, first.edition), first.profile),
    )


def published(documents: Sequence[Document]) -> Mapping[str, messages.Curve]:
    """The curves among documents, by the address each is published at."""
    found = {}
    for one in documents:
        if isinstance(one.record, messages.Curve):
            found[str(getattr(one.wire, "href", None) or one.given.place)] = one.record
    return found


def translated(
    place: str, record: messages.Control, based: Bases, curves: Mapping[str, messages.Curve]
) -> tuple[iec61850.Translation, messages.Control]:
    """To points, and from those points and what stays beside them back to a record."""
    try:
        translation = iec61850.to_points(record, based, curves)
        back = iec61850.from_points(translation.points, "Control", based, translation.beside)
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    if not isinstance(back, messages.Control):
        raise TypeError("points of a control made another kind")
    return translation, back


def envelope(name: str, party: str) -> sep2.Envelope:
    """Who says something, for the one unit of this story."""
    origin = messages.Origin(party=party, door=messages.Door.sep2)
    return sep2.Envelope(name, origin, messages.Target(device=(UNIT,)), NOW, f"{name}-thread")


def stepped(
    message: messages.Control, setting: messages.Setting
) -> tuple[fleet.Picture, tuple[messages.Message, ...]]:
    """A fleet of one unit that has told its settings takes the control."""
    enrolled = messages.Enrolment(
        **envelope("enrolment-1", BRIDGE)._asdict(),
        device=UNIT,
        kind=messages.Device.device,
        joined=True,
        programme=(PROGRAMME,),
        at=NOW,
    )
    told = setting.model_copy(update=envelope("setting-1", UNIT)._asdict())
    picture = fleet.Picture(own=BRIDGE)
    for earlier in (enrolled, told):
        picture, _ = step(picture, earlier, NOW)
    return step(picture, message, NOW)

"""What is asked of one device: the controls and defaults of its programmes as canonical records, each judged.

IEEE 2030.5-2018 10.10.4 and the response codes of its Table 27 (251 is of 2023). A control whose curves are
not read yet is not there yet. What a device cannot follow is left out of a record; a control of which nothing
is left is not applicable. Never looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urljoin

from pydantic import ValidationError

from bridge.core import timeline
from bridge.mapping.sep2 import Envelope, to_canonical
from bridge.mapping.table import Unrepresentable
from bridge.sep2.client import leads
from bridge.sep2.client.known import Known, Place
from bridge.sep2.client.leads import Thing
from models.der import messages

NOT_SUPPORTED, NOT_APPLICABLE, INVALID = 251, 252, 253


class Order(NamedTuple):
    """A control as it is meant for one device."""

    control: messages.Control
    verdict: int = 0
    """Status of the response that refuses it; 0 for none."""


class Asked(NamedTuple):
    """All that is asked of a device."""

    orders: tuple[Order, ...] = ()
    defaults: tuple[messages.Default, ...] = ()
    whole: bool = True
    """Whether every list was read: then what is not there is gone."""


class Reader(NamedTuple):
    """Through whose eyes: edition, modes that can be followed, device category."""

    edition: str
    modes: frozenset[str]
    category: int


class _Waiting(Exception):
    """A curve is still to be read."""


class _Missing(Exception):
    """A curve cannot be read."""


def asked(known: Known, lfdi: str, eyes: Reader) -> Asked:
    """Give all that is asked of a device by what was read."""
    orders: list[Order] = []
    defaults: list[messages.Default] = []
    whole = lfdi in known.starts
    for place in known.below(known.starts.get(lfdi, ()), *leads.RULING):
        whole = whole and (place.obj is not None or place.type not in leads.MEMBERS)
        for programme in place.members() if place.type == "DERProgramList" else ():
            listed = _linked(known, place, programme.DERControlListLink)
            standing = _linked(known, place, programme.DefaultDERControlLink)
            orders.extend(_orders(known, listed, programme, eyes) if listed else ())
            defaults.extend(_default(known, standing, programme, eyes) if standing else ())
    return Asked(tuple(orders), tuple(defaults), whole)


def _linked(known: Known, place: Place, link: Thing) -> Place | None:
    return None if link is None else known.get(urljoin(place.href, link.href))


def _orders(known: Known, place: Place, programme: Thing, eyes: Reader) -> Iterator[Order]:
    for obj in place.members():
        category = int(obj.deviceCategory or "0", 16)
        if category and eyes.category and not category & eyes.category:
            continue
        record, readable = _control(obj, programme, eyes)
        try:
            modes = _drawn(known, place, record.modes)
        except _Waiting:
            continue
        except _Missing:
            modes, readable = record.modes, False
        yield _judged(record, modes, eyes, readable=readable)


def _judged(record: messages.Control, modes: messages.Modes, eyes: Reader, *, readable: bool) -> Order:
    """Give a control with what the device can follow of it, and the verdict on it."""
    able = _able(modes, eyes)
    verdict = 0
    if not readable or record.duration <= 0:
        verdict = INVALID
    elif not timeline.named(able):
        verdict = NOT_SUPPORTED if eyes.edition == "2023" else NOT_APPLICABLE
    return Order(record.model_copy(update={"modes": able}), verdict)


def _able(modes: messages.Modes, eyes: Reader) -> messages.Modes:
    beyond = [mode for mode in timeline.named(modes) if mode not in eyes.modes]
    return modes.model_copy(update=dict.fromkeys(beyond)) if beyond else modes


def _default(known: Known, place: Place, programme: Thing, eyes: Reader) -> Iterator[messages.Default]:
    if place.obj is None:
        return
    try:
        record = to_canonical(place.obj, eyes.edition, envelope=_envelope())
        if not isinstance(record, messages.Default):
            return
        modes = _able(_drawn(known, place, record.modes), eyes)
    except (Unrepresentable, ValidationError, _Waiting, _Missing):
        return
    about = {"programme": programme.mRID, "primacy": programme.primacy, "modes": modes}
    yield record.model_copy(update=about)


def _control(obj: Thing, programme: Thing, eyes: Reader) -> tuple[messages.Control, bool]:
    """Give the record of a control, and whether it says what a record can hold."""
    about = {"programme": programme.mRID, "primacy": programme.primacy}
    try:
        record = to_canonical(obj, eyes.edition, envelope=_envelope())
        if isinstance(record, messages.Control):
            return record.model_copy(update=about), True
    except (Unrepresentable, ValidationError):
        pass
    bare = messages.Control(
        **_envelope()._asdict(),
        mRID=obj.mRID,
        created=Decimal(obj.creationTime),
        start=Decimal(obj.interval.start),
        duration=Decimal(obj.interval.duration),
        replyTo=obj.replyTo,
        responseRequired=obj.responseRequired,
        modes=messages.Modes(),
    )
    return bare.model_copy(update=about), False


def _drawn(known: Known, place: Place, modes: messages.Modes) -> messages.Modes:
    """Give modes with their curves put in."""
    update: dict[str, messages.CurveUse] = {}
    for mode, use in leads.uses(modes):
        if use.ref is None:
            continue
        curve = known.get(urljoin(place.href, use.ref))
        if curve is None or (curve.obj is None and not curve.failed):
            raise _Waiting
        if curve.obj is None:
            raise _Missing
        update[mode] = use.model_copy(update={"curve": _curve(curve)})
    return modes.model_copy(update=update) if update else modes


def _curve(place: Place) -> messages.Curve:
    try:
        made = to_canonical(place.obj, place.edition, envelope=_envelope())
    except (Unrepresentable, ValidationError) as error:
        raise _Missing from error
    if not isinstance(made, messages.Curve):
        raise _Missing
    return made


def _envelope() -> Envelope:
    """For records that stay with the device."""
    origin = messages.Origin(party="00", door=messages.Door.sep2)
    return Envelope("-", origin, messages.Target(), Decimal(0))

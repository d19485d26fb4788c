"""What is known of a device's power although it told no document of it: PowerStatus, DERAvailability.

IEEE 2030.5-2018 10.6 (PowerStatus), 10.10.4.3. A PowerStatus follows from the last DERStatus of a device; an
availability from an operator's word that a device is out or derated, as long as it holds (docs/outage.md).
What a device told itself always goes before. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bridge.core import outage
from bridge.core.outage import Source, Standing
from bridge.sep2 import canon, document, plain, standing
from bridge.sep2.shelf import Row
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work
from models.der import messages

PROFILE = "2018"
MAINS, BATTERY, GENERATION, UNKNOWN = 1, 2, 3, 5
"""PowerSourceType."""
UNTOLD, NORMAL, DEPLETED, NONE = 0, 1, 3, 4
"""batteryStatus: unknown, enough, empty, there is none."""
CONNECTED, OPERATING = 0x01, 0x04
"""Bits of ConnectStatusType."""
HUNDREDTHS = 100


async def status(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the PowerStatus of a device: its own, else what its DERs' statuses say."""
    if row is not None:
        return row
    rows = await work.shelf.owned("DERStatus", await plain.owner(work, spot.href))
    told = [messages.Status.model_validate_json(each.record).operation for each in rows if each.record]
    said = [each for each in told if each is not None]
    if not said:
        return None
    charge = min((one for each in said if (one := _charge(each)) is not None), default=None)
    made = document.made(
        PROFILE, "PowerStatus", batteryStatus=_battery(said, charge),
        changedTime=max(each.at for each in rows), currentPowerSource=_source(said),
        estimatedChargeRemaining=None if charge is None else int(charge * HUNDREDTHS),
    )  # fmt: skip
    data = document.written(made, "PowerStatus", PROFILE)
    return Row(spot.href, spot.href.rpartition("/")[0], "PowerStatus", data, PROFILE)


def _charge(said: messages.Operation) -> Decimal | None:
    return said.stateOfChargeStatus.value.value if said.stateOfChargeStatus else None


def _battery(said: Iterable[messages.Operation], charge: Decimal | None) -> int:
    if charge is not None:
        return NORMAL if charge else DEPLETED
    stored = any(each.storConnectStatus or each.storageModeStatus for each in said)
    return UNTOLD if stored else NONE


def _source(said: Iterable[messages.Operation]) -> int:
    """Whence a device has its power: the grid where it is connected, else what works on its own."""
    gen, stor = ([_bits(getattr(each, name)) for each in said] for name in CONNECTS)
    if any(bits & CONNECTED for bits in (*gen, *stor)):
        return MAINS
    if any(bits & OPERATING for bits in gen):
        return GENERATION
    return BATTERY if any(bits & OPERATING for bits in stor) else UNKNOWN


CONNECTS = ("genConnectStatus", "storConnectStatus")


def _bits(said: messages.StampedBits | None) -> int:
    return int(said.value, 16) if said else 0


async def available(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the DERAvailability of a DER: its own, else what an operator's word leaves of its device."""
    if row is not None:
        return row
    lfdi = await plain.owner(work, spot.href)
    now = standing.held(await work.shelf.get(standing.href(lfdi))).standing
    if now.state is None or now.source is not Source.operator or now.left is None:
        return None
    if now.left and len(await work.shelf.owned("DERCapability", lfdi)) > 1:
        return None  # what is left of a device is not what is left of each of its DERs
    parent, _, _ = spot.href.rpartition("/")
    record = _left(work, spot.href, now)
    return Row(spot.href, parent, "DERAvailability", profile=PROFILE, owner=lfdi, at=now.since, record=record)


def _left(work: Work, href: str, now: Standing) -> bytes:
    said = messages.Availability(at=Decimal(now.since), statWAvail=outage.watts(now.left))
    about = canon.envelope(work, href)._asdict()
    return messages.Status(**about, availability=said).model_dump_json().encode()

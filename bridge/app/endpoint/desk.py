"""What commands are held against, by logical device: ratings, power, count; and what clients have written.

Told of each unit and group whenever it is read from the store. A device's percentages are measured against
what it is set to now. What was written is put back into an image that was made anew: before what the device
itself has said since, and over what it said earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.app import bases as given
from bridge.app.endpoint import settings
from bridge.app.endpoint.rights import Load, Rights
from bridge.core.access.target import Target
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.shape import Value
from bridge.sep2 import ours, place
from bridge.sep2.shelf import Row
from bridge.sep2.work import Trace
from bridge.transports.store.store import Store
from models.der import messages

SETTINGS = "DERSettings"
RATED: dict[str, Any] = {"DERCapability": messages.Capability, SETTINGS: messages.Setting}


@dataclass(slots=True, repr=False)
class Desk:
    """What is known of all of them."""

    store: Store
    estate: Estate
    rights: Rights
    outcome: float
    """Seconds that a command may wait for its outcome."""
    made: Callable[[str], None] = lambda _: None
    """Told of a device whose image was made anew."""
    ratings: dict[str, tuple[messages.Ratings, ...]] = field(default_factory=dict)
    """What each is built for and set to, by identity."""

    async def units(self, lfdi: str, told: Mapping[str, list[Row]], made: Collection[str]) -> None:
        """Take what the DERs of a device have told, and which of them are new."""
        for identity, rows in told.items():
            await self._unit(lfdi, identity, rows, fresh=identity in made)

    async def _unit(self, lfdi: str, identity: str, rows: list[Row], *, fresh: bool) -> None:
        """Take what a DER has told."""
        made = self.estate.devices.get(identity)
        if made is None:
            return
        records = [RATED[each.type].model_validate_json(each.record) for each in rows if each.type in RATED]
        made.bases = replace(given.bases(records, ()), ld=made.name)
        self.ratings[identity] = tuple(each.ratings for each in records)
        self.rights.loads[made.name] = Load(1, await place.power(Trace(self.store), (lfdi,)))
        if fresh:
            said = max((each.changed for each in rows if each.type == SETTINGS), default=0)
            await self._anew(identity, made, said)

    async def group(self, mrid: str, where: Target, *, fresh: bool) -> None:
        """Take where a group is."""
        made, devices = self.estate.devices[mrid], place.touched(where)
        power = await place.power(Trace(self.store), devices)
        self.rights.loads[made.name] = Load(len(devices), power)
        if fresh:
            await self._anew(mrid, made, 0)

    async def _anew(self, identity: str, made: Device, said: int) -> None:
        """Put back what was written to a device whose image is new, unless it said otherwise since."""
        made.domain.leaves.update(_patience(made, self.outcome))
        row = await self.store.get(f"{ours.WRITTEN}/{identity}")
        values = settings.restored(made, ours.read(row)) if row else {}
        held = made.domain.leaves
        newer = {
            item: value for item, value in values.items()
            if row is None or row.changed >= said or not _spoken(made, item, held[item])
        }  # fmt: skip
        made.told |= newer.keys()
        self.estate.image.update(made.name, newer, float(row.changed) if row else 0.0)
        self.made(identity)


def _spoken(made: Device, item: str, value: Value) -> bool:
    """Whether a leaf holds what its device has told: anything else than at first."""
    return repr(value) != repr(made.first.get(item, made.domain.index.leaves[item]))


def _patience(made: Device, seconds: float) -> dict[str, Value]:
    """The times that commands may take."""
    return {item: int(seconds * 1000) for item in made.domain.leaves if item.endswith("$operTimeout")}

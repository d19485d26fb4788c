"""All logical devices of the virtual server, in one picture: units by LFDI, groups by mRID.

Whoever has a record hands it over with the unit's identity; the values go into the picture together, so that
reports follow. A unit whose capability has changed is a new device: it is added again under the same name.
Decides nothing and asks no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.iec61850 import device
from bridge.iec61850.device import Device, Shown
from bridge.iec61850.image import Image
from bridge.iec61850.shape import Value
from models import kit
from models.der import messages


@dataclass(slots=True)
class Estate:
    """The devices of a server by identity, and the picture they stand in."""

    image: Image
    devices: dict[str, Device] = field(default_factory=dict)

    def add(self, identity: str, made: Device) -> None:
        """Take a device in, in place of the one that the identity had."""
        self.drop(identity)
        self.devices[identity.upper()] = made
        self.image.domains[made.name] = made.domain

    def drop(self, identity: str) -> None:
        """Leave a device out; one that is not there is passed over."""
        found = self.devices.pop(identity.upper(), None)
        if found is not None:
            del self.image.domains[found.name]

    def of(self, domain: str) -> Device | None:
        """The device of a domain."""
        return next((each for each in self.devices.values() if each.name == domain), None)

    def show(
        self,
        identity: str,
        record: kit.Model,
        now: float,
        curves: Mapping[str, messages.Curve] | None = None,
    ) -> Shown:
        """Put what a record tells of a device into the picture; give what has no place there."""
        found = self.devices[identity.upper()]
        shown = device.show(found, record, now, curves)
        self.image.update(found.name, shown.values, now)
        return shown

    def put(self, identity: str, values: Mapping[str, Value], now: float) -> None:
        """Put values of a device into the picture."""
        self.image.update(self.devices[identity.upper()].name, values, now)

    def doubt(self, identity: str, ref: str, now: float) -> None:
        """Make invalid what an object of a device says, `MMXU1.TotW`."""
        found = self.devices.get(identity.upper())
        if found is not None:
            self.image.update(found.name, device.doubted(found, ref, now), now)

    def aged(self, identity: str, now: float) -> None:
        """A device is lost: all that it told is old."""
        found = self.devices[identity.upper()]
        self.image.update(found.name, device.aged(found, now), now)

    def returned(self, identity: str, now: float) -> None:
        """A device is back: what it told has the quality again that it had."""
        found = self.devices[identity.upper()]
        self.image.update(found.name, device.returned(found, now), now)

"""Settings that clients write: held against the table, put into the image, and kept in the store.

A schedule that is enabled is not written to (IEC 61850-7-4: while it is ready or runs). What a default
control carries is made one at once, and tried before the value is put, so that what no default can say is
refused in its own form. A configuration under CF or DC is the bridge's own. Asks no store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bridge.app.endpoint import parts, settings
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.orders import Order, Settle
from bridge.app.endpoint.rights import CHANGE
from bridge.app.endpoint.settings import Fate
from bridge.app.endpoint.wishes import Fault
from bridge.app.endpoint.works import Works, identity
from bridge.core.access.figures import canonical
from bridge.iec61850 import intake
from bridge.iec61850.device import Device
from bridge.iec61850.image import constraint
from bridge.iec61850.peer import Peer
from bridge.iec61850.shape import Value
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import facts
from models.der import messages
from models.mms.codes import DataAccessError

OURS = frozenset({"CF", "DC"})
ORIGIN = messages.Origin(party="00", door=messages.Door.iec61850)


class No(Exception):
    """A value that is not taken, by its code."""

    def __init__(self, code: DataAccessError) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(slots=True, repr=False)
class Writes:
    """What is asked before a value is put."""

    fleet: Fleet
    works: Works
    clock: Callable[[], float]
    take: Callable[[Order], None]

    def written(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        """Take a value of a device, or give the code that refuses it."""
        try:
            self._taken(domain, item, value, now)
        except No as no:
            self.fleet.rights.refused(peer.lfdi, "write", item.encode(), no.code.name, f"{domain}/{item}")
            return no.code
        return None

    def _taken(self, domain: str, item: str, value: Value, now: float) -> None:
        if constraint(item) in OURS:
            raise No(DataAccessError.object_access_denied)
        device = self.works.device(identity(domain))
        if device is None:
            raise No(DataAccessError.object_non_existent)
        try:
            home = self.works.home(domain)
        except Fault as fault:
            raise No(DataAccessError.object_access_unsupported) from fault
        items = settings.leaves(device, item, value)
        fates = settings.fates(device, items)
        self._possible(device, items, fates)
        default = self._default(device, items, now) if Fate.DEFAULT in fates else None
        held = device.domain.leaves
        before = {each: held[each] for each in items}
        device.told |= items.keys()
        asked = self.works.asked(f"{domain}/{item}")
        self.take(Settle(asked, home, items, before, default))

    def _possible(self, device: Device, items: Mapping[str, Value], fates: frozenset[Fate | None]) -> None:
        """Refuse what no client may write, what is wrong, and what is in use."""
        if None in fates:
            raise No(DataAccessError.object_access_unsupported)
        if code := settings.wrong(device, items):
            raise No(code)
        schedules = {item.partition("$")[0] for item in items} if Fate.SCHEDULE in fates else set()
        lfdi = identity(device.name)
        if any(self.works.watch.of(lfdi, each) or parts.enabled(device, each) for each in schedules):
            raise No(DataAccessError.temporarily_unavailable)

    def _default(self, device: Device, items: Mapping[str, Value], now: float) -> messages.Default:
        """Give the default control that a device's settings would make with these."""
        held, told = device.domain.leaves, set(device.told)
        before = {item: held[item] for item in items}
        held.update(items)
        device.told |= items.keys()
        try:
            made = _made(device, Decimal(int(now)))
            facts.said(made, "DefaultDERControl")
        except Unrepresentable as error:
            device.told = told
            raise No(DataAccessError.object_value_invalid) from error
        finally:
            held.update(before)
        reference = f"{device.name}/DCTE1"
        if not self.fleet.rights.within(device.name, CHANGE, canonical(made), reference):
            device.told = told
            raise No(DataAccessError.object_access_denied)
        return made


def _made(device: Device, issued: Decimal) -> messages.Default:
    target = messages.Target(device=(identity(device.name),))
    about = Envelope(f"{device.name}@{issued}", ORIGIN, target, issued)
    entry = intake.entry(device, about)
    return messages.Default(
        mRID="00",
        id=about.id,
        origin=ORIGIN,
        target=target,
        issued=issued,
        modes=messages.Modes(),
        entry=entry,
    )

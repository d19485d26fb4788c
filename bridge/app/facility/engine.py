"""Units behind the relay, in their installation: sessions with them, what minds them, who brings them orders.

Put together from the endpoint, the store and the configuration, and taken apart in the order that it needs.
It decides nothing by itself.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from random import SystemRandom

from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.house import House
from bridge.app.endpoint.section import Iec61850
from bridge.app.facility.carrier import Carrier
from bridge.app.facility.facilities import Facilities
from bridge.app.facility.ground import Ground, Patience
from bridge.app.facility.memory import Memory
from bridge.app.facility.session import Session
from bridge.app.facility.telemetry import Telemetry, Terms
from bridge.app.facility.voice import Voice
from bridge.app.facility.watch import Watch
from bridge.app.site import Site


async def opened(
    site: Site, endpoint: Endpoint, fleet: Fleet, said: Iec61850, stack: AsyncExitStack
) -> tuple[Facilities, Carrier]:
    """Have sessions with all units from now on, until the stack is unwound."""
    patience = Patience(answer=said.patience, longest=said.again)
    facilities = Facilities(site.store, Ground(endpoint, SystemRandom().random, patience))
    endpoint.units = facilities
    stack.push_async_callback(facilities.close)
    watch = Watch(facilities, partial(_telemetry, site, fleet, said, endpoint.house), fleet.silence.lose)
    watch.counted = partial(_counted, site)
    stack.push_async_callback(watch.close)
    watch.open()
    carrier = Carrier(facilities, site.store, lambda: endpoint.seals.lfdi, endpoint.house.clock)
    stack.push_async_callback(carrier.close)
    carrier.open()
    await facilities.open()
    return facilities, carrier


def _telemetry(  # noqa: PLR0917 - all but the last two are given beforehand
    site: Site, fleet: Fleet, said: Iec61850, house: House, session: Session, memory: Memory
) -> Telemetry:
    """What brings into the store what a unit tells."""
    voice = Voice(session.unit.lfdi, site.store, lambda: site.policy, house.known, house.clock)
    terms = Terms(said.poll, said.refresh, said.band)
    return Telemetry(session, voice, memory, terms, house.clock, partial(_told, site), fleet.silence.back)


def _told(site: Site, what: str, count: int) -> None:
    site.meter.facility.labels(what).inc(count)


def _counted(site: Site, count: int) -> None:
    site.meter.show({"facilities": count})

"""What makes controls of commands, put together: plant, settings, deeds in the store, outcomes.

Only wiring: who is given what, and who tells whom.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Self

from bridge.app.endpoint.deeds import Deeds
from bridge.app.endpoint.desk import Desk
from bridge.app.endpoint.endpoint import Endpoint
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.hands import Hands
from bridge.app.endpoint.screen import Screen
from bridge.app.endpoint.section import Iec61850
from bridge.app.endpoint.watch import Watch
from bridge.app.endpoint.works import Works
from bridge.app.endpoint.writes import Writes
from bridge.app.site import Site
from bridge.iec61850.command import Command
from bridge.iec61850.hooks import Refused, Written, unheard
from bridge.iec61850.plant import Plant
from models.mms.codes import AddCause

Done = Callable[[Command, AddCause | None, float], None]


def _nobody(done: Done) -> None:
    """Leave it to whoever takes commands."""
    del done


class Takes(NamedTuple):
    """What takes commands and settings of clients."""

    plant: Plant
    written: Written
    ready: Callable[[Done], None] = _nobody
    """Told who takes the ends of commands."""
    refused: Refused = unheard
    """Told of each control that is refused."""


class Office(NamedTuple):
    """All of it."""

    works: Works
    writes: Writes
    hands: Hands
    watch: Watch

    @classmethod
    def made(cls, site: Site, said: Iec61850, endpoint: Endpoint, fleet: Fleet) -> Self:
        """Put it together for a fleet."""
        house = endpoint.house
        deeds = Deeds(site.store, lambda: site.policy, house.clock)
        watch = Watch(site.store, lambda: site.policy, Screen(fleet.estate), house.clock)
        works = Works(
            fleet, watch, house.clock, said.hold, said.primacy, lambda lfdi: house.standing(house.known(lfdi))
        )
        hands = Hands(deeds, works, watch, fleet.estate.image, house.clock, said.primacy, endpoint.stir)
        writes = Writes(fleet, works, house.clock, hands.take)
        works.take = hands.take
        watch.ended, watch.refused, watch.left = works.ended, works.refused, works.left
        watch.stirred = endpoint.stir
        desk = Desk(site.store, fleet.estate, fleet.rights, float(said.outcome), watch.again)
        fleet.desk = fleet.crowd.desk = desk

        async def settle() -> None:
            await hands.carry(hands.taken())

        endpoint.settle = settle
        return cls(works, writes, hands, watch)

    def takes(self) -> Takes:
        """Give what takes commands and settings."""
        ready = partial(setattr, self.works, "done")
        return Takes(self.works, self.writes.written, ready, self.works.denied)

    async def close(self) -> None:
        """End what is under way."""
        await self.hands.close()
        await self.watch.close()

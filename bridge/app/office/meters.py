"""The register of meters: which devices stand behind each, and who may address it.

Rows are those of `bridge.app.market.registry`, which requests are led by. A device need not be registered yet
when it is named; a request that meets it before then says so.
"""

from __future__ import annotations

from bridge.app.market import registry
from bridge.app.office import found
from bridge.app.office.call import Call, Reply
from bridge.app.office.cursor import paged
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.market import Meter, MeterQuery, MeterSet
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work


def form(row: Row) -> Meter:
    """A meter as it is shown."""
    said = registry.read(row)
    return Meter(
        version=found.edition(row), esiid=said.esiid, devices=said.devices, serial=said.serial, mac=said.mac,
        set=said.group, entities=said.entities,
    )  # fmt: skip


async def one(work: Work, href: str) -> Meter:
    """A meter as it is shown once all is committed."""
    return form(await found.thing(work.shelf, href))


async def list_(call: Call, query: MeterQuery) -> Page[Meter]:
    """The meters."""

    async def show_(row: Row) -> Meter | None:
        made = form(row)
        return made if query.device is None or query.device in made.devices else None

    counted = query.device is None
    return await paged(call.work.shelf, ours.METERS, Cut(), query, show_, counted=counted)


async def show(call: Call) -> Meter:
    """One meter."""
    return await one(call.work, registry.href(call.path["esiid"]))


async def set_(call: Call, said: MeterSet) -> Reply:
    """Say what a meter is."""
    href = registry.href(call.path["esiid"])
    fields = said.model_dump(exclude={"set"})
    made = registry.Meter(call.path["esiid"], group=said.set, **fields)
    call.work.put(registry.row(made), await call.work.shelf.get(href))
    return found.shown(one, href)


async def delete(call: Call) -> None:
    """Forget a meter."""
    call.work.drop(await found.thing(call.work.shelf, registry.href(call.path["esiid"])))

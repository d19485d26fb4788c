"""Aggregators: let in with a certificate, each with an EndDevice of its own that heads its list.

An aggregator is a permit of that role (CSIP 2.1, 5.2.1); the devices it holds name it. Removing one leaves
its devices, as direct ones. Here it is asked for in forms and shown in forms.
"""

from __future__ import annotations

from typing import Any

from bridge.app.office import devices, found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.fleet import (
    Aggregator,
    AggregatorChange,
    AggregatorNew,
    AggregatorQuery,
    Device,
    HeldQuery,
)
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, enrol, ours, permit, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work
from bridge.trust import identity

ROLE = "aggregator"


async def one(work: Work, lfdi: str) -> Aggregator:
    """An aggregator as it is shown."""
    row, said = await found.said(work.shelf, lfdi)
    if row is None or said.role != ROLE:
        raise Wrong(404, f"there is no aggregator {lfdi}")
    return await form(work, row, said)


async def form(work: Work, row: Row, said: permit.Permit) -> Aggregator:
    """An aggregator's permit as it is shown."""
    own = await _own(work, row.mark)
    held = await work.shelf.count(enrol.LIST, Cut(grp=row.mark))
    return Aggregator(
        version=found.edition(row, own),
        lfdi=row.mark,
        sfdi=identity.sfdi(row.mark),
        name=said.name,
        profile=said.profile,
        granted=said.granted,
        device=ours.number(own.href) if own else None,
        devices=held - (1 if own and own.grp else 0),
        subscriptions=await work.shelf.count(f"{own.href}/sub", Cut()) if own else 0,
    )


async def _own(work: Work, lfdi: str) -> Row | None:
    return next(iter(await work.shelf.marked("EndDevice", lfdi)), None)


async def list_(call: Call, query: AggregatorQuery) -> Page[Aggregator]:
    """The aggregators."""

    async def show(row: Row) -> Aggregator | None:
        _, said = await found.said(call.work.shelf, row.mark)
        if said.role != ROLE or query.granted not in {None, said.granted}:
            return None
        return await form(call.work, row, said)

    return await paged(call.work.shelf, ours.PERMITS, Cut(), query, show, counted=False)


async def create(call: Call, said: AggregatorNew) -> Reply:
    """Let an aggregator in."""
    lfdi = found.named(said.lfdi, said.certificate)
    _, known = await found.said(call.work.shelf, lfdi)
    if known.role == ROLE:
        raise Wrong(409, f"{lfdi} is an aggregator already")
    await permit.grant(
        call.work, lfdi, role=ROLE, granted=True, name=said.name, profile=said.profile or "", aggregator=""
    )
    own = await enrol.headed(call.work, lfdi, said.pin)
    if said.post_rate is not None:
        found.amended(call.work, own, body=canon.amended_row(own, postRate=said.post_rate))
    return found.shown(one, lfdi, location=f"/aggregators/{lfdi}")


async def show(call: Call) -> Aggregator:
    """One aggregator."""
    return await one(call.work, call.path["lfdi"].upper())


async def update(call: Call, said: AggregatorChange) -> Reply:
    """Change an aggregator."""
    lfdi = (await show(call)).lfdi
    fields: dict[str, Any] = {name: getattr(said, name) for name in said.model_fields_set}
    words = {name: value or "" for name, value in fields.items() if name != "granted"}
    if fields.get("granted") is not None:
        words["granted"] = fields["granted"]
    await permit.grant(call.work, lfdi, **words)
    return found.shown(one, lfdi)


async def delete(call: Call) -> None:
    """Remove an aggregator; its devices become direct ones."""
    work, lfdi = call.work, (await show(call)).lfdi
    own = await _own(work, lfdi)
    for row in await work.shelf.grouped("EndDevice", lfdi):
        if row.mark != lfdi:
            await enrol.entrusted(work, row, "")
    for reach in await work.shelf.owned("Reach", lfdi):
        if reach.href not in {change.href for change in work.changes}:
            work.drop(reach)
    if own:
        await enrol.removed(work, tree.spot(own.href), own)
    await permit.revoke(work, lfdi)


async def devices_(call: Call, query: HeldQuery) -> Page[Device]:
    """The devices that an aggregator holds."""
    lfdi = (await show(call)).lfdi

    async def form_of(row: Row) -> Device | None:
        return None if row.mark == lfdi else await devices.form(call.work, row)

    return await paged(call.work.shelf, enrol.LIST, Cut(grp=lfdi), query, form_of, counted=False)

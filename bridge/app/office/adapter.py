"""Adapters of other protocols, as whoever runs them has put them down: how each is, and each of its units.

One row for each, written by the worker that has them (bridge/app/adapter); nothing is asked of an adapter
here.
"""

from __future__ import annotations

from bridge.app.office.call import Call, Wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.agreement import Adapter, AdapterQuery
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row


def form(row: Row) -> Adapter:
    """An adapter's row as it is shown."""
    return Adapter.model_validate(ours.read(row))


async def list_(call: Call, query: AdapterQuery) -> Page[Adapter]:
    """The adapters."""

    async def show_(row: Row) -> Adapter:
        return form(row)

    return await paged(call.work.shelf, ours.ADAPTERS, Cut(), query, show_)


async def show(call: Call) -> Adapter:
    """One adapter."""
    row = await call.work.shelf.get(f"{ours.ADAPTERS}/{call.path['adapter']}")
    if row is None:
        raise Wrong(404, f"there is no adapter {call.path['adapter']}")
    return form(row)

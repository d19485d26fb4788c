"""What the office asks of the store beyond a shelf: the outbox, the archive, a backup.

The store is that of `bridge.transports.store`; here its answers become forms. Nothing is written.
"""

from __future__ import annotations

import json
from asyncio import to_thread
from pathlib import Path
from typing import Any

from bridge.app.office.call import Wrong
from bridge.app.office.cursor import Cursor, Place, read, sliced, text
from bridge.sdk.forms.kinds import LATEST, Page
from bridge.sdk.forms.records import ArchiveQuery, Entry, Waiting, WaitingQuery

Store = Any
"""`bridge.transports.store.store.Store`."""
HEADS = 10_000
"""Subscriptions whose first notification is looked for."""


async def waiting(store: Store, query: WaitingQuery) -> Page[Waiting]:
    """The first notification of each subscription that has any on their way."""
    heads = [
        Waiting(
            number=parcel.number,
            subscription=parcel.subscription,
            url=parcel.url,
            tries=parcel.tries,
            size=len(parcel.body),
        )
        for parcel in await store.waiting(LATEST, HEADS)
        if query.subscription in {None, parcel.subscription}
    ]
    return sliced(heads, query).model_copy(update={"total": await store.backlog()})


async def busy(store: Store) -> frozenset[str]:
    """The subscriptions that have notifications on their way."""
    return frozenset(parcel.subscription for parcel in await store.waiting(LATEST, HEADS))


async def history(store: Store, query: ArchiveQuery) -> Page[Entry]:
    """Changes, the last one first."""
    if query.below and query.href is None:
        raise Wrong(400, "below what? name an href")
    start = read(query.cursor).inner.start
    found = await store.history(
        query.href,
        beneath=query.below,
        party=query.party,
        since=query.since,
        until=query.until,
        type_=query.type,
        limit=query.limit + 1,
        before=start or None,
    )
    items = tuple(entry(each) for each in found[: query.limit])
    more = text(Cursor(inner=Place(items[-1].number))) if len(found) > query.limit else None
    return Page(items=items, next=more)


def entry(said: Any) -> Entry:  # noqa: ANN401 - an entry of the store's archive
    """A change as it is shown."""
    row = said.row
    return Entry(
        number=said.number,
        at=row.changed,
        party=said.party,
        door=said.door,
        href=row.href,
        type=row.type,
        version=row.version,
        gone=said.removed,
        profile=row.profile,
        body=row.body.decode("utf-8", "replace"),
        record=json.loads(row.record) if row.record else None,
    )


async def backup(store: Store, path: Path) -> int:
    """Save the store to a file while it runs; how many bytes."""
    await store.backup(path)
    return (await to_thread(path.stat)).st_size

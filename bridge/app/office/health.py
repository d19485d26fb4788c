"""Whether the server works: the store answers, how much is on its way, how old the revocation data are.

The one operation that needs no operator, so that a monitor may ask with any certificate that the listener
believes. It says nothing of what is kept.
"""

from __future__ import annotations

from importlib.metadata import version

from bridge.app.office.call import Call
from bridge.sdk.forms.house import Health
from bridge.transports.store.fault import Unavailable


async def show(call: Call) -> Health:
    """Whether the server works."""
    store, outbox = "ok", 0
    try:
        outbox = await call.context.store.backlog()
    except Unavailable as error:
        store = str(error)[:200]
    roll = call.context.revoked
    return Health(
        status="ok" if store == "ok" else "failing",
        now=call.work.now,
        store=store,
        outbox=outbox,
        version=version("derbridge"),
        revocation_age=roll.age(),
        commands="closed" if roll.closed() else "open",
    )

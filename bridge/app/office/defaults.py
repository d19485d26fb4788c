"""Default controls: what holds in a programme while no control is active (IEEE 2030.5-2018 10.10.4.4).

The document is made by `bridge.sep2.dispatch`; its mRID stays, its version goes up with each change. Here
it is asked for in plain figures and shown in them.
"""

from __future__ import annotations

from bridge.app.office import found, modes
from bridge.app.office.call import Call, Reply
from bridge.sdk.forms.grid import Default, DefaultSet
from bridge.sep2 import canon, dispatch
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work
from models.der import messages

TYPE = "DefaultDERControl"


async def one(work: Work, href: str) -> Default:
    """A default control as it is shown."""
    row = await found.thing(work.shelf, href, TYPE)
    made, record = canon.obj(row), messages.Default.model_validate_json(row.record)
    return Default(
        version=found.edition(row),
        href=row.href,
        programme=int(row.href.split("/")[2]),
        mrid=row.mark,
        description=made.description or "",
        modes=modes.modes(record.modes),
        entry=modes.entry(record.entry),
        profile=row.profile,
    )


def _href(programme: Row) -> str:
    return f"{programme.href}/dderc"


async def show(call: Call) -> Default:
    """The default control of a programme."""
    return await one(call.work, _href(await found.programme(call)))


async def set_(call: Call, said: DefaultSet) -> Reply:
    """Say what holds while no control is active."""
    programme = await found.programme(call)
    facts = {
        **modes.facts(said.modes, said.entry),
        **({"description": said.description} if said.description else {}),
        **({"mRID": said.mrid} if said.mrid else {}),
    }
    await dispatch.default(call.work, programme, facts)
    return found.shown(one, _href(programme))


async def delete(call: Call) -> None:
    """Remove the default control."""
    programme = await found.programme(call)
    call.work.drop(await found.thing(call.work.shelf, _href(programme), TYPE))

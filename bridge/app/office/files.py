"""Files for devices to fetch: their octets come in as the body of a request, their description as its query.

Stored by `bridge.sep2.file` (IEEE 2030.5-2018 10.6): octets and description in one commit. A file is for one
device, for a group, or for everyone.
"""

from __future__ import annotations

from bridge.app.office import found
from bridge.app.office.call import Call, Reply
from bridge.app.office.cursor import paged
from bridge.sdk.forms.house import File, FileNew, FileQuery
from bridge.sdk.forms.kinds import Page
from bridge.sdk.operation import OCTETS
from bridge.sep2 import canon, doors, file, ours, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

LIST, TYPE = "/file", "File"


async def one(work: Work, href: str) -> File:
    """A file as it is shown."""
    return form(await found.thing(work.shelf, href, TYPE))


def form(row: Row) -> File:
    """A file's row as it is shown."""
    made = canon.obj(row)
    return File(
        version=found.edition(row),
        id=ours.number(row.href),
        href=row.href,
        uri=made.fileURI,
        type=made.type,
        size=made.size,
        device=row.owner or None,
        manufacturer=made.mfID,
        model=made.mfModel,
        hardware=made.mfHwVer or "",
        edition=made.mfVer,
        activates=made.activateTime,
        group=ours.number(row.grp) if row.grp else None,
    )


async def list_(call: Call, query: FileQuery) -> Page[File]:
    """The files that devices may fetch."""
    owner = query.device.upper() if query.device else None

    async def show_(row: Row) -> File:
        return form(row)

    return await paged(call.work.shelf, LIST, Cut(owner=owner), query, show_)


async def create(call: Call, said: FileNew) -> Reply:
    """Offer a file."""
    group = "" if said.group is None else await found.group(call.work.shelf, said.group, "/group")
    facts = {
        "type": said.type.zfill(4),
        "mfID": said.manufacturer,
        "mfModel": said.model,
        "mfVer": said.edition,
        "mfHwVer": said.hardware,
        "lFDI": said.device.upper() if said.device else None,
        **({} if said.activates is None else {"activateTime": said.activates}),
    }
    row = await file.store(call.work, facts, call.data, grp=group)
    return found.shown(one, row.href, location=f"/files/{ours.number(row.href)}")


def _href(call: Call) -> str:
    return f"{LIST}/{call.number('file')}"


async def show(call: Call) -> File:
    """One file."""
    return await one(call.work, _href(call))


async def content(call: Call) -> Reply:
    """What is in it."""
    href = _href(call)
    await found.thing(call.work.shelf, href, TYPE)
    said = await file.content(call.work, tree.spot(href)._replace(href=f"{href}/content"))
    return Reply(data=said.body, media=OCTETS)


async def delete(call: Call) -> None:
    """Take a file away."""
    row = await found.thing(call.work.shelf, _href(call), TYPE)
    await doors.delete(call.work, tree.spot(row.href), row)

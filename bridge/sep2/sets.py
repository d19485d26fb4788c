"""Function set assignments: one for each group that a device is in, made when they are read.

IEEE 2030.5-2018 10.3 (FSA); CSIP 2.1, 5.2.3: one assignment a level of the topology, programmes hang from
it. Its number is the group's, its mRID is made from the group and stays, its lists are what hangs from that
group. The aggregator's own EndDevice has none. None of it is stored.
"""

from __future__ import annotations

from bridge.sep2 import document, doors, groups, mrid, order, ours, tree, windows
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Answer
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

LISTS = ("derp", "dr", "tp", "msg", "file", "bill", "ppy", "rsps", "upt")
PROFILE = "2018"
_TEXT = 32
_VERSIONS = 1 << 16


async def members(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the assignments of a device."""
    edev = spot.href.rpartition("/")[0]
    lfdi = await _device(work, edev)
    held = await groups.groups(work.shelf, lfdi) if lfdi else ()
    return windows.page([_row(work, edev, group, lfdi) for group in held], cut)


async def view(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give one assignment; none where the device is not in the group."""
    del row
    edev, _, number = spot.href.rpartition("/fsa/")
    lfdi = await _device(work, edev)
    held = await groups.groups(work.shelf, lfdi) if lfdi else ()
    return next((_row(work, edev, group, lfdi) for group in held if group.href == _group(number)), None)


async def assigned(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give what hangs from the group of an assignment, of the type that the list is of."""
    number = spot.href.rpartition("/")[0].rpartition("/")[2]
    return windows.page(await work.shelf.grouped(spot.node.member, _group(number)), cut)


async def hung(work: Work, spot: Spot, body: Body) -> Answer:
    """Take what is posted to a list of an assignment: it stands in the list of all, and hangs from the group.

    So a head-end that speaks 2030.5 alone says by the address whom a programme is for.
    """
    number, name = spot.href.rsplit("/", 2)[1:]
    answer = await doors.post(work, tree.spot(f"/{name}"), body)
    for at, change in enumerate(work.changes):
        if change.row is not None and change.href == answer.location:
            work.changes[at] = change._replace(row=change.row._replace(grp=_group(number)))
    return answer


async def _device(work: Work, edev: str) -> str:
    """Give the LFDI of a device that may have assignments."""
    row = await work.shelf.get(edev)
    return row.mark if row and row.grp != row.mark else ""


def _group(number: str) -> str:
    return f"{ours.GROUPS}/{number}"


def _row(work: Work, edev: str, group: Row, lfdi: str) -> Row:
    said = ours.read(group)
    name = mrid.made(f"fsa {group.href}", work.policy)
    made = document.made(
        PROFILE,
        "FunctionSetAssignments",
        mRID=name,
        description=str((said.get("fsa") or {}).get("description") or said.get("name") or "")[:_TEXT] or None,
        version=group.version % _VERSIONS,
    )
    href = f"{edev}/fsa/{ours.number(group.href)}"
    return Row(
        href,
        f"{edev}/fsa",
        "FunctionSetAssignments",
        document.written(made, "FunctionSetAssignments", PROFILE),
        PROFILE,
        owner=lfdi,
        grp=group.href,
        mark=name,
        rank=order.rank(tree.node("/edev/{}/fsa"), made),
    )

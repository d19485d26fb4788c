"""Outages: an operator's word on a device or a group, how each stands now, and every change there was.

Kept and worked out by `bridge.sep2.outage`; here it is asked for in forms and shown in forms. How a group
stands is added up from its devices when it is asked for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.app import warden
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.core.outage import Entry as Said
from bridge.core.outage import State as Kind
from bridge.core.outage import Sum
from bridge.sdk.forms import outage as forms
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import groups, ours, outage, standing
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace, Work
from models.der import messages

NONE = "none"


async def one(work: Work, href: str) -> forms.OutageEntry:
    """An entry as it is shown."""
    return entry(work, await found.thing(work.shelf, href, standing.ENTRY))


def entry(work: Work, row: Row) -> forms.OutageEntry:
    """An entry's row as it is shown."""
    said = standing.entry(row)
    phase = "now" if said.holds(work.now) else "ahead" if said.start > work.now else "over"
    return forms.OutageEntry(
        version=found.edition(row), id=ours.number(row.href), device=row.owner or None,
        group=ours.number(row.grp) if row.grp else None, state=said.state.value,
        phase="over" if said.end == said.start else phase, start=said.start, end=said.end or None,
        left=said.left, percent=said.percent, reason=said.reason,
    )  # fmt: skip


async def state(shelf: Trace, lfdi: str) -> forms.OutageState:
    """How a device stands, in short."""
    return forms.OutageState(**_state(await shelf.get(standing.href(lfdi))))


def _state(row: Row | None) -> dict[str, Any]:
    held = standing.held(row)
    now = held.standing
    if row is None or now.state is None:
        return {"since": row.at if row else None, "left": held.rated, "rated": held.rated}
    return {
        "state": now.state.value, "source": now.source, "since": now.since, "until": now.until or None,
        "left": now.left, "rated": held.rated, "reason": now.reason,
        "entry": ours.number(now.entry) if now.entry else None,
    }  # fmt: skip


def together(said: Sum) -> dict[str, Any]:
    """How a group stands."""
    return {**said._asdict(), "state": said.state.value if said.state else NONE, "serving": said.serving}


async def group(shelf: Trace, href: str) -> forms.OutageSum | None:
    """How a group was said to stand last; nothing where none of it was ever out."""
    row = await shelf.get(f"{ours.SUMS}/{ours.number(href)}")
    return None if row is None else forms.OutageSum(**together(warden.read(row)))


# ------------------------------------------------------------------------------------------------- asking


async def list_(call: Call, query: forms.OutageQuery) -> Page[forms.Outage]:
    """The devices that are out or derated."""
    shelf, among = call.work.shelf, None
    if query.group is not None:
        href = (await groups.group(shelf, f"{ours.GROUPS}/{query.group}")).href
        among = tuple(standing.href(lfdi) for lfdi in await groups.members(shelf, href))

    async def show_(row: Row) -> forms.Outage | None:
        device = next(iter(await shelf.marked("EndDevice", row.owner)), None)
        said = _state(row)
        if device is None or said.get("state") is None or query.state not in {None, said["state"]}:
            return None
        return forms.Outage(device=ours.number(device.href), lfdi=row.owner, **said)

    cut = Cut(among=among, ending=call.work.now)
    return await paged(shelf, ours.STANDINGS, cut, query, show_, counted=query.state is None)


async def device(call: Call) -> forms.Outage:
    """How one device stands."""
    row = await found.device(call.work.shelf, call.path["device"])
    now = await state(call.work.shelf, row.mark)
    return forms.Outage(device=ours.number(row.href), lfdi=row.mark, **now.model_dump())


async def group_(call: Call) -> forms.GroupOutage:
    """How the devices of a group stand together."""
    href = (await groups.group(call.work.shelf, f"{ours.GROUPS}/{call.number('group')}")).href
    return forms.GroupOutage(group=ours.number(href), **together(await outage.of(call.work.shelf, href)))


async def entries(call: Call, query: forms.EntryQuery) -> Page[forms.OutageEntry]:
    """What operators said."""
    shelf = call.work.shelf
    owner = None if query.device is None else await found.owner(shelf, query.device)
    grp = None if query.group is None else f"{ours.GROUPS}/{query.group}"

    async def show_(row: Row) -> forms.OutageEntry:
        return entry(call.work, row)

    cut = Cut(owner=owner, grp=grp, ending=None if query.over else call.work.now)
    return await paged(shelf, ours.OUTAGES, cut, query, show_)


async def show(call: Call) -> forms.OutageEntry:
    """One entry."""
    return await one(call.work, _href(call))


def _href(call: Call) -> str:
    return f"{ours.OUTAGES}/{call.number('entry')}"


# ------------------------------------------------------------------------------------------------- saying


async def set_(call: Call, said: forms.OutageNew) -> Reply:
    """Say that a device or a group is out, derated, or in service after all."""
    shelf = call.work.shelf
    if (said.device is None) == (said.group is None):
        raise wrong("/device", "either a device or a group is needed")
    made = _sound(
        Said("", Kind(said.state), said.start if said.start is not None else call.work.now, said.end or 0,
             said.left, said.percent, said.reason),
        call.work.now, several=said.group is not None,
    )  # fmt: skip
    if said.device is not None:
        row = await outage.declare(call.work, made, lfdi=(await found.device(shelf, said.device)).mark)
    else:
        row = await outage.declare(call.work, made, group=await found.group(shelf, said.group or 0, "/group"))
    return found.shown(one, row.href, location=f"/outages/entries/{ours.number(row.href)}")


def _sound(said: Said, now: int, *, several: bool) -> Said:
    """Hold an entry to what it may say."""
    if said.end and said.end <= max(said.start, now):
        raise wrong("/end", "it ends before it begins, or has ended already")
    if said.state is not Kind.derated and (said.left is not None or said.percent is not None):
        raise wrong("/left", f"nothing is left of what is {said.state.value}; say derated")
    if said.left is not None and said.percent is not None:
        raise wrong("/percent", "say what is left in W or in per cent, not both")
    if several and said.left is not None:
        raise wrong("/left", "of a group say what is left in per cent: it is meant of each device")
    return said


async def change(call: Call, said: forms.OutageChange) -> Reply:
    """Change an entry that is not over."""
    row = await _open(call)
    was, given = standing.entry(row), said.model_fields_set
    fields = {name: getattr(said, name) for name in given}
    if fields.get("left") is not None and "percent" not in given:
        fields["percent"] = None
    if fields.get("percent") is not None and "left" not in given:
        fields["left"] = None
    if "start" in given and said.start is None:
        raise wrong("/start", "it begins at some moment")
    fields |= {"end": said.end or 0} if "end" in given else {}
    fields |= {"reason": said.reason or ""} if "reason" in given else {}
    made = _sound(was._replace(**fields), call.work.now, several=bool(row.grp))
    await outage.amend(call.work, made, row)
    return found.shown(one, row.href)


async def _open(call: Call) -> Row:
    row = await found.thing(call.work.shelf, _href(call), standing.ENTRY)
    if entry(call.work, row).phase == "over":
        raise Wrong(409, "this entry is over")
    return row


async def clear(call: Call) -> Reply:
    """End an entry now; one that lies ahead never begins."""
    row = await _open(call)
    said = standing.entry(row)
    await outage.amend(call.work, said._replace(end=max(said.start, call.work.now)), row)
    return found.shown(one, row.href)


# ------------------------------------------------------------------------------------------------- history


async def history(call: Call, query: forms.HistoryQuery) -> Page[forms.Turn]:
    """Every change, oldest first."""
    shelf = call.work.shelf
    owner = None if query.device is None else await found.owner(shelf, query.device)
    grp = None if query.group is None else f"{ours.GROUPS}/{query.group}"

    async def show_(row: Row) -> forms.Turn | None:
        return _turn(row) if query.group is not None or query.device is not None or row.record else None

    after = None if query.since is None else query.since - 1
    return await paged(shelf, ours.TURNS, Cut(owner=owner, grp=grp, after=after), query, show_)


def _turn(row: Row) -> forms.Turn | None:
    said = messages.Status.model_validate_json(row.record).outage
    if said is None:
        return None
    counts = {name: getattr(said, name) for name in ("members", "planned", "forced", "derated")}
    return forms.Turn(
        at=row.at, device=row.owner or None, group=ours.number(row.grp) if row.grp else None,
        state=said.state.value, source=said.source.value, until=int(said.until) if said.until else None,
        left=_watts(said.left), rated=_watts(said.rated), reason=said.reason or "", **counts,
    )  # fmt: skip


def _watts(said: messages.Amount | None) -> Decimal | None:
    return None if said is None else said.value

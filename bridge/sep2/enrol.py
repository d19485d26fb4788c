"""Registration: how an EndDevice comes to be, in band or by the operator, and how it goes.

IEEE 2030.5-2018 6.3, 10.2.2; CSIP 2.1, 5.2.1. A device registers itself, an aggregator its devices, under
the policy's rule; an LFDI is registered once and its holder is never anyone else. All of it (EndDevice,
Registration, DER, connection point, memberships) is one commit. The aggregator's own EndDevice is made when
it first comes.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.sep2 import connection, document, groups, metering, permit, plain
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work
from bridge.trust import identity
from models import kit

LIST = "/edev"
PROFILE = "2018"
FIRST = "!"
"""Before every digit: the aggregator's own entry heads its list."""
KEPT = ("UsagePoint", "MirrorUsagePoint", "Written", "Outage", "Standing")
"""Types that are a device's although they do not stand below its EndDevice."""


# ---------------------------------------------------------------------------------------------------- in band


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Register by POST to the list of EndDevices."""
    del spot
    await _open(work)
    lfdi = _said(work, body.obj)
    said = await _allowed(work, lfdi)
    await _free(work, lfdi)
    held = said.aggregator if work.caller.role == "operator" else ""
    if work.caller.role == "aggregator":
        held = work.caller.lfdi
    made = document.written(_identified(body.obj, lfdi), body.type, body.profile)
    row = await _enter(work, body._replace(data=made), lfdi, held)
    await _beside(work, row, said.pin, (*work.policy.groups, *said.groups))
    return Answer(201, location=row.href)


async def _open(work: Work) -> None:
    """Tell 403 where the policy lets this caller register nothing, whatever it says."""
    policy, caller = work.policy.registration, work.caller
    if caller.role == "operator" or policy == "in-band":
        return
    if policy != "listed":
        raise Told(403, "devices are registered by the operator only")
    if await permit.of(work.shelf, caller.lfdi) is None:
        raise Told(403, f"{caller.lfdi} is not on the list")


def _said(work: Work, obj: kit.Model) -> str:
    """Give the LFDI that is to be registered; a device may leave it to its certificate."""
    text = getattr(obj, "lFDI", None)
    if text is None and work.caller.role in {"aggregator", "operator"}:
        raise Told(400, "an EndDevice without lFDI: only a device registers by its own certificate")
    lfdi = permit.checked(text) if text is not None else work.caller.lfdi
    sfdi = getattr(obj, "sFDI", None)
    if sfdi != identity.sfdi(lfdi):
        raise Told(400, f"sFDI {sfdi} is not that of LFDI {lfdi}")
    return lfdi


async def _allowed(work: Work, lfdi: str) -> permit.Permit:
    """Tell no where the certificate or another's claim is against it; else give the permit."""
    caller = work.caller
    said = await permit.of(work.shelf, lfdi) or permit.Permit()
    if caller.role == "operator":
        return said
    if caller.role == "aggregator":
        if said.aggregator not in {"", caller.lfdi} or said.role != "device" or not said.granted:
            raise Told(403, f"{lfdi} is not for this aggregator")
    elif lfdi != caller.lfdi:
        raise Told(403, "a device registers itself only")
    elif said.aggregator:
        raise Told(403, f"{lfdi} is registered by its aggregator")
    return said


async def _free(work: Work, lfdi: str) -> None:
    """Tell 409 where the LFDI is registered already; its holder also learns where."""
    was = next(iter(await work.shelf.marked("EndDevice", lfdi)), None)
    if was is not None:
        mine = work.caller.role == "operator" or work.caller.lfdi in {was.mark, was.grp}
        raise Told(409, f"{lfdi} is registered", location=was.href if mine else "")


def _identified(obj: kit.Model, lfdi: str) -> kit.Model:
    """Give an EndDevice with its LFDI said in upper case."""
    return obj.model_copy(update={"lFDI": lfdi, "href": None})


# ------------------------------------------------------------------------------------------------ out of band


async def enrolled(
    work: Work,
    lfdi: str,
    *,
    pin: int | str | None = None,
    aggregator: str = "",
    category: str | None = None,
    post_rate: int | None = None,
    point: str = "",
    join: Iterable[str] = (),
) -> Row:
    """Register a device for the operator, with what its permit says where nothing is given."""
    mark = permit.checked(lfdi)
    said = await permit.of(work.shelf, mark) or permit.Permit()
    held = permit.checked(aggregator) if aggregator else said.aggregator
    if held == mark:
        raise Told(400, "a device is not held by itself")
    await _free(work, mark)
    row = await _enter(work, _body(work, mark, category=category, post_rate=post_rate), mark, held)
    await _beside(work, row, permit.pin(pin) if pin is not None else said.pin, (*said.groups, *join))
    if point:
        data = connection.body(point, connection.PROFILE)
        work.put(Row(f"{row.href}/cp", row.href, connection.TYPE, data, connection.PROFILE, owner=row.owner))
    return row


async def headed(work: Work, lfdi: str, pin: int | str | None = None) -> Row:
    """Give the EndDevice of an aggregator itself, made where there is none; it has no DER and no groups."""
    mark = permit.checked(lfdi)
    was = next(iter(await work.shelf.marked("EndDevice", mark)), None)
    if was is not None:
        if was.grp not in {"", mark}:
            raise Told(409, f"{mark} is a device of another aggregator")
        first = was._replace(rank=f"{FIRST}{was.rank}")
        return was if was.grp else await groups.entrust(work, first, mark)
    row = await _enter(work, _body(work, mark), mark, mark)
    if pin is not None:
        work.put(_registration(work, row, permit.pin(pin)))
    return row


def _body(work: Work, lfdi: str, **said: object) -> Body:
    """Give the document of an EndDevice that we make ourselves."""
    fields = {
        name: said.get(key) for name, key in (("deviceCategory", "category"), ("postRate", "post_rate"))
    }
    made = document.made(
        PROFILE,
        "EndDevice",
        lFDI=lfdi,
        sFDI=identity.sfdi(lfdi),
        changedTime=work.now,
        enabled=True,
        **fields,
    )
    return Body(document.written(made, "EndDevice", PROFILE), made, "EndDevice", PROFILE)


# ------------------------------------------------------------------------------------------------------- rows


async def _enter(work: Work, body: Body, lfdi: str, held: str) -> Row:
    """Put the EndDevice itself."""
    href = f"{LIST}/{await work.shelf.fresh()}"
    first = FIRST if held == lfdi else ""
    rank = f"{first}{identity.sfdi(lfdi):020d}"
    row = Row(href, LIST, "EndDevice", body.data, body.profile, lfdi, held, lfdi, rank)
    return work.put(row)


async def _beside(work: Work, row: Row, pin: int | None, join: Iterable[str]) -> None:
    """Put what comes with a device: its registration, its first DER, its memberships."""
    if pin is not None:
        work.put(_registration(work, row, pin))
    empty = document.written(document.made(PROFILE, "DER"), "DER", PROFILE)
    work.put(Row(f"{row.href}/der/1", f"{row.href}/der", "DER", empty, PROFILE, owner=row.owner))
    for group in dict.fromkeys(join):
        await groups.join(work, group, row)


def _registration(work: Work, row: Row, pin: int) -> Row:
    made = document.made(PROFILE, "Registration", dateTimeRegistered=work.now, pIN=pin)
    data = document.written(made, "Registration", PROFILE)
    return Row(f"{row.href}/rg", row.href, "Registration", data, PROFILE, owner=row.owner)


async def registration(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the registration of a device, where the policy serves any."""
    del spot
    return row if work.policy.pin else None


async def pinned(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Take a registration with a new PIN, in either form."""
    pin = permit.pin(body.obj.pIN)  # type: ignore[attr-defined] # every edition's Registration has one
    whole = body.obj.model_copy(update={"pIN": pin})
    data = document.written(whole, body.type, body.profile)
    return await plain.replaced(work, spot, body._replace(obj=whole, data=data), row)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Take what a device says anew of itself; who it is stays."""
    if row is None:
        raise Told(404, f"an EndDevice is registered by POST to {LIST}")
    text = getattr(body.obj, "lFDI", None)
    sfdi = getattr(body.obj, "sFDI", None)
    if (text is not None and text.upper() != row.mark) or sfdi != identity.sfdi(row.mark):
        raise Told(400, f"{spot.href} is {row.mark} and stays so")
    data = document.written(_identified(body.obj, row.mark), body.type, body.profile)
    work.amend(row, body=data, profile=body.profile, type=body.type)
    return Answer(204)


async def removed(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove a device with all that is its own, and its memberships."""
    del spot
    if row.grp == row.mark and work.caller.role != "operator":
        raise Told(403, "an aggregator's own entry goes with its permit")
    work.drop(row)
    await _apart(work, row)
    return Answer(204)


async def entrusted(work: Work, device: Row, aggregator: str) -> Row:
    """Give a device to an aggregator, or to none, with its groups and what was mirrored of it."""
    await metering.entrusted(work, device.mark, aggregator)
    return await groups.entrust(work, device, aggregator)


async def _apart(work: Work, row: Row) -> None:
    """Remove what is a device's and does not stand below it."""
    for member in await work.shelf.owned("Member", row.mark):
        await groups.left(work, member, row.grp)
    for group in await work.shelf.owned("Group", row.mark):
        for each in (*await groups.hanging(work.shelf, group.href), group):
            work.drop(each)
    for type_ in KEPT:
        for each in await work.shelf.owned(type_, row.mark):
            work.drop(each)

"""Prices and messages to many meters: sent by an operator, listed, shown with what became of each address.

An operator's request is made into the same record as one that came by SOAP, and taken by the same intake; all
operators are one sender. Served is it by whoever serves those (`bridge.app.market.counter`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from bridge.app.market import asked, intake, reading, registry, result, state
from bridge.app.market.asked import Address, Asked, Word
from bridge.app.market.reading import Refused
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged, sliced
from bridge.mapping import market as table
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.market import Addressed, NoticeNew, PriceNew, Request, RequestQuery, Result, ResultQuery
from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Trace, Work
from models.der import messages

OPERATOR = "operator"
"""The sender that all operators are."""
KILOWATT_HOUR, EMISSIONS = 0, 1
WHO = {"meters", "devices", "set", "members_of", "urgency", "name"}


async def prices_create(call: Call, said: PriceNew) -> Reply:
    """Send a price."""
    amounts = [each for each in (said.price, said.generation) if each is not None]
    fields = {
        "currency": _currency(said.currency), "rateCode": said.label, "provider": said.provider,
        "issuerEvent": said.number, "touTier": said.tier, "price": said.price, "generation": said.generation,
        "scale": min(0, *(_power(each) for each in amounts)), "unit": KILOWATT_HOUR, "cost": said.cost,
        "costUnit": None if said.cost is None else EMISSIONS,
    }  # fmt: skip
    return await _sent(call, said, messages.Price, fields)


def _currency(word: str) -> int:
    known = table.codes()["currency"]
    if word not in known:
        raise wrong("/currency", f"{word} is none of {', '.join(known)}")
    return known[word].code


def _power(value: Decimal) -> int:
    """The power of ten that a figure is written in."""
    power = value.normalize().as_tuple().exponent
    return power if isinstance(power, int) else 0


async def notices_create(call: Call, said: NoticeNew) -> Reply:
    """Send a text."""
    fields = {
        "number": said.number, "priority": said.priority, "text": said.text, "confirm": said.confirm,
        "originator": said.originator or None,
    }  # fmt: skip
    return await _sent(call, said, messages.Notice, fields)


async def _sent(call: Call, said: Addressed, kind: type[Word], fields: dict[str, Any]) -> Reply:
    """Take a request in, and show it."""
    work = call.work
    start = work.now if said.start is None else said.start
    about = reading.envelope(OPERATOR, messages.Door.operator, said.name, work.now, work.caller.lfdi)
    try:
        word = kind(**about, start=Decimal(start), duration=Decimal(said.duration), **fields)
        made = Asked(
            OPERATOR, said.name, word, await _addresses(work.shelf, said),
            asked.digest(said.model_dump(mode="json", exclude={"name"})),
            asked.digest(said.model_dump(mode="json", exclude=WHO)), said.urgency,
        )  # fmt: skip
        taken = await intake.take(work.shelf, reading.judged(call.context.market, made, work.now), work.now)
    except (Refused, ValidationError) as error:
        raise Wrong(422, reading.short(error)) from None
    work.changes += taken.changes
    return found.shown(one, taken.href, location=f"/requests/{ours.number(taken.href)}")


async def _addresses(shelf: Trace, said: Addressed) -> tuple[Address, ...]:
    """Whom a form is for, each once."""
    listed = [Address(each) for each in said.meters]
    if said.set is not None:
        listed += await registry.among(shelf, said.set, OPERATOR)
    devices = list(said.devices)
    if said.members_of is not None:
        group = await found.group(shelf, said.members_of, "/members_of")
        devices += await groups.members(shelf, group)
    return tuple(dict.fromkeys((*listed, *(Address(device=each) for each in devices))))


async def one(work: Work, href: str) -> Request:
    """A request as it is shown."""
    return await form(work, await found.thing(work.shelf, href, asked.TYPE))


async def form(work: Work, row: Row) -> Request:
    """A request's row as it is shown."""
    held = await found.thing(work.shelf, state.href(row.href))
    said, now = asked.read(row), state.read(held)
    return Request(
        version=found.edition(held), id=ours.number(row.href), name=said.id, entity=said.entity,
        kind="Price" if isinstance(said.message, messages.Price) else "Notice",
        urgency="H" if said.urgency == "H" else "L" if said.urgency == "L" else "M",
        received=row.at, addresses=now.total, served=now.next,
        state="failed" if now.reason else "served" if now.served else "waiting",
        reason=now.reason, mrid=now.mark, resources=now.events, not_mapped=said.lost,
        message=row.record.decode(),
    )  # fmt: skip


async def requests_list(call: Call, query: RequestQuery) -> Page[Request]:
    """The requests."""

    async def show_(row: Row) -> Request | None:
        said = ours.read(row)
        wanted = query.name in {None, said["id"]} and query.entity in {None, said["entity"]}
        return await form(call.work, row) if wanted else None

    counted = query.name is None and query.entity is None
    return await paged(call.work.shelf, ours.REQUESTS, Cut(), query, show_, counted=counted)


def _href(call: Call) -> str:
    return f"{ours.REQUESTS}/{call.number('request')}"


async def requests_show(call: Call) -> Request:
    """One request."""
    return await one(call.work, _href(call))


async def requests_addresses(call: Call, query: ResultQuery) -> Page[Result]:
    """What became of each address."""
    shelf = call.work.shelf
    row = await found.thing(shelf, _href(call), asked.TYPE)
    now = state.read(await found.thing(shelf, state.href(row.href)))
    every = await result.lines(shelf, asked.read(row).to, now)
    wanted = [line for line in every if query.verdict in {None, line.verdict}]
    items = [
        Result.model_validate(
            {
                "esiid": line.address.esiid,
                "device": line.address.device,
                **{name: getattr(line, name) for name in ("verdict", "reason", "devices")},
            }
        )
        for line in wanted
    ]
    return sliced(items, query)

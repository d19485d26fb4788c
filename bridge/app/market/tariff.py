"""A price as a tariff: profile, components of both directions, interval, and the price itself.

IEEE 2030.5-2018 pricing. The profile has one power of ten for all its prices: a finer price makes all of them
finer, in the same commit, so that none changes its value. A component's ReadingType stands below it. Ratios
have no place here and stay in the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.app.market import shop
from bridge.app.market.asked import Asked, number
from bridge.app.market.reading import WHOLE, Refused
from bridge.app.market.section import Market
from bridge.mapping import market as table
from bridge.sep2 import canon, mrid
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work
from models.der import messages

LIST, PROFILE, COMPONENT = "/tp", "TariffProfile", "RateComponent"
INTERVAL, PRICE = "TimeTariffInterval", "ConsumptionTariffInterval"
ELECTRICITY = 0
GRAMS, MOST = 3, 0xFFFF_FFFF
"""Kilograms in grams, as a power of ten; the largest amount."""


class Flow(NamedTuple):
    """A direction of energy, as the customer sees it."""

    name: str
    code: int
    """FlowDirectionType."""
    field: str


FORWARD, REVERSE = Flow("delivered", 1, "price"), Flow("received", 19, "generation")


def known(asked: Asked, flow: Flow = FORWARD) -> str:
    """Give what the events of a sender, provider and label are known by, for a direction."""
    word = asked.message
    assert isinstance(word, messages.Price)  # noqa: S101 - for the type checker: only prices come here
    profile = shop.seed("tariff", asked.entity, word.provider, word.rateCode, word.currency)
    return shop.seed(profile, flow.name)


def mark(work: Work, asked: Asked) -> str:
    """Give the mRID of the interval that a request is about."""
    return shop.mark(work, known(asked), number(asked.message))


async def told(work: Work, asked: Asked, said: Market) -> tuple[Row, ...]:
    """Add what a price becomes; the intervals, that of delivered energy first."""
    word: Any = asked.message
    profile = await _profile(work, asked, said)
    power = canon.obj(profile).pricePowerOfTenMultiplier or 0
    found = []
    for flow in (FORWARD, REVERSE):
        value: Decimal | None = getattr(word, flow.field)
        if value is None:
            continue
        component = await _component(work, profile, asked, flow)
        row = await _interval(work, component, asked, flow, said)
        await _price(work, row, _whole(value, power), _cost(word, said) if flow is FORWARD else ())
        found.append(row)
    return tuple(found)


async def _profile(work: Work, asked: Asked, said: Market) -> Row:
    """Give the profile, fine enough for the price."""
    word: Any = asked.message
    fields = {
        "description": f"{word.rateCode} {word.provider or ''}".strip() or asked.entity,
        "currency": word.currency,
        "pricePowerOfTenMultiplier": word.scale or 0,
        "primacy": said.primacy,
        "rateCode": word.rateCode or None,
        "serviceCategoryKind": ELECTRICITY,
    }
    name = shop.seed("tariff", asked.entity, word.provider, word.rateCode, word.currency)
    row = await shop.home(work, LIST, PROFILE, name, fields)
    power = canon.obj(row).pricePowerOfTenMultiplier or 0
    wanted = min(word.scale or 0, power)
    return row if wanted == power else await _finer(work, row, power, wanted)


async def _finer(work: Work, profile: Row, was: int, power: int) -> Row:
    """Write a profile and all its prices with a smaller power of ten."""
    for row in await work.shelf.beneath(profile.href):
        if row.type == PRICE and (value := canon.obj(row).price):
            work.amend(row, body=canon.amended_row(row, price=_whole(Decimal(value).scaleb(was), power)))
    version = ((canon.obj(profile).version or 0) + 1) % 65_536
    return work.amend(
        profile, body=canon.amended_row(profile, pricePowerOfTenMultiplier=power, version=version)
    )


def _whole(value: Decimal, power: int) -> int:
    whole = value.scaleb(-power)
    if whole != int(whole) or abs(whole) > WHOLE:
        raise Refused(f"{value} cannot be written in units of 1E{power}, as its tariff needs it")
    return int(whole)


async def _component(work: Work, profile: Row, asked: Asked, flow: Flow) -> Row:
    name = mrid.kept(known(asked, flow), work.policy)
    was = next((row for row in await work.shelf.marked(COMPONENT, name)), None)
    if was is not None:
        return was
    list_ = f"{profile.href}/rc"
    href = f"{list_}/{await work.shelf.fresh()}"
    fields = {
        "mRID": name,
        "description": flow.name,
        "ReadingTypeLink": f"{href}/rt",
        "roleFlags": "0000",
        "TimeTariffIntervalListLink": f"{href}/tti",
    }
    unit = table.unit(getattr(asked.message, "unit", None) or 0)
    kind = {"flowDirection": flow.code, "powerOfTenMultiplier": unit.power, "uom": unit.uom, "commodity": 1}
    await shop.within(work, href, "ReadingType", f"{href}/rt", kind)
    return await shop.within(work, list_, COMPONENT, href, fields)


async def _interval(work: Work, component: Row, asked: Asked, flow: Flow, said: Market) -> Row:
    word: Any = asked.message
    tier = word.registerTier if word.registerTier is not None else word.touTier
    fields = {
        "mRID": shop.mark(work, known(asked, flow), number(word)),
        "touTier": tier or 0,
        "responseRequired": shop.replies(said, person=False) if flow is FORWARD else "00",
    }
    return await shop.event(work, f"{component.href}/tti", INTERVAL, asked, fields, mark(work, asked))


async def _price(work: Work, row: Row, price: int, costs: tuple[Mapping[str, int], ...]) -> None:
    """Add the price of an interval, unless it is there."""
    if await work.shelf.get(row.href) is not None:
        return
    fields = {"consumptionBlock": 0, "price": price, "startValue": 0, "EnvironmentalCost": list(costs)}
    href = f"{row.href}/cti/{await work.shelf.fresh()}"
    await shop.within(work, f"{row.href}/cti", PRICE, href, fields)


def _cost(word: messages.Price, said: Market) -> tuple[Mapping[str, int], ...]:
    """Give what a unit costs beside money, in grams."""
    if word.cost is None:
        return ()
    grams = word.cost.scaleb(GRAMS)
    if grams != int(grams) or not 0 <= grams <= MOST:
        raise Refused(f"a cost of {word.cost} kg is no whole number of grams")
    kind = said.costs[str(word.costUnit)]
    return ({"amount": int(grams), "costKind": kind, "costLevel": 0, "numCostLevels": 0},)

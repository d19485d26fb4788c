"""Curves: drawn, drawn anew, removed (IEEE 2030.5-2018 10.10.4.5).

A curve's document is made by `bridge.sep2.dispatch`; controls point at it by its address. Points stay as they
are sent, whole numbers with a power of ten for each axis.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, wrong
from bridge.app.office.cursor import paged
from bridge.mapping import rows
from bridge.sdk.forms.grid import Curve, CurveNew, CurveQuery, Spot
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import canon, dispatch, ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

TYPE = "DERCurve"
NONE = "none"
PLAIN = {
    "curveType": "type",
    "xMultiplier": "x_multiplier",
    "yMultiplier": "y_multiplier",
    "rampIncTms": "ramp_up",
    "rampDecTms": "ramp_down",
    "autonomousVRefEnable": "autonomous",
    "autonomousVRefTimeConstant": "time_constant",
}
HUNDREDTHS = {"openLoopTms": "open_loop", "rampPT1Tms": "low_pass", "vRef": "v_reference"}


def _codes() -> dict[str, int]:
    """DERUnitRefType by word."""
    return {NONE: 0, **{code.word: code.code for code in rows.vocabulary().codes["refType"]}}


async def one(work: Work, href: str) -> Curve:
    """A curve as it is shown."""
    return form(await found.thing(work.shelf, href, TYPE))


def form(row: Row) -> Curve:
    """A curve's row as it is shown."""
    made = canon.obj(row)
    words = {code: word for word, code in _codes().items()}
    raw = {ours_: getattr(made, name) for name, ours_ in HUNDREDTHS.items()}
    scaled: dict[str, Any] = {
        name: None if value is None else Decimal(value) / 100 for name, value in raw.items()
    }
    points = tuple(
        Spot.model_construct(x=each.xvalue, y=each.yvalue, absorbing=each.excitation)
        for each in made.CurveData
    )
    return Curve(
        version=found.edition(row),
        id=ours.number(row.href),
        href=row.href,
        programme=int(row.href.split("/")[2]),
        mrid=row.mark,
        created=made.creationTime,
        description=made.description or "",
        points=points,
        y_reference=words.get(made.yRefType, str(made.yRefType)),
        **{ours_: getattr(made, name) for name, ours_ in PLAIN.items()},
        **scaled,
    )


def _facts(said: CurveNew) -> dict[str, Any]:
    """What a form says, as the fields of a document."""
    facts: dict[str, Any] = {name: getattr(said, ours_) for name, ours_ in PLAIN.items()}
    for name, ours_ in HUNDREDTHS.items():
        value: Decimal | None = getattr(said, ours_)
        if value is not None:
            if value * 100 != (whole := int(value * 100)):
                raise wrong(f"/{ours_}", "no finer than hundredths")
            facts[name] = whole
    facts["CurveData"] = [
        {"xvalue": each.x, "yvalue": each.y, "excitation": each.absorbing} for each in said.points
    ]
    facts |= {
        "yRefType": _codes()[said.y_reference],
        "description": said.description or None,
        "mRID": said.mrid,
    }
    return {name: value for name, value in facts.items() if value is not None}


async def list_(call: Call, query: CurveQuery) -> Page[Curve]:
    """The curves of a programme."""
    programme = await found.programme(call)

    async def show(row: Row) -> Curve:
        return form(row)

    return await paged(call.work.shelf, f"{programme.href}/dc", Cut(), query, show)


async def create(call: Call, said: CurveNew) -> Reply:
    """Make a curve."""
    programme = await found.programme(call)
    if said.mrid is not None:
        await found.free(call.work.shelf, TYPE, said.mrid)
    row = await dispatch.curve(call.work, programme, _facts(said))
    place = f"/programmes/{ours.number(programme.href)}/curves/{ours.number(row.href)}"
    return found.shown(one, row.href, location=place)


async def _row(call: Call) -> Row:
    href = f"/derp/{call.number('programme')}/dc/{call.number('curve')}"
    return await found.thing(call.work.shelf, href, TYPE)


async def show(call: Call) -> Curve:
    """One curve."""
    return form(await _row(call))


async def set_(call: Call, said: CurveNew) -> Reply:
    """Draw a curve anew."""
    row = await _row(call)
    if said.mrid not in {None, row.mark}:
        await found.free(call.work.shelf, TYPE, said.mrid or "")
    await dispatch.curve(call.work, await found.programme(call), _facts(said), row)
    return found.shown(one, row.href)


async def delete(call: Call) -> None:
    """Remove a curve."""
    call.work.drop(await _row(call))

"""Default controls and curves: what a programme holds that is no event, stored with its canonical record.

IEEE 2030.5-2018 10.10.4.4 DefaultDERControl, DERCurve. A default has one address below its programme and
counts whenever no control is active; a curve is pointed at by controls. Neither has a status or a window.
"""

from __future__ import annotations

from bridge.sep2 import canon, plain
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

STRICT_SLOPE = "curve-order"


async def defaulted(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Set the default control of a programme."""
    work.put(await ruled(work, spot.href, body), row)
    return Answer(204) if row else Answer(201, location=spot.href)


async def ruled(work: Work, href: str, body: Body) -> Row:
    """Give the row of a default control."""
    parent = href.rpartition("/")[0]
    programme = await work.shelf.get(parent)
    if programme is None:
        raise Told(404, f"there is no programme {parent}")
    about = canon.envelope(work, href, groups=(programme.grp,) if programme.grp else ())
    primacy = canon.obj(programme).primacy
    record = canon.record(body.obj, body.profile, about, programme=parent, primacy=primacy)
    return (await plain.made(work, parent, body, href))._replace(record=record)


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take a curve; one whose mRID is known in the list is set anew."""
    was = await plain.sibling(work, spot.href, body.type, plain.marked(work, body.obj))
    href = was.href if was else f"{spot.href}/{await work.shelf.fresh()}"
    work.put(await drawn(work, href, body), was)
    return Answer(204 if was else 201, location=href)


async def drawn(work: Work, href: str, body: Body) -> Row:
    """Give the row of a curve; Told 400 where its points do not go from left to right (DERCurve)."""
    points = [each.xvalue for each in body.obj.CurveData]  # type: ignore[attr-defined]
    if STRICT_SLOPE in work.policy.strict and points != sorted(points):
        raise Told(400, "the points of a curve are not in the order of x")
    record = canon.record(body.obj, body.profile, canon.envelope(work, href))
    return (await plain.made(work, href.rpartition("/")[0], body, href))._replace(record=record)

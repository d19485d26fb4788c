"""Any resource as its document, in XML or in JSON: what the other forms have no field for.

A document passes the same reader, the same limits and the same doors as one that comes in over IEEE 2030.5.
JSON has the names of the schema, and is turned into
XML before it is judged.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from bridge.app.office import asking, found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sdk.forms.house import Resource, ResourceQuery, ResourceSet, ResourceWrite
from bridge.sdk.forms.problem import Fault
from bridge.sdk.operation import SEP
from bridge.sep2 import access, bodies, document, doors, names, render, tree
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import MEDIA, Answer
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

FIXED = frozenset({"/dcap", "/tm", "/sdev"})
"""What the server makes itself."""


def _spot(call: Call) -> Spot:
    href = "/" + call.path["href"].strip("/")
    spot = tree.match(href)
    if spot is None:
        raise Wrong(404, f"the standard has no {href}")
    return spot


def _writable(spot: Spot, method: str) -> None:
    """Refuse what the server makes itself, and what has no such method anywhere."""
    closed = doors.CLOSED.get(spot.node.template, frozenset())
    if spot.node.template in FIXED or method in closed or (method != "POST" and spot.node.lists):
        raise Wrong(409, f"{spot.href} takes no {method}")
    if method == "POST" and not spot.node.lists and not spot.node.takes:
        raise Wrong(409, f"{spot.href} takes no POST")


async def show(call: Call, query: ResourceQuery) -> Reply:
    """A resource as its document."""
    spot = _spot(call)
    row = None if spot.node.lists else await doors.found(call.work, spot)
    if not await doors.standing(call.work, spot) or (row is None and not spot.node.lists):
        raise Wrong(404, f"there is no {spot.href}")
    profile = query.profile or (row.profile if row else "") or call.work.policy.profile
    work = _as(call.work, profile)
    if row is None:
        cut = Cut(query.start, query.limit)
        data = await render.listing(work, spot, await doors.members(work, spot, cut), cut)
    else:
        data = await render.resource(work, spot, row)
    if call.accept == SEP:
        return Reply(data=data, media=SEP)
    return Reply(_form(spot, row, data, profile))


def _as(work: Work, profile: str) -> Work:
    """The same work for a reader of a profile."""
    return Work(work.ask, work.caller._replace(profile=profile), work.policy, work.shelf)


def _form(spot: Spot, row: Row | None, data: bytes, profile: str) -> Resource:
    read = xml.read(data, load(profile))
    return Resource(
        version=found.edition(row) if row and row.version else "",
        href=spot.href,
        type=names.kind(read),
        profile=profile,
        document=read.model_dump(mode="json", exclude_none=True),
    )


async def one(work: Work, href: str) -> Resource:
    """A resource as it is shown after it was written."""
    spot = tree.spot(href)
    row = await doors.found(work, spot)
    if row is None:
        raise Wrong(404, f"there is no {href}")
    return _form(spot, row, await render.resource(_as(work, row.profile), spot, row), row.profile)


async def _body(call: Call, said: ResourceSet | None, spot: Spot) -> Body:
    """The document that was sent, read as any other, and held against the limits of commands."""
    expect = (*sorted(spot.node.also), *spot.node.takes)
    if said is None:
        body = bodies.read(call.data, call.media, call.work.caller, expect)
    else:
        caller = call.work.caller._replace(profile=said.profile)
        body = bodies.read(_xml(said), MEDIA, caller, expect)
    await access.demand(call.work, spot, body.obj, asking.HOP)
    return body


def _xml(said: ResourceSet) -> bytes:
    """A document of JSON as XML."""
    cls = names.headed(names.edition(said.profile), said.type)
    if cls is None:
        raise wrong("/type", f"{said.profile} has no {said.type}")
    try:
        made = cls.model_validate_json(json.dumps(said.document))
        return document.written(made, said.type, said.profile)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise Wrong(422, "the schema has it otherwise", *map(_fault, faults)) from None
    except (ValueError, xml.Unwritable) as error:
        raise wrong("/document", str(error)[:400]) from None


def _fault(said: Any) -> Fault:  # noqa: ANN401 - what pydantic says of a fault
    return Fault(detail=said["msg"], pointer="/document/" + "/".join(map(str, said["loc"])))


async def _grouped(call: Call, href: str) -> None:
    """Hang what was made from a group, where one is named."""
    query: ResourceWrite = call.query
    if query.group is None:
        return
    group = await found.group(call.work.shelf, query.group, "/group")
    for at, change in enumerate(call.work.changes):
        if change.href == href and change.row:
            call.work.changes[at] = change._replace(row=change.row._replace(grp=group))


async def _told(call: Call, spot: Spot, answer: Answer) -> Reply:
    """What was written, as it is shown."""
    href = answer.location or spot.href
    await _grouped(call, href)
    made = tree.match(href)
    if made is None or made.node.lists:
        return Reply(Resource(href=href, type=spot.node.type, profile="", document={}), status=200)
    created = answer.status == 201  # noqa: PLR2004 - as HTTP numbers it
    location = f"/resources{href}" if created else ""
    return found.shown(one, href, location=location, status=201 if created else 200)


async def set_(call: Call, said: ResourceSet | None) -> Reply:
    """Put a document in place."""
    spot = _spot(call)
    _writable(spot, "PUT")
    await _standing(call, spot)
    return await _told(call, spot, await doors.put(call.work, spot, await _body(call, said, spot)))


async def create(call: Call, said: ResourceSet | None) -> Reply:
    """Put a document into a list."""
    spot = _spot(call)
    _writable(spot, "POST")
    await _standing(call, spot)
    return await _told(call, spot, await doors.post(call.work, spot, await _body(call, said, spot)))


async def _standing(call: Call, spot: Spot) -> None:
    if not await doors.standing(call.work, spot):
        raise Wrong(404, "what it stands below is not there")


async def delete(call: Call) -> None:
    """Remove a resource with all below it."""
    spot = _spot(call)
    _writable(spot, "DELETE")
    row = await doors.found(call.work, spot)
    if row is None:
        raise Wrong(404, f"there is no {spot.href}")
    await doors.delete(call.work, spot, row)

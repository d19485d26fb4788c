"""A request as its row's forms: path, query, headers and body, each checked, each fault with its pointer.

Nothing passes that the description does not allow: unknown or doubled parameters, a foreign media type, a
body too large or of another shape. JSON is read strictly, so that text is no number. It decides nothing
else.
"""

from __future__ import annotations

import re

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.app.office.call import Wrong
from bridge.sdk.forms.kinds import Given
from bridge.sdk.forms.problem import MEDIA as PROBLEM
from bridge.sdk.forms.problem import Fault
from bridge.sdk.operation import MEDIA, MERGE, OCTETS, Operation

MOST = 1_048_576
"""Bytes of a body."""
TAGS = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'
"""If-Match and If-None-Match (RFC 9110, 8.8.3)."""
LARGE = 33_554_432
"""Bytes of a file."""


def accepted(header: str, served: tuple[str, ...]) -> str:
    """The media type to answer with; Wrong (406) where none will do."""
    wanted: dict[str, float] = {}
    for part in (header or "*/*").split(","):
        name, *more = (piece.strip() for piece in part.split(";"))
        wanted[name.lower()] = max(wanted.get(name.lower(), 0), _quality(more))
    best = max(served, key=lambda each: _wish(each, wanted))
    if _wish(best, wanted) <= 0:
        raise Wrong(406, f"answers are {' or '.join(served)}")
    return best


def _quality(parameters: list[str]) -> float:
    for each in parameters:
        if each.lower().startswith("q="):
            try:
                return min(max(float(each[2:]), 0), 1)
            except ValueError:
                return 0
    return 1


def _wish(media: str, wanted: dict[str, float]) -> float:
    """How much a media type is wanted: the most exact range says."""
    for each in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if each in wanted:
            return wanted[each]
    return 0.5 if media == MEDIA and PROBLEM in wanted else 0


def media(request: web.Request) -> str:
    """The media type of the body, without parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def takes(operation: Operation) -> tuple[str, ...]:
    """Media types of bodies that a row takes."""
    forms = (MEDIA, MERGE) if operation.method == "PATCH" else (MEDIA,)
    return (*(forms if operation.takes else ()), *operation.raw)


async def body(request: web.Request, operation: Operation) -> bytes:
    """The body, of a type and a size that the row takes."""
    most = LARGE if OCTETS in operation.raw else MOST
    if (request.content_length or 0) > most:
        raise Wrong(413, f"a body has {most} bytes at most", headers={"Connection": "close"})
    data = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        data += chunk
        if len(data) > most:
            raise Wrong(413, f"a body has {most} bytes at most", headers={"Connection": "close"})
    wanted = takes(operation)
    if not wanted and data:
        raise Wrong(400, "no body is taken here")
    if wanted and media(request) not in wanted:
        raise Wrong(415, f"a body is {' or '.join(wanted)}", headers={"Accept": ", ".join(wanted)})
    return bytes(data)


def form(operation: Operation, data: bytes) -> Given | None:
    """The body as the row's form."""
    if operation.takes is None:
        return None
    try:
        return operation.takes.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(each["type"] == "json_invalid" for each in faults):
            raise Wrong(400, faults[0]["msg"], Fault(detail=faults[0]["msg"], pointer="")) from None
        raise Wrong(422, "the body is not as described", *map(_pointed, faults)) from None


def _pointed(fault: ErrorDetails) -> Fault:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in fault["loc"])
    return Fault(detail=fault["msg"], pointer="".join(f"/{step}" for step in steps))


def query(request: web.Request, operation: Operation) -> BaseModel | None:
    """The query as the row's form."""
    given = request.query
    doubled = next((name for name in given if len(given.getall(name)) > 1), None)
    if doubled is not None:
        raise Wrong(400, "a parameter is given twice", Fault(detail="is given twice", parameter=doubled))
    if operation.query is None:
        if given:
            raise _unknown(next(iter(given)))
        return None
    try:
        return operation.query.model_validate_strings(dict(given), strict=False)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        said = (Fault(detail=each["msg"], parameter=str(each["loc"][0])) for each in faults if each["loc"])
        raise Wrong(400, "the query is not as described", *said) from None


def tags(request: web.Request, name: str) -> tuple[str, ...] | None:
    """The editions that a condition names; none where there is no such header."""
    said = request.headers.get(name)
    if said is None:
        return None
    if not re.fullmatch(TAGS, said.strip()):
        raise Wrong(400, f"{name}: these are no entity tags", Fault(detail="no entity tags", parameter=name))
    return tuple(each.strip() for each in said.split(","))


def _unknown(name: str) -> Wrong:
    return Wrong(400, "there is no such parameter", Fault(detail="is not known here", parameter=name))

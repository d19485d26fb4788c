"""A verb of the operator's done: the server found, the row called by the client, the answer shown.

What the command line said comes as a dictionary under the names that `bridge.app.command` gave. A refusal of
the server, and no answer, are told in one line. Nothing here knows what a row is for.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import typer

from bridge.app import contact, showing, wording
from bridge.app.command import OPTIONS
from bridge.app.fault import Fault
from bridge.sdk.client import Client
from bridge.sdk.operation import OCTETS, SEP, Operation
from bridge.sdk.sending import Pages, Refused, Request, Unanswered

Options = dict[str, Any]


def run(row: Operation, given: Options) -> None:
    """Do it."""
    asyncio.run(_run(row, given))


async def _run(row: Operation, given: Options) -> None:
    """Call, and show what is answered."""
    where = contact.find({name: given.pop(name) for name, *_ in OPTIONS})
    request = _request(row, given)
    async with Client(where.url, where.context()) as client:
        try:
            if given.get("every"):
                pages: Pages[Any] = Pages(client, row.name, request.query, request.path)  # type: ignore[arg-type]
                showing.items(row, await pages.all(), as_json=given["as_json"])
                return
            answer = await client.call(row.name, request)
        except Refused as no:
            raise Fault(where.url, str(no)) from no
        except Unanswered as no:
            raise Fault(where.url, str(no)) from no
    if isinstance(answer, bytes):
        showing.octets(answer, given.get("output"))
    else:
        showing.answer(row, answer, as_json=given["as_json"])
        if getattr(answer, "sound", True) is False:
            raise typer.Exit(1)


def _request(row: Operation, given: Options) -> Request:
    """What the command line asks for."""
    path = {name: given.pop(name).lstrip("/") for name in row.parameters}
    query = wording.form(row.query, given) if row.query else None
    data, media, body = _body(row, given)
    accept = (
        (SEP if SEP in row.serves else OCTETS) if row.serves and (given.get("xml") or not row.gives) else ""
    )
    key, match = given.get("key") or "", given.get("match") or ""
    return Request(path, query, body, data, media, accept, key, match)


def _body(row: Operation, given: Options) -> tuple[bytes | None, str, Any]:
    """The body: octets with their media type, or a form."""
    file: Path | None = given.get("body_")
    octets = wording.octets(file) if file is not None else None
    if octets is not None and (row.takes is None or (SEP in row.raw and octets.lstrip().startswith(b"<"))):
        return octets, SEP if SEP in row.raw else OCTETS, None
    if row.takes is None:
        if row.raw:
            raise Fault("--content", "name the file whose content is sent")
        return None, "", None
    return None, "", wording.body(row.takes, octets, given)

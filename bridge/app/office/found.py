"""What a path or a form names, as the row it is: devices, groups, programmes; 404 or 409 where there is none.

And what several families need beside that: the edition of something made of several rows, a document changed
in place, a certificate's LFDI. Nothing here is an operation.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import Any, cast

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import BaseModel

from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.sep2 import ours, permit
from bridge.sep2.shelf import Row
from bridge.sep2.work import Trace, Work
from bridge.trust import identity


async def device(shelf: Trace, name: str) -> Row:
    """The EndDevice of a number or an LFDI."""
    if len(name) == identity.LFDI_DIGITS:
        row = next(iter(await shelf.marked("EndDevice", name.upper())), None)
    else:
        row = await shelf.get(f"/edev/{int(name)}")
    if row is None or row.type != "EndDevice":
        raise Wrong(404, f"there is no device {name}")
    return row


async def owner(shelf: Trace, name: str) -> str:
    """The LFDI of a device that a query names."""
    return name.upper() if len(name) == identity.LFDI_DIGITS else (await device(shelf, name)).mark


async def thing(shelf: Trace, href: str, *types: str) -> Row:
    """The row of an address, of one of some types."""
    row = await shelf.get(href)
    if row is None or (types and row.type not in types):
        raise Wrong(404, f"there is no {href}")
    return row


async def programme(call: Call) -> Row:
    """The programme that the path names."""
    return await thing(call.work.shelf, f"/derp/{call.number('programme')}", "DERProgram")


async def group(shelf: Trace, number: int, pointer: str) -> str:
    """The address of a group that a form names."""
    href = f"{ours.GROUPS}/{number}"
    row = await shelf.get(href)
    if row is None or row.type != "Group":
        raise wrong(pointer, f"there is no group {number}", 409)
    return href


async def groups(shelf: Trace, numbers: Iterable[int]) -> tuple[str, ...]:
    """The addresses of groups that a form names."""
    found = [await group(shelf, number, f"/groups/{at}") for at, number in enumerate(numbers)]
    return tuple(dict.fromkeys(found))


async def free(shelf: Trace, type_: str, mark: str) -> None:
    """Refuse an mRID that is taken."""
    taken = next(iter(await shelf.marked(type_, mark)), None)
    if taken is not None:
        raise wrong("/mrid", f"{taken.href} has this mRID", 409)


def edition(first: Row, *others: Row | None) -> str:
    """The edition of what is made of some rows."""
    rest = [row for row in others if row is not None]
    if not others:
        return str(first.version)
    said = " ".join(sorted(f"{row.href}@{row.version}" for row in rest))
    return f"{first.version}-{sha256(said.encode()).hexdigest()[:12]}"


def record(row: Row) -> dict[str, Any] | None:
    """The canonical message of a row, as JSON."""
    return cast("dict[str, Any]", json.loads(row.record)) if row.record else None


def amended(work: Work, was: Row, **fields: object) -> Row:
    """Change a row that this request may have changed already."""
    for at, change in enumerate(work.changes):
        if change.href == was.href and change.row is not None:
            row = change.row._replace(**fields)  # type: ignore[arg-type]
            work.changes[at] = change._replace(row=row)
            return row
    return work.amend(was, **fields)


def certificate(pem: str, pointer: str = "/certificate") -> x509.Certificate:
    """The first certificate of a text."""
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, x509.InvalidVersion) as error:
        raise wrong(pointer, f"this is no certificate in PEM: {str(error)[:200]}") from None


def named(lfdi: str | None, pem: str | None) -> str:
    """The LFDI that a form says, or that of the certificate in it."""
    if pem is not None:
        found = identity.lfdi(certificate(pem).public_bytes(Encoding.DER))
        if lfdi not in {None, found}:
            raise wrong("/lfdi", f"the certificate's LFDI is {found}")
        return found
    if lfdi is None:
        raise wrong("/lfdi", "an LFDI or a certificate is needed")
    return lfdi


async def said(shelf: Trace, lfdi: str) -> tuple[Row | None, permit.Permit]:
    """What is said of a certificate, and the row that says it."""
    return await shelf.get(permit.href(lfdi)), await permit.of(shelf, lfdi) or permit.Permit()


def shown(
    show: Callable[[Work, str], Awaitable[BaseModel]],
    href: str,
    *,
    location: str = "",
    status: int | None = None,
) -> Reply:
    """An answer that shows a thing as it is once all is committed."""
    return Reply(after=lambda work: show(work, href), location=location, status=status)

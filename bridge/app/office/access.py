"""Access: what is said of each certificate: role, edition, whether it is let in, what it may register.

A permit may be made before anything is registered under it (CSIP 2.1, 5.2.1), and is looked at on each
request, so that access that is withdrawn ends at once. Here it is asked for in forms and shown in forms.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.app.office.roles import assign_, check, revoke_role, roles, rules_, who, why
from bridge.app.office.waiting import approve, pending, reject
from bridge.sdk.forms.fleet import Access, AccessNew, AccessQuery, AccessSet, Certificate, Identity
from bridge.sdk.forms.kinds import LATEST, Page
from bridge.sep2 import ours, permit
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work
from bridge.trust import identity

__all__ = [
    "approve",
    "assign_",
    "check",
    "pending",
    "reject",
    "revoke_role",
    "roles",
    "rules_",
    "who",
    "why",
]
EMPTY = {"name": "", "profile": "", "aggregator": "", "groups": ()}
"""What null stands for."""


async def one(work: Work, lfdi: str) -> Access:
    """What is said of a certificate, as it is shown."""
    row, said = await found.said(work.shelf, lfdi)
    if row is None:
        raise Wrong(404, f"nothing is said of {lfdi}")
    return await form(work, row, said)


async def form(work: Work, row: Row, said: permit.Permit) -> Access:
    """A permit as it is shown."""
    device = next(iter(await work.shelf.marked("EndDevice", row.mark)), None)
    return Access(
        version=found.edition(row),
        lfdi=row.mark,
        sfdi=identity.sfdi(row.mark),
        role=said.role,
        profile=said.profile,
        granted=said.granted,
        name=said.name,
        pin=said.pin,
        aggregator=said.aggregator or None,
        groups=tuple(ours.number(href) for href in said.groups),
        device=ours.number(device.href) if device else None,
    )


async def list_(call: Call, query: AccessQuery) -> Page[Access]:
    """What is said of certificates."""

    async def show(row: Row) -> Access | None:
        _, said = await found.said(call.work.shelf, row.mark)
        wanted = query.role in {None, said.role} and query.granted in {None, said.granted}
        return await form(call.work, row, said) if wanted else None

    plain = query.role is None and query.granted is None
    return await paged(call.work.shelf, ours.PERMITS, Cut(), query, show, counted=plain)


async def _set(work: Work, lfdi: str, said: AccessSet) -> None:
    """Say what a form sets."""
    fields: dict[str, Any] = said.model_dump(exclude_unset=True, exclude={"lfdi", "certificate"})
    if fields.get("groups"):
        fields["groups"] = await found.groups(work.shelf, fields["groups"])
    kept = {
        name: EMPTY.get(name) if value is None else value
        for name, value in fields.items()
        if value is not None or name in EMPTY or name == "pin"
    }
    await permit.grant(work, lfdi, **kept)


async def create(call: Call, said: AccessNew) -> Reply:
    """Say what a certificate, or an LFDI, may be."""
    lfdi = found.named(said.lfdi, said.certificate)
    row, _ = await found.said(call.work.shelf, lfdi)
    if row is not None:
        raise Wrong(409, f"something is said of {lfdi} already")
    await _set(call.work, lfdi, said)
    return found.shown(one, lfdi, location=f"/access/{lfdi}")


async def identify(call: Call, said: Certificate) -> Identity:
    """Say who a certificate is."""
    del call
    read = found.certificate(said.certificate)
    lfdi = identity.lfdi(read.public_bytes(Encoding.DER))
    return Identity(
        lfdi=lfdi,
        sfdi=identity.sfdi(lfdi),
        subject=read.subject.rfc4514_string(),
        issuer=read.issuer.rfc4514_string(),
        serial=f"{read.serial_number:X}",
        starts=max(int(read.not_valid_before_utc.timestamp()), 0),
        ends=min(max(int(read.not_valid_after_utc.timestamp()), 0), LATEST),
    )


async def show(call: Call) -> Access:
    """What is said of one certificate."""
    return await one(call.work, call.path["lfdi"].upper())


async def set_(call: Call, said: AccessSet) -> Reply:
    """Say something of a certificate, known or not."""
    lfdi = call.path["lfdi"].upper()
    await _set(call.work, lfdi, said)
    return found.shown(one, lfdi)


async def delete(call: Call) -> None:
    """Forget what was said of a certificate."""
    await permit.revoke(call.work, call.path["lfdi"].upper())


async def grant(call: Call) -> Reply:
    """Let a client in from now on."""
    return await _granted(call, granted=True)


async def revoke(call: Call) -> Reply:
    """Refuse every request of a client from now on."""
    return await _granted(call, granted=False)


async def _granted(call: Call, *, granted: bool) -> Reply:
    lfdi = call.path["lfdi"].upper()
    await permit.grant(call.work, lfdi, granted=granted)
    return found.shown(one, lfdi)

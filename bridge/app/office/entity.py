"""Companies that send signed requests: rows that say who each is, and what it may (docs/soap.md).

A key that a company signs by is no other's, so that none can sign in another's name. What a form says is read
before it is kept; which roots are trusted is a matter of the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.gateway import entities
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.entity import Entity, EntityChange, EntityNew, EntityQuery, Held
from bridge.sdk.forms.kinds import LATEST, Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from bridge.sep2.target import target
from bridge.sep2.work import Work
from bridge.soap import entity as kinds
from bridge.soap.entity import REQUESTERS, Kind
from bridge.trust import identity
from bridge.trust.wsse import algorithms


async def one(work: Work, name: str) -> Entity:
    """A company as it is shown."""
    return form(await _row(work, name))


def form(row: Row) -> Entity:
    """A company's row as it is shown."""
    said = entities.read(row)
    return Entity(
        version=found.edition(row), name=said.name, kind=said.kind.value, requester_type=said.requester,
        account=said.account, duns=said.duns, tls=said.tls, signer=_held(said.signer), rights=said.rights,
        callbacks=said.callbacks, legacy_until=said.legacy or None, issuer=said.issuer or None,
        asserter=_held(said.asserter) if said.asserter else None, enabled=said.enabled,
    )  # fmt: skip


def _held(pem: str) -> Held:
    read = x509.load_pem_x509_certificates(pem.encode())[0]
    return Held(
        lfdi=_lfdi(read), subject=read.subject.rfc4514_string(), issuer=read.issuer.rfc4514_string(),
        serial=str(read.serial_number), ends=min(max(int(read.not_valid_after_utc.timestamp()), 0), LATEST),
    )  # fmt: skip


def _lfdi(certificate: x509.Certificate) -> str:
    return identity.lfdi(certificate.public_bytes(Encoding.DER))


async def _row(work: Work, name: str) -> Row:
    row = await work.shelf.get(entities.href(name))
    if row is None:
        raise Wrong(404, f"there is no company {name}")
    return row


async def list_(call: Call, query: EntityQuery) -> Page[Entity]:
    """The companies."""

    async def show_(row: Row) -> Entity | None:
        made = form(row)
        wanted = query.kind in {None, made.kind} and query.enabled in {None, made.enabled}
        return made if wanted else None

    plain = query.kind is None and query.enabled is None
    return await paged(call.work.shelf, ours.ENTITIES, Cut(), query, show_, counted=plain)


async def add(call: Call, said: EntityNew) -> Reply:
    """Let a company send signed requests."""
    others = await entities.every(call.work.shelf)
    if any(each.name.upper() == said.name.upper() for each in others):
        raise Wrong(409, f"there is a company {said.name}, or one that differs in the case of letters alone")
    kind = Kind(said.kind)
    requester = REQUESTERS.get(kind) if said.requester_type is None else said.requester_type
    if requester is None:
        raise wrong("/requester_type", "the RequesterType of a tdsp is to be said")
    made = kinds.Entity(
        said.name, kind, requester, said.account, said.duns, _tls(said.tls, said.certificate),
        _signer(said.signer), tuple(dict.fromkeys(said.rights)), _callbacks(call, said.callbacks),
        said.legacy_until or 0, said.issuer or "", _asserter(said.asserter), said.enabled,
    )  # fmt: skip
    _whole(made, others)
    call.work.put(entities.row(made))
    return found.shown(one, made.name, location=f"/entities/{made.name}")


async def show(call: Call) -> Entity:
    """One company."""
    return await one(call.work, call.path["entity"])


async def change(call: Call, said: EntityChange) -> Reply:
    """Change a company."""
    row = await _row(call.work, call.path["entity"])
    was = entities.read(row)
    given = {name: getattr(said, name) for name in said.model_fields_set}
    new: dict[str, Any] = {name: read(given[name]) for name, read in READ.items() if given.get(name)}
    new |= {name: value for name, value in given.items() if name == "enabled" and value is not None}
    if given.get("requester_type") is not None:
        new["requester"] = given["requester_type"]
    if "legacy_until" in given:
        new["legacy"] = given["legacy_until"] or 0
    if given.get("tls") is not None or given.get("certificate"):
        new["tls"] = _tls(was.tls if given.get("tls") is None else given["tls"], given.get("certificate"))
    if given.get("rights") is not None:
        new["rights"] = tuple(dict.fromkeys(given["rights"]))
    if given.get("callbacks") is not None:
        new["callbacks"] = _callbacks(call, given["callbacks"])
    made = replace(was, **new)
    _whole(made, await entities.every(call.work.shelf))
    call.work.put(entities.row(made), row)
    return found.shown(one, made.name)


async def remove(call: Call) -> None:
    """Take nothing of a company any more, and forget it."""
    call.work.drop(await _row(call.work, call.path["entity"]))


def _tls(lfdis: tuple[str, ...], pem: str | None) -> tuple[str, ...]:
    more = (_lfdi(found.certificate(pem)),) if pem else ()
    return tuple(dict.fromkeys((*lfdis, *more)))


def _signer(pem: str) -> str:
    """A signer's certificate, with those above it, as it is kept."""
    chain = _chain(pem, "/signer")
    key: Any = chain[0].public_key()
    if not any(algorithms.fits(method, key) for method in algorithms.DEFAULT.signatures):
        raise wrong("/signer", f"its key is neither on P-256 nor RSA of {algorithms.LEAST_RSA} bits or more")
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in chain)


def _asserter(pem: str | None) -> str:
    return _chain(pem, "/asserter")[0].public_bytes(Encoding.PEM).decode() if pem else ""


def _chain(pem: str, pointer: str) -> list[x509.Certificate]:
    found.certificate(pem, pointer)
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise wrong(pointer, f"not all of it is certificates in PEM: {str(error)[:200]}") from None


def _callbacks(call: Call, urls: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses that may be called at all, by the rules of notifications."""
    for at, url in enumerate(urls):
        try:
            target(url, call.work.policy)
        except Told as told:
            raise wrong(f"/callbacks/{at}", told.reason.replace("notificationURI", "the address")) from None
    return tuple(dict.fromkeys(urls))


def _whole(made: kinds.Entity, others: tuple[kinds.Entity, ...]) -> None:
    """Refuse what does not go together: no way in, no issuer of assertions, another's signer."""
    if not made.tls:
        raise wrong("/tls", "a certificate to connect with is needed, or its LFDI")
    if made.kind is Kind.TDSP and not (made.issuer and made.asserter):
        raise wrong(
            "/asserter", "a tdsp has an issuer of assertions, and a certificate that they are signed by"
        )
    mine = _chain(made.signer, "/signer")[0]
    for each in others:
        if each.name != made.name and _chain(each.signer, "/signer")[0].public_key() == mine.public_key():
            raise wrong("/signer", f"{each.name} signs by this key", 409)


READ: Mapping[str, Callable[[str], str]] = {
    "account": str, "duns": str, "issuer": str, "signer": _signer, "asserter": _asserter,
}  # fmt: skip
"""Fields that are texts, and how each is read."""

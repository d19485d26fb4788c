"""Revocation: lists sent in, the operator's own words on certificates, and how current it all is.

A list is held to its rules by `bridge.trust.listing` and never replaced by an older one. What is said here
is in force in every worker when it is answered. Taking a list or a word away lets its certificates in again.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.app.entries import Listed, Word
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.app.register import LISTS, WORDS, Older, Register
from bridge.sdk.forms import revocation as forms
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Cut, Row
from bridge.sep2.work import Work
from bridge.trust import credential
from bridge.trust.listing import Refused

SAID = "revoked by the operator"


def _register(call: Call) -> Register:
    return Register(call.work.shelf, call.work.now)


def _commit(call: Call, changes: Sequence[Change]) -> None:
    call.work.changes.extend(changes)


async def show(call: Call) -> forms.State:
    """How things stand."""
    roll, register = call.context.revoked, _register(call)
    lists, words = await register.lists(), await register.words()
    return forms.State(
        edition=await register.edition(),
        age=roll.age(),
        commands="closed" if roll.closed() else "open",
        lists=len(lists),
        certificates=sum(one.count for one in lists),
        words=len(words),
    )


# -------------------------------------------------------------------------------------------------- lists


def _list(row: Row) -> forms.List:
    said = ours.read(row)
    return forms.List(version=found.edition(row), **{**said, "number": str(said["number"])})


async def _one_list(work: Work, name: str) -> forms.List:
    row = await work.shelf.get(f"{LISTS}/{name}")
    if row is None:
        raise Wrong(404, f"there is no list {name}")
    return _list(row)


async def lists(call: Call, query: forms.ListQuery) -> Page[forms.List]:
    """The lists that are held."""

    async def show_(row: Row) -> forms.List:
        return _list(row)

    return await paged(call.work.shelf, LISTS, Cut(), query, show_)


async def upload(call: Call) -> Reply:
    """Take a list in."""
    try:
        taken = await _register(call).take(call.data, call.context.revoked.pool, call.work.caller.lfdi)
    except Older as no:
        raise Wrong(409, str(no)) from None
    except Refused as no:
        raise Wrong(422, str(no)) from None
    _commit(call, taken.changes)
    one: Listed = taken.listed
    where = f"/revocation/lists/{one.name}"
    return found.shown(_one_list, one.name, location=where, status=201 if taken.fresh else 200)


async def list_show(call: Call) -> forms.List:
    """One list."""
    return await _one_list(call.work, call.path["list"])


async def list_delete(call: Call) -> None:
    """Take a list away."""
    register = _register(call)
    if not await register.drop(call.path["list"]):
        raise Wrong(404, f"there is no list {call.path['list']}")
    _commit(call, register.changes)


# -------------------------------------------------------------------------------------------------- words


def _word(row: Row, now: int) -> forms.Word:
    said = Word(**ours.read(row))
    return forms.Word(
        version=found.edition(row),
        name=said.name,
        lfdi=said.lfdi or None,
        issuer=said.issuer or None,
        serial=said.serial or None,
        reason=said.said,
        since=said.since,
        by=said.by or None,
        active=said.since <= now,
    )


async def _one_word(work: Work, name: str) -> forms.Word:
    row = await work.shelf.get(f"{WORDS}/{name}")
    if row is None:
        raise Wrong(404, f"nothing is said of {name}")
    return _word(row, work.now)


async def words(call: Call, query: forms.WordQuery) -> Page[forms.Word]:
    """What the operator said of certificates."""

    async def show_(row: Row) -> forms.Word:
        return _word(row, call.work.now)

    return await paged(call.work.shelf, WORDS, Cut(), query, show_)


async def revoke(call: Call, said: forms.WordNew) -> Reply:
    """Say that a certificate holds no more."""
    word = _said(said, call.work.now)
    register = _register(call)
    fresh = await register.say(word)
    _commit(call, register.changes)
    where = f"/revocation/certificates/{word.name}"
    return found.shown(_one_word, word.name, location=where, status=201 if fresh else 200)


def _said(said: forms.WordNew, now: int) -> Word:
    """The operator's word of a form; exactly one way to name the certificate."""
    pair = (said.issuer, said.serial)
    ways = (said.lfdi is not None, any(pair), said.certificate is not None)
    if sum(ways) != 1 or (any(pair) and not all(pair)):
        raise wrong("", "name the certificate by lfdi, by issuer and serial, or by itself")
    if said.by is not None and said.by == said.lfdi:
        raise wrong("/by", "a certificate does not take its own place")
    issuer, serial = (said.issuer or "").lower(), said.serial or "0"
    if said.certificate is not None:
        read = found.certificate(said.certificate)
        issuer, serial = credential.issuer(read.issuer).hex(), f"{read.serial_number:X}"
    return Word(
        reason=said.reason or SAID,
        since=now if said.since is None else said.since,
        by=said.by or "",
        lfdi=said.lfdi or "",
        issuer=issuer,
        serial=f"{int(serial, 16):X}" if issuer else "",
    )


def _name(call: Call) -> str:
    """What a word is kept under: an LFDI in upper case, an issuer in lower case."""
    issuer, dash, serial = call.path["certificate"].partition("-")
    return f"{issuer.lower()}-{serial.upper()}" if dash else issuer.upper()


async def word(call: Call) -> forms.Word:
    """What the operator said of one certificate."""
    return await _one_word(call.work, _name(call))


async def withdraw(call: Call) -> None:
    """Take a word back."""
    register = _register(call)
    if not await register.withdraw(_name(call)):
        raise Wrong(404, f"nothing is said of {call.path['certificate']}")
    _commit(call, register.changes)

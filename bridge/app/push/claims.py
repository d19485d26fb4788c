"""The door where bodies are picked up: below `/claims` of the 2030.5 listener, by the recipient itself.

Nothing is inherited from the push: who asks is authenticated by this connection, judged against the
revocation index at this request (as every request is), and held against the rules with the standing that its
account has now. Who is no recipient is told that there is nothing; who was, and may no more, is refused.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping

from bridge.app.push import register, rows
from bridge.app.site import Site
from bridge.core.access.engine import NOTHING
from bridge.core.access.roles import Grant, Role
from bridge.core.push import notice
from bridge.core.push.notice import CHALLENGES, CLAIMS
from bridge.core.push.states import Event, Standing
from bridge.sep2 import access, error, ours, rules, span
from bridge.sep2.access import Wish
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer, Ask, Told
from bridge.sep2.work import Trace, Work

JSON = "application/json"
READS = ("GET", "HEAD")
READ = Wish("claim", "read", public=True)
MOST = 500
"""Notices in one answer."""
DIGITS = 18
NOTHING_THERE = "there is no such claim for this caller"


def concerns(path: str) -> bool:
    """Whether a path leads here."""
    return path.startswith((f"{CLAIMS}/", f"{CHALLENGES}/")) or path == CLAIMS


async def answer(site: Site, ask: Ask) -> Answer:
    """Answer a request."""
    try:
        found = await _found(site, ask)
    except Told as told:
        return error.answer(told, profile=site.policy.profile)
    return found._replace(body=b"") if ask.method == "HEAD" else found


async def _found(site: Site, ask: Ask) -> Answer:
    if ask.method not in READS:
        raise Told(405, "claims are picked up by GET", allow=READS)
    work = await _work(site, ask)
    if ask.path.startswith(f"{CHALLENGES}/"):
        return await _echoed(site, work, ask.path.removeprefix(f"{CHALLENGES}/").upper())
    if ask.path == CLAIMS:
        return await _since(work)
    return await _body(work, ask.path.removeprefix(f"{CLAIMS}/"))


async def _work(site: Site, ask: Ask) -> Work:
    """Who asks, with the role of an account where it has one that is active now."""
    trace = Trace(site.store)
    caller = await rules.caller(ask, trace, site.policy)
    row = await trace.get(f"{ours.ACCOUNTS}/{ask.peer.lfdi}")
    if row is not None and rows.account(row).state is Standing.active:
        caller = caller._replace(grants=(*caller.grants, Grant(Role.PARTY, source="assignment")))
    return Work(ask, caller, site.policy, trace)


def _stranger(work: Work) -> Told:
    """Refuse who is no recipient, and have that in the decision log."""
    work.policy.access.record(access.decision(work, READ, NOTHING), {})
    return Told(404, NOTHING_THERE)


async def _judged(work: Work) -> None:
    """Refuse a recipient that may not, by now."""
    if not work.caller.granted:
        access.withdrawn(work)
        raise Told(403, "access is withdrawn", close=True)
    await access.judge(work, READ)


async def _body(work: Work, name: str) -> Answer:
    """The body of a claim, or a part of it."""
    row = None
    if name.isascii() and name.isdecimal() and len(name) <= DIGITS:
        row = await work.shelf.get(f"{ours.CLAIMS}/{int(name)}")
    if row is None or row.owner != work.caller.lfdi:
        raise _stranger(work)
    await _judged(work)
    said = rows.claim(row)
    body = await work.shelf.get(f"{ours.BODIES}/{said.digest}")
    if row.until <= work.now or body is None:
        raise Told(410, "what was claimed is over")
    tag = f'"{said.digest}"'
    if span.held(work.ask.held, tag):
        return span.same(tag)
    part = span.part(work.ask.span, work.ask.condition, tag, said.size)
    octets = body.body if part is None else body.body[part.start : part.stop]
    found = span.answer(octets, part, said.size, tag, rows.media(row))
    digest = b64encode(bytes.fromhex(said.digest)).decode()
    return found._replace(headers=(*found.headers, ("Repr-Digest", f"sha-256=:{digest}:")))


async def _since(work: Work) -> Answer:
    """The notices behind a version: what somebody was not told while it was away, in order."""
    known = await work.shelf.get(f"{ours.ACCOUNTS}/{work.caller.lfdi}")
    if known is None:
        raise _stranger(work)
    await _judged(work)
    asked = dict(work.ask.query)
    after, limit = _figure(asked, "since", 0), min(max(_figure(asked, "limit", 100), 1), MOST)
    cut = Cut(limit=limit, after=after, owner=work.caller.lfdi, ending=work.now)
    page = await work.shelf.children(ours.CLAIMS, cut)
    items = [_shown(row) for row in page.rows]
    last = page.rows[-1].at if page.rows else after
    body = json.dumps({"items": items, "latest": last, "more": page.total > len(items)}).encode()
    return Answer(200, body, JSON, until=0)


def _shown(row: Row) -> dict[str, object]:
    return {**notice.said(rows.claim(row)), "media": rows.media(row)}


def _figure(asked: Mapping[str, str], name: str, usual: int) -> int:
    text = asked.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise Told(400, f"{name} is a whole number")
    return int(text)


async def _echoed(site: Site, work: Work, nonce: str) -> Answer:
    """The nonce's own address was read by the recipient's certificate: that is its echo."""
    row = next(iter(await work.shelf.marked(rows.ENDPOINT, nonce)), None)
    one = rows.endpoint(row) if row is not None else None
    if one is None or not one.nonce or one.recipient != work.caller.lfdi or one.leg != "notification":
        raise _stranger(work)
    await _judged(work)
    found = await register.happened(site.store, one.number, Event.echo, work.now, nonce, nonce="")
    if found is None:
        raise Told(409, "it is no longer waited for")
    body = json.dumps({"nonce": nonce, "endpoint": one.number}).encode()
    return Answer(200, body, JSON, until=0)

"""Requests that wait for a second subject: kept whole as a row, done as they were sent once approved.

A rule may ask for another pair of eyes above a power. Who approves is another certificate, with a role that
may approve; the request is then decided anew, with the roles that its sender has at that moment, and done in
the approver's commit. What is not approved in a day is gone. Nothing here commits.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from bridge.sep2 import access, ours
from bridge.sep2.shelf import Cut, Page, Row, Shelf
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Trace, Work
from bridge.trust.credential import Claim, Serial

TYPE = "Pending"
KEPT = 86_400
"""Seconds that a request waits."""


class Waiting(NamedTuple):
    """A request that waits."""

    ask: Ask
    hop: str
    said: dict[str, Any]


async def keep(work: Work, held: access.Held) -> Row:
    """Keep a request; the same one once."""
    ask, asked = work.ask, held.asked
    digest = ask.digest
    mark = f"{ask.peer.lfdi}-{digest}".upper()
    was = next(iter(await work.shelf.marked(TYPE, mark)), None)
    said = {
        **{name: getattr(ask, name) for name in ("method", "path", "query", "media", "accept")},
        "body": b64encode(ask.body).decode(),
        "lfdi": ask.peer.lfdi,
        "sfdi": ask.peer.sfdi,
        "roles": sorted(ask.peer.roles),
        "serials": [(one.issuer.hex(), one.number) for one in ask.peer.serials],
        "claims": [tuple(one) for one in ask.peer.claims],
        "hop": held.wish.hop,
        "function": held.wish.function,
        "action": held.wish.action,
        "hrefs": held.wish.hrefs,
        "rule": held.verdict.rule,
        "power": None if asked.power is None else str(asked.power),
        "devices": asked.devices,
        "at": work.now,
        "digest": digest,
    }
    href = was.href if was else f"{ours.PENDING}/{await work.shelf.fresh()}"
    until = work.now + KEPT
    row = Row(href, ours.PENDING, TYPE, ours.body(said), owner=ask.peer.lfdi, mark=mark, until=until)
    return work.put(row, was)


def read(row: Row, now: int) -> Waiting:
    """Give a request that waits, as if it came now."""
    said = ours.read(row)
    peer = Peer(
        said["lfdi"],
        said["sfdi"],
        frozenset(said["roles"]),
        tuple(Serial(bytes.fromhex(issuer), number) for issuer, number in said["serials"]),
        tuple(Claim(tuple(roles), *rest) for roles, *rest in said["claims"]),
    )
    query = tuple((name, value) for name, value in said["query"])
    body = b64decode(said["body"])
    ask = Ask(said["method"], said["path"], peer, now, query, body, said["media"], said["accept"])
    return Waiting(ask, said["hop"], said)


async def listed(shelf: Shelf | Trace, cut: Cut, now: int) -> Page:
    """Give the requests that wait."""
    return await shelf.children(ours.PENDING, cut._replace(ending=now))


async def one(shelf: Shelf | Trace, number: int, now: int) -> Row:
    """Give a request that waits; Told where there is none."""
    row = await shelf.get(f"{ours.PENDING}/{number}")
    if row is None or row.until <= now:
        raise Told(404, f"nothing waits under {number}")
    return row

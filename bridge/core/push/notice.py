"""A notice: small enough for any channel, it says what changed and where its body may be picked up.

The claim check: kind, subject, version, claim, digest, size, expiry, and no word of the body. It is told as
JSON, or as the query of the claim's address where a channel has room for an address alone (a Notification
of IEEE 2030.5). A version rises with every change there is, so it rises for each subject. Never holds a body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

MOST = 1_024
"""Bytes of a notice, at most."""
MEDIA = "application/vnd.derbridge.notice+json"
CHALLENGE = "challenge"
TEST = "test"
KINDS = ("outage", "status", "event", "response", "market", "revocation")
"""What may be told; a test is told to the endpoint that asked for it."""
CLAIMS = "/claims"
CHALLENGES = "/challenges"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELDS: Mapping[str, type] = {
    "kind": str, "subject": str, "version": int, "claim": int, "digest": str, "size": int, "expires": int,
}  # fmt: skip


class Notice(NamedTuple):
    """What somebody is told."""

    kind: str
    subject: str
    """mRID of what it is about, or LFDI."""
    version: int
    """Above that of every earlier change."""
    claim: int
    """Number of the claim."""
    digest: str
    """SHA-256 of the body, in hexadecimal digits."""
    size: int
    """Bytes of the body."""
    expires: int
    """The first second at which the body is to be had no more."""

    @property
    def href(self) -> str:
        """Where its body may be picked up."""
        return f"{CLAIMS}/{self.claim}"


class Unfit(ValueError):
    """What is no notice."""


def said(one: Notice) -> dict[str, Any]:
    """Give a notice as it is written."""
    return {**one._asdict(), "href": one.href}


def write(one: Notice) -> bytes:
    """Give the bytes of a notice; ValueError for one that is too long."""
    data = json.dumps(said(one), separators=(",", ":")).encode()
    if len(data) > MOST:
        raise ValueError(f"a notice has {MOST} bytes at most, not {len(data)}")
    return data


def read(data: bytes) -> Notice:
    """Read a notice; Unfit where it is none."""
    try:
        found = json.loads(data) if len(data) <= MOST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unfit("this is no notice")
    return _made(found)


def address(one: Notice) -> str:
    """Give the claim's address with the notice as its query."""
    fields = {name: value for name, value in one._asdict().items() if name != "claim"}
    return f"{one.href}?{urlencode(fields)}"


def found(href: str) -> Notice:
    """Read a notice from such an address; Unfit where it is none."""
    path, _, query = href.partition("?")
    number = path.removeprefix(f"{CLAIMS}/")
    if not (path.startswith(f"{CLAIMS}/") and number.isascii() and number.isdecimal()):
        raise Unfit("this is no address of a claim")
    fields: dict[str, Any] = dict(parse_qsl(query))
    for name in ("version", "size", "expires"):
        text = fields.get(name, "")
        fields[name] = int(text) if text.isascii() and text.isdecimal() else None
    return _made({**fields, "claim": int(number)})


def _made(fields: Mapping[str, Any]) -> Notice:
    values = {name: fields.get(name) for name in _FIELDS}
    wrong = [name for name, kind in _FIELDS.items() if type(values[name]) is not kind]
    if wrong or not _DIGEST.fullmatch(values["digest"] or ""):
        raise Unfit(f"{wrong[0] if wrong else 'digest'} is missing, or is not what it has to be")
    if min(values[name] or 0 for name in ("version", "claim", "size", "expires")) < 0:
        raise Unfit("a figure is below zero")
    return Notice(**values)  # type: ignore[arg-type]

"""Idempotency keys: the same request under the same key is done once and answered the same again.

That a request is done is remembered in the same commit as what it changes, in whichever process the
repetition arrives; what was answered is added as soon as it is known. Another request under the same key is
refused. Only what was done is remembered, never a refusal; how long is the configuration's to say.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any, NamedTuple

from bridge.app.office.call import Wrong
from bridge.sdk.forms.problem import Fault

HEADER = "Idempotency-Key"
LONGEST = 255
PATTERN = f"^[!-~]{{1,{LONGEST}}}$"


class Known(NamedTuple):
    """What was answered."""

    status: int
    data: bytes
    media: str
    headers: dict[str, str]
    whole: bool = True
    """Whether it is all that was answered: not when the process ended between commit and answer."""


class Ticket(NamedTuple):
    """A request under a key."""

    place: str
    """What the store remembers it by."""
    request: str
    """What tells it from another."""
    until: int


def ticket(key: str, party: str, request: str, until: int) -> Ticket:
    """A request under a key as it was sent; Wrong where it cannot be one."""
    if not re.fullmatch(PATTERN, key):
        detail = f"1 to {LONGEST} printable characters without a blank"
        raise Wrong(400, f"{HEADER}: {detail}", Fault(detail=detail, parameter=HEADER))
    return Ticket(f"office/{digest(party, key)}", request, until)


def digest(*parts: str | bytes) -> str:
    """What tells one request from another."""
    whole = b"".join(
        len(part).to_bytes(8, "big") + part
        for part in (part if isinstance(part, bytes) else part.encode() for part in parts)
    )
    return sha256(whole).hexdigest()


async def known(store: Any, ticket: Ticket, now: int) -> Known | None:  # noqa: ANN401 - see Context
    """What was answered to this request; Wrong where the key was another's."""
    data = await store.remembered(ticket.place, now)
    if data is None:
        return None
    said = json.loads(data)
    if said["request"] != ticket.request:
        detail = "this key was used for another request"
        raise Wrong(422, detail, Fault(detail=detail, parameter=HEADER))
    if not said["whole"]:
        raise Wrong(409, "this was done, its answer was lost", headers=said["headers"])
    return Known(said["status"], b64decode(said["data"]), said["media"], said["headers"])


def value(ticket: Ticket, answer: Known) -> bytes:
    """What is remembered."""
    said = {**answer._asdict(), "data": b64encode(answer.data).decode(), "request": ticket.request}
    return json.dumps(said).encode()


def begun(headers: dict[str, str]) -> Known:
    """What is remembered until the answer is known."""
    return Known(0, b"", "", headers, whole=False)

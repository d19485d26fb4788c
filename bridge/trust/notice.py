"""The notice of a revocation: what an edition changed, sealed by the relay for everybody who is connected.

It says what the plain feed says of one edition (docs/revocation.md), so who has the edition before needs
nothing else; who has not asks the feed from the edition that it has. Its sequence is the edition, so the same
notice is taken once, however often it comes. The receiver believes the relay's seal, not its connection.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from bridge.trust import revoked, seal, verify
from bridge.trust.decision import Decision
from bridge.trust.header import LIVES, Message
from bridge.trust.revoked import NONE, Change
from bridge.trust.verify import Access, Proved, Verifier

KIND, MEDIA = "notice", "application/vnd.derbridge.revocation+json"
GROUP = "revocation"
"""Whom it is for: everybody."""
MOST = 1_000
"""Certificates and LFDIs that a notice names; of more it says no more than the edition."""
FIELDS = frozenset({"edition", "since", "whole", "added", "removed"})


class Malformed(ValueError):
    """Well sealed, and no notice of a revocation."""


class Sealer(NamedTuple):
    """Who seals."""

    lfdi: str
    key: ec.EllipticCurvePrivateKey


def sealed(change: Change, sealer: Sealer, now: int, chance: bytes) -> str:
    """The notice of a change; `chance` are sixteen bytes of it."""
    message = Message(
        sender=sealer.lfdi,
        recipient=GROUP,
        kind=KIND,
        correlation=f"edition-{change.edition}",
        created=now,
        expires=now + LIVES[KIND],
        nonce=seal.nonce(chance),
        sequence=change.edition,
        media=MEDIA,
        payload=payload(change),
    )
    return seal.seal(message, sealer.key)


def payload(change: Change) -> bytes:
    """What it says."""
    told = change.told and change.added.size + change.removed.size <= MOST
    added, removed = (change.added, change.removed) if told else (NONE, NONE)
    said = {
        "edition": change.edition,
        "since": change.before,
        "whole": told,
        "added": added.plain(),
        "removed": removed.plain(),
    }
    return json.dumps(said, separators=(",", ":")).encode()


async def take(text: str, verifier: Verifier, now: int) -> Change:
    """Verify a notice and give the change; Refused by what is no seal, Malformed by what is no notice.

    `told` is False where the notice names nothing: then ask the feed what came after the edition you have.
    """
    message = (await verify.verify(text, verifier, now)).message
    if message.kind != KIND or message.media != MEDIA:
        raise Malformed("it is sealed for something else")
    found = read(message.payload)
    if found.edition != message.sequence:
        raise Malformed("its edition is not its sequence")
    return found


def read(data: bytes) -> Change:
    """Read what a notice says."""
    try:
        return _change(json.loads(data))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Malformed(f"it is no notice of a revocation: {error}") from error


def _change(said: dict[str, Any]) -> Change:
    if said.keys() != FIELDS or not isinstance(said["whole"], bool):
        raise ValueError("its fields are others")
    numbers = said["edition"], said["since"]
    if any(type(each) is not int or each < 0 for each in numbers):
        raise ValueError("an edition is a number")
    added, removed = (revoked.marks(said[name]) for name in ("added", "removed"))
    if not all(type(each) is str for each in added.lfdis | removed.lfdis):
        raise ValueError("an LFDI is a text")
    return Change(*numbers, added, removed, said["whole"])


def relay(lfdi: str) -> Access:
    """The access of a receiver who takes notices from one relay, and nothing else from anybody."""

    def decide(proved: Proved) -> Decision:
        """Say whether it is that relay, and a notice."""
        message = proved.message
        allowed = message.sender == lfdi and message.kind == KIND
        return Decision(
            message.created * 1_000_000, message.correlation, message.sender, "", None, "", "none",
            "revocation", KIND, GROUP, "", "", allowed, (), "", "relay",
        )  # fmt: skip

    return decide

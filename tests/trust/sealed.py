"""Parties, messages and verifiers that the tests of sealed messages share, and a forger's pen."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from bridge.trust import header, issue, octets, seal, verify
from bridge.trust.decision import Decision
from bridge.trust.header import Message
from bridge.trust.issue import Issued
from bridge.trust.refusal import Reason, Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring
from bridge.trust.verify import Proved, Question, Verifier

NOW = 1_800_000_000
SERCA = issue.root("SERCA")
MICA = issue.authority(SERCA, "MICA", depth=0)
ALICE, BOB, EVE, BAD, STRANGER = (issue.device(MICA, name) for name in (b"a", b"b", b"e", b"x", b"s"))
ROGUE = issue.device(issue.authority(issue.root("SERCA"), "MICA", depth=0), b"a")
OLD = issue.client(MICA, "old", until=datetime(2025, 1, 1, tzinfo=UTC))
YOUNG = issue.client(MICA, "young", since=datetime(2050, 1, 1, tzinfo=UTC))
KNOWN = (ALICE, BOB, EVE, BAD, ROGUE, OLD, YOUNG)
ALLOWED = Decision(
    0, "", "", "", None, "", "none", "", "read", "", "", "all", True, (), policy="1", hop="relay"
)  # fmt: skip


def verifier(**changes: Any) -> Verifier:
    """Bob's."""
    made = Verifier(
        frozenset({BOB.lfdi, "feeder-7"}),
        Ring([SERCA.der], [one.chain for one in KNOWN]),
        lambda lfdi, _: lfdi == BAD.lfdi,
        Nonces(),
        Levels(),
        access,
    )
    return made._replace(**changes)


def access(proved: Proved) -> Decision:
    """Everything but to delete."""
    return ALLOWED._replace(allowed=proved.message.method != "DELETE")


def message(number: int = 1, **changes: Any) -> Message:
    """From Alice to Bob."""
    made = Message(
        ALICE.lfdi,
        BOB.lfdi,
        "request",
        f"c-{number}",
        NOW,
        NOW + 300,
        seal.nonce(number.to_bytes(16, "big")),
        number,
        "application/sep+xml",
        b"<DERControl/>",
    )
    return made._replace(**changes)


def sealed(by: Issued = ALICE, **changes: Any) -> str:
    """A message under the seal of whom it says it is from."""
    return seal.seal(message(**{"sender": by.lfdi, **changes}), by.key)


def head(**changes: Any) -> dict[str, Any]:
    """The members of an honest header, some put otherwise; those that are None are left out."""
    members = json.loads(header.write(message())) | changes
    return {name: value for name, value in members.items() if value is not None}


def critical(**changes: Any) -> dict[str, Any]:
    """The same, with `crit` to fit, as a forger who is no fool would write it."""
    members = head(**changes)
    known = {"alg", "typ", "kid", "cty", "crit"}
    return members | {"crit": [name for name in members if name not in known]}


def written(said: dict[str, Any] | str | bytes, payload: bytes = b"<DERControl/>", by: Issued = ALICE) -> str:
    """Any header at all, rightly signed."""
    raw = json.dumps(said) if isinstance(said, dict) else said
    return signed(raw.encode() if isinstance(raw, str) else raw, payload, by.key)


def signed(raw: bytes, payload: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """A header as it stands, rightly signed."""
    said = octets.encode(raw) + b"." + octets.encode(payload)
    return (said + b"." + octets.encode(pair(key.sign(said, seal.ECDSA)))).decode()


def pair(der: bytes, width: int = 32) -> bytes:
    """A signature as JOSE writes it."""
    return b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(der))


def judged(
    text: str, judge: Verifier | None = None, now: int = NOW, question: Question | None = None
) -> Reason | None:
    """Why a text is refused; None for one that is taken."""
    try:
        asyncio.run(verify.verify(text, judge or verifier(), now, question))
    except Refused as refused:
        return refused.reason
    return None

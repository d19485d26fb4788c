"""What the bridge says by itself, sealed for who is to act on it; and the echo of a challenge, proved.

JWS as in docs/sealed-messages.md, class `claim` for a notice and `request` for a challenge, by the key of the
server's own certificate. A challenge is answered by a sealed message that is bound to it and repeats its
nonce. The recipient's certificate is the one that its administrator registered, never one from a message.
"""

from __future__ import annotations

import json
from secrets import token_bytes, token_hex
from typing import NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.scribe import micros
from bridge.core.push import notice
from bridge.core.push.notice import Notice
from bridge.trust import ring, seal, verify
from bridge.trust.header import LIVES, RESPONSE, Message
from bridge.trust.refusal import Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Held, Ring
from bridge.trust.verify import Proved, Question, Revoked, Verifier

CLAIM, REQUEST = "claim", "request"
SEALED = "application/jose"
"""Media type of a sealed message over HTTPS (RFC 7515 9.2.1)."""
CHALLENGE = "application/vnd.derbridge.challenge+json"
MARGIN = 1


class Signer:
    """What the bridge seals with."""

    def __init__(self, lfdi: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.lfdi, self.key = lfdi, key
        self._last = 0

    def renew(self, lfdi: str, key: ec.EllipticCurvePrivateKey) -> None:
        """Go on with another key."""
        self.lfdi, self.key = lfdi, key

    def notice(self, one: Notice, recipient: str, now: int) -> str:
        """Seal a notice for who is to pick up."""
        until = min(max(one.expires, now + MARGIN), now + LIVES[CLAIM])
        return self._seal(recipient, CLAIM, notice.MEDIA, notice.write(one), (now, until)).text

    def challenge(self, nonce: str, recipient: str, now: int) -> Question:
        """Seal a challenge; the echo is to be bound to what this gives."""
        payload = json.dumps({"nonce": nonce}).encode()
        return self._seal(recipient, REQUEST, CHALLENGE, payload, (now, now + LIVES[REQUEST]))

    def _seal(self, recipient: str, kind: str, media: str, payload: bytes, span: tuple[int, int]) -> Question:
        self._last = max(self._last + 1, micros())
        said = Message(
            self.lfdi, recipient, kind, token_hex(16), *span, seal.nonce(token_bytes(16)), self._last, media,
            payload,
        )  # fmt: skip
        return Question(said, seal.seal(said, self.key))


def chain(pem: str) -> tuple[bytes, ...]:
    """Give the certificates of a text, in DER; ValueError where there is none."""
    return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem.encode()))


def held(pem: str, roots: tuple[bytes, ...]) -> Held:
    """Judge the chain of a recipient."""
    return ring.hold(chain(pem), roots)


def echoed(  # noqa: PLR0917 - what a verifier is made of
    text: str, question: Question, nonce: str, ring_: Ring, revoked: Revoked, now: int
) -> Held:
    """Prove the echo of a challenge, and give who sealed it; Refused or ValueError where it is none."""
    judge = Verifier(
        frozenset({question.message.sender}), ring_, revoked, Nonces(), Levels(), unasked,
        lives={RESPONSE: LIVES[RESPONSE]},
    )  # fmt: skip
    proved = verify.prove(text, judge, now, question)
    said = json.loads(proved.message.payload)
    if not isinstance(said, dict) or said.get("nonce") != nonce:
        raise ValueError("the echo repeats another nonce")
    return proved.held


def unasked(_: Proved) -> NoReturn:
    """Decide nothing: what is proved here is not asked about access."""
    raise RuntimeError("access is not decided here")


__all__ = [
    "CHALLENGE",
    "CLAIM",
    "REQUEST",
    "SEALED",
    "Refused",
    "Signer",
    "chain",
    "echoed",
    "held",
    "unasked",
]

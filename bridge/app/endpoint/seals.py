"""The endpoint's seals: requests proved, answers bound to them, reports as notices (docs/sealed-messages.md).

As a server it takes the class `request` alone, as a client `response` to what it asked and `notice`; always
for our own LFDI. The sequence of what we seal is microseconds of the clock, and never the same twice. Access
is asked of the unit inside (rights.py): what is proved here may not do anything by that alone.
"""

from __future__ import annotations

from secrets import token_bytes, token_hex
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app.scribe import micros
from bridge.iec61850 import sealing, unit
from bridge.iec61850.sealing import MEDIA
from bridge.trust import seal
from bridge.trust import verify as verify_
from bridge.trust.decision import Decision
from bridge.trust.header import LIVES, RESPONSE, Message
from bridge.trust.replay import Marks, Nonces
from bridge.trust.ring import Certificates
from bridge.trust.verify import Proved, Question, Revoked, Verified, Verifier, verify
from models.mms import mms_ours

NOTICE, REQUEST = "notice", "request"
TAKEN = {REQUEST: LIVES[REQUEST]}
TOLD = {name: LIVES[name] for name in (RESPONSE, NOTICE)}
"""What a client takes of a server."""
PROVED = Decision(0, "", "", "", None, "", "none", "", REQUEST, "", "", "", True, (), "", "iec61850")
Key = ec.EllipticCurvePrivateKey


class Document(NamedTuple):
    """What is no unit of an association."""

    media: str
    payload: bytes
    until: int = 0
    """From when on it means nothing any more; 0 for never."""


class Seals:
    """What we seal and unseal with."""

    def __init__(
        self,
        lfdi: str,
        key: ec.EllipticCurvePrivateKey,
        certificates: Certificates,
        revoked: Revoked,
        marks: Marks,
    ) -> None:
        self.lfdi, self.key = lfdi, key
        self._verifier = Verifier(
            frozenset({lfdi}), certificates, revoked, Nonces(), marks, _proved, lives=TAKEN
        )
        self._last = 0

    def renew(self, lfdi: str, key: ec.EllipticCurvePrivateKey, certificates: Certificates) -> None:
        """Go on with another key, and other certificates of others."""
        self.lfdi, self.key = lfdi, key
        self._verifier = self._verifier._replace(mine=frozenset({lfdi}), certificates=certificates)

    async def proved(self, text: str, now: int) -> Verified:
        """Prove a request, or Refused."""
        return await verify(text, self._verifier, now)

    def request(self, to: str, payload: bytes, now: int, context: mms_ours.Context | None = None) -> Question:
        """Seal what we ask of a server, for it alone; the answer is to be bound to what this gives.

        `context` is what the payload says, where that is known.
        """
        service, reference = sealing.subject(context or unit.read(payload))
        said = Message(
            self.lfdi, to, REQUEST, token_hex(16), now, now + LIVES[REQUEST], seal.nonce(token_bytes(16)),
            self._sequence(), MEDIA, payload, service=service, reference=reference,
        )  # fmt: skip
        return Question(said, seal.seal(said, self.key))

    def document(self, to: str, said: Document, now: int) -> Question:
        """Seal a document for a party that is to act on it and answer; Refused where it is not believed."""
        verify_.believed(to, self._verifier, now)
        until = now + LIVES[REQUEST]
        expires = min(max(said.until, now + 1), until) if said.until else until
        made = Message(
            self.lfdi, to, REQUEST, token_hex(16), now, expires, seal.nonce(token_bytes(16)),
            self._sequence(), said.media, said.payload,
        )  # fmt: skip
        return Question(made, seal.seal(made, self.key))

    async def told(self, text: str, now: int, question: Question | None = None) -> Message:
        """Prove what a server says: the answer to a question, else a notice; or Refused."""
        taken = self._verifier._replace(lives=TOLD)
        return (await verify(text, taken, now, question)).message

    def answer(self, asked: Verified, payload: bytes, now: int, media: str = MEDIA) -> str:
        """Seal the answer to a request, for whoever sealed that."""
        said = seal.answer(
            asked.message, asked.text, self.lfdi, payload=payload, media=media, created=now,
            nonce=seal.nonce(token_bytes(16)), sequence=self._sequence(),
        )  # fmt: skip
        return seal.seal(said, self.key)

    def notice(self, to: str, payload: bytes, now: int) -> str:
        """Seal what somebody is told unasked: a report, a termination, a reject."""
        said = Message(
            self.lfdi, to, NOTICE, token_hex(16), now, now + LIVES[NOTICE], seal.nonce(token_bytes(16)),
            self._sequence(), MEDIA, payload,
        )  # fmt: skip
        return seal.seal(said, self.key)

    def _sequence(self) -> int:
        self._last = max(self._last + 1, micros())
        return self._last


def key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key in a file; ValueError for one that cannot seal."""
    found = load_pem_private_key(pem, None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise ValueError("is no key of an elliptic curve")  # noqa: TRY004 - what is in a file is a value
    return found


def _proved(_: Proved) -> Decision:
    return PROVED

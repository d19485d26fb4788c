"""The judge of sealed messages: from a text that anybody may have written to a message that is proved.

Size, form, header, sender in our own certificates, chain, period, revocation now, signature; then recipient,
window, answer, replay, access: in this order, and nothing is used of a message before its signature holds.
Both values of `s` that ECDSA lets pass are taken, as by every JOSE library (docs/decisions/0007). Clock,
certificates, marks and the decision on access are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature

from bridge.trust import header, identity, octets
from bridge.trust.credential import Serial
from bridge.trust.decision import Decision
from bridge.trust.header import LIVES, RESPONSE, Message
from bridge.trust.refusal import Reason, Refused
from bridge.trust.replay import Marks, Nonces
from bridge.trust.ring import Certificates, Held
from bridge.trust.seal import ECDSA, HALF, signature

MOST = 1_400_000
"""Characters of a message: a megabyte of payload."""
HEAD = 4_096
"""Characters of a header."""
SKEW = 300
"""Seconds that two clocks may differ by."""

Revoked = Callable[[str, tuple[Serial, ...]], bool]
"""Whether a party, by its LFDI or by what its chain could be revoked by, is revoked at this moment."""


class Proved(NamedTuple):
    """A message that its sender did seal, for us and for now."""

    message: Message
    text: str
    """Its compact form, which an answer is bound to."""
    held: Held
    """The sender's certificate."""


Access = Callable[[Proved], Decision]
"""Whether a proved message may do what it wants. Who gives the answer also tells the log of it."""


class Verifier(NamedTuple):
    """What is judged by."""

    mine: Container[str]
    """Our own LFDI, and the ids of the groups that we are in."""
    certificates: Certificates
    revoked: Revoked
    nonces: Nonces
    marks: Marks
    access: Access
    skew: int = SKEW
    lives: Mapping[str, int] = LIVES
    """How long a message of each class may live; a class that is not named is not taken."""
    most: int = MOST


class Question(NamedTuple):
    """A request of our own that waits for its answer."""

    message: Message
    text: str
    """Its compact form, as it was sent."""


class Verified(NamedTuple):
    """A message that may be acted upon."""

    message: Message
    text: str
    held: Held
    decision: Decision


async def verify(text: str, verifier: Verifier, now: int, question: Question | None = None) -> Verified:
    """Prove a message, or Refused; with `question` it must be the answer to that, else no answer at all."""
    proved = prove(text, verifier, now, question)
    message = proved.message
    if message.kind != RESPONSE:  # an answer is bound to a request, which is asked once
        rising = await verifier.marks.advance(message.sender, message.recipient, message.sequence)
        if not rising:
            raise Refused(Reason.SEQUENCE, message.sender)
    decision = verifier.access(proved)
    if not decision.allowed:
        raise Refused(Reason.ACCESS, message.sender)
    return Verified(*proved, decision)


def prove(text: str, verifier: Verifier, now: int, question: Question | None = None) -> Proved:
    """Do all that needs no waiting: everything but the mark and access."""
    said, head, payload, raw = _parts(text, verifier.most)
    held = believed(head["kid"], verifier, now)
    _signed(held, signature(raw), said)
    message = header.message(head, payload)
    if reason := _unfit(message, verifier, now) or _unasked(message, question):
        raise Refused(reason, message.sender)
    verifier.nonces.take(message.sender, message.nonce, message.expires + verifier.skew, now)
    return Proved(message, text, held)


def _parts(text: str, most: int) -> tuple[bytes, dict[str, str], bytes, bytes]:
    """What was signed, the header, the payload, the signature."""
    if len(text) > most:
        raise Refused(Reason.SIZE)
    try:
        said, _, last = text.encode("ascii").rpartition(b".")
        first, middle = said.split(b".")
        if len(first) > HEAD:
            raise Refused(Reason.SIZE)
        head, payload, raw = octets.decode(first), octets.decode(middle), octets.decode(last)
    except ValueError:
        raise Refused(Reason.FORM) from None
    if len(raw) != 2 * HALF:
        raise Refused(Reason.FORM)
    return said, header.read(head), payload, raw


def believed(sender: str, verifier: Verifier, now: int) -> Held:
    """The certificate of a party, which is ours to know, if it is to be believed at this moment."""
    held = verifier.certificates.find(sender)
    if held is None or held.lfdi != sender:
        raise Refused(Reason.SENDER)
    if held.fault:
        raise Refused(Reason.CHAIN)
    if not held.since <= now <= held.until:
        raise Refused(Reason.PERIOD)
    if verifier.revoked(sender, held.serials):
        raise Refused(Reason.REVOKED)
    return held


def _signed(held: Held, signature: bytes, said: bytes) -> None:
    if held.key is None:
        raise Refused(Reason.CHAIN)
    try:
        held.key.verify(signature, said, ECDSA)
    except InvalidSignature:
        raise Refused(Reason.SIGNATURE) from None


def _unfit(message: Message, verifier: Verifier, now: int) -> Reason | None:
    """Why a message, which its sender did seal, is not for us or not for now."""
    if message.recipient not in verifier.mine:
        return Reason.RECIPIENT
    if message.created > now + verifier.skew:
        return Reason.EARLY
    if now >= message.expires + verifier.skew:
        return Reason.LATE
    lives = verifier.lives.get(message.kind, 0)
    return None if 0 < message.expires - message.created <= lives else Reason.LIFE


def _unasked(message: Message, question: Question | None) -> Reason | None:
    """Why a message is not the answer that is waited for, or an answer where none is."""
    if question is None or message.kind != RESPONSE:
        return Reason.ANSWER if question is not None or message.kind == RESPONSE else None
    asked = question.message
    other = identity.lfdi_ok(asked.recipient) and message.sender != asked.recipient
    same = message.answers == octets.digest(question.text) and message.correlation == asked.correlation
    return None if same and not other and message.recipient == asked.sender else Reason.ANSWER

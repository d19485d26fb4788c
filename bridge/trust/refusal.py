"""Why a sealed message is not taken: one word each, and what it means.

A refusal says no more than its word, and never repeats what the message said: before a signature holds,
that is anybody's text. The words stand in docs/sealed-messages.md, and programs may go by them.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why; in the order in which it is looked for."""

    SIZE = "size"
    COVER = "cover"
    FORM = "form"
    HEADER = "header"
    MEMBER = "member"
    ALGORITHM = "algorithm"
    TYPE = "type"
    CRITICAL = "critical"
    SENDER = "sender"
    CHAIN = "chain"
    PERIOD = "period"
    REVOKED = "revoked"
    SIGNATURE = "signature"
    RECIPIENT = "recipient"
    EARLY = "early"
    LATE = "late"
    LIFE = "life"
    ANSWER = "answer"
    REPLAY = "replay"
    FULL = "full"
    SEQUENCE = "sequence"
    ACCESS = "access"


MEANING: dict[Reason, str] = {
    Reason.SIZE: "it is longer than is allowed here",
    Reason.COVER: "it is encrypted, and cannot be opened here",
    Reason.FORM: "it is not three parts in base64url without padding, or the signature has not 64 bytes",
    Reason.HEADER: "the header is no JSON object, or says something twice",
    Reason.MEMBER: "a member of the header is unknown, missing, or has a value that it cannot have",
    Reason.ALGORITHM: "the algorithm is not ES256",
    Reason.TYPE: "it is of another type, or of another version",
    Reason.CRITICAL: "`crit` does not name all of our members that are there, and nothing else",
    Reason.SENDER: "the sender is not known here",
    Reason.CHAIN: "the sender's certificate is not under a root that is trusted, or breaks a rule",
    Reason.PERIOD: "a certificate of the sender's chain is not valid at this moment",
    Reason.REVOKED: "the sender's certificate is revoked",
    Reason.SIGNATURE: "the signature does not hold",
    Reason.RECIPIENT: "it is for somebody else",
    Reason.EARLY: "it was created in the future",
    Reason.LATE: "it has expired",
    Reason.LIFE: "it would live longer than its class may, or ends before it begins",
    Reason.ANSWER: "it does not answer this request, or answers where nothing was asked",
    Reason.REPLAY: "it came before",
    Reason.FULL: "too many messages of this sender, or of all, are alive at once",
    Reason.SEQUENCE: "its sequence is not above that of the last message of this sender",
    Reason.ACCESS: "the sender may not do this",
}
"""What each word means."""


class Refused(Exception):
    """A message is not taken, and nothing of it was used."""

    def __init__(self, reason: Reason, sender: str = "") -> None:
        super().__init__(reason, sender)
        self.reason = reason
        self.sender = sender
        """LFDI of who sealed it, where that was proved before it was refused; else empty."""

    def __str__(self) -> str:
        return f"{self.reason}: {MEANING[self.reason]}"

"""What was signed is changed, or what must be signed is not; envelopes that are too old or too new.

Each is well-formed and in its right shape: only the digests, the references or the moments tell.
"""

from __future__ import annotations

from tests.trust.wsse.making import (
    BODY,
    CONTENT,
    CREATED,
    EXPIRES,
    NOW,
    STAMP,
    THREE,
    TIME,
    TOKEN,
    USER,
    WHOLE,
    Case,
    Reference,
    Seal,
    changed,
    cut,
    signed,
)


def covering(*references: Reference) -> str:
    return signed(seal=Seal(references))


def period(created: str, expires: str) -> str:
    stamp = STAMP.replace(CREATED, created).replace(EXPIRES, expires)
    return signed(WHOLE.replace(STAMP, stamp))


def stamped(stamp: str) -> str:
    return signed(WHOLE.replace(STAMP, stamp))


def resigned() -> str:
    """Body changed, and its digest in SignedInfo with it."""
    made, other = signed(), signed(FIVE)
    return made.replace(cut(made, "DigestValue")[0], cut(other, "DigestValue")[0]).replace("four", "five")


def borrowed() -> str:
    made, other = signed(), signed(FIVE)
    return made.replace(cut(made, "SignatureValue")[0], cut(other, "SignatureValue")[0])


FIVE = WHOLE.replace("four", "five")
EXTRA = WHOLE.replace("</e:Header>", '<m:W wsu:Id="W-1"/></e:Header>')
HOUR = 3_600

CONTENTS: tuple[Case, ...] = (
    Case("a letter of Body changed", lambda: changed(("Peak", "Weak")), "digest", "Body"),
    Case(
        "another Body in place", lambda: changed((CONTENT, CONTENT.replace("four", "five"))), "digest", "Body"
    ),
    Case("an attribute added to Body", lambda: changed(("<Message>", '<Message a="1">')), "digest", "Body"),
    Case("a blank added to Body", lambda: changed(("<Message>", " <Message>")), "digest", "Body"),
    Case(
        "an element's namespace changed", lambda: changed(("<Message>", '<Message xmlns="urn:x">')), "digest"
    ),
    Case(
        "another prefix in Body",
        lambda: signed().replace("m:process", "n:process").replace("xmlns:m", "xmlns:n"),
        "digest",
    ),
    Case("another name in the token", lambda: changed(("CNP<", "ADMIN<")), "digest", "UsernameToken"),
    Case("the name in other letters", lambda: changed(("CNP<", "cnp<")), "digest", "UsernameToken"),
    Case("Expires put off", lambda: changed((EXPIRES, EXPIRES.replace("Z", ".5Z"))), "digest", "Timestamp"),
    Case(
        "a digest changed",
        lambda: changed(seal=Seal((BODY, TIME, TOKEN._replace(octets=lambda _: b"x")))),
        "digest",
    ),
    Case(
        "SignedInfo changed after it was signed",
        resigned,
        "value",
    ),
    Case(
        "a value of another message",
        borrowed,
        "value",
    ),
    Case("Body not signed", lambda: covering(TIME, TOKEN), "coverage"),
    Case("Timestamp not signed", lambda: covering(BODY, TOKEN), "coverage"),
    Case("UsernameToken not signed", lambda: covering(BODY, TIME), "coverage"),
    Case("Body alone signed", lambda: covering(BODY), "coverage"),
    Case("nothing signed", covering, "coverage"),
    Case("Body twice, token not", lambda: covering(BODY, TIME, BODY), "coverage"),
    Case("Body twice, and the others", lambda: covering(*THREE, BODY), "coverage"),
    Case(
        "a fourth reference, to a header block",
        lambda: signed(EXTRA, Seal((*THREE, Reference("#W-1")))),
        "coverage",
    ),
    Case(
        "a header block signed in the token's stead",
        lambda: signed(EXTRA, Seal((BODY, TIME, Reference("#W-1")))),
        "coverage",
    ),
    Case(
        "Username signed in the token's stead",
        lambda: signed(
            WHOLE.replace("<wsse:Username>", '<wsse:Username wsu:Id="Name-1">'),
            Seal((BODY, TIME, Reference("#Name-1"))),
        ),
        "token",
    ),
    Case(
        "the content of Body signed in Body's stead",
        lambda: signed(
            WHOLE.replace("<m:processSimpleMessaging>", '<m:processSimpleMessaging wsu:Id="Body-2">'),
            Seal((Reference("#Body-2"), TIME, TOKEN)),
        ),
        "coverage",
    ),
    Case(
        "no Timestamp",
        lambda: signed(WHOLE.replace(STAMP, ""), Seal((BODY, TOKEN))),
        "security",
        "0 of Timestamp",
    ),
    Case("no UsernameToken", lambda: signed(WHOLE.replace(USER, ""), Seal((BODY, TIME))), "security"),
    Case("no Signature", lambda: WHOLE.replace("@@", ""), "security", "0 of Signature"),
    Case(
        "a password in the token",
        lambda: signed(
            WHOLE.replace("</wsse:UsernameToken>", "<wsse:Password>x</wsse:Password></wsse:UsernameToken>")
        ),
        "token",
    ),
    Case("no name in the token", lambda: signed(WHOLE.replace("CNP", "")), "token"),
    Case("blanks around the name", lambda: signed(WHOLE.replace("CNP", " CNP ")), "token"),
    Case("a line's end within the name", lambda: signed(WHOLE.replace("CNP", "CN&#10;P")), "token"),
    Case("an element within the name", lambda: signed(WHOLE.replace("CNP", "CN<m:x/>P")), "token"),
    Case("a name of 300 letters", lambda: signed(WHOLE.replace("CNP", "C" * 300)), "token"),
    Case("expired", signed, "expired", now=NOW + HOUR),
    Case("expired by the second", signed, "expired", now=NOW + 600),
    Case("made in the future", signed, "future", now=NOW - 301),
    Case("good for a day", lambda: period("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"), "lifetime"),
    Case("over before it began", lambda: period("2026-03-01T12:05:00Z", "2026-03-01T12:00:00Z"), "lifetime"),
    Case("a moment without zone", lambda: period("2026-03-01T12:00:00", "2026-03-01T12:05:00"), "timestamp"),
    Case(
        "a moment in another zone",
        lambda: period("2026-03-01T12:00:00-06:00", "2026-03-01T12:05:00-06:00"),
        "timestamp",
    ),
    Case(
        "a day that does not exist",
        lambda: period("2026-02-30T12:00:00Z", "2026-03-01T12:05:00Z"),
        "timestamp",
    ),
    Case(
        "digits of another script",
        lambda: period("2026-03-01T12:00:0\u0660Z", "2026-03-01T12:05:00Z"),
        "timestamp",
    ),
    Case("a moment by its week", lambda: period("2026-W09-7T12:00:00Z", "2026-03-01T12:05:00Z"), "timestamp"),
    Case(
        "no Expires", lambda: stamped(STAMP[: STAMP.index("<wsu:Expires")] + "</wsu:Timestamp>"), "timestamp"
    ),
    Case(
        "two of Created",
        lambda: stamped(
            STAMP.replace("<wsu:Expires", "<wsu:Created>2026-03-01T12:01:00Z</wsu:Created><wsu:Expires")
        ),
        "timestamp",
    ),
    Case(
        "a part that nobody knows in Timestamp",
        lambda: stamped(STAMP.replace("</wsu:Timestamp>", "<m:x/></wsu:Timestamp>")),
        "timestamp",
    ),
)

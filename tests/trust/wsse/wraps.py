"""Signature wrapping: what was signed is kept somewhere in the document, something else stands in its place.

The variants known as XSW 1 to 8, in the shapes that a SOAP envelope allows, and parts that stand twice. In
each of them every digest and the signature itself hold.
"""

from __future__ import annotations

from bridge.trust.wsse.refusal import DS, SOAP, WSSE
from tests.trust.wsse.making import (
    CONTENT,
    EVIL,
    OPEN,
    STAMP,
    TIME,
    TOKEN,
    USER,
    WHOLE,
    YEAR,
    Case,
    Reference,
    Seal,
    cut,
    shifted,
    signed,
)

XSI = "http://www.w3.org/2001/XMLSchema-instance"
GOOD = f'<e:Body wsu:Id="Body-1">{CONTENT}</e:Body>'
BAD = f'<e:Body wsu:Id="Body-2">{EVIL}</e:Body>'
SAME = BAD.replace("Body-2", "Body-1")
NAMELESS = BAD.replace(' wsu:Id="Body-2"', "")
USER2 = USER.replace("Token-1", "Token-2").replace("CNP", "ADMIN")
STAMP2 = STAMP.replace("Timestamp-1", "Timestamp-2").replace(f"{YEAR}-", f"{YEAR + 10}-")


def wrapped(body: str, place: str, before: str = "", after: str = "") -> str:
    """The envelope with this Body, and the good one put before a tag that is there."""
    whole = signed().replace(GOOD, body)
    at = whole.rindex(place)
    return whole[:at] + before + GOOD + after + whole[at:]


def moved(good: str, evil: str, place: str) -> str:
    """A signed part of Security in a wrapper elsewhere, another in its place."""
    whole = signed().replace(good, evil)
    return whole.replace(place, f"<m:W>{good}</m:W>{place}")


def nested(place: str, body: str = BAD) -> str:
    """The whole good envelope inside another one."""
    good = signed()
    security = good[good.index("<wsse:Security") : good.index("</e:Header>")]
    outside = f"{OPEN}<e:Header>{security}</e:Header>{body}</e:Envelope>"
    return outside.replace(place, good.replace(security, "") + place)


def typed() -> str:
    """A value's prefix is bound outside of what is signed, and by another to something else."""
    inside = CONTENT.replace("<Message>", f'<Message xmlns:xsi="{XSI}" xsi:type="t:Text">')
    before = WHOLE.replace("<e:Envelope", '<e:Envelope xmlns:t="urn:good"').replace(CONTENT, inside)
    return signed(before).replace("urn:good", "urn:evil")


W, END_HEADER, END_SECURITY, END = "<m:W>", "</e:Header>", "</wsse:Security>", "</e:Envelope>"
WRAPS: tuple[Case, ...] = (
    Case("XSW 1: signed Body in a header block", lambda: wrapped(BAD, END_HEADER, W, "</m:W>"), "envelope"),
    Case(
        "XSW 2: signed Body in a block of Security",
        lambda: wrapped(BAD, END_SECURITY, W, "</m:W>"),
        "envelope",
    ),
    Case(
        "XSW 3: signed Body in an Object of Signature",
        lambda: wrapped(BAD, "</Signature>", "<Object>", "</Object>"),
        "envelope",
    ),
    Case("XSW 4: signed Body in the other Body", lambda: wrapped(BAD, "</e:Body>"), "envelope"),
    Case("XSW 5: signed Body behind the other", lambda: wrapped(BAD, END), "envelope"),
    Case("XSW 6: signed Body before the other", lambda: wrapped(BAD, "<e:Body"), "envelope"),
    Case(
        "XSW 7: signed Body in Extensions behind the other",
        lambda: wrapped(BAD, END, W, "</m:W>"),
        "envelope",
    ),
    Case(
        "XSW 8: signed Body in the header, the other without id",
        lambda: wrapped(NAMELESS, END_HEADER, W, "</m:W>"),
        "envelope",
    ),
    Case("both Bodies of one id, signed first", lambda: wrapped(SAME, "<e:Body"), "envelope"),
    Case("both Bodies of one id, signed last", lambda: wrapped(SAME, END), "envelope"),
    Case("signed Body alone in the header", lambda: wrapped("", END_HEADER), "envelope"),
    Case(
        "signed Body in the header, renamed in place",
        lambda: wrapped(BAD.replace("e:Body", "m:Body"), END_HEADER, W, "</m:W>"),
        "envelope",
    ),
    Case(
        "another Body of SOAP 1.2",
        lambda: signed().replace(
            END, f'<s:Body xmlns:s="http://www.w3.org/2003/05/soap-envelope">{EVIL}</s:Body>{END}'
        ),
        "envelope",
    ),
    Case("whole envelope in the header of another", lambda: nested(END_HEADER), "envelope"),
    Case("whole envelope in the Body of another", lambda: nested("</e:Body>"), "envelope"),
    Case(
        "an id twice: the other by plain Id",
        lambda: signed().replace(END_HEADER, f'<m:W Id="Body-1">{EVIL}</m:W>{END_HEADER}'),
        "identifier",
        "twice",
    ),
    Case(
        "an id twice: the other by xml:id, with blanks",
        lambda: signed().replace(END_HEADER, f'<m:W xml:id=" Body-1 ">{EVIL}</m:W>{END_HEADER}'),
        "identifier",
        "twice",
    ),
    Case(
        "an id twice: the other by AssertionID",
        lambda: signed().replace(END_HEADER, f'<m:W AssertionID="Token-1">{EVIL}</m:W>{END_HEADER}'),
        "identifier",
        "twice",
    ),
    Case(
        "an id twice: inside the signed Body",
        lambda: signed(WHOLE.replace("<Message>", '<Message ID="Timestamp-1">')),
        "identifier",
        "twice",
    ),
    Case(
        "a Body of two ids",
        lambda: signed(WHOLE.replace('wsu:Id="Body-1"', 'wsu:Id="Body-1" Id="Body-9"')),
        "identifier",
        "one plain wsu:Id",
    ),
    Case(
        "a Body whose id has a blank",
        lambda: signed(WHOLE.replace("Body-1", "Body 1"), Seal((Reference("#Body 1"), TIME, TOKEN))),
        "identifier",
    ),
    Case(
        "a Body whose id is plain", lambda: signed().replace('wsu:Id="Body-1"', 'Id="Body-1"'), "identifier"
    ),
    Case(
        "signed token in a header block",
        lambda: moved(USER, USER2, END_HEADER),
        "security",
        "2 of UsernameToken",
    ),
    Case(
        "signed token in the Body", lambda: moved(USER, USER2, "</e:Body>"), "security", "2 of UsernameToken"
    ),
    Case("a second token behind the signed one", lambda: signed().replace(USER, USER + USER2), "security"),
    Case("a second token before the signed one", lambda: signed().replace(USER, USER2 + USER), "security"),
    Case(
        "signed Timestamp in a header block",
        lambda: moved(STAMP, STAMP2, END_HEADER),
        "security",
        "2 of Timestamp",
    ),
    Case(
        "a second Username in the token",
        lambda: signed().replace(
            "</wsse:UsernameToken>", "<wsse:Username>ADMIN</wsse:Username></wsse:UsernameToken>"
        ),
        "security",
    ),
    Case(
        "a second Security block",
        lambda: signed().replace(END_HEADER, f"<wsse:Security>{USER2}</wsse:Security>{END_HEADER}"),
        "security",
        "2 of Security",
    ),
    Case(
        "a second Signature, of another sender",
        lambda: signed(signed().replace(END_SECURITY, f"@@{END_SECURITY}"), Seal()),
        "security",
        "2 of Signature",
    ),
    Case(
        "Signature in Body",
        lambda: shifted("Signature", "</e:Body>"),
        "security",
        "three parts",
    ),
    Case(
        "Signature in the header, not in Security",
        lambda: shifted("Signature", END_HEADER),
        "security",
        "three parts",
    ),
    Case(
        "Security in the Body",
        lambda: shifted("wsse:Security", "</e:Body>"),
        "security",
        "not in the header",
    ),
    Case(
        "Security for another actor",
        lambda: signed().replace("<wsse:Security ", '<wsse:Security e:actor="urn:other" '),
        "security",
        "actor",
    ),
    Case(
        "a block of Security that nobody knows",
        lambda: signed().replace(END_SECURITY, f"<m:W/>{END_SECURITY}"),
        "security",
        "W is not taken",
    ),
    Case("a signed prefix of xsi:type bound anew outside", typed, "type"),
    Case(
        "an Envelope within Signature's Object",
        lambda: signed(seal=Seal(tail=f"<Object><e:Envelope><e:Body>{EVIL}</e:Body></e:Envelope></Object>")),
        "envelope",
    ),
    Case("an Object in Signature", lambda: signed(seal=Seal(tail="<Object>text</Object>")), "signature"),
    Case(
        "Body before Header",
        lambda: shifted("e:Body", "<e:Header>"),
        "envelope",
    ),
    Case("no Header", lambda: cut(signed(), "e:Header")[1], "envelope"),
    Case("no Body", lambda: cut(signed(), "e:Body")[1], "envelope"),
    Case("no Security", lambda: cut(signed(), "wsse:Security")[1], "security"),
    Case("text between Header and Body", lambda: signed().replace("</e:Header>", "</e:Header>x"), "envelope"),
    Case(
        "an envelope of SOAP 1.2",
        lambda: signed().replace(SOAP, "http://www.w3.org/2003/05/soap-envelope"),
        "version",
    ),
    Case("another document", lambda: "<a/>", "envelope"),
    Case(
        "a header block that wants to be understood",
        lambda: signed().replace(END_HEADER, f'<m:W e:mustUnderstand="1"/>{END_HEADER}'),
        "mandatory",
    ),
    Case("the namespace of Security misspelt", lambda: signed().replace(WSSE, f"{WSSE}#"), "mandatory"),
    Case(
        "the namespace of Signature misspelt",
        lambda: signed().replace(f'xmlns="{DS}"', f'xmlns="{DS}x"'),
        "security",
    ),
)

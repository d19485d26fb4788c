"""Logging in: STARTTLS, then SASL EXTERNAL by the certificate that TLS has verified. RFC 6120 5, 6; XEP-0178.

Who somebody is stands in the certificate: the one xmppAddr that it has for this domain, or its LFDI. A name
that is asked for has to be one of these; the common name is none. There is no password, and no other way.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from bridge.xmpp import address
from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Credentials, Event, Identity
from bridge.xmpp.names import SASL, TLS

if TYPE_CHECKING:
    from bridge.xmpp.element import Element
    from bridge.xmpp.stream import Stream

LFDI = re.compile(r"[0-9a-f]{40}")
"""How an LFDI looks as the name of a user."""


class Denied(Exception):
    """Not logged in; the argument is the condition of RFC 6120 6.5."""


def secure(stream: Stream, _: Element) -> None:
    """Begin with TLS; bytes behind the request in the same breath are somebody else's.

    White space is let go, since some clients end a line there: it is read by nobody, before or after TLS.
    """
    if stream.rest:
        raise Broken("policy-violation", "nothing may follow the request for TLS in the clear")
    stream.write(f"<proceed xmlns='{TLS}'/>".encode())
    stream.hand_over()


def unencrypted(stream: Stream, _: Element) -> None:
    """Refuse to log anybody in without TLS."""
    _fail(stream, "encryption-required")


def auth(stream: Stream, element: Element) -> None:
    """Take a request to log in; without a name in it, ask for one."""
    if element.attrs.get("mechanism") != "EXTERNAL":
        _fail(stream, "invalid-mechanism")
    elif said := (element.tree().text or "").strip():
        _judge(stream, said)
    else:
        stream.challenged = True
        stream.write(f"<challenge xmlns='{SASL}'/>".encode())


def response(stream: Stream, element: Element) -> None:
    """Take the name that was asked for."""
    if not stream.challenged:
        _fail(stream, "malformed-request")
        return
    _judge(stream, (element.tree().text or "").strip() or "=")


def abort(stream: Stream, _: Element) -> None:
    """Let a client begin anew."""
    _fail(stream, "aborted")


def names(known: Credentials, domain: str) -> tuple[list[str], str]:
    """Give the users that a certificate has an address for, and the one by its LFDI.

    An address that looks like another's LFDI is none.
    """
    lfdi = known.lfdi.lower()
    users = []
    for text in known.addresses:
        try:
            found = address.parse(text)
        except ValueError:
            continue
        foreign = LFDI.fullmatch(found.user) and found.user != lfdi
        if found.domain == domain and found.user and not found.resource and not foreign:
            users.append(found.user)
    return users, lfdi


def who(known: Credentials | None, asked: str, domain: str) -> Identity:
    """Say who logs in with a certificate under a name, '' for the only one that it can be.

    Some clients say a full address; its resource asks for nothing here, since it is bound later.
    """
    if known is None:
        raise Denied("not-authorized")
    users, lfdi = names(known, domain)
    if asked:
        try:
            wanted = address.parse(asked)
        except ValueError as fault:
            raise Denied("invalid-authzid") from fault
        if wanted.domain != domain or wanted.user not in (*users, lfdi):
            raise Denied("invalid-authzid")
        user = wanted.user
    elif len(users) > 1:
        raise Denied("invalid-authzid")
    else:
        user = users[0] if users else lfdi
    return Identity(known.lfdi, f"{user}@{domain}", known.roles, known.serials)


def _judge(stream: Stream, said: str) -> None:
    try:
        asked = "" if said == "=" else b64decode(said, validate=True).decode()
        identity = who(stream.credentials if stream.standing() else None, asked, stream.board.domain)
    except ValueError:
        _fail(stream, "incorrect-encoding")
    except Denied as fault:
        _fail(stream, str(fault))
    else:
        stream.board.figures.logins += 1
        stream.board.hooks.note(Event("login", identity))
        stream.write(f"<success xmlns='{SASL}'/>".encode())
        stream.restart(identity)


def _fail(stream: Stream, condition: str) -> None:
    """Say that it failed; after some attempts the stream ends."""
    board = stream.board
    board.figures.rejected[condition] += 1
    lfdi = stream.credentials.lfdi if stream.credentials else ""
    board.hooks.note(Event("refused", Identity(lfdi, ""), reason=condition))
    stream.challenged = False
    stream.attempts += 1
    stream.write(f"<failure xmlns='{SASL}'><{condition}/></failure>".encode())
    if stream.attempts >= board.limits.attempts:
        raise Broken("policy-violation", "there were too many attempts to log in")

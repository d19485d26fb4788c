"""Stanzas that the relay itself says: errors, results, presence of those who left, the stamp of a delay.

RFC 6120 8.3 for errors, each condition with its type; XEP-0203 for delays. Text in, bytes out; whom it is
for is decided elsewhere.
"""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from bridge.xmpp import address
from bridge.xmpp.element import Element
from bridge.xmpp.names import DELAY, SM, STANZA_ERRORS, STANZAS

TYPES = {
    "bad-request": "modify",
    "conflict": "cancel",
    "feature-not-implemented": "cancel",
    "forbidden": "auth",
    "internal-server-error": "cancel",
    "item-not-found": "cancel",
    "jid-malformed": "modify",
    "not-allowed": "cancel",
    "policy-violation": "modify",
    "remote-server-not-found": "cancel",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
}
"""Conditions that we answer with, and the type of error that each is."""
SILENT = frozenset({("iq", "result"), ("iq", "error"), ("message", "error"), ("presence", "error")})
"""What is never answered with an error, so that no two of them answer each other for ever."""


def error(stanza: Element, condition: str, sender: str, text: str = "") -> bytes:
    """Say what is wrong with a stanza to its sender; nothing where it must not be answered."""
    kind = STANZAS[stanza.name]
    if (kind, stanza.kind) in SILENT:
        return b""
    said = f"<text xmlns='{STANZA_ERRORS}' xml:lang='en'>{escape(text)}</text>" if text else ""
    body = f"<error type='{TYPES[condition]}'><{condition} xmlns='{STANZA_ERRORS}'/>{said}</error>"
    return stanzaed(kind, stanza, sender, "error", body)


def result(stanza: Element, sender: str, inner: str = "") -> bytes:
    """Answer an iq."""
    return stanzaed("iq", stanza, sender, "result", inner)


def stanzaed(kind: str, asked: Element, sender: str, type_: str, inner: str) -> bytes:
    """Put an answer together: back to the sender, from whom it was for."""
    attrs = {"from": _from(asked), "to": sender, "id": asked.attrs.get("id", ""), "type": type_}
    said = "".join(f" {name}={quoteattr(value)}" for name, value in attrs.items() if value)
    return f"<{kind}{said}>{inner}</{kind}>".encode() if inner else f"<{kind}{said}/>".encode()


def _from(asked: Element) -> str:
    """Whom an answer is from; one that is no address is not said again."""
    try:
        return address.parse(asked.attrs["to"]).full
    except (KeyError, ValueError):
        return ""


def gone(sender: str, to: str) -> bytes:
    """Say that somebody is not available any more."""
    return f"<presence type='unavailable' from={quoteattr(sender)} to={quoteattr(to)}/>".encode()


def stamp(sender: str) -> bytes:
    """Write a sender as an attribute."""
    return f" from={quoteattr(sender)}".encode()


def delayed(raw: bytes, domain: str, at: float) -> bytes:
    """Write into a message how late it is, after all that it holds."""
    place = raw.rfind(b"</")
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = f"<delay xmlns='{DELAY}' from={quoteattr(domain)} stamp='{moment}'/>".encode()
    return raw[:place] + said + raw[place:]


def failed(condition: str, heard: int | None = None) -> bytes:
    """Refuse a request of XEP-0198."""
    known = "" if heard is None else f" h='{heard}'"
    return f"<failed xmlns='{SM}'{known}><{condition} xmlns='{STANZA_ERRORS}'/></failed>".encode()

"""What we put into a stanza and take out of one: octets as base64 text, or an element as it is.

Stock servers rewrite prefixes and attributes of elements inside a stanza, so octets travel as text; a PDU in
clear for peers that know no other form is an element that has default namespaces only. Stanzas are those of
RFC 6120 clause 8. Nothing here knows what the octets say.
"""

from __future__ import annotations

import binascii
from base64 import b64encode
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring
from xml.sax.saxutils import escape, quoteattr

OCTETS = "{urn:derbridge:link}octets"
"""Our element around base64 text."""
CONTEXT = "{urn:derbridge:mms}ctx"
"""A PDU in its association, in clear (xsd/mms-ours.xsd)."""
CLIENT = "jabber:client"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
TYPES = {
    "bad-request": "modify",
    "forbidden": "auth",
    "internal-server-error": "cancel",
    "item-not-found": "cancel",
    "not-acceptable": "modify",
    "not-allowed": "cancel",
    "policy-violation": "modify",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
    "undefined-condition": "cancel",
}
"""Conditions that we answer with, and the type that RFC 6120 8.3.3 has for each."""


class Malformed(ValueError):
    """An element of ours that does not hold what it has to."""


class Letter(NamedTuple):
    """What a stanza carries."""

    octets: bytes
    opaque: bool = True
    """Whether it travels as base64 text; else the octets are one element, which is sent as it is."""

    def xml(self) -> str:
        """The child of a stanza."""
        if not self.opaque:
            return self.octets.decode()
        return f"<octets xmlns='urn:derbridge:link'>{b64encode(self.octets).decode()}</octets>"


def read(stanza: Element) -> Letter | None:
    """Give what a stanza carries; None where there is nothing that we know."""
    for child in stanza:
        if child.tag == OCTETS:
            return Letter(_octets(child))
        if child.tag == CONTEXT:
            return Letter(clear(child), opaque=False)
    return None


def clear(element: Element) -> bytes:
    """Write an element with default namespaces, as PDUs have them."""
    tail, element.tail = element.tail, None
    try:
        return _plain(element, "").encode()
    except RecursionError:
        raise Malformed("elements are nested too deep") from None
    finally:
        element.tail = tail


def message(to: str, name: str, letter: Letter) -> str:
    """A message of type normal."""
    return f"<message to={quoteattr(to)} id={quoteattr(name)} type='normal'>{letter.xml()}</message>"


def iq(kind: str, to: str, name: str, letter: Letter | None = None) -> str:
    """A get, set or result; a result may be empty. Without `to` it is for our server."""
    whom = f" to={quoteattr(to)}" if to else ""
    inside = letter.xml() if letter else ""
    return f"<iq type='{kind}'{whom} id={quoteattr(name)}>{inside}</iq>"


def error(stanza: str, to: str, name: str, condition: str, text: str = "") -> str:
    """An answer that refuses an iq or a message (`stanza`)."""
    said = f"<text xmlns='{STANZAS}'>{escape(text)}</text>" if text else ""
    whom = f" to={quoteattr(to)}" if to else ""
    return (
        f"<{stanza} type='error'{whom} id={quoteattr(name)}><error type='{TYPES.get(condition, 'cancel')}'>"
        f"<{condition} xmlns='{STANZAS}'/>{said}</error></{stanza}>"
    )


def presence(to: str = "", *, gone: bool = False) -> str:
    """Our presence, to one peer or to whom it concerns."""
    whom = f" to={quoteattr(to)}" if to else ""
    return f"<presence{whom}{' type=' + quoteattr('unavailable') if gone else ''}/>"


def condition(stanza: Element) -> tuple[str, str]:
    """Say why a stanza of type error was sent: condition and text."""
    fault = stanza.find(f"{{{CLIENT}}}error")
    children = [] if fault is None else [one for one in fault if one.tag.startswith(f"{{{STANZAS}}}")]
    names = [one.tag.partition("}")[2] for one in children if not one.tag.endswith("}text")]
    texts = [one.text or "" for one in children if one.tag.endswith("}text")]
    return (names or ["undefined-condition"])[0], "".join(texts)


def _octets(element: Element) -> bytes:
    if len(element):
        raise Malformed("octets are text, without elements")
    try:
        return binascii.a2b_base64("".join((element.text or "").split()), strict_mode=True)
    except (binascii.Error, ValueError) as fault:
        raise Malformed(f"octets are base64: {fault}") from None


def _plain(element: Element, outer: str) -> str:
    """An element in text; attributes of other namespaces are left to the standard writer."""
    space, _, name = element.tag[1:].partition("}") if element.tag[0] == "{" else ("", "", element.tag)
    if any(key[0] == "{" for key in element.attrib):
        return tostring(element, encoding="unicode")
    head = name + (f" xmlns={quoteattr(space)}" if space != outer else "")
    head += "".join(f" {key}={quoteattr(value)}" for key, value in element.attrib.items())
    inside = _text(element.text)
    inside += "".join(_plain(child, space) + _text(child.tail) for child in element)
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


def _text(text: str | None) -> str:
    return escape(text or "", {"\r": "&#13;"})

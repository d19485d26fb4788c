"""Why a connection to an XMPP server ends, or never begins: told by TLS, by SASL, by the stream, by nobody.

RFC 6120 4.9 (stream errors), 6.5 (SASL), RFC 8446 6.2 (alerts). Under TLS 1.3 a refused certificate is told
after the handshake, so that an error of the transport may be a refusal. What follows from it is decided
elsewhere.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MANAGED = "{urn:xmpp:sm:3}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
START = "{urn:ietf:params:xml:ns:xmpp-tls}starttls"
STREAMS = "{http://etherx.jabber.org/streams}"
CLIENT = "{jabber:client}"
FINAL = {"not-authorized", "policy-violation", "host-unknown"}
"""Conditions by which a stream says that it will not have us."""


class Refused(Exception):
    """The server will not have us: our certificate, our name, or what we ask of it; or we not the server."""


class Replaced(Exception):
    """Another session of the same address took our place."""


class Cut(Exception):
    """The connection is gone."""


def cause(error: BaseException | None) -> Exception:
    """Tell a refusal from a connection that broke."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Refused(f"the server's certificate is not trusted: {error.verify_message or error.reason}")
    if isinstance(error, ssl.SSLError) and "ALERT" in (error.reason or ""):
        return Refused(f"the server refused our certificate: {error.reason}")
    return Cut(f"{type(error).__name__}: {error}" if error else "the connection is gone")


def judge(xml: Element, *, secure: bool, ready: bool) -> Exception | None:
    """Say whether an element ends the connection, given whether TLS protects it and there is a session."""
    if xml.tag == f"{STREAMS}error":
        return _ended(_names(xml))
    if xml.tag == f"{SASL}failure":
        return Refused(f"the server refused our log-in: {', '.join(_names(xml)) or 'no reason given'}")
    if xml.tag == f"{STREAMS}features" and not secure and xml.find(START) is None:
        return Refused("the server offers no TLS")
    if xml.tag == f"{CLIENT}iq" and not ready and xml.get("type") == "error":
        return Refused("the server did not bind our resource")
    return None


def _ended(names: list[str]) -> Exception:
    if "conflict" in names:
        return Replaced("another session of the same address took our place")
    said = ", ".join(names) or "no reason given"
    if FINAL & set(names):
        return Refused(f"the server ended our session: {said}")
    return Cut(f"the server ended the stream: {said}")


def _names(xml: Element) -> list[str]:
    """Conditions, without texts."""
    found = [one.tag.rpartition("}")[2] for one in xml]
    return [name for name in found if name != "text"]

"""Names of the wire: namespaces, and elements as the reader gives them, namespace and name with a blank.

RFC 6120, 6121; XEP-0030, 0198, 0199, 0203. Only names, and the few bytes that never change.
"""

from __future__ import annotations

CLIENT = "jabber:client"
STREAMS = "http://etherx.jabber.org/streams"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
SM = "urn:xmpp:sm:3"
PING = "urn:xmpp:ping"
INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
DELAY = "urn:xmpp:delay"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
LANG = "http://www.w3.org/XML/1998/namespace lang"

STREAM = f"{STREAMS} stream"
ERROR = f"{STREAMS} error"
"""What a peer says as it ends its stream for a fault of ours: it is not answered by another."""
MESSAGE, IQ, PRESENCE = f"{CLIENT} message", f"{CLIENT} iq", f"{CLIENT} presence"
STANZAS = {MESSAGE: "message", IQ: "iq", PRESENCE: "presence"}
"""The three kinds, by the name of their element."""

ROOT = f"<stream:stream xmlns='{CLIENT}' xmlns:stream='{STREAMS}'".encode()
"""How our stream begins, and what every stanza may count on to be declared."""
CLOSE = b"</stream:stream>"
REQUEST = f"<r xmlns='{SM}'/>".encode()

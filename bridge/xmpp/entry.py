"""From a login to a session: a resource is bound, or a session of before goes on. RFC 6120 7, XEP-0198 5.

Exactly one of the two happens on a stream; what else is asked for before comes too early.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from bridge.xmpp import answer
from bridge.xmpp.fault import Broken
from bridge.xmpp.names import BIND, SM
from bridge.xmpp.resumption import counter
from bridge.xmpp.session import WRAP

if TYPE_CHECKING:
    from bridge.xmpp.element import Element
    from bridge.xmpp.stream import Stream


def bind(stream: Stream, stanza: Element) -> None:
    """Bind the resource that a client wishes for, or one of ours."""
    if stanza.kind != "set" or stanza.children != [f"{BIND} bind"] or "id" not in stanza.attrs:
        raise Broken("not-authorized", "a resource has to be bound before stanzas are sent")
    assert stream.identity is not None  # noqa: S101 - the state says so
    wish = stanza.tree().findtext(f"{{{BIND}}}bind/{{{BIND}}}resource") or ""
    found = stream.board.bind(stream, stream.identity, wish, stream.now)
    if isinstance(found, str):
        stream.board.figures.refused[found] += 1
        stream.write(answer.error(stanza, found, ""))
        return
    said = f"<bind xmlns='{BIND}'><jid>{escape(found.full)}</jid></bind>"
    stream.write(answer.result(stanza, "", said))
    stream.bound(found)


def resume(stream: Stream, element: Element) -> None:
    """Go on with a session of before, and send what its client has not confirmed."""
    assert stream.identity is not None  # noqa: S101 - the state says so
    said = counter(element.attrs.get("h"))
    board = stream.board
    secret = element.attrs.get("previd", "")
    if said is None:
        stream.write(answer.failed("bad-request"))
        return
    found = board.resume(stream, stream.identity, secret, said)
    if found is None:
        stream.write(answer.failed("item-not-found"))
        return
    stream.bound(found)
    resumed = f"<resumed xmlns='{SM}' h='{found.heard % WRAP}' previd={quoteattr(secret)}/>"
    board.custody.again(found, resumed.encode())

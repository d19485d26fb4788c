"""What the relay answers itself: what is for its domain, and what is for the sender's own account.

Ping (XEP-0199), discovery (XEP-0030), the session request of old, presence of its clients (RFC 6121 4). No
rosters, no registration, no versions of software. It passes nothing on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from bridge.xmpp import answer
from bridge.xmpp.names import CLIENT, INFO, IQ, ITEMS, MESSAGE, PING, PRESENCE, SESSION

if TYPE_CHECKING:
    from bridge.xmpp.board import Board
    from bridge.xmpp.element import Element
    from bridge.xmpp.session import Session

FEATURES = "".join(f"<feature var='{each}'/>" for each in (INFO, ITEMS, PING))
IDENTITY = "<identity category='server' type='im' name='derbridge relay'/>"
RESULTS = {
    ("get", f"{PING} ping"): "",
    ("get", f"{INFO} query"): f"<query xmlns='{INFO}'>{IDENTITY}{FEATURES}</query>",
    ("get", f"{ITEMS} query"): f"<query xmlns='{ITEMS}'/>",
    ("set", f"{SESSION} session"): "",
}
"""Answers, by the type of the iq and what it has inside."""
PRIORITIES = range(-128, 128)


def own(board: Board, session: Session, stanza: Element, now: float) -> str:
    """Take an iq or presence that is for nobody: the condition of the error, '' for none."""
    return (_presence if stanza.name == PRESENCE else answered)(board, session, stanza, now)


def answered(board: Board, session: Session, stanza: Element, now: float) -> str:
    """Answer what is for the domain itself: the condition of the error, '' for none."""
    if stanza.name != IQ:
        return "service-unavailable" if stanza.name == MESSAGE else ""
    if stanza.kind not in ("get", "set"):
        return ""
    found = RESULTS.get((stanza.kind, stanza.children[0]))
    if found is None:
        return "service-unavailable"
    board.custody.deliver(session, answer.result(stanza, session.full, found), now)
    return ""


def _presence(board: Board, session: Session, stanza: Element, now: float) -> str:
    if stanza.kind == "unavailable":
        _shown(board, session, stanza, now)
        board.leave(session, now)
        _known(board, session)
        return ""
    if stanza.kind:
        return "" if stanza.kind == "error" else "not-allowed"
    if (priority := _priority(stanza)) is None:
        return "bad-request"
    session.priority = priority
    _known(board, session)
    _shown(board, session, stanza, now)
    if priority >= 0:
        board.custody.release(session, now)
    return ""


def _priority(stanza: Element) -> int | None:
    """The priority that presence says, 0 where it says none; None where it is no priority."""
    if f"{CLIENT} priority" not in stanza.children:
        return 0
    try:
        found = int(stanza.tree().findtext(f"{{{CLIENT}}}priority") or "")
    except ValueError:
        return None
    return found if found in PRIORITIES else None


def _known(board: Board, session: Session) -> None:
    """Have the queue know whether a session gets the messages of its account."""
    if session.resumable:
        board.queue.open(session.record())


def _shown(board: Board, session: Session, stanza: Element, now: float) -> None:
    """Show presence to the account's own sessions, this one among them (RFC 6121 4.2.2)."""
    raw = stanza.stamped(session.stamp + f" to={quoteattr(session.address.bare)}".encode())
    for one in board.reached(session.address._replace(resource="")):
        board.custody.deliver(one, raw, now)

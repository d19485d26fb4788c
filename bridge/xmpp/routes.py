"""Where a stanza goes: RFC 6120 10 and RFC 6121 8.5, for a relay that keeps no rosters.

The sender is stamped, the right to send is asked for, then a table says what becomes of a stanza for a bare
JID. Whoever cannot be reached is answered for by an error, where the rules have one. Nothing of a payload is
read, but whether a message has one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bridge.xmpp import address, answer, service
from bridge.xmpp.address import Address
from bridge.xmpp.board import Board
from bridge.xmpp.element import Element
from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Event
from bridge.xmpp.names import IQ, MESSAGE, PRESENCE, STANZAS
from bridge.xmpp.session import Session

ASKING = frozenset({"get", "set"})
ANSWERS = frozenset({"result", "error"})
IQS = ASKING | ANSWERS
TOLD = frozenset({"", "unavailable", "error"})
"""Types of presence that are passed on; the others are about subscriptions, which nobody has here."""
ABSENT = "service-unavailable"


class Turn(NamedTuple):
    """A stanza on its way."""

    board: Board
    session: Session
    """Of its sender."""
    stanza: Element
    stamp: bytes
    """The sender, as an attribute."""
    now: float


def take(board: Board, session: Session, stanza: Element, now: float) -> None:
    """Take a stanza from a client, and answer it if it cannot be passed on."""
    board.figures.stanzas += 1
    if session.tracked:
        session.heard += 1
    attrs = stanza.attrs
    claimed = attrs.get("from")
    stamp = session.stamp if claimed is None else _stamp(board, session, claimed)
    text = attrs.get("to")
    if stanza.name == IQ and (fault := _malformed(stanza)):
        pass
    elif text is None and stanza.name != MESSAGE:
        fault = service.own(board, session, stanza, now)
    else:
        turn = Turn(board, session, stanza, stamp, now)
        fault = _passed(turn, session.address.bare if text is None else text)
    if fault:
        refuse(board, session, stanza, fault, now)


def refuse(board: Board, session: Session, stanza: Element, condition: str, now: float) -> None:
    """Answer a stanza with an error, where it may be answered; one in another's name, to that other."""
    board.figures.refused[condition] += 1
    kind, to = STANZAS[stanza.name], stanza.attrs.get("to", "")
    board.hooks.note(Event("denied", session.identity, to, condition, kind))
    if raw := answer.error(stanza, condition, _author(session, stanza)):
        board.custody.deliver(session, raw, now)


def _author(session: Session, stanza: Element) -> str:
    """Who sent a stanza: the session, or whom it speaks for."""
    claimed = stanza.attrs.get("from", session.full)
    bare = address.parse(claimed).bare
    return session.full if bare == session.address.bare else address.parse(claimed).full


def _stamp(board: Board, session: Session, claimed: str) -> bytes:
    """The sender that a stanza gets which names one itself: another's name ends the stream."""
    if claimed in (session.full, session.address.bare):
        return session.stamp
    try:
        said = address.parse(claimed)
    except ValueError:
        said = None
    if said is not None and said.full in (session.full, session.address.bare):
        return session.stamp
    if said is not None and board.hooks.speaks(session.identity, said):
        return answer.stamp(said.full)
    board.hooks.note(Event("forged", session.identity, claimed))
    raise Broken("invalid-from", "a stanza names another sender")


def _malformed(stanza: Element) -> str:
    kind = stanza.kind
    fits = kind in IQS and "id" in stanza.attrs and (kind not in ASKING or len(stanza.children) == 1)
    return "" if fits else "bad-request"


def _passed(turn: Turn, text: str) -> str:
    """Pass a stanza on, or say by which condition it is refused."""
    board, session, stanza, stamp, now = turn
    try:
        to = address.parse(text)
    except ValueError:
        return "jid-malformed"
    if to.bare != session.address.bare:
        if not to.user and to.domain == board.domain:
            return service.answered(board, session, stanza, now)
        answers = stanza.kind in ANSWERS
        if not board.hooks.allowed(session.identity, to, STANZAS[stanza.name], answers):
            return "forbidden"
    if stanza.name == PRESENCE and (fault := _directed(turn, to)):
        return fault
    raw = stanza.stamped(stamp)
    account = board.accounts.get(to.bare)
    if account is not None and to.resource and (found := account.get(to.resource)) is not None:
        return _sent(turn, found, raw)
    return _missed(turn, to, raw)


def _missed(turn: Turn, to: Address, raw: bytes) -> str:
    """Find what becomes of a stanza for a bare JID, or for a resource that is not there."""
    board = turn.board
    if to.bare not in board.accounts and board.hooks.elsewhere(turn.session.identity, to, raw):
        return ""
    if to.domain != board.domain:
        return "remote-server-not-found"
    kind, type_ = STANZAS[turn.stanza.name], turn.stanza.kind
    if to.resource and (kind, type_) != ("message", "chat"):
        silent = kind == "presence" or type_ in {"headline", "error", "result"}
        return "" if silent else ABSENT
    return RULES.get((kind, type_), _absent)(turn, to, raw)


def _sent(turn: Turn, to: Session, raw: bytes) -> str:
    """Hand a stanza to a session; its sender waits if that is behind."""
    board = turn.board
    if fault := board.custody.deliver(to, raw, turn.now):
        return fault
    figures = board.figures
    figures.routed += 1
    figures.octets += len(raw)
    link, origin = to.link, turn.session.link
    if link is not None and link.full and origin is not None:
        origin.wait(link)
    return ""


def _directed(turn: Turn, to: Address) -> str:
    """Remember whom presence was sent to."""
    told, kind, limits = turn.session.directed, turn.stanza.kind, turn.board.limits
    most = limits.hub if turn.session.hub else limits.directed
    if kind not in TOLD:
        return "not-allowed"
    if kind == "unavailable":
        told.discard(to.full)
    elif not kind:
        if len(told) >= most and to.full not in told:
            return "policy-violation"
        told.add(to.full)
    return ""


# ------------------------------------------------------------------------- stanzas for a bare JID


def _message(turn: Turn, to: Address, raw: bytes) -> str:
    """One session gets it; if none is available, it is kept."""
    board, _, stanza, _, now = turn
    if (found := board.best(to.bare)) is not None:
        return _sent(turn, found, raw)
    if not stanza.children or not board.hooks.keeps(to.bare):
        return ABSENT
    expiry = board.hooks.expiry(stanza)
    expires = now + (board.limits.expiry if expiry is None else expiry)
    if fault := board.custody.keep(to.bare, raw, now, expires):
        return fault
    board.hooks.note(Event("held", turn.session.identity, to.bare, kind="message"))
    board.figures.routed += 1
    board.figures.octets += len(raw)
    return ""


def _all(turn: Turn, to: Address, raw: bytes) -> str:
    """Every session that is available gets it; if there is none, it is of no use."""
    message = turn.stanza.name == MESSAGE
    for one in turn.board.reached(to):
        if not message or (one.priority or 0) >= 0:
            _sent(turn, one, raw)
    return ""


def _dropped(*_: object) -> str:
    return ""


def _absent(*_: object) -> str:
    return ABSENT


RULES: dict[tuple[str, str], Callable[[Turn, Address, bytes], str]] = {
    ("message", ""): _message,
    ("message", "normal"): _message,
    ("message", "chat"): _message,
    ("message", "headline"): _all,
    ("message", "error"): _dropped,
    ("presence", ""): _all,
    ("presence", "unavailable"): _all,
    ("presence", "error"): _dropped,
    ("iq", "result"): _dropped,
    ("iq", "error"): _dropped,
}
"""By kind and type, RFC 6121 8.5.2; all others get an error."""

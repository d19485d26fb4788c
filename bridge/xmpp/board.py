"""The switchboard: accounts of the domain, their sessions, and how these begin, pause, resume and end.

RFC 6120 7 for binding and its conflicts, XEP-0198 5 for resumption: by the same certificate only. The shell
feeds it (stream.py); time and secrets are arguments or hooks. It knows no socket, and no rule of routing
(routes.py).
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING

from bridge.xmpp import address, answer, reader
from bridge.xmpp.custody import Custody
from bridge.xmpp.fault import Broken
from bridge.xmpp.hooks import Event, Figures, Hooks, Identity, Limits
from bridge.xmpp.names import IQ, MESSAGE
from bridge.xmpp.queue import Memory, Queue, Record
from bridge.xmpp.session import Link, Session, confirmed

if TYPE_CHECKING:
    from bridge.xmpp.address import Address
    from bridge.xmpp.element import Element

Token = Callable[[], str]
KEPT = frozenset({"", "normal", "chat"})
"""Types of messages that are kept; one without a type is normal."""


class Board:
    """All sessions of one domain."""

    def __init__(
        self,
        domain: str,
        token: Token,
        hooks: Hooks | None = None,
        limits: Limits | None = None,
        queue: Queue | None = None,
    ) -> None:
        self.domain = address.host(domain)
        self.token = token
        """Gives a text that nobody can guess."""
        self.hooks = hooks or Hooks()
        self.limits = limits or Limits()
        self.figures = Figures()
        self.queue = queue or Memory()
        self.custody = Custody(self.domain, self.queue, self.limits, self.figures)
        self.accounts: dict[str, dict[str, Session]] = {}
        """Sessions by bare JID and resource."""
        self._tokens: dict[str, Session] = {}

    @property
    def sessions(self) -> list[Session]:
        """All sessions, those that wait for their client among them."""
        return [one for account in self.accounts.values() for one in account.values()]

    def load(self, now: float) -> int:
        """Take up the sessions that the queue has kept, as the relay starts; say how many."""
        for record in self.queue.records():
            self._restore(record, min(record.until, now + self.limits.resume))
        return len(self._tokens)

    # ------------------------------------------------------------------------------- begin and end

    def bind(self, link: Link, identity: Identity, resource: str, now: float) -> Session | str:
        """Begin a session, or say by which condition there is none; an older one of its name is replaced."""
        user = address.parse(identity.bare)
        try:
            name = address.part(resource or self.token())
        except ValueError:
            return "bad-request"
        account = self.accounts.get(identity.bare, {})
        if (older := account.get(name)) is not None:
            self.end(older, Broken("conflict", "another session has taken its place"), now, "replaced")
        elif len(account) >= self.limits.sessions and not self._room(account, now):
            return "resource-constraint"
        place = address.made(user.user, user.domain, name)
        session = Session(identity, place, link, now)
        session.hub = self.hooks.hub(identity)
        self.accounts.setdefault(identity.bare, {})[name] = session
        self._note("bound", session)
        return session

    def enable(self, session: Session, *, resumable: bool) -> str:
        """Begin to count, and give the secret that the session can be resumed by, '' for none."""
        session.tracked = True
        if not resumable:
            return ""
        secret = self.token()
        session.resumable = True
        session.token = digest(secret)
        self._tokens[session.token] = session
        self.queue.open(session.record())
        return secret

    def resume(self, link: Link, identity: Identity, secret: str, said: int) -> Session | None:
        """Go on with a session on another connection; None where there is none for this certificate."""
        session = self._tokens.get(digest(secret))
        if session is None or session.identity[:2] != identity[:2]:
            return None
        more = confirmed(session, said)
        if more is None:
            raise Broken("undefined-condition", "more stanzas are confirmed than were sent")
        older, session.link = session.link, None
        if older is not None:
            older.fail(Broken("conflict", "the session was resumed elsewhere"))
        session.link, session.until, session.identity = link, inf, identity
        session.acked += more
        self.queue.drop(session.full, session.acked)
        self.queue.open(session.record())
        self.figures.resumed += 1
        self._note("resumed", session)
        return session

    def pause(self, session: Session, now: float) -> None:
        """Keep a session whose connection is lost, if it can be resumed; end it otherwise."""
        if not session.resumable:
            self.end(session, None, now)
            return
        session.link = None
        session.until = now + self.limits.resume
        self.custody.settle(session)
        self.queue.open(session.record())

    def end(self, session: Session, fault: Broken | None, now: float, name: str = "left") -> None:
        """End a session for good; whoever heard of it by presence hears that it is gone."""
        account = self.accounts.get(session.address.bare, {})
        if account.get(session.address.resource) is not session:
            return
        del account[session.address.resource]
        if not account:
            del self.accounts[session.address.bare]
        self._tokens.pop(session.token, None)
        link, session.link = session.link, None
        if link is not None and fault is not None:
            link.fail(fault)
        self._hand_back(session, now)
        self.leave(session, now)
        self._note(name, session, fault.reason if fault else "")

    def leave(self, session: Session, now: float) -> None:
        """Say of a session that it is not available, to all who were told that it is."""
        session.priority = None
        for text in sorted(session.directed):
            to = address.parse(text)
            for one in self.reached(to):
                self.custody.deliver(one, answer.gone(session.full, text), now)
            if to.domain != self.domain:
                self.hooks.elsewhere(session.identity, to, answer.gone(session.full, text))
        session.directed.clear()

    def kick(self, whom: Callable[[Identity], bool], reason: str, now: float) -> int:
        """End all sessions of some identities, those that wait to be resumed, too; say how many."""
        found = [one for one in self.sessions if whom(one.identity)]
        for one in found:
            self.end(one, Broken("not-authorized", reason), now, "kicked")
        return len(found)

    def tick(self, now: float) -> None:
        """End what was not resumed in time, forget what is out of date, send what waited for room."""
        for one in [one for one in self.sessions if one.until <= now]:
            self.end(one, None, now, "expired")
        for one in tuple(self.custody.hungry):
            self.custody.release(one, now)
        self.figures.expired += self.queue.sweep(now)

    # -------------------------------------------------------------------------------------- others

    def reached(self, to: Address) -> list[Session]:
        """Whom presence for an address goes to: that session, or all of an account that are available."""
        account = self.accounts.get(to.bare, {})
        if to.resource:
            return [account[to.resource]] if to.resource in account else []
        return [one for one in account.values() if one.priority is not None]

    def best(self, bare: str) -> Session | None:
        """Who gets the messages of an account: of those available the highest priority, then the newest."""
        able = (one for one in self.accounts.get(bare, {}).values() if (one.priority or 0) >= 0)
        able = (one for one in able if one.priority is not None)
        return max(able, key=lambda one: (one.priority or 0, one.opened), default=None)

    def tell(self, to: str, raw: bytes, now: float) -> str:
        """Send a message of the relay's own, ready with `from` and `to`; give the condition if it cannot be.

        To a full JID it goes to that session or nowhere; to a bare one it is kept if nobody is there.
        """
        found = address.parse(to)
        if found.resource:
            session = self.accounts.get(found.bare, {}).get(found.resource)
            return "service-unavailable" if session is None else self.custody.deliver(session, raw, now)
        if (session := self.best(found.bare)) is not None:
            return self.custody.deliver(session, raw, now)
        return self.custody.keep(found.bare, raw, now, now + self.limits.expiry)

    def _room(self, account: dict[str, Session], now: float) -> bool:
        """End the session of an account that waits longest for its client, if one does."""
        waiting = [one for one in account.values() if one.link is None]
        if waiting:
            self.end(min(waiting, key=lambda one: one.until), None, now, "expired")
        return bool(waiting)

    def _hand_back(self, session: Session, now: float) -> None:
        """Keep the messages that an ended session has not confirmed, and tell who asked it something."""
        kept = self.queue.after(session.full, session.acked) if session.tracked else ()
        self.custody.forget(session)
        for one in kept:
            stanza = reader.read(one.stanza)
            if stanza.name == MESSAGE and stanza.kind in KEPT and stanza.children:
                expiry = self.hooks.expiry(stanza)
                expires = one.at + (self.limits.expiry if expiry is None else expiry)
                if expires > now:
                    self.custody.keep(session.address.bare, one.stanza, one.at, expires)
            elif stanza.name == IQ and stanza.kind in ("get", "set"):
                self._bounce(stanza, now)

    def _bounce(self, stanza: Element, now: float) -> None:
        sender = stanza.attrs.get("from", "")
        to = address.parse(sender)
        for one in self.reached(to) if to.resource else ():
            self.custody.deliver(one, answer.error(stanza, "service-unavailable", sender), now)

    def _restore(self, record: Record, until: float) -> None:
        place = address.parse(record.owner)
        identity = Identity(record.lfdi, place.bare)
        session = Session(identity, place, None, 0.0)
        session.tracked = session.resumable = True
        session.hub = self.hooks.hub(identity)
        session.token, session.until, session.priority = record.token, until, record.priority
        session.heard = session.kept = record.heard
        session.acked = record.acked
        session.sent = max(record.acked, self.queue.last(record.owner))
        self.accounts.setdefault(place.bare, {})[place.resource] = session
        self._tokens[record.token] = session

    def _note(self, name: str, session: Session, reason: str = "") -> None:
        self.hooks.note(Event(name, session.identity, session.full, reason))


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return sha256(secret.encode()).hexdigest()

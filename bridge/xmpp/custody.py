"""What is on its way to clients: sent, waiting to be durable, waiting to be confirmed, kept for later.

A stanza for a session of XEP-0198 is put into the queue first and sent when that is durable; a confirmation
goes out when all it speaks for is. So between two such sessions nothing is lost or doubled, whenever the
relay falls. XEP-0198, 0203; RFC 6121 8.5.2.1 for messages that are kept. It knows no rule of routing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.xmpp import answer
from bridge.xmpp.names import REQUEST, SM
from bridge.xmpp.queue import NEVER, Full, Queue
from bridge.xmpp.session import WRAP

if TYPE_CHECKING:
    from bridge.xmpp.hooks import Figures, Limits
    from bridge.xmpp.session import Session

TOO_MUCH = "resource-constraint"


class Custody:
    """Whoever has a stanza between its sender and its recipient."""

    def __init__(self, domain: str, queue: Queue, limits: Limits, figures: Figures) -> None:
        self.domain = domain
        self.queue = queue
        self.limits = limits
        self.figures = figures
        self._waiting: set[Session] = set()
        self.hungry: set[Session] = set()
        """Sessions that messages are kept for which they could not take yet."""
        queue.told = self.told

    def deliver(self, to: Session, raw: bytes, now: float) -> str:
        """Send a stanza to a session, or say by which condition it cannot be."""
        link = to.link
        if not to.tracked:
            if link is not None and link.choked:
                return TOO_MUCH
            if link is not None:
                link.write(raw)
            return ""
        if to.sent - to.acked >= (self.limits.hub if to.hub else self.limits.unacked):
            return TOO_MUCH
        try:
            ticket = self.queue.put(to.full, to.sent + 1, raw, now, NEVER)
        except Full:
            return TOO_MUCH
        to.sent += 1
        if link is not None:
            if ticket > self.queue.durable:
                to.waiting.append((ticket, raw))
                self._waiting.add(to)
            else:
                _send(to, raw)
        return ""

    def keep(self, bare: str, raw: bytes, at: float, expires: float) -> str:
        """Keep a message for an account that is not here, or say by which condition it cannot be."""
        queue = self.queue
        if queue.count(bare) >= self.limits.offline:
            return TOO_MUCH
        try:
            queue.put(bare, queue.last(bare) + 1, raw, at, expires)
        except Full:
            return TOO_MUCH
        self.figures.held += 1
        return ""

    def release(self, to: Session, now: float) -> None:
        """Send a session what is kept for its account, as much of it as it takes."""
        bare = to.address.bare
        self.hungry.discard(to)
        for one in self.queue.after(bare, 0):
            if one.expires <= now:
                self.figures.expired += 1
            elif self.deliver(to, answer.delayed(one.stanza, self.domain, one.at), now):
                self.hungry.add(to)
                return
            self.queue.drop(bare, one.seq)

    def confirm(self, of: Session) -> None:
        """Tell a client how many of its stanzas are taken, once they are safe."""
        self.settle(of)
        self._say(of, f"<a xmlns='{SM}' h='{of.heard % WRAP}'/>".encode())

    def settle(self, of: Session) -> None:
        """Have the queue know what was heard, together with what came of it."""
        if of.resumable and of.kept != of.heard:
            of.kept = of.heard
            self.queue.heard(of.full, of.heard)

    def confirmed(self, of: Session, more: int, now: float) -> None:
        """Forget what a client has confirmed."""
        of.asked = False
        if not more:
            return
        of.acked += more
        self.queue.drop(of.full, of.acked)
        if of in self.hungry:
            self.release(of, now)
        if of.link is not None and of.sent - len(of.waiting) > of.acked and not of.asked:
            of.asked = True
            of.link.write(REQUEST)

    def again(self, to: Session, said: bytes) -> None:
        """Say that a session is resumed, and send it what it has not confirmed."""
        queue = self.queue
        to.waiting.clear()
        to.acks.clear()
        to.asked = False
        self._say(to, said)
        durable = queue.latest() <= queue.durable
        for one in queue.after(to.full, to.acked):
            if durable:
                _send(to, one.stanza)
            else:  # which of them are is not known, and they go in order
                to.waiting.append((queue.latest(), one.stanza))
                self._waiting.add(to)

    def told(self, ticket: int) -> None:
        """Send what has become durable."""
        for one in tuple(self._waiting):
            if one.link is None:
                one.waiting.clear()
                one.acks.clear()
            while one.link is not None and one.acks and one.acks[0][0] <= ticket:
                one.link.write(one.acks.popleft()[1])
            while one.waiting and one.waiting[0][0] <= ticket:
                _send(one, one.waiting.popleft()[1])
            if not (one.waiting or one.acks):
                self._waiting.discard(one)

    def _say(self, to: Session, said: bytes) -> None:
        """Send what speaks for all that was taken so far, once that is durable."""
        ticket = self.queue.latest()
        if ticket > self.queue.durable:
            to.acks.append((ticket, said))
            self._waiting.add(to)
        elif to.link is not None:
            to.link.write(said)

    def forget(self, one: Session) -> None:
        """Let go of a session that has ended, and of what is its own in the queue."""
        self._waiting.discard(one)
        self.hungry.discard(one)
        if one.tracked:
            self.queue.close(one.full)


def _send(to: Session, raw: bytes) -> None:
    """Send a stanza, with a wish for a confirmation unless one is owed already."""
    if to.link is None:
        return
    if to.asked:
        to.link.write(raw)
    else:
        to.asked = True
        to.link.write(raw + REQUEST)

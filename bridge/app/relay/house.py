"""What the relay asks an installation, and what becomes of what it tells: rights, standing, log, decisions.

A stanza that the rights do not allow, a sender that is not the one who logged in, and a certificate that
holds no more are decisions and go into the decision log; the rest is a line in the log. Every question is
answered from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from bridge.app import journal
from bridge.app.relay.rights import Party, Rights
from bridge.app.roll import Roll
from bridge.app.scribe import refused
from bridge.sep2.talk import Peer
from bridge.trust import identity
from bridge.trust.decision import Decision
from bridge.xmpp.address import Address
from bridge.xmpp.hooks import Event, Identity

MOST = 50_000
"""Parties that are remembered."""
HOP, FORBIDDEN = "relay", 403
DECIDED = {("denied", "forbidden"), ("forged", "")}
"""Events that are decisions of ours: a right that is missing, another's name."""
LOUD = frozenset({"refused", "denied", "forged", "broken", "kicked"})
"""Events that are told at level info; the others at level debug, for there are many."""
KINDS = ("operator", "relay", "device")
"""Roles of a certificate that name its kind; one with none of them is an aggregator's."""


def party(who: Identity) -> Party:
    """What is known of somebody who is logged in, here or above us."""
    if not who.lfdi:
        upper = who.bare.partition("@")[0].upper()
        return Party(who.bare, upper if identity.lfdi_ok(upper) else "")
    kind = next((one for one in KINDS if one in who.roles), "aggregator")
    return Party(who.bare, who.lfdi, kind)


@dataclass(slots=True)
class House:
    """An installation, as its relay sees it."""

    rights: Rights
    roll: Roll
    record: Callable[[Decision], None]
    """Takes a decision into the log."""
    barred: Container[str]
    """LFDIs whose accounts are disabled."""
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="relay"))
    _parties: dict[str, Party] = field(default_factory=dict)
    """Who logged in last under an address."""

    def allowed(self, sender: Identity, to: Address, kind: str, answers: bool) -> bool:
        """Whether a stanza may pass."""
        known = self._parties.get(sender.bare)
        if known is None or known.lfdi != sender.lfdi:
            known = self._learn(sender)
        return self.rights.allowed(known, self._other(to), kind, answer=answers)

    def hub(self, who: Identity) -> bool:
        """Whether somebody is the bridge's own endpoint."""
        return self.rights.bridge(party(who))

    def standing(self, peer: Peer) -> bool:
        """Whether a certificate still holds, and its account is not disabled."""
        return peer.lfdi not in self.barred and self.roll.standing(peer)

    def fallen(self, who: Identity) -> bool:
        """The same of a session, turned round: whether it has to end."""
        return who.lfdi in self.barred or bool(self.roll.index.reason(who.serials, who.lfdi))

    def note(self, event: Event) -> None:
        """Take note of what the relay tells."""
        who = event.who
        if event.name == "login" and who is not None:
            self._learn(who)
        if who is not None and (event.name, event.reason) in DECIDED:
            self._refused(who, event.kind or event.name, event.to)
        if who is not None and event.name in {"kicked", "broken"} and self.fallen(who):
            self._refused(who, "session", who.bare)
        say = self.log.info if event.name in LOUD else self.log.debug
        said = {"to": event.to, "reason": event.reason, "kind": event.kind}
        say(event.name, lfdi=who.lfdi if who else "", **{key: text for key, text in said.items() if text})

    def _refused(self, who: Identity, what: str, target: str) -> None:
        """Have a refusal in the decision log."""
        self.record(refused(HOP, journal.Seen(what, target, FORBIDDEN, who.lfdi, 0.0)))

    def _learn(self, who: Identity) -> Party:
        if len(self._parties) >= MOST:
            self._parties.clear()
        found = self._parties[who.bare] = party(who)
        return found

    def _other(self, to: Address) -> Party:
        """Who an address is, as far as is known: whoever logged in under it, or the LFDI that it names."""
        found = self._parties.get(to.bare)
        if found is None:
            upper = to.user.upper()
            found = Party(to.bare, upper if identity.lfdi_ok(upper) else "")
        return found

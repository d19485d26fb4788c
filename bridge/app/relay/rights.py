"""Who may talk to whom over the relay: a table of rows; without one, only to and from the bridge itself.

A party is what its certificate says: an LFDI, an address, a kind of certificate. A row names both sides by
patterns, and the kinds of stanzas. Who may ask may be answered. A pure function of the table; whether a
certificate holds at this moment is asked elsewhere, and no row can give back what revocation took.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate
from re import compile as compiled
from typing import NamedTuple

from bridge.trust import identity

KINDS = ("message", "iq", "presence")
CERTIFICATES = ("device", "aggregator", "operator", "relay")
"""Kinds of certificates: with a hardware module name; another below the devices' roots; below the operators'
roots; below the roots of relays."""
MOST = 10_000
"""Verdicts that are remembered."""


class Party(NamedTuple):
    """Somebody, as far as is known."""

    address: str
    """Bare: user and domain."""
    lfdi: str = ""
    kind: str = ""
    """Of the certificate; empty for somebody who never logged in while the relay ran."""


class Right(NamedTuple):
    """A row."""

    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    kinds: tuple[str, ...] = KINDS


Match = Callable[[Party], bool]
Groups = Mapping[str, tuple[str, ...]]


class Rights:
    """The table, ready to be asked: before each stanza, so each verdict is remembered."""

    def __init__(self, rows: Iterable[Right], groups: Groups, endpoints: Iterable[str]) -> None:
        self.bridge = either(endpoints, groups)
        """Whether somebody is the bridge's own endpoint."""
        self._rows = [
            (either(row.senders, groups), either(row.recipients, groups), frozenset(row.kinds))
            for row in rows
        ]
        self._known: dict[tuple[Party, Party, str, bool], bool] = {}

    def allowed(self, sender: Party, recipient: Party, kind: str, *, answer: bool = False) -> bool:
        """Whether a stanza may pass; `answer` is one of type result or error, which follows a question."""
        key = sender, recipient, kind, answer
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST:
                self._known.clear()
            found = self._decide(sender, recipient, kind)
            found = self._known[key] = found or (answer and self._decide(recipient, sender, kind))
        return found

    def _decide(self, sender: Party, recipient: Party, kind: str) -> bool:
        if sender.address == recipient.address or self.bridge(sender) or self.bridge(recipient):
            return True
        return any(kind in kinds and to(recipient) and of(sender) for of, to, kinds in self._rows)


def either(patterns: Iterable[str], groups: Groups) -> Match:
    """Whether one of some patterns fits a party."""
    made = [one for each in patterns for one in _matches(each, groups)]
    return lambda party: any(one(party) for one in made)


def _matches(pattern: str, groups: Groups) -> Iterator[Match]:
    """What a pattern asks; a group is as many patterns as it has, none of them a group again."""
    what, _, name = pattern.partition(":")
    if what == "group":
        yield from (one for each in groups.get(name, ()) for one in _single(each))
    else:
        yield from _single(pattern)


def _single(pattern: str) -> Iterator[Match]:
    what, _, name = pattern.partition(":")
    if pattern == "*":
        yield lambda _: True
    elif what == "kind":
        yield lambda party: party.kind == name
    elif identity.lfdi_ok(upper := pattern.upper()):
        yield lambda party: party.lfdi == upper
    else:
        fits = compiled(translate(pattern.lower())).fullmatch
        yield lambda party: fits(party.address) is not None


# ---------------------------------------------------------------------------------- what a table gets wrong


def fault(pattern: str, groups: Groups, domains: Callable[[str], bool]) -> str:
    """Why a pattern fits nobody ever; nothing where it may. `domains` says which domains are spoken for."""
    what, colon, name = pattern.partition(":")
    if what == "group" and colon:
        return "" if groups.get(name) else f"there is no group {name}, or nobody is in it"
    return alone(pattern, domains)


def alone(pattern: str, domains: Callable[[str], bool]) -> str:
    """The same of a pattern that is no group."""
    what, colon, name = pattern.partition(":")
    if pattern == "*" or identity.lfdi_ok(pattern.upper()):
        return ""
    if what == "kind" and colon:
        return "" if name in CERTIFICATES else f"no kind {name}; there are {', '.join(CERTIFICATES)}"
    user, at, domain = pattern.partition("@")
    if not (user and at and domain) or "/" in pattern:
        return "is no LFDI, no address as user@domain, no kind:NAME and no group:NAME"
    wild = any(sign in domain for sign in "*?[")
    return "" if wild or domains(domain.lower()) else f"nobody of the domain {domain} logs in here"


def covered(row: Right, earlier: Right) -> bool:
    """Whether an earlier row lets pass all that a row does, as far as that can be read off them."""
    sides = ((row.senders, earlier.senders), (row.recipients, earlier.recipients))
    same = all("*" in before or set(now) <= set(before) for now, before in sides)
    return same and set(row.kinds) <= set(earlier.kinds)

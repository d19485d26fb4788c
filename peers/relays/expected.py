"""What each case ought to show, and where a server is known to differ, with what makes up for it.

A difference that is not in this table, or one in it that is gone, makes the peer differ: both want a look.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from peers.relays import carriage, cases
from peers.relays.pki import DOMAIN
from peers.relays.place import Place


class Case(NamedTuple):
    """A case: its name, what it does, what it ought to show."""

    name: str
    run: Callable[[Place], Awaitable[str]]
    shows: str
    differs: Mapping[str, str | re.Pattern[str]] = {}
    """What a server shows instead."""
    instead: str = ""
    """What makes up for the difference."""

    def right(self, server: str, seen: str) -> bool:
        """Whether this is what a server ought to show."""
        wanted = self.differs.get(server, self.shows)
        return seen == wanted if isinstance(wanted, str) else bool(wanted.fullmatch(seen))


IN_ORDER = "500 of 500, in order"
ANY_ORDER = re.compile("500 of 500, (not )?in order")
"""What comes just while its receiver resumes, ejabberd may send on through the old process and the new."""


def _cuts(*, sender: bool, receiver: bool) -> Callable[[Place], Awaitable[str]]:
    return partial(carriage.cuts, sender=sender, receiver=receiver)


def _login(name: str, identity: str = "") -> Callable[[Place], Awaitable[str]]:
    return partial(cases.both, name=name, identity=identity)


CASES = (
    Case("log-in by the address in the certificate", _login("bridge"), "in"),
    Case(
        "log-in by LFDI, with a certificate of a device", _login("device"), "in", {"ejabberd": "refused"},
        "a device behind ejabberd gets a second certificate, which bears an address",
    ),
    Case("no certificate", _login("nobody"), "refused"),
    Case("a certificate of another authority", _login("rogue"), "refused"),
    Case("an expired certificate", _login("expired"), "refused"),
    Case(
        "a revoked certificate", _login("revoked"), "refused", {"ejabberd": "in"},
        "the rule of who may log in (enrolled.yml), kick_user, and the check of each message at its end",
    ),
    Case("the identity of somebody else", _login("site", f"bridge@{DOMAIN}"), "refused"),
    Case("a name that the certificate does not bear", _login("nameless"), "refused"),
    Case("messages both ways", cases.messages, "both"),
    Case("questions both ways", cases.questions, "answered"),
    Case("a PDU in clear", cases.clear, "same"),
    Case("a question to nobody", cases.absent, "service-unavailable"),
    Case(
        "a message to nobody", cases.left, "service-unavailable", {"embedded": "kept"},
        "the embedded relay keeps messages until they expire",
    ),
    Case("presence of a peer", cases.presence, "came and went"),
    Case(
        "a forged sender", cases.forged, "closed", {"prosody": "stamped"},
        "Prosody puts the true sender in its place",
    ),
    Case("octets in eleven shapes", carriage.octets, "11 of 11"),
    Case("500 messages, the sender cut ten times", _cuts(sender=True, receiver=False), IN_ORDER),
    Case(
        "500 messages, the receiver cut ten times", _cuts(sender=False, receiver=True), IN_ORDER,
        {"ejabberd": ANY_ORDER}, "the sequence of a sealed message, which its end checks",
    ),
    Case(
        "500 messages, both cut ten times", _cuts(sender=True, receiver=True), IN_ORDER,
        {"ejabberd": ANY_ORDER}, "the same",
    ),
    Case(
        "elements in eleven shapes", carriage.inline, "11 identical, 11 equal",
        {"prosody": "1 identical, 5 equal", "ejabberd": "1 identical, 8 equal"},
        "whatever is signed travels as octets",
    ),
    Case(
        "shut out while in session", cases.shut_out, "thrown out, then refused",
        {"prosody": "refused from then on"}, "the check of each message at its end",
    ),
)  # fmt: skip

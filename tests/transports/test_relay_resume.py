"""XEP-0198 over connections that are cut: 500 messages over 10 cuts, none lost, none doubled, in order."""

from __future__ import annotations

import re
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from bridge.xmpp.queue import Memory
from tests.transports import relaying, xmpp
from tests.transports.relaying import Here

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGES, CUTS, AT_ONCE = 500, 10, 20
BOB = f"bob@{xmpp.DOMAIN}/r"
REQUEST = f"<r xmlns='{xmpp.SM}'/>".encode()


@pytest.fixture(scope="module", params=relaying.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Here]:
    with Here(loop_name=request.param).running() as found:
        yield found


class Steady:
    """A client that keeps to XEP-0198 over every cut."""

    def __init__(self, here: Here, user: str) -> None:
        self.here = here
        self.user = user
        self.raw = here.raw(relaying.named(user))
        self.raw.login()
        self.raw.bind("r")
        self.secret = self.raw.enable()
        self.heard = 0
        """Stanzas that came."""

    def back(self) -> int:
        """Come back on another connection; give what the relay has taken."""
        self.raw.cut()
        self.raw = self.here.raw(relaying.named(self.user))
        self.raw.login()
        said = self.raw.ask(xmpp.resume(self.secret, self.heard), b"<resumed [^>]*>|<failed.*</failed>")
        found = re.search(rb" h='(\d+)'", said)
        assert found is not None, said
        return int(found[1])


def body(number: int) -> bytes:
    return xmpp.message(BOB, f"<body>{number}</body>", f" id='{number}'")


def receive(bob: Steady, got: list[int]) -> None:
    """Take all messages, coming back ten times, each time in the middle of something."""
    cuts = {(cut + 1) * MESSAGES // (CUTS + 1) for cut in range(CUTS)}
    while len(got) < MESSAGES:
        said = bob.raw.until(b"</message>|<r [^>]*>")
        if (found := re.search(rb"<body>(\d+)</body>", said)) is not None:
            got.append(int(found[1]))
            bob.heard += 1
            if len(got) in cuts:
                bob.back()
        else:
            bob.raw.send(f"<a xmlns='{xmpp.SM}' h='{bob.heard}'/>".encode())


def send(alice: Steady) -> None:
    """Send all messages, with a cut after each fiftieth, before anything is confirmed of the last ones."""
    safe = 0
    while safe < MESSAGES:
        last = min(safe + AT_ONCE, MESSAGES)
        alice.raw.send(*map(body, range(safe, last)), REQUEST)
        if safe // 50 != last // 50 and last < MESSAGES:
            safe = alice.back()
            continue
        said = alice.raw.until(rb"<a [^>]*h='\d+'[^>]*>")
        found = re.search(rb"h='(\d+)'", said)
        assert found is not None
        safe = int(found[1])


def test_500_messages_over_cuts_of_both_ends(here: Here) -> None:
    alice, bob = Steady(here, "alice"), Steady(here, "bob")
    got: list[int] = []
    taking = threading.Thread(target=receive, args=(bob, got))
    taking.start()
    send(alice)
    taking.join(xmpp.PATIENCE * 3)
    assert got == list(range(MESSAGES))
    alice.raw.sock.close()
    bob.raw.sock.close()


def test_a_session_is_resumed_by_its_own_certificate_only(here: Here) -> None:
    alice = Steady(here, "alice")
    alice.raw.cut()
    with here.raw(relaying.named("mallory")) as mallory:
        mallory.login()
        assert b"<item-not-found " in mallory.ask(xmpp.resume(alice.secret, 0), b"</failed>")
    with here.raw(relaying.named("alice")) as raw:
        raw.login()
        raw.ask(xmpp.resume(alice.secret, 0), b"<resumed [^>]*>")


def test_who_is_revoked_does_not_resume(here: Here) -> None:
    alice = Steady(here, "alice")
    alice.raw.cut()
    here.relay.guard.standing = lambda peer: peer.lfdi != relaying.named("alice").lfdi
    try:
        one = relaying.named("alice")
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REVOKED"), here.raw(one) as raw:
            raw.ask(xmpp.header(), b"</stream:features>")
    finally:
        here.relay.guard.standing = relaying.anybody


def test_a_stop_ends_streams_and_keeps_sessions() -> None:
    """The relay stops and starts again on what its queue holds: the session goes on."""
    queue = Memory()
    with Here(queue=queue).running() as here:
        bob = Steady(here, "bob")
        here.call(here.relay.stop(0.2))
        assert b"<system-shutdown " in bob.raw.rest()
        here.start()
        with here.client("alice") as alice:
            alice.send(body(1))
            alice.synced()
        assert bob.back() == 0
        assert b"<body>1</body>" in bob.raw.until(b"</message>")
        bob.raw.sock.close()

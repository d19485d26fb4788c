"""Clients that do the relay no good, over real sockets: each is turned away in its own form, and alone."""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

import pytest

from bridge.transports.bounds import Bounds
from bridge.xmpp.hooks import Limits
from tests.transports import relaying, xmpp
from tests.transports.relaying import Here

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = xmpp.header()
DTD = b"<!DOCTYPE s [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


@pytest.fixture(scope="module", params=relaying.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Here]:
    with Here(loop_name=request.param).running() as found:
        yield found


@pytest.fixture(scope="module")
def late() -> Iterator[Here]:
    with Here(bounds=Bounds(login=6.0)).running() as found:
        yield found


PROBES = {
    "DTD": (b"<?xml version='1.0'?>" + DTD, "restricted-xml"),
    "comment": (HEADER + b"<!-- x -->", "restricted-xml"),
    "instruction": (HEADER + b"<?x y?>", "restricted-xml"),
    "entity": (HEADER + b"<message>&a;</message>", "restricted-xml"),
    "stanza": (HEADER + b"<message to='bob@relay.example'><body/></message>", "not-authorized"),
    "too much": (HEADER + b"<message>" + b"x" * 20_000, "policy-violation"),
    "other host": (xmpp.header("elsewhere.example"), "host-unknown"),
    "no XML": (b"GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
}


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize(("data", "condition"), PROBES.values(), ids=PROBES)
def test_before_login_nothing_bad_is_taken(here: Here, data: bytes, condition: str, clear: bool) -> None:
    port, context = (
        (here.relay.clear, None) if clear else (here.relay.port, relaying.context(relaying.device()))
    )
    with xmpp.Raw.to(port, context) as raw:
        raw.send(data)
        said = raw.rest()
    assert f"<stream:error><{condition} ".encode() in said
    assert said.endswith(b"</stream:stream>")


def test_a_large_stanza_before_login_is_not_gathered(here: Here) -> None:
    with xmpp.Raw.to(here.relay.port, relaying.context(relaying.device())) as raw:
        raw.send(HEADER, b"<message>", b"x" * 17_000)
        assert b"<policy-violation " in raw.until(b"</stream:stream>")


@pytest.mark.parametrize("behind", [b"<message to='bob@relay.example'/>", b" <", b"\x16\x03\x01"])
def test_nothing_may_stand_behind_the_wish_for_tls(here: Here, behind: bytes) -> None:
    with xmpp.Raw.to(here.relay.clear) as raw:
        raw.ask(HEADER, b"</stream:features>")
        raw.send(xmpp.STARTTLS + behind)
        said = raw.rest()
    assert b"<policy-violation " in said
    assert b"<proceed" not in said


def test_clear_bytes_after_tls_was_granted_end_the_connection(here: Here) -> None:
    with xmpp.Raw.to(here.relay.clear) as raw:
        raw.ask(HEADER, b"</stream:features>")
        raw.ask(xmpp.STARTTLS, b"<proceed[^>]*>")
        raw.send(HEADER + b"<message to='bob@relay.example'/>")
        assert b"<" not in raw.rest()


def test_the_first_bytes_of_tls_may_come_with_nothing_between(here: Here) -> None:
    """The hello follows `proceed` at once, in a segment of its own, and none of it is lost."""
    for _ in range(10):
        with here.raw(relaying.device(), clear=True) as raw:
            raw.login()


def test_bad_stanzas_after_login_end_one_stream_only(here: Here) -> None:
    with here.client("alice") as alice, here.client("bob") as bob:
        for poison in (b"<message to='alice@relay.example/r'><a:b/></message>", b"<message></presence>"):
            with here.client("mallory") as mallory:
                mallory.send(poison)
                assert b"<stream:error>" in mallory.rest()
        bob.send(xmpp.message(alice.jid, "<body>still here</body>"))
        assert b"<stream:error>" not in alice.until(b"<body>still here</body>")


def test_a_forged_sender_ends_the_stream_and_goes_nowhere(here: Here) -> None:
    with here.client("alice") as alice, here.client("mallory") as mallory, here.client("bob") as bob:
        mallory.send(xmpp.message(bob.jid, "<body>forged</body>", f" from='{alice.jid}'"))
        assert b"<invalid-from " in mallory.rest()
        alice.send(xmpp.message(bob.jid, "<body>true</body>"))
        assert b"forged" not in bob.until(b"<body>true</body>")
    assert any(event.name == "forged" for event in here.events)


def test_a_stanza_of_the_full_size_passes_and_a_larger_one_does_not(here: Here) -> None:
    most = Limits().after
    with here.client("alice") as alice, here.client("bob") as bob:
        whole = xmpp.message(bob.jid, "")
        alice.send(xmpp.message(bob.jid, "x" * (most - len(whole))))
        assert len(bob.until(b"</message>")) > most
        alice.send(xmpp.message(bob.jid, "x" * (most - len(whole) + 1)))
        assert b"<policy-violation " in alice.rest()


# ------------------------------------------------------------------------------------- deadlines


def test_who_says_nothing_is_let_go() -> None:
    with Here(bounds=Bounds(login=0.3)).running() as here:
        with xmpp.Raw.to(here.relay.clear) as clear:
            assert b"<connection-timeout " in clear.rest()
        with xmpp.Raw.to(here.relay.port) as secure:
            assert secure.rest() == b""


def test_who_does_not_log_in_is_let_go(late: Here) -> None:
    with late.raw(relaying.device()) as raw:
        assert b"<connection-timeout " in raw.rest()


def test_who_does_not_begin_with_tls_is_let_go(late: Here) -> None:
    with xmpp.Raw.to(late.relay.clear) as raw:
        raw.ask(HEADER, b"</stream:features>")
        raw.ask(xmpp.STARTTLS, b"<proceed[^>]*>")
        assert raw.rest() == b""


def bound(here: Here, *more: bytes) -> xmpp.Raw:
    """A client that binds and says more in the same breath."""
    raw = here.raw(relaying.named("alice"))
    raw.login()
    raw.send(xmpp.binding("r"), *more)
    return raw


def test_who_is_silent_is_asked_and_then_let_go() -> None:
    with Here(bounds=Bounds(idle=0.3, answer=0.3)).running() as here, bound(here) as alice:
        said = alice.rest()
    assert said.index(b"<ping xmlns='urn:xmpp:ping'/></iq>") < said.index(b"<connection-timeout ")


def test_who_answers_stays() -> None:
    with Here(bounds=Bounds(idle=0.3)).running() as here, bound(here) as alice:
        for _ in range(3):
            alice.until(b"<ping xmlns='urn:xmpp:ping'/></iq>")
            alice.send(b"<iq type='result' id='ping' to='relay.example'/>")
        alice.synced()


def test_who_counts_is_asked_for_a_confirmation_and_may_resume() -> None:
    with Here(bounds=Bounds(idle=0.3, answer=0.3)).running() as here:
        with bound(here, b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>") as alice:
            said = alice.rest()
        assert said.index(b"<r xmlns='urn:xmpp:sm:3'/>") < said.index(b"<connection-timeout ")
        secret = re.search(rb"<enabled [^>]*id='([^']*)'", said)
        assert secret is not None
        with here.raw(relaying.named("alice")) as raw:
            raw.login()
            raw.ask(xmpp.resume(secret[1].decode(), 0), b"<resumed [^>]*>")


# ---------------------------------------------------------------------------------------- numbers


def test_connections_of_one_address_are_counted() -> None:
    with Here(bounds=Bounds(address=2)).running() as here:
        first, second = (xmpp.Raw.to(here.relay.clear) for _ in range(2))
        with first, second:
            first.ask(HEADER, b"</stream:features>")
            second.ask(HEADER, b"</stream:features>")
            with xmpp.Raw.to(here.relay.clear) as third:
                assert third.rest() == b""
        relaying.until(lambda: not here.relay.connections)
        with here.raw(relaying.device(), clear=True) as raw:
            raw.login()


def test_a_slow_recipient_stops_its_senders_and_nobody_else() -> None:
    """Bob reads nothing: what is for him stops at a bound, and Carol is served meanwhile."""
    bounds = Bounds(full=65_536, choked=262_144, stall=60.0, hold=0.05, rate=0)
    with Here(bounds=bounds).running() as here, here.client("bob") as bob:
        bob.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        with here.client("alice") as alice, here.client("carol") as carol:
            large = xmpp.message(bob.jid, "x" * 100_000)
            while not here.relay.figures.refused["resource-constraint"]:
                alice.send(large)
            assert b"<resource-constraint " in alice.until(b"</message>")
            alice.send(xmpp.message(carol.jid, "<body>now</body>"))
            assert b"<body>now</body>" in carol.until(b"</message>")


def test_a_stalled_recipient_is_cut() -> None:
    bounds = Bounds(full=65_536, choked=262_144, stall=0.5, hold=0.05, rate=0)
    with Here(bounds=bounds).running() as here, here.client("bob") as bob, here.client("alice") as alice:
        bob.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        large = xmpp.message(bob.jid, "x" * 100_000)
        while not here.relay.figures.refused["service-unavailable"]:
            alice.send(large)
        alice.synced()
        assert len(here.board.sessions) == 1


def test_a_client_is_held_to_its_rate() -> None:
    """What is over the rate is read later, not refused: all of it arrives."""
    bounds = Bounds(rate=2_000_000, burst=100_000)
    with Here(bounds=bounds).running() as here, here.client("alice") as alice, here.client("bob") as bob:
        body = "x" * 50_000
        alice.send(*(xmpp.message(bob.jid, f"<body>{number}{body}</body>") for number in range(10)))
        for number in range(10):
            assert f"<body>{number}x".encode() in bob.until(b"</message>")
        alice.synced()

"""XEP-0198: counting, resuming, by whom; what survives a fall of the relay, and that nothing is doubled."""

from __future__ import annotations

import pytest

from bridge.xmpp.hooks import Hooks, Limits
from bridge.xmpp.names import REQUEST
from bridge.xmpp.queue import Memory
from bridge.xmpp.session import WRAP, confirmed
from tests.transports.xmpp import message
from tests.xmpp.counted import BOB, ENABLE, ack, back, body, enabled, numbers
from tests.xmpp.stage import Stage


def test_stanzas_are_counted_from_the_moment_on() -> None:
    alice = Stage().player("alice")
    alice.feed(b"<presence/>")
    enabled(alice)
    assert alice.feed(REQUEST) == ack(0)
    assert ack(3) in alice.feed(b"<presence/><iq type='result' id='1'/>", body(1), REQUEST)


def test_counting_begins_once() -> None:
    alice = Stage().player("alice")
    assert b"<failed " in alice.feed(REQUEST)
    enabled(alice)
    assert b"<policy-violation " in alice.feed(ENABLE)


def test_what_is_not_confirmed_comes_again_and_what_is_does_not() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob", presence=b"")
    secret = enabled(bob)
    alice.feed(*map(body, range(5)))
    assert numbers(bob.heard()) == [0, 1, 2, 3, 4]
    assert bob.feed(ack(2)) == REQUEST
    bob.lost()
    alice.feed(body(5))
    bob, said = back(stage, "bob", secret, 3)
    assert b"<resumed xmlns='urn:xmpp:sm:3' h='0'" in said
    assert numbers(said) == [3, 4, 5]
    assert bob.feed(ack(6)) == b""
    alice.feed(body(6))
    assert numbers(bob.heard()) == [6]


def test_one_request_is_open_at_a_time() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob", presence=b"")
    enabled(bob)
    alice.feed(*map(body, range(5)))
    assert bob.heard().count(REQUEST) == 1
    assert bob.feed(ack(0)) == b""
    alice.feed(body(5))
    assert bob.heard().count(REQUEST) == 1
    assert bob.feed(ack(6)) == b""


@pytest.mark.parametrize("h", [1, WRAP - 1])
def test_more_than_was_sent_cannot_be_confirmed(h: int) -> None:
    stage = Stage()
    bob = stage.player("bob")
    secret = enabled(bob)
    assert b"<undefined-condition " in bob.feed(ack(h))
    bob = stage.player("bob")
    secret = enabled(bob)
    bob.lost()
    _, said = back(stage, "bob", secret, h)
    assert b"<undefined-condition " in said


@pytest.mark.parametrize("text", ["", "-1", "x", "4294967296", "1 "])
def test_a_counter_is_a_number(text: str) -> None:
    bob = Stage().player("bob")
    enabled(bob)
    assert b"<undefined-condition " in bob.feed(f"<a xmlns='urn:xmpp:sm:3' h='{text}'/>".encode())


def test_a_session_is_resumed_by_its_certificate_only() -> None:
    stage = Stage()
    bob = stage.player("bob")
    secret = enabled(bob)
    bob.lost()
    for user, lfdi in (("alice", ""), ("bob", "F" * 40)):
        other, said = back(stage, user, secret, 0, lfdi=lfdi)
        assert b"<item-not-found " in said
        other.bind("else")
    for wrong in ("", "guess", f"{secret}x"):
        assert b"<item-not-found " in back(stage, "bob", wrong, 0)[1]
    assert b"<resumed " in back(stage, "bob", secret, 0)[1]


def test_a_secret_is_not_kept_itself() -> None:
    stage = Stage()
    secret = enabled(stage.player("bob"))
    assert secret not in repr(stage.queue.records())


def test_a_session_is_taken_over_from_a_connection_that_hangs() -> None:
    stage = Stage()
    alice, hung = stage.player("alice"), stage.player("bob")
    secret = enabled(hung)
    bob, said = back(stage, "bob", secret, 0)
    assert b"<resumed " in said
    assert b"<conflict " in hung.heard()
    hung.lost()
    alice.feed(body(1))
    assert numbers(bob.heard()) == [1]


def test_a_session_waits_so_long() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    alice.feed(f"<presence to='{BOB}/r'/>".encode())
    bob.feed(b"<presence to='alice@relay.example/r'/>")
    secret = enabled(bob)
    alice.heard()
    alice.feed(body(1), f"<iq type='get' id='7' to='{BOB}/r'><q xmlns='u'/></iq>".encode())
    bob.lost()
    stage.board.tick(stage.now + 299)
    assert alice.heard() == b""
    stage.now += 300
    stage.board.tick(stage.now)
    said = alice.heard()
    assert b"<presence type='unavailable' from=\"bob@relay.example/r\"" in said
    assert b'id="7" type="error"><error type=\'cancel\'><service-unavailable ' in said
    assert b"<item-not-found " in back(stage, "bob", secret, 0)[1]
    assert numbers(stage.player("bob", "new").heard()) == [1]


def test_messages_of_a_replaced_session_go_to_the_newer() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    enabled(bob)
    alice.feed(body(1), body(2))
    bob.lost()
    newer = stage.player("bob")
    assert numbers(newer.heard()) == [1, 2]


def test_so_many_may_be_unconfirmed() -> None:
    stage = Stage(Limits(unacked=3))
    alice, bob = stage.player("alice", presence=b""), stage.player("bob", presence=b"")
    enabled(bob)
    assert alice.feed(*map(body, range(3))) == b""
    assert b"<error type='wait'><resource-constraint " in alice.feed(body(3))
    bob.feed(ack(3))
    assert alice.feed(body(4)) == b""


def test_more_may_be_unconfirmed_by_the_bridge_also_after_a_fall() -> None:
    hooks, queue = Hooks(allowed=lambda *_: True, hub=lambda who: who.lfdi == "B" * 40), Memory()
    stage = Stage(Limits(unacked=1, hub=3), hooks, queue)
    alice, bob = stage.player("alice", presence=b""), stage.player("bob", presence=b"")
    secret = enabled(bob)
    bob.choked = True  # what it has not confirmed is all that counts
    assert alice.feed(body(1), body(2)) == b""
    again = Stage(Limits(unacked=1, hub=3), hooks, queue)
    again.board.load(again.now)
    alice = again.player("alice", presence=b"")
    back(again, "bob", secret, 0)
    assert alice.feed(body(3)) == b""
    assert b"<resource-constraint " in alice.feed(body(4))


def test_kept_messages_come_as_the_client_confirms() -> None:
    stage = Stage(Limits(unacked=3))
    alice = stage.player("alice")
    alice.feed(*(message(BOB, f"<body>{number}</body>") for number in range(7)))
    bob = stage.player("bob", presence=b"")
    enabled(bob)
    said = numbers(bob.feed(b"<presence/>"))
    for h in range(1, 9):
        said += numbers(bob.feed(ack(h)))
    assert said == list(range(7))


def test_a_queue_that_is_full_says_so() -> None:
    stage = Stage(queue=Memory(200))
    alice, bob = stage.player("alice", presence=b""), stage.player("bob", presence=b"")
    enabled(bob)
    assert alice.feed(body(1)) == b""
    assert b"<resource-constraint " in alice.feed(body(2), body(3))


def test_counters_wrap() -> None:
    stage = Stage()
    bob = stage.player("bob")
    enabled(bob)
    (session,) = stage.board.sessions
    session.acked, session.sent = WRAP - 2, WRAP + 3
    assert [confirmed(session, said) for said in (WRAP - 2, WRAP - 1, 0, 3)] == [0, 1, 2, 5]
    assert [confirmed(session, said) for said in (4, WRAP - 3)] == [None, None]

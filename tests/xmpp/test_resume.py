"""XEP-0198: counting, resuming, by whom; what survives a fall of the relay, and that nothing is doubled."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.xmpp.hooks import Limits
from bridge.xmpp.names import REQUEST
from bridge.xmpp.queue import Memory
from bridge.xmpp.session import WRAP, confirmed
from tests.transports.xmpp import message
from tests.xmpp.stage import Later, Player, Stage

BOB = "bob@relay.example"
ENABLE = b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>"


def ack(h: int) -> bytes:
    return f"<a xmlns='urn:xmpp:sm:3' h='{h}'/>".encode()


def resume(secret: str, h: int) -> bytes:
    return f"<resume xmlns='urn:xmpp:sm:3' previd='{secret}' h='{h}'/>".encode()


def enabled(player: Player) -> str:
    """Have stanzas counted, and give the secret."""
    said = player.feed(ENABLE)
    if isinstance(player.stage.queue, Later):
        player.stage.queue.commit()
    found = re.search(rb"<enabled [^>]*id='([^']*)' resume='true' max='300'", said)
    assert found, said
    return found[1].decode()


def back(stage: Stage, user: str, secret: str, h: int, *, lfdi: str = "") -> tuple[Player, bytes]:
    """Log in again, and ask to go on."""
    player = Player(stage, user, lfdi=lfdi)
    player.login()
    return player, player.feed(resume(secret, h))


def numbers(said: bytes) -> list[int]:
    """Which messages are in what was said."""
    return [int(one) for one in re.findall(rb"<body>(\d+)</body>", said)]


def body(number: int) -> bytes:
    return message(f"{BOB}/r", f"<body>{number}</body>")


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


# ------------------------------------------------------------------------------------ durability


def test_nothing_is_confirmed_or_sent_before_it_is_safe() -> None:
    queue = Later()
    stage = Stage(queue=queue)
    alice, bob = stage.player("alice", presence=b""), stage.player("bob", presence=b"")
    enabled(alice)
    enabled(bob)
    assert alice.feed(body(1), REQUEST) == b""
    assert bob.heard() == b""
    queue.commit()
    assert alice.heard() == ack(1)
    assert numbers(bob.heard()) == [1]


def fallen(stage: Stage) -> Stage:
    """The relay after a fall: what was not durable is gone, and so is every connection."""
    assert isinstance(stage.queue, Later)
    return Stage(stage.limits, stage.hooks, stage.queue.fallen(), stage.now)


def test_a_fall_between_loses_and_doubles_nothing() -> None:
    stage = Stage(queue=Later())
    alice, bob = stage.player("alice"), stage.player("bob")
    mine, his = enabled(alice), enabled(bob)
    alice.feed(body(1))
    stage.queue.commit()  # type: ignore[attr-defined]
    alice.feed(body(2))
    assert numbers(bob.heard()) == [1]
    stage = fallen(stage)
    alice, said = back(stage, "alice", mine, 0)
    stage.queue.commit()  # type: ignore[attr-defined]
    assert b"<resumed xmlns='urn:xmpp:sm:3' h='1'" in said + alice.heard()
    bob, said = back(stage, "bob", his, 1)
    alice.feed(body(2))
    stage.queue.commit()  # type: ignore[attr-defined]
    assert numbers(said + bob.heard()) == [2]


def test_kept_messages_survive_a_fall() -> None:
    stage = Stage(queue=Later())
    alice = stage.player("alice")
    alice.feed(message(BOB, "<body>1</body>"))
    stage.queue.commit()  # type: ignore[attr-defined]
    stage = fallen(stage)
    assert numbers(stage.player("bob").heard()) == [1]


def test_a_session_of_before_a_fall_ends_in_its_time() -> None:
    stage = Stage(queue=Later())
    secret = enabled(stage.player("bob"))
    stage = fallen(stage)
    assert len(stage.board.sessions) == 1
    stage.now += 300
    stage.board.tick(stage.now)
    assert stage.board.sessions == []
    assert b"<item-not-found " in back(stage, "bob", secret, 0)[1]


class Sender:
    """A client that keeps to XEP-0198: it sends again what is not confirmed when it is back."""

    def __init__(self, stage: Stage) -> None:
        self.player = stage.player("alice", presence=b"")
        self.secret = enabled(self.player)
        self.sent: list[bytes] = []
        self.safe = 0

    def send(self, number: int) -> None:
        self.sent.append(body(number))
        self.look(self.player.feed(self.sent[-1], REQUEST))

    def look(self, said: bytes) -> None:
        found = re.findall(rb" h='(\d+)'", said)
        self.safe = int(found[-1]) if found else self.safe

    def back(self, stage: Stage) -> None:
        self.player, said = back(stage, "alice", self.secret, 0)
        self.look(said)
        stage.queue.commit()  # type: ignore[attr-defined]
        self.look(self.player.heard())
        for raw in self.sent[self.safe :]:
            self.player.feed(raw, REQUEST)


class Receiver:
    """Its counterpart."""

    def __init__(self, stage: Stage) -> None:
        self.player = stage.player("bob", presence=b"")
        self.secret = enabled(self.player)
        self.got: list[int] = []

    def look(self, said: bytes = b"") -> None:
        said += self.player.heard()
        self.got += numbers(said)
        if REQUEST in said:
            self.player.feed(ack(len(self.got)))

    def back(self, stage: Stage) -> None:
        self.player, said = back(stage, "bob", self.secret, len(self.got))
        stage.queue.commit()  # type: ignore[attr-defined]
        self.look(said)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["send", "send", "commit", "look", "fall", "cut a", "cut b"]), max_size=60))
def test_whatever_happens_all_arrive_once_and_in_order(acts: list[str]) -> None:
    stage = Stage(queue=Later())
    alice, bob = Sender(stage), Receiver(stage)
    number = 0
    for act in [*acts, "commit", "look", "fall", "look"]:
        if act == "send":
            alice.send(number)
            number += 1
        elif act == "commit":
            stage.queue.commit()  # type: ignore[attr-defined]
            alice.look(alice.player.heard())
        elif act == "look":
            bob.look()
        elif act == "fall":
            stage = fallen(stage)
            alice.back(stage)
            bob.back(stage)
        else:
            one = alice if act == "cut a" else bob
            bob.look()
            one.player.lost()
            one.back(stage)
    stage.queue.commit()  # type: ignore[attr-defined]
    bob.look()
    assert bob.got == list(range(number))

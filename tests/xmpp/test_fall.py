"""What survives a fall of the relay: nothing is confirmed or sent before it is safe, nothing is doubled."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.xmpp.names import REQUEST
from tests.transports.xmpp import message
from tests.xmpp.counted import BOB, ack, back, body, enabled, numbers
from tests.xmpp.stage import Later, Stage


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


def test_what_has_no_other_trace_is_counted_safely_too() -> None:
    queue = Later()
    stage = Stage(queue=queue)
    alice = stage.player("alice", presence=b"")
    enabled(alice)
    said = alice.feed(b"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", REQUEST)
    assert b"<a " not in said
    queue.commit()
    assert ack(1) in alice.heard()
    alice.feed(b"<iq type='result' id='1'/>" * 2, REQUEST)
    assert stage.queue.records()[0].heard == 3


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

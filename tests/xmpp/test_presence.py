"""Who is here and who is not: bare addresses, priorities, directed presence, messages that are kept."""

from __future__ import annotations

import pytest

from bridge.xmpp.hooks import Hooks, Limits
from tests.transports.xmpp import message
from tests.xmpp.stage import NOW, Player, Stage

BOB = "bob@relay.example"
BODY = "<body>x</body>"


def available(stage: Stage, resource: str, priority: int | None) -> Player:
    presence = b"" if priority is None else f"<presence><priority>{priority}</priority></presence>".encode()
    return stage.player("bob", resource, presence=presence)


def test_a_bare_address_is_the_best_session_s() -> None:
    stage = Stage()
    hidden, low, high, silent = (
        available(stage, name, priority) for name, priority in (("h", -1), ("l", 1), ("b", 5), ("s", None))
    )
    alice = stage.player("alice")
    for one in (hidden, low, high, silent):
        one.heard()
    alice.feed(message(BOB, BODY))
    assert [bool(one.heard()) for one in (hidden, low, high, silent)] == [False, False, True, False]
    high.feed(b"<presence type='unavailable'/>")
    low.heard()
    alice.feed(message(f"{BOB}/gone", BODY, " type='chat'"))
    assert b"<body>" in low.heard()
    alice.feed(message(BOB, BODY, " type='headline'"))
    assert [BODY.encode() in one.heard() for one in (hidden, low)] == [False, True]


def test_directed_presence_is_ended_for_whom_it_was_for() -> None:
    stage = Stage()
    alice, bob, carol = (stage.player(name) for name in ("alice", "bob", "carol"))
    alice.feed(f"<presence to='{BOB}/r'/>".encode(), b"<presence to='carol@relay.example'/>")
    alice.feed(b"<presence to='carol@relay.example' type='unavailable'/>")
    bob.heard()
    carol.heard()
    alice.lost()
    assert bob.heard() == (
        f'<presence type=\'unavailable\' from="alice@relay.example/r" to="{BOB}/r"/>'.encode()
    )
    assert carol.heard() == b""


def test_directed_presence_has_a_bound() -> None:
    alice = Stage(Limits(directed=1)).player("alice")
    alice.heard()
    assert alice.feed(f"<presence to='{BOB}/r'/><presence to='{BOB}/r'/>".encode()) == b""
    assert b"<policy-violation " in alice.feed(b"<presence to='carol@relay.example'/>")


def test_the_bridge_may_greet_more() -> None:
    hooks = Hooks(allowed=lambda *_: True, hub=lambda who: who.bare.startswith("alice@"))
    alice = Stage(Limits(directed=1, hub=2), hooks).player("alice")
    alice.heard()
    assert alice.feed(f"<presence to='{BOB}/r'/><presence to='{BOB}/s'/>".encode()) == b""
    assert b"<policy-violation " in alice.feed(b"<presence to='carol@relay.example'/>")


def test_messages_are_kept_for_who_is_not_here_and_stamped() -> None:
    stage = Stage()
    alice = stage.player("alice")
    alice.heard()
    assert alice.feed(message(BOB, "<body>1</body>"), message(BOB, "<body>2</body>", " type='chat'")) == b""
    stage.now += 60
    bob = stage.player("bob", presence=b"")
    assert b"<message" not in bob.heard()
    said = bob.feed(b"<presence/>")
    assert said.index(b"<body>1</body>") < said.index(b"<body>2</body>")
    assert (
        said.count(b"<delay xmlns='urn:xmpp:delay' from=\"relay.example\" stamp='2027-01-15T08:00:00Z'/>")
        == 2
    )
    assert b"<message" not in bob.feed(b"<presence/>")


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("later", [101.0, 99.0])
def test_messages_are_kept_as_long_as_they_are_worth_it(later: float, swept: bool) -> None:
    stage = Stage(hooks=Hooks(allowed=lambda *_: True, expiry=lambda stanza: float(stanza.attrs["id"])))
    stage.player("alice").feed(message(BOB, BODY, " id='100'"))
    stage.now = NOW + later
    if swept:
        stage.board.tick(stage.now)
    bob = stage.player("bob")
    assert (BODY.encode() in bob.heard()) == (later < 100)
    assert stage.board.figures.expired == (later > 100)


def test_messages_are_kept_for_those_only_who_are_known() -> None:
    stage = Stage(hooks=Hooks(allowed=lambda *_: True, keeps=lambda bare: bare != BOB))
    alice = stage.player("alice")
    assert b"<service-unavailable " in alice.feed(message(BOB, BODY))
    assert b"<service-unavailable " in alice.feed(b"<message to='carol@relay.example'/>")


def test_only_so_many_are_kept() -> None:
    stage = Stage(Limits(offline=2))
    alice = stage.player("alice")
    alice.heard()
    assert alice.feed(message(BOB, BODY) * 2) == b""
    assert b"<error type='wait'><resource-constraint " in alice.feed(message(BOB, BODY))

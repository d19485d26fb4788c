"""Streams that are spoilt in any way: nothing is raised, and nobody else's session is the worse for it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transports import xmpp
from tests.xmpp.shapes import SHAPES
from tests.xmpp.stage import Player, Stage

TALK = b"".join((
    xmpp.header(),
    xmpp.auth(),
    xmpp.header(),
    xmpp.binding("m"),
    b"<presence/><enable xmlns='urn:xmpp:sm:3' resume='true'/>",
    b"<iq type='get' id='1' to='relay.example'><ping xmlns='urn:xmpp:ping'/></iq>",
    b"<presence to='bob@relay.example/r'><priority>1</priority></presence>",
    *(b"<message to='bob@relay.example/r' type='chat'>" + one + b"</message>" for one in SHAPES.values()),
    b"<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='1'/>",
    b"<message to='bob@relay.example' from='bob@relay.example'><body/></message>",
    b"</stream:stream>",
))  # fmt: skip
PIECES = (
    b"<", b">", b"/>", b"</", b"'", b'"', b"&", b"\x00", b"\xff", b"<!--", b"<!DOCTYPE x>", b"]]>", b"<?x?>",
    b" xmlns='x'", b" xmlns:a='b'", b"a:", b"</message>", b"</stream:stream>", b"&#0;", b"&amp;", b" to=''",
    b"<r xmlns='urn:xmpp:sm:3'/>", b"<resume xmlns='urn:xmpp:sm:3' h='1'/>", b"<iq/>", b"<message/>",
    b"<presence type='x'/>", b"<a xmlns='urn:xmpp:sm:3'/>", b"\xf0\x9f\x94\x8c", b"h='99'", b"<x xmlns='y'/>",
)  # fmt: skip


def whole(stage: Stage, data: bytes, cuts: tuple[int, ...]) -> tuple[Player, bytes]:
    """Feed a talk in pieces; the rest of what is said to nobody is the test's."""
    mallory = Player(stage, "mallory")
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        mallory.stream.feed(data[start:end], stage.now)
    return mallory, mallory.heard()


def intact(stage: Stage, alice: Player, bob: Player) -> None:
    """Those who had no part in it go on."""
    bob.heard()
    assert [alice.over, bob.over] == [False, False]
    alice.feed(xmpp.message("bob@relay.example/r", "<body>still here</body>"))
    assert b"<body>still here</body>" in bob.heard()
    assert all(player.stream.session in stage.board.sessions for player in (alice, bob))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(TALK)), st.integers(0, 30), st.sampled_from(PIECES)), max_size=4),
    st.lists(st.integers(0, len(TALK)), max_size=6),
)
def test_a_spoilt_stream_spoils_nothing_else(spoilt: list[tuple[int, int, bytes]], cuts: list[int]) -> None:
    data = TALK
    for place, size, piece in spoilt:
        data = data[:place] + piece + data[place + size :]
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    mallory, said = whole(stage, data, tuple(cuts))
    assert said.count(b"<stream:error>") <= 1
    assert mallory.over or b"</stream:stream>" not in said
    intact(stage, alice, bob)
    mallory.lost()
    stage.board.tick(stage.now + 1_000)
    intact(stage, alice, bob)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, len(TALK)), max_size=30))
def test_any_division_of_a_talk_gives_the_same(cuts: list[int]) -> None:
    said = []
    for places in ((), tuple(cuts)):
        stage = Stage()
        bob = stage.player("bob")
        bob.heard()
        said.append((whole(stage, TALK, places)[1], bob.heard()))
    assert said[0] == said[1]
    assert b"<invalid-from " in said[0][0]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_turned_away(data: bytes) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    whole(stage, data, (7,))
    whole(stage, xmpp.header() + data, (7,))
    intact(stage, alice, bob)


@pytest.mark.parametrize("inner", ["&bad;", "<a:b/>", "<x></y>", "<!---->", "\x01", "<x a='1' a='2'/>"])
def test_poison_does_not_reach_its_recipient(inner: str) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    mallory = stage.player("mallory")
    mallory.feed(xmpp.message("bob@relay.example/r", inner))
    assert mallory.over
    assert bob.heard() == b""
    intact(stage, alice, bob)

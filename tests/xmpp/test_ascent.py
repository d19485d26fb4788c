"""A relay's own session at the one above it, both without a net: log-in, cuts, resumption, refusals."""

from __future__ import annotations

import re
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.xmpp.address import Address
from bridge.xmpp.ascent import Ascent, State
from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Hooks, Identity
from tests.transports import xmpp
from tests.xmpp.stage import Player, Stage

TOP = "top.example"
RELAY, BRIDGE = "E" * 40, "F" * 40
UP = f"{BRIDGE.lower()}@{TOP}/r"
ALICE = "alice@relay.example/r"


class Above(Stage):
    """The relay above: the one with certificate RELAY speaks for relay.example."""

    def __post_init__(self) -> None:
        super().__post_init__()
        numbers = count(1)
        hooks = Hooks(allowed=lambda *_: True, speaks=self.speaks, elsewhere=self.elsewhere)
        self.board = Board(TOP, lambda: f"top{next(numbers)}", hooks, self.limits, self.queue)
        self.events.clear()
        hooks.note = self.events.append

    def speaks(self, who: Identity, said: Address) -> bool:
        return who.lfdi == RELAY and said.domain == xmpp.DOMAIN

    def elsewhere(self, _: Identity, to: Address, raw: bytes) -> bool:
        found = self.board.best(f"{RELAY.lower()}@{TOP}")
        if found is None or to.domain != xmpp.DOMAIN:
            return False
        return not self.board.custody.deliver(found, raw, self.now)


class Top(Player):
    """A client of the relay above."""

    def login(self) -> None:
        assert b"<success" in self.feed(xmpp.header(TOP), xmpp.auth(), xmpp.header(TOP))


class Rope:
    """The connection between the two; bytes stay in it until they are pulled."""

    full = choked = False

    def __init__(self, row: Row) -> None:
        self.row, self.out, self.reason = row, b"", ""
        self.top = Top(row.above, "", lfdi=RELAY)

    def write(self, data: bytes) -> None:
        self.out += data

    def end(self, reason: str) -> None:
        self.reason = self.reason or reason

    def pull(self) -> bool:
        """Carry what is in it to both ends, once; whether there was anything."""
        (out, self.out), said = (self.out, b""), self.top.heard()
        if out:
            self.top.stream.feed(out, self.row.above.now)
        if said:
            self.row.ascent.feed(said, self.row.below.now)
        return bool(out or said)

    def settle(self) -> None:
        """Carry everything."""
        while self.pull():
            pass


class Row:
    """Two relays, alice at the lower one, the bridge at the upper one."""

    def __init__(self) -> None:
        self.above = Above()
        hooks = Hooks(allowed=lambda *_: True)
        self.below = Stage(hooks=hooks)
        self.ascent = Ascent(self.below.board, TOP)
        hooks.elsewhere = lambda who, _, raw: bool(who.lfdi) and self.ascent.pass_up(raw, self.below.now)
        self.alice = self.below.player("alice")
        self.alice.heard()
        self.bridge = Top(self.above, "", lfdi=BRIDGE)
        self.bridge.login()
        self.bridge.bind()
        self.bridge.feed(b"<presence/>")
        self.rope = Rope(self)

    def begin(self) -> Rope:
        """Connect."""
        self.rope = Rope(self)
        self.ascent.begin(self.rope, self.below.now)
        return self.rope

    def cut(self, *, forget: bool = False) -> None:
        """Cut the connection; what is in it is lost, and with `forget` the session above, too."""
        self.rope.top.lost()
        self.ascent.lost()
        if forget:
            self.above.board.kick(lambda who: who.lfdi == RELAY, "forgotten", self.above.now)

    def up(self, body: int) -> None:
        self.alice.stream.feed(xmpp.message(UP, f"<body>{body}</body>"), self.below.now)

    def down(self, body: int) -> None:
        self.bridge.stream.feed(xmpp.message(ALICE, f"<body>{body}</body>"), self.above.now)


def bodies(data: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"<body>(\d+)</body>", data)]


def test_it_logs_in_and_carries_both_ways() -> None:
    row = Row()
    row.begin().settle()
    assert row.ascent.state is State.UP
    row.up(1)
    row.down(2)
    row.rope.settle()
    up, down = row.bridge.heard(), row.alice.heard()
    assert (bodies(up), bodies(down)) == ([1], [2])
    assert f'from="{ALICE}"'.encode() in up
    assert f'from="{UP}"'.encode() in down


CALLS = st.lists(st.sampled_from(["up", "down", "pull", "cut"]), max_size=40)


@given(CALLS)
def test_no_cut_loses_doubles_or_reorders(calls: list[str]) -> None:
    row = Row()
    row.begin().settle()
    sent: dict[str, list[int]] = {"up": [], "down": []}
    for number, call in enumerate(calls, 1):
        if call == "pull":
            row.rope.pull()
        elif call == "cut":
            row.cut()
            row.begin()
        else:
            getattr(row, call)(number)
            sent[call].append(number)
    row.rope.settle()
    assert bodies(row.bridge.heard()) == sent["up"]
    assert bodies(row.alice.heard()) == sent["down"]


def test_session_that_is_forgotten_above_begins_anew_and_says_again_what_was_not_confirmed() -> None:
    row = Row()
    row.begin().settle()
    row.up(1)
    row.rope.settle()
    row.up(2)
    row.cut(forget=True)
    row.up(3)
    row.begin().settle()
    row.up(4)
    row.rope.settle()
    assert bodies(row.bridge.heard()) == [1, 2, 3, 4]
    assert row.below.board.queue.count(row.ascent.session.full) == 0


def test_what_waits_outlives_a_restart_of_the_lower_relay() -> None:
    row = Row()
    row.up(1)
    row.up(2)
    row.ascent = Ascent(row.below.board, TOP)
    row.begin().settle()
    assert bodies(row.bridge.heard()) == [1, 2]


def test_without_a_connection_a_question_is_answered_and_a_message_waits() -> None:
    row = Row()
    asked = f"<iq to='{UP}' type='get' id='q'><x xmlns='urn:x'/></iq>".encode()
    assert b"remote-server-not-found" in row.alice.feed(asked)
    row.up(1)
    row.begin().settle()
    assert bodies(row.bridge.heard()) == [1]


def test_nobody_above_speaks_for_our_own_domain() -> None:
    row = Row()
    row.begin().settle()
    said = f"<message from='bob@relay.example/r' to='{ALICE}'><body>7</body></message>"
    row.ascent.feed(said.encode(), 1.0)
    assert bodies(row.alice.heard()) == []
    assert row.below.events[-1].name == "forged"
    assert row.ascent.state is State.UP


@pytest.mark.parametrize(
    ("to", "answered"), [(f"{RELAY.lower()}@{TOP}/relay", True), ("x@third.example", False)]
)
def test_question_to_ourselves_is_answered_and_for_another_domain_is_not(to: str, answered: bool) -> None:
    row = Row()
    row.begin().settle()
    said = f"<iq from='{UP}' to='{to}' type='get' id='q'><ping xmlns='urn:xmpp:ping'/></iq>"
    row.ascent.feed(said.encode(), 1.0)
    assert (b"service-unavailable" in row.rope.out) is answered


def test_presence_goes_up_and_its_end_is_told() -> None:
    row = Row()
    row.begin().settle()
    row.alice.feed(f"<presence to='{UP}'/>".encode())
    row.rope.settle()
    assert f'from="{ALICE}"'.encode() in row.bridge.heard()
    row.alice.feed(b"</stream:stream>")
    row.rope.settle()
    gone = row.bridge.heard()
    assert b"unavailable" in gone
    assert f'from="{ALICE}"'.encode() in gone


HEAD = xmpp.header("x").replace(b" to='x'", b" from='top.example' id='a'")
SASL = b"urn:ietf:params:xml:ns:xmpp-sasl"
FEATURES = b"<stream:features><mechanisms xmlns='" + SASL + b"'>%s</mechanisms></stream:features>"
UNKNOWN = b"<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
EXTERNAL = FEATURES % b"<mechanism>EXTERNAL</mechanism>"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (HEAD + FEATURES % b"<mechanism>PLAIN</mechanism>", "does not offer EXTERNAL"),
        (HEAD + EXTERNAL + b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "does not let us log in"),
        (HEAD + UNKNOWN, "host-unknown"),
        (HEAD + b"<message/>", "has no place"),
        (b"<!DOCTYPE x>", "is not one"),
        (HEAD + b"</stream:stream>", "ended the stream"),
    ],
)
def test_relay_above_that_does_not_let_us_in_is_told_by_its_reason(said: bytes, reason: str) -> None:
    row = Row()
    row.begin()
    row.ascent.feed(said, 1.0)
    assert reason in row.rope.reason
    assert row.ascent.session.link is None


@pytest.mark.parametrize("said", [b"<a xmlns='urn:xmpp:sm:3' h='99'/>", b"<a xmlns='urn:xmpp:sm:3' h='x'/>"])
def test_count_that_cannot_be_ends_the_connection(said: bytes) -> None:
    row = Row()
    row.begin().settle()
    row.ascent.feed(said, 1.0)
    assert "confirms more" in row.rope.reason

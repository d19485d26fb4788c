"""Who may talk to whom: default deny, the bridge's own endpoint, patterns, answers, rows that never match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.app.relay import rights
from bridge.app.relay.rights import KINDS, Party, Right, Rights

A, B, BRIDGE = "A1" * 20, "B2" * 20, "C3" * 20
DEVICE = Party(f"{A.lower()}@relay.example", A, "device")
FLEET = Party("fleet@relay.example", B, "aggregator")
HEAD = Party("head@relay.example", "D4" * 20, "operator")
OWN = Party(f"{BRIDGE.lower()}@relay.example", BRIDGE, "device")
ABSENT = Party("fleet@relay.example")
EVERYBODY = (DEVICE, FLEET, HEAD, OWN)
GROUPS = {"west": (A, "fleet@relay.example"), "empty": ()}


def table(*rows: Right) -> Rights:
    return Rights(rows, GROUPS, (BRIDGE,))


def test_without_a_row_nobody_talks_but_with_the_bridge() -> None:
    made = table()
    for sender in EVERYBODY:
        for recipient in EVERYBODY:
            wanted = OWN in {sender, recipient} or sender == recipient
            assert made.allowed(sender, recipient, "message") is wanted


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", {DEVICE, FLEET, HEAD}),
        (A, {DEVICE}),
        (A.lower(), {DEVICE}),
        ("kind:aggregator", {FLEET}),
        ("kind:device", {DEVICE}),
        ("fleet@relay.example", {FLEET}),
        ("Fleet@Relay.example", {FLEET}),
        ("*@relay.example", {DEVICE, FLEET, HEAD}),
        ("*@other.example", set()),
        ("f*@relay.example", {FLEET}),
        ("group:west", {DEVICE, FLEET}),
        ("group:east", set()),
        ("group:empty", set()),
        ("relay.example", set()),
    ],
)
@pytest.mark.parametrize("side", ["from", "to"])
def test_pattern_fits(pattern: str, fits: set[Party], side: str) -> None:
    row = Right((pattern,), ("*",)) if side == "from" else Right(("*",), (pattern,))
    made = Rights((row,), GROUPS, ())
    other = Party("somebody@elsewhere")
    for one in (DEVICE, FLEET, HEAD):
        pair = (one, other) if side == "from" else (other, one)
        assert made.allowed(*pair, "message") is (one in fits)


def test_kind_of_somebody_unknown_fits_nothing() -> None:
    made = table(Right(("*",), ("kind:aggregator",)))
    assert made.allowed(DEVICE, FLEET, "iq")
    assert not made.allowed(DEVICE, ABSENT, "iq")


def test_row_is_for_its_kinds_alone() -> None:
    made = table(Right((A,), ("*",), ("message",)))
    assert [kind for kind in KINDS if made.allowed(DEVICE, FLEET, kind)] == ["message"]


def test_who_may_ask_may_be_answered_and_no_more() -> None:
    made = table(Right((A,), ("fleet@relay.example",), ("iq",)))
    assert made.allowed(DEVICE, FLEET, "iq")
    assert not made.allowed(FLEET, DEVICE, "iq")
    assert made.allowed(FLEET, DEVICE, "iq", answer=True)
    assert not made.allowed(HEAD, DEVICE, "iq", answer=True)


def test_what_is_remembered_is_bounded_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "MOST", 10)
    made = table(Right((A,), ("*",)))
    for number in range(100):
        other = Party(f"x{number}@relay.example")
        assert made.allowed(DEVICE, other, "iq")
        assert not made.allowed(other, DEVICE, "iq")
        assert len(made._known) <= 10  # noqa: SLF001 - its memory is bounded


PATTERNS = st.sampled_from(["*", A, B, "kind:device", "kind:operator", "fleet@relay.example", "group:west"])
ROWS = st.lists(
    st.builds(
        Right,
        st.lists(PATTERNS, max_size=2).map(tuple),
        st.lists(PATTERNS, max_size=2).map(tuple),
        st.lists(st.sampled_from(KINDS), max_size=3).map(tuple),
    ),
    max_size=4,
)


def plain(pattern: str, one: Party) -> bool:
    """The same, said by hand."""
    return {
        "*": True,
        A: one.lfdi == A,
        B: one.lfdi == B,
        "kind:device": one.kind == "device",
        "kind:operator": one.kind == "operator",
        "fleet@relay.example": one.address == "fleet@relay.example",
        "group:west": one.lfdi == A or one.address == "fleet@relay.example",
    }[pattern]


@given(ROWS, st.sampled_from(EVERYBODY), st.sampled_from(EVERYBODY), st.sampled_from(KINDS))
def test_any_table_says_what_a_naive_reading_says(
    rows: list[Right], sender: Party, recipient: Party, kind: str
) -> None:
    wanted = OWN in {sender, recipient} or sender == recipient
    for row in rows:
        froms = any(plain(each, sender) for each in row.senders)
        tos = any(plain(each, recipient) for each in row.recipients)
        wanted = wanted or (froms and tos and kind in row.kinds)
    assert table(*rows).allowed(sender, recipient, kind) is wanted


@given(ROWS, st.data())
def test_covered_row_adds_nothing(rows: list[Right], data: st.DataObject) -> None:
    """Where a row is called covered, the table without it decides the same."""
    for place, row in enumerate(rows):
        if any(rights.covered(row, earlier) for earlier in rows[:place]):
            sender, recipient = (data.draw(st.sampled_from(EVERYBODY)) for _ in range(2))
            kind = data.draw(st.sampled_from(KINDS))
            without = table(*rows[:place], *rows[place + 1 :])
            assert table(*rows).allowed(sender, recipient, kind) is without.allowed(sender, recipient, kind)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("*", ""),
        (A, ""),
        (A[:-1], "is no LFDI"),
        ("kind:device", ""),
        ("kind:toaster", "no kind toaster"),
        ("group:west", ""),
        ("group:empty", "nobody is in it"),
        ("group:east", "no group east"),
        ("fleet@relay.example", ""),
        ("fleet@other.example", "nobody of the domain other.example"),
        ("fleet@*.example", ""),
        ("fleet@relay.example/phone", "is no LFDI"),
        ("@relay.example", "is no LFDI"),
        ("", "is no LFDI"),
    ],
)
def test_pattern_that_fits_nobody_is_told(pattern: str, said: str) -> None:
    found = rights.fault(pattern, GROUPS, lambda domain: domain == "relay.example")
    assert (found == "") is (said == "")
    assert said in found

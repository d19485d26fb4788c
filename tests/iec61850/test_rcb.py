"""The tables of report control blocks: states, rights, attributes, bits, times; told a second time."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.iec61850 import shape
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.attributes import KINDS, RULES, structure
from bridge.iec61850.rcb.content import packed, unpacked
from bridge.iec61850.rcb.gathering import Gathering, Included
from bridge.iec61850.rcb.members import above
from bridge.iec61850.rcb.moment import LAST, START, binary, seconds
from bridge.iec61850.rcb.rights import refusal
from bridge.iec61850.rcb.states import NEXT, Event, State
from bridge.iec61850.rcb.timetable import Timetable
from bridge.iec61850.rcb.writes import EFFECTS
from models.mms.codes import DataAccessError

EVERYWHERE = tuple(product(KINDS, State, Event))
WHEN = """
            free      reserved  held      enabled   waiting
reserve     reserved  reserved  -         -         -
release     free      free      -         -         -
enable      held      enabled   held      enabled   -
disable     free      reserved  free      reserved  -
lost RP     -         free      free      free      -
lost BR     -         waiting   free      waiting   -
back        -         -         -         -         reserved
expired     -         -         -         -         free
"""


def told(kind: str, state: State, event: Event) -> str:
    """What the drawing above says."""
    head, *rows = [line.split() for line in WHEN.strip().splitlines()]
    found = {(row[0], row[1] if row[1] in KINDS else ""): row[-len(head) :] for row in rows}
    row = found.get((event, kind)) or found[(event, "")]
    unbuffered = kind == "RP" and state is State.WAITING
    return "-" if unbuffered else row[head.index(state)]


@pytest.mark.parametrize(("kind", "state", "event"), EVERYWHERE)
def test_states_follow_the_drawing(kind: str, state: State, event: Event) -> None:
    assert NEXT[kind].get((state, event), "-") == told(kind, state, event)


ORDER = {
    "RP": "RptID RptEna Resv DatSet ConfRev OptFlds BufTm SqNum TrgOps IntgPd GI Owner",
    "BR": "RptID RptEna DatSet ConfRev OptFlds BufTm SqNum TrgOps IntgPd GI PurgeBuf EntryID TimeOfEntry"
    " ResvTms Owner",
}


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_stand_in_the_order_of_the_standard(kind: str) -> None:
    assert [name for name, _ in structure(kind).fields] == ORDER[kind].split()
    assert shape.fault(structure(kind), shape.default(structure(kind))) is None


QUIET, LIVE = ("free", "reserved"), ("held", "enabled")
SETTING = (
    "RptID",
    "DatSet",
    "OptFlds",
    "BufTm",
    "TrgOps",
    "IntgPd",
    "Resv",
    "ResvTms",
    "PurgeBuf",
    "EntryID",
)
MAY = {**dict.fromkeys(SETTING, QUIET), "RptEna": (*QUIET, *LIVE), "GI": LIVE}


@pytest.mark.parametrize(("kind", "name", "state"), [(*key, state) for key in RULES for state in State])
def test_attributes_are_written_when_they_may_be(kind: str, name: str, state: State) -> None:
    if name not in MAY:
        assert refusal(kind, name, state) is DataAccessError.object_access_denied
    else:
        expected = None if state in MAY[name] else DataAccessError.temporarily_unavailable
        assert refusal(kind, name, state) is expected


def test_what_may_be_written_has_an_effect_and_nothing_else_has() -> None:
    assert set(EFFECTS) == set(MAY)
    assert {name for _, name in RULES} - set(MAY) == {"ConfRev", "SqNum", "TimeOfEntry", "Owner"}
    assert refusal("RP", "ResvTms", State.FREE) is DataAccessError.object_non_existent
    assert refusal("BR", "Resv", State.FREE) is DataAccessError.object_non_existent


def test_bits_have_their_places() -> None:
    assert fields.text({"sequence-number", "segmentation"}, fields.OPTIONS) == "0100000001"
    assert fields.text({"dchg", "gi"}, fields.TRIGGERS) == "010001"
    assert fields.names("1111111", fields.TRIGGERS) == {"dchg", "qchg", "dupd", "integrity", "gi"}
    assert fields.merged("010000", "001000") == "011000"


@pytest.mark.parametrize(
    ("at", "octets"),
    [
        (START, "000000000000"),
        (START + 86_400.5, "000001f40001"),
        (0.0, "000000000000"),
        (1e12, "05265bffffff"),
    ],
)
def test_binary_times(at: float, octets: str) -> None:
    assert binary(at).hex() == octets


@given(st.integers(0, LAST))
def test_binary_times_come_back(milliseconds: int) -> None:
    octets = binary(START + milliseconds / 1000)
    assert round((seconds(octets) - START) * 1000) == milliseconds


VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8"))
    | st.binary(),
    lambda inner: st.lists(inner).map(tuple),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.builds(Included, st.integers(0, 99), VALUES, st.text("01", min_size=6, max_size=6))))
def test_entries_come_back_as_they_were(members: list[Included]) -> None:
    content = tuple(members)
    found = unpacked(packed(content))
    assert found == content
    assert [type(each.value) for each in found] == [type(each.value) for each in content]


def test_a_leaf_belongs_to_whatever_stands_above_it() -> None:
    assert list(above("A$MX$B(3)$c")) == ["A$MX$B(3)$c", "A$MX$B(3)", "A$MX$B", "A$MX", "A"]


def included(place: int, value: int) -> dict[int, Included]:
    return {place: Included(place, value, "010000")}


def test_a_second_change_of_a_member_closes_what_is_gathered() -> None:
    gathering = Gathering()
    assert gathering.add(included(1, 10), 5.0, 0.5) == []
    assert gathering.add(included(0, 20), 5.2, 0.5) == []
    assert gathering.deadline == 5.5
    (closed,) = gathering.add(included(1, 11), 5.4, 0.5)
    assert [(each.place, each.value) for each in closed] == [(0, 20), (1, 10)]
    assert gathering.deadline == 5.9
    assert [[each.value for each in content] for content in gathering.close()] == [[11]]
    assert gathering.close() == []


def test_without_a_time_to_gather_each_change_is_closed() -> None:
    gathering = Gathering()
    assert [len(gathering.add(included(1, value), 5.0, 0)) for value in (1, 1, 2)] == [1, 1, 1]
    assert gathering.deadline is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9), st.integers(0, 9))))
def test_the_timetable_says_what_a_naive_one_says(steps: list[tuple[str, int | None, int]]) -> None:
    table, naive = Timetable(), dict[str, int]()
    for name, at, now in steps * 20:
        table.put(name, at)
        naive = {each: when for each, when in naive.items() if each != name}
        naive |= {name: at} if at is not None else {}
        assert table.first == min(naive.values(), default=None)
        if now == 0:
            assert table.ripe(5) == [
                each for when, each in sorted((w, e) for e, w in naive.items()) if when <= 5
            ]
            naive = {each: when for each, when in naive.items() if when > 5}

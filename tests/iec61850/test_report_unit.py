"""What a report carries: every combination of options, segments that fit, a reader that trusts nothing."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.iec61850 import received
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.gathering import Included
from bridge.iec61850.rcb.members import Members
from bridge.iec61850.rcb.unit import Head, units
from bridge.iec61850.received import Item, Malformed, Received, Reception
from bridge.iec61850.shape import Basic, Structure, Value
from bridge.iec61850.unit import length as size
from models.mms import data, pdu
from models.mms.codes import DataAccessError

OWN = tuple(name for name in fields.OPTIONS if name not in {"reserved", "segmentation"})
FIELD = {
    "sequence-number": "SqNum",
    "report-time-stamp": "TimeOfEntry",
    "data-set-name": "DatSet",
    "buffer-overflow": "BufOvfl",
    "entryID": "EntryID",
    "conf-revision": "ConfRev",
}
SETS = [frozenset(chosen) for size in range(len(OWN) + 1) for chosen in combinations(OWN, size)]
POINT = Structure((("f", Basic("floating-point")), ("q", Basic("bit-string", 13))))
TYPES = (POINT, Basic("boolean"), Basic("visible-string", -2000), POINT, Basic("integer", 32))
MEMBERS = Members(tuple(("LD1", f"GGIO1$ST$Ind{number}") for number in range(len(TYPES))), TYPES)
ALL: tuple[Value, ...] = ((1.5, "0" * 13), True, "x" * 40, (-2.0, "1" * 13), 7)
CONTENT = tuple(Included(place, ALL[place], "010000" if place % 2 else "001001") for place in (0, 2, 3, 4))


def head(options: frozenset[str]) -> Head:
    return Head(
        options, "mine", 65_535, b"123456", "LD1/LLN0$Set", BufOvfl=True, EntryID=b"12345678", ConfRev=9
    )


def read(unit: pdu.Unconfirmed_PDU) -> Received:
    return received.read(unit.informationReport, TYPES)


def told(options: frozenset[str]) -> tuple[Item, ...]:
    return tuple(
        Item(
            each.place,
            each.value,
            "/".join(MEMBERS.names[each.place]) if "data-reference" in options else None,
            fields.names(each.reason, fields.TRIGGERS) if "reason-for-inclusion" in options else frozenset(),
        )
        for each in CONTENT
    )


@pytest.mark.parametrize("options", SETS, ids=lambda names: fields.text(names, fields.OPTIONS))
def test_each_combination_of_options_is_read_back(options: frozenset[str]) -> None:
    (unit,) = units(head(options), CONTENT, MEMBERS, 65_000)
    found = read(unit)
    assert (found.RptID, found.options, found.members, found.items) == ("mine", options, 5, told(options))
    for option, name in FIELD.items():
        assert getattr(found, name) == (getattr(head(options), name) if option in options else None)
    assert (found.SubSqNum, found.MoreSegments) == (None, False)
    assert received.read(unit.informationReport).items[0].value == (1.5, "0" * 13), "without types, too"


@given(st.sampled_from(SETS), st.integers(900, 6000), st.integers(0, 1500))
def test_segments_fit_and_come_together_again(options: frozenset[str], limit: int, length: int) -> None:
    content = tuple(each._replace(value="x" * length) if each.place == 2 else each for each in CONTENT)
    made = list(units(head(options), content, MEMBERS, limit))
    for unit in made:
        items = read(unit).items
        alone = len(items) == 1 and isinstance(items[0].value, DataAccessError)
        assert size(unit) <= limit or alone
    reception = Reception(2**16)
    *before, whole = [reception.take(read(unit)) for unit in made]
    assert before == [None] * (len(made) - 1)
    assert whole is not None
    kept = [(each.place, each.value) for each in content]
    for item, (place, value) in zip(whole.items, kept, strict=True):
        assert item.place == place
        assert item.value in {value, DataAccessError.object_access_unsupported}


def test_segments_are_counted_and_share_their_number() -> None:
    whole = next(units(head(SETS[-1]), CONTENT, MEMBERS, 65_000))
    limit = size(whole) - 1
    parts = [read(unit) for unit in units(head(SETS[-1]), CONTENT, MEMBERS, limit)]
    assert [(part.SqNum, part.SubSqNum, part.MoreSegments) for part in parts] == [
        (65_535, 0, True),
        (65_535, 1, False),
    ]
    assert [item.place for part in parts for item in part.items] == [0, 2, 3, 4]
    assert all(part.options == SETS[-1] | {"segmentation"} for part in parts)


def test_a_report_that_just_fits_is_not_segmented() -> None:
    whole = next(units(head(SETS[-1]), CONTENT, MEMBERS, 65_000))
    assert len(list(units(head(SETS[-1]), CONTENT, MEMBERS, size(whole)))) == 1


def test_a_value_that_no_unit_has_room_for_is_told_as_a_failure_beside_the_others() -> None:
    content = (*CONTENT[:1], Included(2, "x" * 2000, "010000"), *CONTENT[2:])
    parts = [read(unit) for unit in units(head(frozenset()), content, MEMBERS, 1800)]
    values = {item.place: item.value for part in parts for item in part.items}
    assert values == {0: ALL[0], 2: DataAccessError.object_access_unsupported, 3: ALL[3], 4: ALL[4]}


def test_a_value_of_another_type_is_told_as_a_failure() -> None:
    (unit,) = units(head(frozenset()), (Included(1, "no boolean", "010000"),), MEMBERS, 65_000)
    assert [item.value for item in read(unit).items] == [DataAccessError.object_access_unsupported]


def listed(results: tuple[data.AccessResult, ...]) -> pdu.InformationReport:
    (unit,) = units(head(SETS[-1]), CONTENT, MEMBERS, 65_000)
    report = unit.informationReport
    return report.model_copy(update={"listOfAccessResult": data.AccessResultList(AccessResult=results)})


def results() -> tuple[data.AccessResult, ...]:
    (unit,) = units(head(SETS[-1]), CONTENT, MEMBERS, 65_000)
    return unit.informationReport.listOfAccessResult.AccessResult


@pytest.mark.parametrize("left", range(len(results())))
def test_a_report_that_is_cut_short_is_refused(left: int) -> None:
    with pytest.raises(Malformed, match="fewer results"):
        received.read(listed(results()[:left]), TYPES)


def test_a_report_with_more_than_it_says_is_refused() -> None:
    with pytest.raises(Malformed, match="more results"):
        received.read(listed((*results(), results()[0])), TYPES)


@given(st.permutations(range(len(results()))), st.integers(0, 255))
def test_a_report_in_disorder_is_refused_or_read_and_nothing_else(order: list[int], code: int) -> None:
    failure = data.AccessResult(choice=data.AccessResult_failure(value=DataAccessError(code % 12)))
    mixed = [results()[place] for place in order]
    mixed[code % len(mixed)] = failure
    try:
        found = received.read(listed(tuple(mixed)))
    except Malformed:
        return
    assert len(found.items) <= found.members


def test_a_data_set_of_another_size_is_refused() -> None:
    with pytest.raises(Malformed, match="5 members where 4"):
        received.read(listed(results()), TYPES[:4])


def part(number: int, sub: int | None = None, *, more: bool = False) -> Received:
    return Received("mine", frozenset(), 5, (), SqNum=number, SubSqNum=sub, MoreSegments=more)


@pytest.mark.parametrize(
    ("parts", "missed"),
    [
        ([part(0), part(1), part(2)], [0, 0, 0]),
        ([part(0), part(3)], [0, 2]),
        ([part(0), part(254), part(255), part(0)], [0, 253, 0, 0]),
        ([part(0, 0, more=True), part(0, 1)], [None, 0]),
        ([part(0, 0, more=True), part(0, 2)], [None, None]),
        ([part(0, 1), part(1)], [None, 1]),
        ([part(0, 0, more=True), part(1, 1), part(2)], [None, None, 2]),
        ([part(0, 0, more=True), part(1)], [None, 1]),
        ([part(0, sub, more=True) for sub in range(6)], [None] * 6),
        ([part(0, sub, more=sub < 4) for sub in range(5)], [None] * 4 + [0]),
        ([part(0, 0, more=True), part(1, 0, more=True), part(1, 1)], [None, None, 1]),
    ],
)
def test_gaps_and_holes_are_noticed(parts: list[Received], missed: list[int | None]) -> None:
    reception = Reception(256)
    found = [reception.take(each) for each in parts]
    assert [each.missed if each else None for each in found] == missed

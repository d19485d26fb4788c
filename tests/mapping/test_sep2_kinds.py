"""2030.5 and the canonical records: which document a record is written as, alone and in a list.

One canonical kind may be several documents; what it came in as is remembered, and nothing is chosen in
silence.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.mapping.sep2 import from_canonical, to_canonical
from bridge.mapping.table import Unrepresentable
from models.der import messages as m
from models.sep2.y2018 import common, der, derinfo, drlc, log, mup, response
from models.sep2.y2023 import root_der
from peers.roundtrip import ENVELOPE
from tests.mapping.controls import control


def status(**parts: Any) -> m.Status:
    return m.Status(**ENVELOPE._asdict(), **parts)


def test_a_status_of_two_kinds_is_written_as_the_one_that_is_named() -> None:
    record = status(operation=m.Operation(at=Decimal(1)), availability=m.Availability(at=Decimal(2)))
    with pytest.raises(Unrepresentable, match="availability: goes in DERAvailability"):
        from_canonical(record, "2018")
    assert from_canonical(record, "2018", kind="DERStatus") == derinfo.DERStatus(readingTime=1)
    assert from_canonical(record, "2018", kind="DERAvailability") == derinfo.DERAvailability(readingTime=2)
    with pytest.raises(Unrepresentable, match="is written as no CurrentDERControls in 2018"):
        from_canonical(record, "2018", kind="CurrentDERControls")


def test_a_meter_is_written_with_exactly_one_series() -> None:
    two = m.Reading(**ENVELOPE._asdict(), series=(m.Series(mRID="01"), m.Series(mRID="02")))
    with pytest.raises(Unrepresentable, match=r"^series: 2 where exactly one can stand"):
        from_canonical(two, "2018")


def test_an_item_is_written_as_what_its_list_holds() -> None:
    meter = m.Reading(**ENVELOPE._asdict(), series=(m.Series(mRID="01"),))
    found: Any = from_canonical(m.Listing(kind="MirrorMeterReadingList", reading=(meter,)), "2018")
    assert found.MirrorMeterReading == (mup.MirrorMeterReading(mRID="01"),)
    with pytest.raises(Unrepresentable, match=r"^reading\.mRID: Field required"):
        from_canonical(m.Listing(kind="MirrorUsagePointList", reading=(meter,)), "2018")


def test_a_status_of_one_kind_needs_no_name() -> None:
    assert isinstance(
        from_canonical(status(availability=m.Availability(at=Decimal(2))), "2018"), derinfo.DERAvailability
    )
    current = from_canonical(status(modes=m.Modes(connect=True), modesAt=Decimal(3)), "2023")
    assert isinstance(current, root_der.CurrentDERControls)
    with pytest.raises(Unrepresentable, match="is written as no document"):
        from_canonical(status(), "2018")


def test_an_outcome_comes_back_as_the_response_it_was() -> None:
    plain = response.Response(endDeviceLFDI="AA", subject="BB", status=1)
    control_response = response.DERControlResponse(endDeviceLFDI="AA", subject="BB", status=1)
    for wire in (plain, control_response, response.PriceResponse(endDeviceLFDI="AA", subject="BB", status=1)):
        assert from_canonical(to_canonical(wire, "2018", envelope=ENVELOPE), "2018") == wire
    page = response.ResponseList(all=2, results=2, Response=(plain, control_response))
    assert from_canonical(to_canonical(page, "2018", envelope=ENVELOPE), "2018") == page
    made = m.Outcome(**ENVELOPE._asdict(), device="AA", subject="BB", status=1)
    assert from_canonical(made, "2018") == control_response


def test_an_empty_part_of_a_derived_type_is_kept() -> None:
    wire = response.DrResponse(endDeviceLFDI="AA", subject="BB", SetPoint=drlc.SetPoint(), overrideDuration=3)
    page = response.ResponseList(all=1, results=1, Response=(wire,))
    record: Any = to_canonical(page, "2018", envelope=ENVELOPE)
    assert [(kept.path, kept.value) for kept in record.outcome[0].kept] == [
        ("xsi:type", "DrResponse"),
        ("overrideDuration", "3"),
        ("SetPoint", ""),
    ]
    assert from_canonical(record, "2018") == page


def test_an_outcome_of_iec_61850_loses_what_is_declared() -> None:
    lost: list[tuple[str, str]] = []
    from_canonical(
        m.Outcome(**ENVELOPE._asdict(), device="AA", subject="BB", status=252, addCause=26), "2018", lost=lost
    )
    assert lost == [("addCause", "a cause of IEC 61850; the status made from it is carried")]


def test_a_list_that_was_made_here_counts_itself() -> None:
    record = control("2018", "")
    found: Any = from_canonical(m.Listing(kind="DERControlList", control=(record, record)), "2018")
    assert (found.all, found.results, len(found.DERControl)) == (2, 2, 2)
    assert from_canonical(m.Listing(kind="DERProgramList"), "2018") == der.DERProgramList(all=0, results=0)


def test_items_of_a_list_have_their_own_identity() -> None:
    events = tuple(
        log.LogEvent(
            createdDateTime=n, functionSet=1, logEventCode=n, logEventID=1, logEventPEN=1, profileID=2
        )
        for n in range(2)
    )
    record: Any = to_canonical(log.LogEventList(all=9, results=2, LogEvent=events), "2018", envelope=ENVELOPE)
    assert [alarm.id for alarm in record.alarm] == ["m1/1", "m1/2"]
    assert [(kept.path, kept.value) for kept in record.kept] == [("all", "9"), ("results", "2")]


def test_a_control_that_was_made_here_needs_what_the_schema_needs() -> None:
    made = m.Control(
        **ENVELOPE._asdict(),
        mRID="AA",
        created=Decimal(1),
        start=Decimal(2),
        duration=Decimal(3),
        programme="p",
        primacy=5,
        modes=m.Modes(),
    )
    with pytest.raises(Unrepresentable, match=r"^EventStatus"):
        from_canonical(made, "2018")
    state = m.EventState(currentStatus=1, at=Decimal(2), potentiallySuperseded=False)
    lost: list[tuple[str, str]] = []
    found = from_canonical(made.model_copy(update={"status": state}), "2018", lost=lost)
    assert found == der.DERControl(
        mRID="AA",
        creationTime=1,
        interval=common.DateTimeInterval(duration=3, start=2),
        DERControlBase=der.DERControlBase(),
        EventStatus=common.EventStatus(currentStatus=1, dateTime=2, potentiallySuperseded=False),
    )
    assert [path for path, _ in lost] == ["programme", "primacy"]


def test_a_moment_between_two_seconds_is_refused() -> None:
    record = control("2018", "").model_copy(update={"start": Decimal("1.5")})
    with pytest.raises(Unrepresentable, match=r"^start: 1\.5 is not a whole number"):
        from_canonical(record, "2018")

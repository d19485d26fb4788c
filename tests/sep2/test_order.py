"""Ranks sort as the standard's keys say, whichever way each of them runs; times are the resource's own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sep2 import order, tree
from models.sep2.y2018 import common, der, edev, flow, info, log, metering, quantity

CONTROLS = tree.node("/derp/{}/derc")


def control(start: int, created: int, mrid: str) -> der.DERControl:
    return der.DERControl(
        mRID=mrid,
        creationTime=created,
        EventStatus=common.EventStatus(currentStatus=0, dateTime=0, potentiallySuperseded=False),
        interval=common.DateTimeInterval(start=start, duration=60),
        DERControlBase=der.DERControlBase(),
    )


moments = st.integers(-(2**63), 2**63 - 1)
small = st.integers(0, 3)
hexes = st.text("0123456789abcdefABCDEF", min_size=1, max_size=16).map(lambda text: text * 2)


@given(st.lists(st.tuples(st.one_of(small, moments), st.one_of(small, moments), hexes), min_size=2))
def test_controls_come_by_start_then_newest_then_greatest_identifier(
    rows: list[tuple[int, int, str]],
) -> None:
    objs = [control(*row) for row in rows]
    by_rank = sorted(objs, key=lambda obj: order.rank(CONTROLS, obj))
    by_keys = sorted(objs, key=lambda obj: (obj.interval.start, -obj.creationTime, -int(obj.mRID, 16)))
    assert [(c.interval.start, c.creationTime, int(c.mRID, 16)) for c in by_rank] == [
        (c.interval.start, c.creationTime, int(c.mRID, 16)) for c in by_keys
    ]
    assert all(order.rank(CONTROLS, obj).isascii() for obj in objs)


@given(st.lists(st.text(max_size=20), min_size=2))
def test_text_comes_by_its_bytes_both_ways(names: list[str]) -> None:
    assert sorted(names, key=lambda name: order.text(name, down=False)) == sorted(names, key=str.encode)
    assert sorted(names, key=lambda name: order.text(name, down=True)) == sorted(
        names, key=str.encode, reverse=True
    )


def test_a_member_is_ranked_as_its_list_says() -> None:
    obj = control(1, 2, "AB")
    assert order.rank(tree.node("/derp/{}/derc/{}"), obj) == order.rank(CONTROLS, obj) != ""
    assert order.rank(tree.node("/edev/{}/der/{}"), obj) == ""
    assert order.rank(tree.node("/tm"), obj) == ""


def test_newest_log_events_come_first_and_the_silent_come_last() -> None:
    def event(at: int) -> log.LogEvent:
        return log.LogEvent(
            createdDateTime=at, functionSet=11, logEventCode=0, logEventID=1, logEventPEN=37250, profileID=2
        )

    node = tree.node("/edev/{}/lel")
    assert order.rank(node, event(10)) < order.rank(node, event(9))
    readings = tree.node("/upt/{}/mr/{}/rs/{}/r")
    period = common.DateTimeInterval(start=5, duration=1)
    assert order.rank(readings, metering.Reading(timePeriod=period)) < order.rank(
        readings, metering.Reading()
    )


@pytest.mark.parametrize(
    ("obj", "time"),
    [
        (control(100, 7, "AB"), (100, 160)),
        (metering.Reading(timePeriod=common.DateTimeInterval(start=5, duration=900)), (5, 905)),
        (metering.Reading(), (0, 0)),
        (edev.DeviceStatus(changedTime=77), (77, 0)),
        (info.SupportedLocale(locale="en-AU"), (0, 0)),
    ],
)
def test_the_time_of_a_resource(obj: Any, time: tuple[int, int]) -> None:
    assert order.time(obj) == time


def test_a_request_is_for_the_time_it_asks() -> None:
    amount = common.SignedRealEnergy(multiplier=0, value=1)
    request = flow.FlowReservationRequest(
        mRID="AB",
        creationTime=1,
        energyRequested=amount,
        intervalRequested=common.DateTimeInterval(start=9, duration=3),
        powerRequested=quantity.ActivePower(multiplier=0, value=1),
        RequestStatus=flow.RequestStatus(dateTime=1, requestStatus=0),
    )
    assert order.time(request) == (9, 12)

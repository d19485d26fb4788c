"""Local times on the two days of a year when clocks are moved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bridge.app.market import local

ZONE = "America/Chicago"


def utc(text: str) -> Decimal:
    return Decimal(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()))


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("2027-01-15T12:00:00", "2027-01-15T18:00:00"),
        ("2027-07-15T12:00:00", "2027-07-15T17:00:00"),
        ("2027-03-14T01:59:59", "2027-03-14T07:59:59"),
        ("2027-03-14T03:00:00", "2027-03-14T08:00:00"),
        ("2027-11-07T00:59:59", "2027-11-07T05:59:59"),
        ("2027-11-07T02:00:00", "2027-11-07T08:00:00"),
    ],
)
@pytest.mark.parametrize("twice", ["first", "second", "refuse"])
def test_a_time_that_is_once(text: str, there: str, twice: local.Twice) -> None:
    assert local.moment(text, ZONE, twice, 0) == utc(there)


@pytest.mark.parametrize("twice", ["first", "second", "refuse"])
@pytest.mark.parametrize("text", ["2027-03-14T02:00:00", "2027-03-14T02:30:00", "2027-03-14T02:59:59"])
def test_a_time_that_clocks_leap_over(text: str, twice: local.Twice) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        local.moment(text, ZONE, twice, 0)


def test_a_time_that_is_twice() -> None:
    text = "2027-11-07T01:30:00"
    assert local.moment(text, ZONE, "first", 0) == utc("2027-11-07T06:30:00")
    assert local.moment(text, ZONE, "second", 0) == utc("2027-11-07T07:30:00")
    with pytest.raises(ValueError, match="occurs twice"):
        local.moment(text, ZONE, "refuse", 0)


def test_nought_is_now() -> None:
    assert local.moment("0", ZONE, "refuse", 77) == 77


def test_a_day_that_is_none() -> None:
    with pytest.raises(ValueError, match="day"):
        local.moment("2027-02-30T00:00:00", ZONE, "first", 0)

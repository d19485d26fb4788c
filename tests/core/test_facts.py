"""What units say of themselves, who is in the fleet, and what is kept for how long.

The latest word counts whatever order the words come in; what is over is forgotten.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from models.der import messages
from tests.core import records
from tests.core.records import GROUP, UNITS, control, default, outcome, run, said, sent, setting

ONE = UNITS[0]


def test_an_aggregator_is_no_unit() -> None:
    party = records.enrolment("0DAA").model_copy(update={"kind": messages.Device.aggregator})
    picture, out = run([party, control("0A", group=[GROUP])], records.housed())
    assert said(out) == [(unit, "0A", 1) for unit in UNITS]
    assert picture.devices["0DAA"].enrolment == party


def test_the_last_word_of_a_unit_that_left_still_goes_on() -> None:
    house = run([control("0A", device=[ONE]), records.enrolment(ONE, joined=False, at=20)], records.housed())[
        0
    ]
    assert said(run([outcome(ONE, "0A", 10, 1_001)], house)[1]) == [(ONE, "0A", 10)]


def test_a_unit_that_joins_late_is_told_what_its_programme_asks() -> None:
    house = run([control("0A", group=[GROUP]), default("DD", group=[GROUP])], records.housed(ONE))[0]
    _, out = run([records.enrolment("0D09", at=20)], house)
    assert sent(out) == [("0D09", "Control", "0A"), ("0D09", "Default", "DD")]


def test_a_unit_that_leaves_is_let_go_and_the_owner_told() -> None:
    house = run([control("0A", group=[GROUP])], records.housed())[0]
    picture, out = run([records.enrolment(ONE, joined=False, at=20), records.enrolment(ONE)], house)
    assert (said(out), sent(out)) == ([(ONE, "0A", 10)], [])
    assert ONE not in picture.plans
    assert picture.groups[GROUP] == frozenset(UNITS[1:])


def words(at: int) -> list[messages.Message]:
    """One of each that a unit says of itself, as it is at a moment."""
    where, when = records.envelope(f"w{at}", Decimal(at), [ONE], ()), Decimal(at)
    operation, availability = messages.Operation(at=when), messages.Availability(at=when)
    series = messages.Series(mRID="AB", lastUpdate=when)
    return [
        messages.Capability(**where, type=4, modesSupported="00", ratings=messages.Ratings()),
        setting(ONE, updated=at),
        messages.Status(
            **where, operation=operation, availability=availability, modes=records.modes(), modesAt=when
        ),
        messages.Reading(**where, series=(series,)),
    ]


def test_the_latest_word_is_kept_whatever_order_the_words_come_in() -> None:
    early, _ = run([*words(10), *words(20)], records.housed())
    late, out = run([*words(20), *words(10)], records.housed())
    assert out == ()
    assert late.devices[ONE] == early.devices[ONE]
    held = late.devices[ONE]
    assert held.operation is not None
    assert held.operation.at == held.series["AB"].lastUpdate == Decimal(20)


def test_readings_are_of_the_unit_at_the_meter() -> None:
    point = messages.UsagePoint(mRID="AA", roleFlags="00", serviceCategoryKind=0, status=1, deviceLFDI=ONE)
    value = messages.Value(value=Decimal(7), start=Decimal(990))
    reading = messages.Reading(
        **records.envelope("r", Decimal(1_000), (), ()),
        point=point,
        series=(messages.Series(mRID="ab", value=value),),
    )
    picture, out = run([reading], records.housed())
    assert out == ()
    assert picture.devices[ONE].series["AB"].value == value
    assert picture.devices[ONE].points["AA"] == point


def test_alarms_are_kept_once_and_only_the_last_hundred() -> None:
    def alarm(at: int) -> messages.Alarm:
        return messages.Alarm(
            **records.envelope(f"a{at}", Decimal(at), [ONE], ()),
            created=Decimal(at),
            functionSet=11,
            logEventCode=2,
            logEventID=at,
            logEventPEN=37_250,
            profileID=2,
        )

    picture, _ = run([alarm(at) for at in (*range(130), 129)], records.housed())
    assert [one.logEventID for one in picture.devices[ONE].alarms] == list(range(30, 130))


def test_a_stranger_is_told_that_nothing_was_kept() -> None:
    picture, out = run([setting("0D99", WMax=records.watts(1))], records.housed())
    assert "0D99" not in picture.devices
    assert said(out) == [("0D99", b"m-0D99-set-100".hex().upper(), None)]


@pytest.mark.parametrize("kind", [messages.Price, messages.Notice])
def test_a_price_or_notice_is_published_while_its_window_is_open(
    kind: type[messages.Price | messages.Notice],
) -> None:
    own = {"priority": 1, "text": "full moon"} if kind is messages.Notice else {"price": Decimal("0.12")}

    def one(name: str, start: int, issued: int = 900) -> messages.Message:
        where = records.envelope(f"p-{name}-{issued}", Decimal(issued), (), [GROUP])
        return kind(**where, mRID=name, start=Decimal(start), duration=Decimal(60), **own)

    def held(picture: object) -> set[str]:
        return set(getattr(picture, "prices" if kind is messages.Price else "notices"))

    first, out = run([one("01", 1_000)], records.housed())
    assert [(item.target.group, type(item)) for item in out] == [((GROUP,), kind)]
    assert run([one("01", 1_000), one("01", 1_000, 899), one("02", 900)], first) == (first, ())
    later, out = run([one("03", 2_000)], first, now=Decimal(1_060))
    assert (held(first), held(later), len(out)) == ({"01"}, {"03"}, 1)


def test_what_ended_a_day_ago_is_forgotten() -> None:
    house = run([control("0A", device=[ONE])], records.housed())[0]
    day = Decimal(1_200) + 86_400
    kept, _ = run([control("0B", 99_000, device=[ONE])], house, now=day)
    assert set(kept.controls) == {"0A", "0B"}
    gone, _ = run([control("0B", 99_000, device=[ONE])], house, now=day + 1)
    assert set(gone.controls) == {"0B"}

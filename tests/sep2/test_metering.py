"""Readings posted to mirrors, filed as usage points and read again, in either edition."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bridge.sep2 import metering, mirror, permit
from bridge.transports.store import opening
from tests.sep2 import memory, official, scene
from tests.sep2.client import DEVICE, NS, done, text
from tests.sep2.metered import (
    NOW,
    VOLTS,
    WATTS,
    kind,
    made,
    point,
    reading,
    readings,
    registered,
    series,
    upt,
    value,
    values,
)

# -------------------------------------------------------------------------------------------------- readings


async def test_a_list_of_readings_is_filed_by_series_and_time() -> None:
    client = await registered()
    place = await made(client)
    for step in range(3):
        both = [
            reading(mark, value(number + step, NOW + 300 * step), head="")
            for mark, number in ((WATTS, 100), (VOLTS, 230))
        ]
        assert await client.status("POST", place, readings(*both)) == 204
    assert await values(client, await upt(client, place)) == [(NOW, 100), (NOW + 300, 101), (NOW + 600, 102)]
    assert await values(client, await upt(client, place, VOLTS)) == [
        (NOW, 230),
        (NOW + 300, 231),
        (NOW + 600, 232),
    ]
    meter = await upt(client, place)
    latest = await client.ask("GET", f"{meter}/r")
    assert official.faults(latest.body, "2018") == ""
    assert text(await client.get(f"{meter}/r"), "value") == "102"


async def test_a_reading_of_the_same_time_replaces_the_first() -> None:
    client = await registered()
    place = await made(client)
    for number in (5000, 6000):
        assert await client.status("POST", place, reading(WATTS, value(number))) == 204
    twice = readings(reading(WATTS, value(1), head=""), reading(WATTS, value(2), head=""))
    assert await values(client, await upt(client, place)) == [(NOW, 6000)]
    assert await client.status("POST", place, twice) == 204
    assert await values(client, await upt(client, place)) == [(NOW, 2)]


async def test_tiers_and_blocks_of_one_time_are_readings_of_their_own() -> None:
    client = await registered()
    place = await made(client)
    for extra in ("", "<touTier>1</touTier>", "<touTier>2</touTier>"):
        one = reading(WATTS, value(7).replace("<value>", f"{extra}<value>"))
        assert await client.status("POST", place, one) == 204
    assert len(await values(client, await upt(client, place))) == 3
    over = reading(WATTS, value(7).replace("<value>", "<touTier>64</touTier><value>"))
    assert await client.status("POST", place, over) == 400


async def test_days_have_sets_of_their_own_and_a_late_reading_finds_its_day() -> None:
    client = await registered()
    place = await made(client)
    days = [NOW, NOW + 86_400, NOW + 2 * 86_400, NOW + 86_400 + 300, NOW + 600]
    for start in days:
        assert await client.status("POST", place, reading(WATTS, value(1, start))) == 204
    assert len(client.shelf.commits[-1].changes) == 1
    sets = await client.get(f"{await upt(client, place)}/rs?l=9")
    starts = [int(each.findtext(f"{{{NS}}}timePeriod/{{{NS}}}start") or 0) for each in sets]
    assert starts == [NOW + 2 * 86_400, NOW + 86_400, NOW]
    assert [each.find(f"{{{NS}}}ReadingListLink").get("all") for each in sets] == ["1", "2", "2"]  # type: ignore[union-attr]
    assert await values(client, await upt(client, place)) == [(start, 1) for start in sorted(days)]


async def test_a_reading_without_a_time_is_of_now() -> None:
    client = await registered()
    place = await made(client)
    assert await client.status("POST", place, reading(WATTS, value(3, None))) == 204
    assert await values(client, await upt(client, place)) == [(NOW, 3)]


async def test_sets_of_the_client_keep_their_mrid_and_grow() -> None:
    client = await registered()
    place = await made(client)
    period = "<timePeriod><duration>900</duration><start>{}</start></timePeriod>"
    own = f"<MirrorReadingSet><mRID>5E7A</mRID>{period}{{}}</MirrorReadingSet>"
    for number, start in ((1, NOW), (2, NOW + 300)):
        sets = own.format(NOW, value(number, start))
        assert await client.status("POST", place, reading(WATTS, sets)) == 204
    meter = await upt(client, place)
    listed = await client.get(f"{meter}/rs?l=9")
    assert [text(each, "mRID") for each in listed] == ["5E7A"]
    assert await values(client, meter) == [(NOW, 1), (NOW + 300, 2)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (reading("EE" * 16, value(1)), "not known"),
        (reading(WATTS, value(1), kind(63)), "may not change"),
        (reading(WATTS, value(3_000_000_000_000_000)), "Reading/value"),
        (reading(WATTS, value(1, -5)), "no reading begins at -5"),
        (reading(WATTS, value(1, 1 << 40)), "no reading begins at"),
        (readings(), "without any"),
        (reading("EE" * 16, kind(38, 10)), "powerOfTenMultiplier 10"),
        (f'<Reading xmlns="{NS}"/>', "is expected"),
        (readings(reading(WATTS, value(1), head=""), reading("EE" * 16, value(1), head="")), "not known"),
    ],
)
async def test_a_reading_that_cannot_be_changes_nothing(body: str, reason: str) -> None:
    client = await registered()
    place = await made(client)
    before = dict(client.shelf.rows)
    answer = await client.ask("POST", place, body)
    assert (answer.status, reason in answer.reason) == (400, True), answer.reason
    assert client.shelf.rows == before


async def test_a_new_series_is_made_by_its_first_reading_if_its_type_is_told() -> None:
    client = await registered()
    place = await made(client)
    answer = await client.ask("POST", place, reading("EE" * 16, value(50), kind(33, -1)))
    assert answer.status == 201
    described = await client.get(answer.location)
    assert (text(described, "mRID"), described.tag) == ("EE" * 16, f"{{{NS}}}MirrorMeterReading")
    meter = await upt(client, place, "EE" * 16)
    assert text(await client.get(f"{meter}/rt"), "powerOfTenMultiplier") == "-1"
    found = await client.get(place)
    assert len(list(found.iter(f"{{{NS}}}MirrorMeterReading"))) == 3
    same = reading("EE" * 16, value(51, NOW + 300), kind(33, -1))
    assert await client.status("POST", place, same) == 204


async def test_a_series_may_be_described_anew_but_keeps_its_type() -> None:
    client = await registered()
    place = await made(client)
    told = reading(WATTS, "<description>roof</description>")
    assert await client.status("POST", place, told) == 204
    meter = await upt(client, place)
    assert text(await client.get(meter), "description") == "roof"
    assert text(await client.get(f"{meter}/rt"), "uom") == "38"
    mirrored = next(each for each in await client.get(f"{place}/mr?l=9") if text(each, "mRID") == WATTS)
    assert (text(mirrored, "description"), mirrored.find(f"{{{NS}}}ReadingType") is not None) == (
        "roof",
        True,
    )


async def test_a_known_series_costs_one_row_and_no_search() -> None:
    client = await registered()
    place = await made(client)
    await client.ask("POST", place, reading(WATTS, value(1)))
    await client.ask("POST", place, reading(WATTS, value(2, NOW + 300)))
    assert len(client.shelf.commits[-1].changes) == 1
    work = memory.work(client.shelf, method="POST", path=place, lfdi=DEVICE)
    client.shelf.reads = 0
    await mirror.taken(work, scene.spot(place), scene.body(reading(WATTS, value(3, NOW + 600))))
    assert client.shelf.reads == 1


async def test_mirrored_data_is_valid_wherever_it_is_read() -> None:
    client = await registered()
    place = await made(client)
    await client.ask("POST", place, reading(WATTS, value(1)))
    meter = await upt(client, place)
    whole = await client.get(f"{meter}/rs?l=9")
    paths = [
        f"/upt{place[4:]}",
        meter,
        f"{meter}/rt",
        f"{meter}/r",
        f"{meter}/rs?l=9",
        f"{whole[0].get('href')}/r?l=9",
    ]
    for path in ("/mup?l=9", place, f"{place}/mr?l=9", "/upt?l=9", f"/upt{place[4:]}/mr?l=9", *paths):
        answer = await client.ask("GET", path)
        assert (answer.status, official.faults(answer.body, "2018")) == (200, ""), path


async def test_a_client_of_2023_mirrors_in_its_own_edition() -> None:
    client = await registered()
    await done(client.shelf, lambda work: permit.grant(work, DEVICE, profile="2023"))
    place = await made(client)
    assert await client.status("POST", place, reading(WATTS, value(9))) == 204
    meter = await upt(client, place)
    for path in (place, f"/upt{place[4:]}", meter, f"{meter}/rt", f"{meter}/r"):
        answer = await client.ask("GET", path)
        assert (answer.status, official.faults(answer.body, "2023")) == (200, ""), path
    assert await values(client, meter) == [(NOW, 9)]


async def test_a_client_that_changes_its_edition_keeps_its_mirror() -> None:
    client = await registered()
    place = await made(client)
    await done(client.shelf, lambda work: permit.grant(work, DEVICE, profile="2023"))
    assert await client.status("POST", "/mup", point(series(WATTS))) == 204
    assert await client.status("POST", place, reading(VOLTS, value(230))) == 204
    answer = await client.ask("GET", place)
    assert official.faults(answer.body, "2023") == ""
    found = await client.get(place)
    assert len(list(found.iter(f"{{{NS}}}MirrorMeterReading"))) == 2


async def test_a_reading_is_a_canonical_message_with_its_series_type() -> None:
    client = await registered()
    place = await made(client, series(WATTS, power=2))
    await client.ask("POST", place, reading(WATTS, value(-7)))
    row = next(row for row in client.shelf.rows.values() if row.type == "Reading")
    told = await metering.canonical(client.shelf, row)
    assert told is not None
    assert told.target.device == (DEVICE,)
    (found,) = told.series
    assert found.value is not None
    assert found.type is not None
    assert (found.mRID, found.value.value, found.value.start) == (WATTS, Decimal(-7), Decimal(NOW))
    assert (found.type.uom, found.type.powerOfTenMultiplier) == (38, 2)


async def test_the_real_store_keeps_what_is_mirrored(tmp_path: Path) -> None:
    async with opening.open(f"sqlite:///{tmp_path}/store.db") as store:
        client = await registered(shelf=store)
        place = await made(client)
        for number in (1, 2):
            body = readings(reading(WATTS, value(number), head=""), reading(VOLTS, value(230), head=""))
            assert await client.status("POST", place, body) == 204
        meter = await upt(client, place)
        assert await values(client, meter) == [(NOW, 2)]
        assert await client.status("POST", "/mup", point(series(WATTS, 63))) == 204
        assert (await values(client, meter), len(await values(client, await upt(client, place, VOLTS)))) == (
            [],
            1,
        )
        assert await client.status("POST", place, reading(WATTS, value(3))) == 204
        assert text(await client.get(f"{meter}/r"), "value") == "3"
        assert await client.status("DELETE", place) == 204
        assert await store.beneath("/upt") == ()

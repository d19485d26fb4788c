"""Mirror usage points as clients use them: made, changed, kept from others."""

from __future__ import annotations

import pytest

from bridge.sep2 import metering, mirror
from bridge.sep2.shelf import Who
from tests.sep2 import memory, official
from tests.sep2.client import DEVICE, NS, OTHER, Client, done, hrefs, text
from tests.sep2.metered import (
    MUP,
    NOW,
    OTHERS,
    VOLTS,
    WATTS,
    held,
    kind,
    made,
    point,
    reading,
    registered,
    series,
    upt,
    value,
    values,
)

# ---------------------------------------------------------------------------------------------- usage points


async def test_a_mirror_is_made_and_reads_as_it_was_posted() -> None:
    client = await registered()
    place = await made(client)
    answer = await client.ask("GET", place)
    assert official.faults(answer.body, "2018") == ""
    found = await client.get(place)
    assert found.get("href") == place
    assert (text(found, "mRID"), text(found, "deviceLFDI"), text(found, "roleFlags")) == (MUP, DEVICE, "49")
    assert [each.findtext(f"{{{NS}}}mRID") for each in found.iter(f"{{{NS}}}MirrorMeterReading")] == [
        WATTS,
        VOLTS,
    ]
    assert text(found, "postRate") == "300"
    listed = await client.get("/mup?l=9")
    assert (hrefs(listed), listed.get("all")) == ([place], "1")


async def test_the_same_mrid_changes_a_mirror_and_doubles_nothing() -> None:
    client = await registered()
    place = await made(client)
    again = await client.ask("POST", "/mup", point(series(WATTS), mark=MUP.lower(), flags="03"))
    assert (again.status, again.location) == (204, place)
    found = await client.get(place)
    assert text(found, "roleFlags") == "03"
    assert [text(each, "mRID") for each in found.iter(f"{{{NS}}}MirrorMeterReading")] == [WATTS, VOLTS]
    assert (await client.get("/mup")).get("all") == "1"
    usage = await client.get(f"/upt{place[4:]}")
    assert text(usage, "roleFlags") == "03"


async def test_a_posted_mirror_may_give_a_series_another_type_and_loses_its_readings() -> None:
    client = await registered()
    place = await made(client)
    assert await client.status("POST", place, reading(WATTS, value(5000))) == 204
    meter = await upt(client, place)
    assert await values(client, meter) == [(NOW, 5000)]
    await client.ask("POST", "/mup", point(series(WATTS, 63), series(VOLTS, 29)))
    assert text(await client.get(f"{meter}/rt"), "uom") == "63"
    assert await values(client, meter) == []
    assert await client.status("POST", place, reading(WATTS, value(7))) == 204
    assert await values(client, meter) == [(NOW, 7)]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (point(mark="ABC"), 400, "mRID"),
        (point(mark="AB" * 17), 400, "mRID"),
        (point(device=OTHER), 403, "neither the caller"),
        (point(series(WATTS, power=10)), 400, "powerOfTenMultiplier 10"),
        (point(series(WATTS, power=-10)), 400, "powerOfTenMultiplier -10"),
        (point(reading(WATTS, head="")), 400, "no ReadingType"),
        (point(*(series(f"{n:04X}") for n in range(257))), 400, "at most 256"),
    ],
)
async def test_a_mirror_that_cannot_be_is_refused_whole(body: str, status: int, reason: str) -> None:
    client = await registered()
    before = dict(client.shelf.rows)
    answer = await client.ask("POST", "/mup", body)
    assert (answer.status, reason in answer.reason) == (status, True), answer.reason
    assert client.shelf.rows == before


async def test_short_mrids_of_whole_bytes_are_taken() -> None:
    client = await registered()
    place = await made(client, series("0a"), mark="0600006CC8")
    assert await client.status("POST", place, reading("0A", value(1))) == 204


async def test_a_mirror_that_is_not_ours_is_out_of_reach() -> None:
    mine = await registered()
    theirs = mine.another(OTHER)
    await theirs.register()
    place = await made(theirs, series(OTHERS), mark="DD" * 16, device=OTHER)
    assert await mine.status("GET", place) == 404
    assert await mine.status("GET", f"/upt{place[4:]}/mr") == 404
    for method, body in (
        ("POST", reading(OTHERS, value(1))),
        ("PUT", point(mark="DD" * 16)),
        ("DELETE", ""),
    ):
        assert await mine.status(method, place, body) in {403, 404}
    assert await mine.status("POST", "/mup", point(mark="DD" * 16)) == 403
    assert await mine.status("POST", "/mup", point(series(OTHERS))) == 403
    assert hrefs(await mine.get("/mup?l=9")) == []
    assert hrefs(await mine.get("/upt?l=9")) == []


async def test_an_mrid_of_another_of_ones_own_mirrors_is_refused() -> None:
    client = await registered()
    await made(client)
    assert await client.status("POST", "/mup", point(series(WATTS), mark="DD" * 16)) == 400


async def test_an_aggregator_mirrors_for_its_devices_and_both_read_it() -> None:
    holder = await held()
    place = await made(holder, device=DEVICE)
    device = holder.another(DEVICE)
    usage = f"/upt{place[4:]}"
    assert hrefs(await holder.get("/upt?l=9")) == hrefs(await device.get("/upt?l=9")) == [usage]
    assert hrefs(await device.get("/mup?l=9")) == []
    assert await device.status("POST", place, reading(WATTS, value(1))) == 403
    assert await holder.status("POST", place, reading(WATTS, value(1))) == 204
    assert await values(device, await upt(device, place)) == [(NOW, 1)]
    operator = holder.another("F" * 40, "operator")
    assert hrefs(await operator.get("/upt?l=9")) == [usage]
    stranger = holder.another(OTHER)
    assert await stranger.status("GET", usage) == 404


async def test_what_a_device_mirrors_itself_its_aggregator_reads_until_it_changes_hands() -> None:
    holder = await held()
    device = holder.another(DEVICE)
    place = await made(device)
    assert hrefs(await holder.get("/upt?l=9")) == [f"/upt{place[4:]}"]
    assert await holder.status("POST", place, reading(WATTS, value(1))) == 403
    await done(holder.shelf, lambda work: metering.entrusted(work, DEVICE, OTHER))
    assert hrefs(await holder.get("/upt?l=9")) == []
    assert hrefs(await device.get("/upt?l=9")) == [f"/upt{place[4:]}"]


async def test_a_post_rate_is_the_clients_until_an_operator_sets_one() -> None:
    client = await registered()
    place = await made(client, rate=60)
    assert text(await client.get(place), "postRate") == "60"
    await rate(client, place, 30)
    assert text(await client.get(place), "postRate") == "30"
    assert await client.status("POST", "/mup", point(series(WATTS), rate=900)) == 204
    assert text(await client.get(place), "postRate") == "30"
    await rate(client, place, None)
    assert await client.status("POST", "/mup", point(series(WATTS), rate=900)) == 204
    assert text(await client.get(place), "postRate") == "900"


async def rate(client: Client, place: str, seconds: int | None) -> None:
    work = memory.work(client.shelf, role="operator")
    await mirror.rated(work, client.shelf.rows[place], seconds)
    await client.shelf.commit(work.changes, Who("x", "admin", NOW))


async def test_a_mirror_that_is_deleted_takes_its_usage_point_along() -> None:
    client = await registered()
    place = await made(client)
    await client.ask("POST", place, reading(WATTS, value(1)))
    assert await client.status("DELETE", place) == 204
    assert [href for href in client.shelf.rows if href.startswith(("/mup/", "/upt/"))] == []
    assert (await client.ask("POST", "/mup", point(series(WATTS)))).status == 201


async def test_one_series_is_deleted_and_may_begin_again() -> None:
    client = await registered()
    place = await made(client)
    listed = await client.get(f"{place}/mr?l=9")
    gone = next(each.get("href", "") for each in listed if text(each, "mRID") == WATTS)
    assert await client.status("DELETE", gone) == 204
    found = await client.get(place)
    assert [text(each, "mRID") for each in found.iter(f"{{{NS}}}MirrorMeterReading")] == [VOLTS]
    assert await client.status("POST", place, reading(WATTS, value(1))) == 400
    again = await client.ask("POST", place, reading(WATTS, value(1), kind(38)))
    assert again.status == 201
    assert again.location not in {gone, ""}

"""Time, the entry and the server's own device: written when read, right in every zone and season."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.sep2 import season
from bridge.sep2.work import Policy
from bridge.trust import identity
from tests.sep2.client import HEAD, Client, text
from tests.sep2.memory import NOW


def moment(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", moment(2026, 7, 1), season.Season(0, 0, 0, 0)),
        ("Australia/Brisbane", moment(2026, 7, 1), season.Season(36_000, 0, 0, 0)),
        (
            "Australia/Sydney",
            moment(2026, 7, 1),
            season.Season(36_000, 3600, moment(2026, 10, 3, 16), moment(2027, 4, 3, 16)),
        ),
        (
            "Australia/Sydney",
            moment(2026, 12, 1),
            season.Season(36_000, 3600, moment(2026, 10, 3, 16), moment(2027, 4, 3, 16)),
        ),
        (
            "America/Los_Angeles",
            moment(2026, 7, 1),
            season.Season(-28_800, 3600, moment(2026, 3, 8, 10), moment(2026, 11, 1, 9)),
        ),
        (
            "America/Los_Angeles",
            moment(2026, 12, 1),
            season.Season(-28_800, 3600, moment(2027, 3, 14, 10), moment(2027, 11, 7, 9)),
        ),
        (
            "Europe/Dublin",
            moment(2026, 1, 1),
            season.Season(0, 3600, moment(2026, 3, 29, 1), moment(2026, 10, 25, 1)),
        ),
        (
            "Australia/Lord_Howe",
            moment(2026, 7, 1),
            season.Season(37_800, 1800, moment(2026, 10, 3, 15, 30), moment(2027, 4, 3, 15)),
        ),
    ],
)
def test_a_season_is_the_one_that_is_on_or_comes_next(zone: str, now: int, expected: season.Season) -> None:
    assert season.of(zone, now) == expected


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Australia/Sydney", "Europe/Dublin", "Asia/Kolkata"])
def test_a_season_gives_the_zones_own_local_time_all_year(zone: str) -> None:
    for now in range(moment(2026, 1, 1), moment(2027, 1, 1), 39_713):
        found = season.of(zone, now)
        local = now + found.offset + (found.saved if found.start <= now < found.end else 0)
        here = datetime.fromtimestamp(now, ZoneInfo(zone)).replace(tzinfo=UTC)
        assert local == here.timestamp(), datetime.fromtimestamp(now, UTC)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_season_turns_with_the_second(seconds: int) -> None:
    turn = moment(2026, 11, 1, 9)
    found = season.of("America/Los_Angeles", turn + seconds)
    assert (found.start <= turn + seconds < found.end) == (seconds < 0)


async def test_time_is_that_of_the_request_and_stale_with_the_next_second() -> None:
    client = Client()
    answer = await client.ask("GET", "/tm")
    assert answer.until == NOW + 1
    found = await client.get("/tm")
    assert (text(found, "currentTime"), text(found, "quality")) == (str(NOW), "7")
    assert found.get("href") == "/tm"
    assert found.get("pollRate") == "900"


async def test_local_time_is_said_only_where_every_reading_agrees() -> None:
    winter, summer = moment(2026, 1, 10), moment(2026, 7, 10)
    policy = Policy(zone="America/Los_Angeles", quality=4)
    cold = await Client(policy=policy, now=winter).get("/tm")
    assert text(cold, "localTime") is None
    warm = await Client(policy=policy, now=summer).get("/tm")
    assert text(warm, "localTime") == str(summer - 7 * 3600)
    assert text(warm, "quality") == "4"


async def test_the_server_is_a_device_where_it_knows_its_own_certificate() -> None:
    assert await Client().status("GET", "/sdev") == 404
    client = Client(policy=Policy(lfdi=HEAD))
    found = await client.get("/sdev")
    assert (text(found, "lFDI"), text(found, "sFDI")) == (HEAD, str(identity.sfdi(HEAD)))
    assert text(await client.get("/sdev/di"), "lFDI") == HEAD
    assert text(await client.get("/sdev/dstat"), "opState") == "2"
    assert await client.status("PUT", "/sdev/di") == 403

"""`derbridge explain` and `derbridge orders` against a server that runs, over real mutual TLS."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.app.command import derbridge, refused
from tests.served import Served, served

LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("explained")) as found:
        yield found


def at(site: Served) -> tuple[str | Path, ...]:
    return ("--site", site.folder, "--url", f"https://127.0.0.1:{site.ports['admin']}")


@pytest.fixture(scope="module")
def mark(site: Served) -> str:
    """A device with a control and a default; the control's mRID."""
    return asyncio.run(made(site))


async def made(site: Served) -> str:
    group = (await site.admin.post("/api/v1/groups", {"name": "feeder"}))[1]["id"]
    status, said = await site.admin.post("/api/v1/devices", {"lfdi": LFDI, "groups": [group]})
    assert status == 201, said
    programme = (await site.admin.post("/api/v1/programmes", {"primacy": 4, "group": group}))[1]["id"]
    modes = {"opModMaxLimW": 50}
    path = f"/api/v1/programmes/{programme}"
    status, said = await site.admin.put(f"{path}/default", {"modes": {"opModMaxLimW": 90}})
    assert status in {200, 201}, said
    status, said = await site.admin.post(f"{path}/controls", {"duration": 3_600, "modes": modes})
    assert status == 201, said
    return str(said["mrid"])


def test_the_holder_is_named_with_all_others(site: Served, mark: str) -> None:
    done = derbridge("explain", LFDI, "opModMaxLimW", *at(site))
    first, _, *rows = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith(f"maxLimW of {LFDI} at ")
    assert f"is held by {mark} until " in first
    assert first.endswith("the unit comes for its controls by itself")
    assert [row.split()[0] for row in takewhile(bool, rows)] == ["holds", "outranked"]
    assert f"a default gives way to any control, here control {mark}" in done.stdout


def test_a_moment_may_be_named(site: Served, mark: str) -> None:
    for when in (str(int(time.time()) + 7_200), "2099-01-31T12:00Z"):
        done = derbridge("explain", LFDI, "maxLimW", when, *at(site), "--json")
        said = json.loads(done.stdout)
        assert [(one["record"] == mark, one["verdict"]) for one in said["candidates"]] == [
            (True, "over"),
            (False, "holds"),
        ]


def test_a_mode_that_nothing_holds_is_a_no(site: Served, mark: str) -> None:
    assert mark
    done = derbridge("explain", LFDI, "opModTargetW", *at(site))
    assert (done.returncode, "is held by nobody" in done.stdout) == (1, True)


def test_what_cannot_be_explained_is_told_in_one_line(site: Served) -> None:
    assert "there is no mode opModNothing" in refused("explain", LFDI, "opModNothing", *at(site))
    assert "there is no device" in refused("explain", "A" * 40, "maxLimW", *at(site))


def test_orders_are_listed(site: Served, mark: str) -> None:
    assert mark
    done = derbridge("orders", "list", "--dead", *at(site), "--json")
    assert (done.returncode, json.loads(done.stdout)["items"]) == (0, [])
    assert "404" in refused("orders", "again", LFDI, "1", *at(site))

"""A scenario at a real server over mutual TLS: clients obey, the operator reads their responses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.app.fault import Fault
from bridge.app.sim import script, venue
from bridge.app.sim.stage import Played
from bridge.app.sim.troupe import Place
from bridge.sdk.client import Client
from tests.app.sim.lab import Lab, lab

STORY = (Path(__file__).parents[3] / "examples" / "scenarios" / "server.toml").read_text("utf-8")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Lab]:
    with lab(tmp_path / "site") as made:
        yield made


def operator(there: Lab) -> Client:
    admin = there.site.admin.client
    return Client(admin.root, admin.context())


async def played(there: Lab, folder: Path, text: str) -> Played:
    place = folder / "scenario.toml"
    place.write_text(text, "utf-8")
    at = Place(f"{there.site.url}/dcap", there.site.pki.path, "2018", poll=0.5)
    async with operator(there) as site:
        return await venue.play(script.read(place), folder, at, site, lambda _t, _outputs: None)


async def test_scenario_at_a_server_goes_as_it_expects_and_leaves_nothing(there: Lab, tmp_path: Path) -> None:
    found = await played(there, tmp_path, STORY)
    assert [row for row in found.rows if not row.passed] == []
    assert len(found.rows) == 7
    async with operator(there) as site:
        assert [one.name async for one in site.groups.list() if one.name.startswith("sim:")] == []
        assert len([one async for one in site.devices.list()]) >= 4
        assert [one async for one in site.programmes.list()] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('protocol = "2030.5"', 'protocol = "none"', "every kind of inverter"),
        ('protocol = "2030.5"', 'protocol = "2030.5"\nmodel = "opender"', "one time step"),
        ('do = "default"', 'do = "cut"', "not cut off"),
    ],
)
async def test_what_cannot_be_played_at_a_server_is_told_before_it_is_called(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    place = tmp_path / "scenario.toml"
    place.write_text(STORY.replace(old, new), "utf-8")
    nobody = Client("https://127.0.0.1:9")
    with pytest.raises(Fault, match=told):
        await venue.play(
            script.read(place), tmp_path, Place("https://127.0.0.1:9", tmp_path), nobody, lambda _t, _o: None
        )


async def test_what_the_server_refuses_is_told_and_nothing_is_left(there: Lab, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="head-end: control limit: 4"):
        await played(there, tmp_path, STORY.replace("opModMaxLimW = 60", "opModMaxLimW = 700"))
    async with operator(there) as site:
        assert [one.name async for one in site.groups.list() if one.name.startswith("sim:")] == []

"""docs/adapters.md: its adapter, letter for letter, serves an inverter by agreement, in a real bridge."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bridge import ports
from bridge.app import loading, sample
from bridge.app.adapter.section import Adapter
from tests.app.adapter import lab
from tests.app.command import COMMAND
from tests.served import PLAIN, Client, Served, served

PAGE = (Path(__file__).parents[3] / "docs" / "adapters.md").read_text("utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TABLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
FIRST, SECOND, THIRD = ("A1" * 16, "A2" * 16, "A3" * 16)


def table(unit: str, port: int) -> dict[str, Any]:
    """The page's own table of the configuration."""
    said = TABLES[1].replace("LFDI", unit).replace("PORT", str(port))
    found: dict[str, Any] = tomllib.loads(said)["adapters"]
    return found


def test_the_page_names_every_member_and_every_key() -> None:
    members = {name for name in vars(ports.Adapter) if not name.startswith("_")} | {"Settings"}
    named = set(re.findall(r"`(\w+)`", PAGE.split("## What it is")[1].split("Two exceptions")[0]))
    assert members <= named
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.split("## Its table")[1], re.MULTILINE)
    assert rows == list(Adapter.model_fields)


def test_its_project_names_its_class() -> None:
    points = tomllib.loads(TABLES[0])["project"]["entry-points"]
    assert points == {"derbridge.adapters": {"lines": "lines:Lines"}}
    assert len(CODE) == 1


async def without(site: Served, unit: Client, home: tuple[str, str], plant: lab.Inverter) -> None:
    """Without an agreement: refused, and why stands in the log and in the explanation; nothing is taken."""
    await lab.control(site, home[0], FIRST, 40)
    await lab.until(lambda: lab.responses(site, FIRST), "an answer")
    assert await lab.responses(site, FIRST) == [252]
    assert plant.said == []
    _, why = await site.admin.get(f"/api/v1/orders/{unit.lfdi}/explain/maxLimW")
    assert why["adapter"] == "lines, no agreement: there is no agreement"
    answers = [each for one in why["candidates"] for each in one["answers"]]
    assert [each["reason"] for each in answers] == ["no agreement on lines: there is no agreement"]
    _, kept = await site.admin.get("/api/v1/audit?function=agreement&allowed=false")
    assert {each["target"] for each in kept["items"]} >= {f"lines/{FIRST}"}
    assert (await unit.get(f"{home[1]}/dercap")).status == 404


async def agreed(site: Served, unit: Client, home: tuple[str, str], plant: lab.Inverter) -> int:
    """With one: the limit is at the inverter, the head-end hears it, what it tells is read."""
    number = await lab.agree(site, "lines", unit)
    await lab.control(site, home[0], SECOND, 60)

    async def limited() -> bool:
        return plant.follows == 60.0 and await lab.responses(site, SECOND) == [1, 2]

    await lab.until(limited, "the limit and its responses")

    async def told() -> bool:
        return b"<value>5000</value>" in (await unit.get(f"{home[1]}/dercap")).body

    await lab.until(told, "what it told")
    assert b"<value>2</value>" in (await unit.get(f"{home[1]}/ders")).body
    return number


async def shown(site: Served, unit: Client, number: int) -> None:
    """What operators see of it."""
    _, page = await site.admin.get(f"/api/v1/readings?device={unit.lfdi}")
    assert sorted((each["uom"], each["value"]) for each in page["items"]) == [(29, 230.1), (38, 1200)]

    async def told() -> bool:
        _, found = await site.admin.get("/api/v1/adapters/lines")
        assert found["version"] == "derbridge-lines 0.1"
        return [(each["there"], each["agreement"]) for each in found["units"]] == [(True, number)]

    await lab.until(told, "how the adapter is")


async def begun_again(site: Served, plant: lab.Inverter) -> None:
    """After a restart, at an inverter that has forgotten: it is told again, nobody hears anything twice."""
    site.stop()
    plant.limit = 100.0
    site.start()

    async def limited() -> bool:
        return plant.follows == 60.0

    await lab.until(limited, "the limit again")
    assert await lab.responses(site, SECOND) == [1, 2]


async def withdrawn(site: Served, unit: Client, home: tuple[str, str], plant: lab.Inverter) -> None:
    """After the end: nothing more is said, the head-end hears 10, and 252 of all that comes later."""

    async def left() -> bool:
        return await lab.responses(site, SECOND) == [1, 2, 10]

    await lab.until(left, "the end")
    before = list(plant.said)
    assert "free" not in before
    await lab.control(site, home[0], THIRD, 20)
    await lab.until(lambda: lab.responses(site, THIRD), "an answer")
    assert await lab.responses(site, THIRD) == [252]
    assert plant.said == before
    assert (await unit.get(f"{home[1]}/dercap")).status == 200


async def test_it_serves_by_agreement_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.install(tmp_path / "lib", "lines", CODE[0], "lines:Lines", monkeypatch)
    folder = tmp_path / "site"
    folder.mkdir()
    owner = lab.owner(folder)
    async with lab.inverter() as plant:
        with served(folder, adapters=table(owner.lfdi, plant.port)) as site:
            unit = site.client("owner")
            home = await lab.settled(site, unit)
            await without(site, unit, home, plant)
            number = await agreed(site, unit, home, plant)
            await shown(site, unit, number)
            await begun_again(site, plant)
            await lab.agree(site, "lines", unit, "withdraw", number)
            await withdrawn(site, unit, home, plant)


async def test_what_the_unit_refuses_its_owner_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.install(tmp_path / "lib", "lines", CODE[0], "lines:Lines", monkeypatch)
    folder = tmp_path / "site"
    folder.mkdir()
    async with lab.inverter() as plant:
        plant.refusing = "switched to local"
        with served(folder, adapters=table(lab.owner(folder).lfdi, plant.port)) as site:
            unit = site.client("owner")
            programme, _ = await lab.settled(site, unit)
            await lab.agree(site, "lines", unit)
            await lab.control(site, programme, FIRST, 40)

            async def refused() -> bool:
                return 252 in await lab.responses(site, FIRST)

            await lab.until(refused, "the refusal")
            _, why = await site.admin.get(f"/api/v1/orders/{unit.lfdi}/explain/maxLimW")
            answers = [each for one in why["candidates"] for each in one["answers"]]
            assert answers[-1]["reason"] == "switched to local"


def test_check_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.install(tmp_path / "lib", "lines", CODE[0], "lines:Lines", monkeypatch)
    folder = tmp_path / "site"
    subprocess.run([COMMAND, "init", folder], check=True, capture_output=True)
    file = folder / "derbridge.toml"
    good = file.read_text("utf-8")
    unit = "AB" * 20
    for text, key in (
        ("[adapters.line]", "adapters.line.kind"),
        ("[adapters.lines]\npol = 1", "adapters.lines.pol"),
        ("[adapters.lines]", "adapters.lines.settings.units"),
        ('[adapters.lines]\nsettings = {units = {x = {host = "h", port = 1}}}', "adapters.lines.settings"),
        (f'[adapters.lines]\nsettings = {{units = {{{unit} = {{host = "h", port = "p"}}}}}}',
         f"adapters.lines.settings.units.{unit}.port"),
        (f'[adapters.lines]\nsettings = {{units = {{{unit} = {{host = "h", port = 1}}}}}}', ""),
    ):  # fmt: skip
        file.write_text(good.replace("[adapters]", text), "utf-8")
        done = subprocess.run(
            [COMMAND, "check", folder, "--json"], check=False, capture_output=True, text=True
        )
        found = [one["key"] for one in json.loads(done.stdout)["problems"] if "adapters" in one["key"]]
        assert found == ([key] if key else []), done.stdout


async def test_a_reload_brings_another_adapter_and_leaves_the_rest_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.install(tmp_path / "lib", "lines", CODE[0], "lines:Lines", monkeypatch)
    folder = tmp_path / "site"
    folder.mkdir()
    owner = lab.owner(folder)
    async with lab.inverter() as plant, lab.inverter() as moved:
        with served(folder, adapters=table(owner.lfdi, plant.port)) as site:
            unit = site.client("owner")
            await lab.settled(site, unit)
            await lab.agree(site, "lines", unit)
            await lab.until(lambda: _there(site, "lines"), "the unit is there")
            await beside(site, table(owner.lfdi, plant.port), plant)
            assert not moved.said
            _again(site, table(owner.lfdi, moved.port))
            await lab.until(lambda: _named(site, {"lines"}), "the second is gone")
            await _asked(moved, "the unit is asked at its new place")
            after = len(plant.said)
            await _asked(moved, "and there alone")
            assert len(plant.said) == after
            assert len([line for line in site.lines("adapter") if line["name"] == "lines"]) == 2


async def beside(site: Served, lines: dict[str, Any], plant: lab.Inverter) -> None:
    """Another adapter comes, then one that cannot be used: the first asks its unit on and on."""
    spare = table("A9" * 20, 9)["lines"] | {"kind": "lines"}
    _again(site, {**lines, "spare": spare})
    await lab.until(lambda: _named(site, {"lines", "spare"}), "the second adapter")
    await _asked(plant, "the first is asked on")
    _again(site, {**lines, "spare": {**spare, "settings": {"units": 5}}})
    await lab.until(lambda: _said(site), "that it cannot be used")
    await _asked(plant, "the first is asked on")


def _again(site: Served, adapters: dict[str, Any]) -> None:
    """Write another configuration, and have it loaded."""
    said = {**{name: dict(each) for name, each in PLAIN.items()}, "adapters": adapters}
    (site.folder / loading.NAME).write_text(sample.text(said), "utf-8")
    assert site.process
    site.process.send_signal(signal.SIGHUP)


async def _there(site: Served, name: str) -> bool:
    _, found = await site.admin.get(f"/api/v1/adapters/{name}")
    return [each["there"] for each in found["units"]] == [True]


async def _named(site: Served, names: set[str]) -> bool:
    _, page = await site.admin.get("/api/v1/adapters")
    return {each["name"] for each in page["items"]} == names


async def _asked(plant: lab.Inverter, what: str) -> None:
    """Wait until an inverter was asked twice more."""
    before = len(plant.said)

    async def more() -> bool:
        return len(plant.said) >= before + 2

    await lab.until(more, what)


async def _said(site: Served) -> bool:
    return any(line.get("part") == "adapter" for line in site.lines("not reloaded"))

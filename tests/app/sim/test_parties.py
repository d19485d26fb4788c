"""The verbs `sim outstation`, `sim headend` and `sim aggregator`, as processes at a real server and relay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.app.cli import app
from bridge.app.fault import Fault
from bridge.app.sim.answers import Answer
from bridge.app.sim.party import headend
from tests.app.sim.lab import Lab
from tests.app.sim.relayed import Verb, relayed, verb

LIMIT, CURVE = "opModMaxLimW", "opModVoltVar"
DRAWN = 'kind = 11\nof = "setMaxVar"\npoints = [[92, 100], [98, 0], [102, 0], [108, -100]]\n'


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with relayed(tmp_path_factory.mktemp("parties")) as made:
        yield made


async def test_unit_is_found_followed_by_a_head_end_and_commanded_by_an_aggregator(
    there: Lab, tmp_path: Path
) -> None:
    site = there.site.folder
    async with verb(
        there, "outstation", "--site", site, "--name", "unit", "--follows", LIMIT, "--enrol"
    ) as unit:
        lfdi = (await unit.until("unit"))["lfdi"]
        await unit.until("looked at")
        group = (await there.ask("POST", "/groups", {"name": "feeder-9"}))["id"]
        await there.ask("PUT", f"/groups/{group}/members/{lfdi}")
        await _headend(there, unit)
        await _aggregator(there, lfdi, tmp_path)
    assert await unit.end() == 0
    assert unit.lines[-1] == {"event": "summary", "units": 1, "looked_at": 1}
    said = [one["said"] for one in unit.all("demand")]
    assert "maxLimW 60 % of setMaxW" in said
    assert "maxLimW 40 % of setMaxW" in said


async def _headend(there: Lab, unit: Verb) -> None:
    """A limit is posted, followed, cancelled; each answer is told, and the exit code says that all came."""
    async with verb(
        there, "headend", "--site", there.site.folder, "--group", "feeder-9", "--mode", f"{LIMIT}=60",
        "--cancel", "8",
    ) as made:  # fmt: skip
        assert (await made.until("posted"))["devices"] == 1
        assert await made.end() == 0, made.lines
    assert [one["status"] for one in made.all("answer")] == [1, 2, 6]
    assert made.lines[-1]["responses"] == {"unit": [1, 2, 6]}
    assert unit.process.returncode is None


async def _aggregator(there: Lab, lfdi: str, folder: Path) -> None:
    """What it holds is found and reports; a limit is commanded to its end; what it cannot have is refused."""
    site = there.site.folder
    holder = there.site.pki.client("aggregator", "aggregator").lfdi
    await there.ask("POST", "/access", {"lfdi": holder, "role": "aggregator"})
    await there.ask("PATCH", f"/devices/{lfdi}", {"aggregator": holder})
    async with verb(
        there, "aggregator", "--site", site, "--device", lfdi, "--mode", f"{LIMIT}=40", "--cancel", "3"
    ) as made:
        assert (await made.until("device"))["name"] == f"derbridgeD{lfdi}"
        assert await made.end() == 0, made.lines
    assert [one["word"] for one in (*made.all("outcome"), *made.all("ended"))] == ["done", "done"]
    assert all(one["good"] for one in made.all("CommandTermination"))
    assert made.all("CommandTermination")
    told = {item for one in made.all("report") for item in one["values"]}
    assert any(item.endswith("TotW$mag$f") for item in told), sorted(told)
    curve = folder / "curve.toml"
    curve.write_text(DRAWN, "utf-8")
    async with verb(
        there, "aggregator", "--site", site, "--device", lfdi, "--mode", f"{CURVE}={curve}", "--no-reports"
    ) as made:
        assert await made.end() == 1
    assert made.lines[-1]["commands"] == {f"derbridgeD{lfdi}": "refused"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("headend", "--group", "nobody", "--mode", f"{LIMIT}=60"), "no groups are called nobody"),
        (("headend", "--group", "x", "--mode", "opModNo=60"), "is no NAME=VALUE of a mode"),
        (("headend", "--group", "x", "--mode", f"{LIMIT}=60", "--until", "soon"), "--until"),
        (("headend", "--group", "x", "--mode", f"{CURVE}=no.toml"), "no.toml: cannot be read"),
        (("headend", "--group", "x"), "asks for nothing"),
        (("aggregator", "--mode", f"{LIMIT}=60", "--after", "5"), "--after"),
        (("aggregator", "--cancel", "5"), "--cancel"),
        (("aggregator", "--relay", "host:x"), "--relay"),
        (("outstation", "--follows", "opModNo"), "--follows"),
        (("outstation", "--silence", "5"), "--silence"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_begun(
    there: Lab, words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.site.pki.client("operator", "operator")
    for name, value in there.site.environment.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["sim", *words, "--site", str(there.site.folder)])
    assert isinstance(done.exception, Fault), (done.exception, done.stdout)
    assert told in str(done.exception)


def test_device_that_says_no_is_not_waited_for() -> None:
    posted = headend.Posted({"A": "a", "B": "b"}, 2)
    posted.said = {"A": (Answer(2, 1.0),)}
    assert posted.done == 1
    posted.said["B"] = (Answer(1, 1.0), Answer(252, 2.0))
    assert posted.done == 2
    assert not posted.reached("B")
    with pytest.raises(Fault, match="--until"):
        headend.run(headend.Given("x", (f"{LIMIT}=1",), until="soon"))


async def test_outstation_shows_a_price_and_a_text_that_a_person_confirms(there: Lab) -> None:
    async with verb(
        there, "outstation", "--site", there.site.folder, "--name", "shown", "--enrol", "--confirm", "0"
    ) as unit:
        lfdi = (await unit.until("unit"))["lfdi"]
        await unit.until("looked at")
        price = {"number": 1, "price": 0.25, "duration": 600, "devices": [lfdi]}
        await there.ask("POST", "/prices", price)
        text = {"number": 2, "text": "hello", "duration": 600, "confirm": True, "devices": [lfdi]}
        made = await there.ask("POST", "/notices", text)
        assert (await unit.until("price now"))["price"] == "0.25"
        assert (await unit.until("notice"))["text"] == "hello"
        mark = (await unit.until("confirmed"))["mrid"]
        (said,) = (await there.ask("GET", f"/requests/{made['id']}/addresses"))["items"]
        assert (said["verdict"], said["devices"]) == ("confirmed", [lfdi])
        assert 11 in [one["status"] for one in await there.responses(mark)]

"""Controls, defaults and curves: said in plain figures, read by a client in the edition that can say them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.app.office import modes
from bridge.mapping import editions
from bridge.sdk.forms.modes import GridEntry, Modes
from tests.app.office.bureau import LFDI, NOW, Bureau, bureau, seen


async def control(office: Bureau, programme: Any, status: int = 201, **more: Any) -> Any:
    said = {"modes": {"opModExpLimW": 5000}, "duration": 300, **more}
    return await office.post(f"/programmes/{programme['id']}/controls", said, status)


DROOP = {
    "over_deadband": 0.036, "under_deadband": 0.036, "over_slope": 0.05, "under_slope": 0.05, "open_loop": 5,
}  # fmt: skip
MODES: list[tuple[dict[str, Any], str, str]] = [
    ({"opModExpLimW": 5000}, "csip-aus-1.2", "<csipaus:opModExpLimW>"),
    ({"opModImpLimW": 100000}, "csip-aus-1.2", "<multiplier>1</multiplier><value>10000</value>"),
    ({"opModGenLimW": 1.5}, "csip-aus-1.2", "<multiplier>-1</multiplier><value>15</value>"),
    ({"opModLoadLimW": 0}, "csip-aus-1.2", "<csipaus:opModLoadLimW>"),
    ({"opModStorageTargetW": -2000}, "csip-aus-1.3", "opModStorageTargetW>"),
    ({"opModConnect": False, "opModEnergize": True}, "2018", "<opModConnect>false</opModConnect>"),
    ({"opModFixedW": -50.25}, "2018", "<opModFixedW>-5025</opModFixedW>"),
    ({"opModMaxLimW": 80}, "2018", "<opModMaxLimW>8000</opModMaxLimW>"),
    ({"opModFixedVar": {"percent": 25, "of": "setMaxVar"}}, "2018", "<refType>2</refType>"),
    ({"opModFixedPFInjectW": {"factor": 0.95}}, "2018", "<excitation>false</excitation>"),
    ({"opModTargetW": 32000, "rampTms": 2.5}, "2018", "<rampTms>250</rampTms>"),
    ({"opModTargetV": 231}, "2023", "<opModTargetV>"),
    ({"opModFreqDroop": DROOP}, "2018", "<openLoopTms>500</openLoopTms>"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "profile", "text"), MODES, ids=lambda each: str(each)[:40])
async def test_a_control_says_what_was_meant_in_the_first_edition_that_can(
    tmp_path: Path, said: dict[str, Any], profile: str, text: str
) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]], profile=profile)
        made = await control(office, programme, modes=said)
        assert made["profile"] == profile
        read = (await seen(office, made["href"])).body.decode()
        assert text in read
        assert "<currentStatus>1</currentStatus>" in read
        for name, value in said.items():
            shown = made["modes"][name]
            assert shown == value or shown.items() >= value.items()


def test_every_mode_of_every_edition_has_a_field() -> None:
    names: set[str] = set()
    for edition in editions.PACKAGES:
        cls = editions.named(edition, "DERControlBase")
        assert cls is not None
        names |= set(cls.model_fields)
    assert names - {"DERControlBase_r2_3", "any", "anyAttribute"} == set(Modes.model_fields)
    assert set(Modes.model_fields) <= set(modes.table("Modes"))
    assert set(GridEntry.model_fields) <= set(modes.table("GridEntry"))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"modes": {}}, "/modes"),
    ({"modes": {"rampTms": 2}}, "/modes"),
    ({"modes": {"opModExpLimW": 1e9, "opModTargetV": 230}}, "/modes"),
    ({"modes": {"opModExpLimW": 12345.678901}}, "/modes/opModExpLimW"),
    ({"modes": {"opModMaxLimW": 700}}, "/modes/opModMaxLimW"),
    ({"modes": {"opModExpLimW": "5000"}}, "/modes/opModExpLimW"),
    ({"modes": {"opModVoltVar": "/derp/1/dc/99"}}, "/modes/opModVoltVar"),
    ({"modes": {"opModConnect": True}, "start": 5, "offset": 5}, "/offset"),
    ({"modes": {"opModConnect": True}, "start": 5}, "/duration"),
    ({"modes": {"opModConnect": True}, "duration": 0}, "/duration"),
    ({"modes": {"opModConnect": True}, "response_required": 8}, "/response_required"),
]


@pytest.mark.parametrize(("said", "pointer"), WRONG, ids=lambda each: str(each)[:50])
async def test_what_no_edition_can_say_is_refused_where_it_stands(
    tmp_path: Path, said: dict[str, Any], pointer: str
) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        body = {"duration": 300, **said}
        answer = await office.ask("POST", f"/programmes/{programme['id']}/controls", body)
        assert answer.status in {409, 422}
        told = [fault["pointer"] for fault in (await answer.json())["errors"]]
        assert any(each.startswith(pointer) for each in told), told
        assert (await office.get("/controls"))["items"] == []


async def test_controls_are_listed_by_state_device_and_time(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        first = await office.programme()
        second = await office.programme(primacy=2)
        await office.device(groups=[second["group"]])
        now = await control(office, first)
        later = await control(office, second, offset=600)
        gone = await control(office, second, offset=3600)
        await office.post(f"/programmes/{second['id']}/controls/{gone['id']}/cancel", {}, 200)

        async def found(**query: Any) -> list[int]:
            return [each["id"] for each in (await office.get("/controls", **query))["items"]]

        assert await found() == [now["id"], later["id"], gone["id"]]
        assert await found(state="active") == [now["id"]]
        assert await found(state="scheduled") == [later["id"]]
        assert await found(state="cancelled") == [gone["id"]]
        assert await found(programme=second["id"]) == [later["id"], gone["id"]]
        assert await found(device=LFDI) == [later["id"], gone["id"]]
        assert await found(mrid=later["mrid"]) == [later["id"]]
        assert await found(until=NOW + 1) == [now["id"]]
        assert await found(since=NOW + 400) == [later["id"], gone["id"]]
        page = await office.get(f"/devices/{LFDI}/controls")
        assert [each["id"] for each in page["items"]] == [later["id"], gone["id"]]
        office.moment += 300
        assert await found(state="ended") == [now["id"]]


async def test_a_cancelled_control_says_so_to_everyone(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]])
        made = await control(office, programme)
        path = f"/programmes/{programme['id']}/controls/{made['id']}"
        told = await office.post(f"{path}/cancel", {"reason": "maintenance"}, 200)
        assert (told["state"], told["status"]["code"], told["status"]["reason"]) == (
            "cancelled",
            2,
            "maintenance",
        )
        assert b"<currentStatus>2</currentStatus>" in (await seen(office, made["href"])).body
        assert (await office.ask("POST", f"{path}/cancel", {})).status == 409
        assert (await office.ask("DELETE", path)).status == 204
        assert (await seen(office, made["href"])).status == 404


async def test_a_control_is_replaced_without_a_gap(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        old = await control(office, programme)
        office.moment += 10
        path = f"/programmes/{programme['id']}/controls"
        body = {"modes": {"opModExpLimW": 1500}, "duration": 300}
        new = await office.post(f"{path}/{old['id']}/replace", body)
        states = {each["id"]: each["state"] for each in (await office.get("/controls"))["items"]}
        assert states == {old["id"]: "superseded", new["id"]: "active"}
        other = await office.post(
            f"{path}/{new['id']}/replace", {"modes": {"opModConnect": True}, "duration": 60}
        )
        states = {each["id"]: each["state"] for each in (await office.get("/controls"))["items"]}
        assert (states[new["id"]], states[other["id"]]) == ("cancelled", "active")


async def test_all_controls_are_cancelled_or_the_latest(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        first, second = await office.programme(), await office.programme()
        made = [await control(office, each, offset=600) for each in (first, second, first)]
        hrefs = [each["href"] for each in made]
        assert (await office.post("/controls/cancel", {"which": "latest"}, 200))["controls"] == [hrefs[2]]
        said = await office.post("/controls/cancel", {"programme": second["id"]}, 200)
        assert said["controls"] == [hrefs[1]]
        assert (await office.post("/controls/cancel", {}, 200))["controls"] == [hrefs[0]]
        assert (await office.post("/controls/cancel", {}, 200))["controls"] == []


async def test_a_default_keeps_its_name_and_says_ramps(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]], profile="csip-aus-1.2")
        path = f"/programmes/{programme['id']}/default"
        assert (await office.ask("GET", path)).status == 404
        said = {"modes": {"opModExpLimW": 1500, "opModImpLimW": 1500}, "entry": {"setGradW": 0.27}}
        made = await (await office.ask("PUT", path, said)).json()
        assert made["modes"] == said["modes"]
        assert made["entry"] == said["entry"]
        read = (await seen(office, f"{programme['href']}/dderc")).body.decode()
        assert "<setGradW>27</setGradW>" in read
        again = await (await office.ask("PUT", path, {"modes": {"opModConnect": True}})).json()
        assert (again["mrid"], again["entry"]) == (made["mrid"], {})
        assert (await office.ask("DELETE", path)).status == 204
        assert (await seen(office, f"{programme['href']}/dderc")).status == 404


async def test_a_curve_is_drawn_used_and_drawn_anew(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        path = f"/programmes/{programme['id']}/curves"
        said: dict[str, Any] = {
            "type": 11, "points": [{"x": 9200, "y": 4400}, {"x": 10800, "y": -4400}],
            "y_reference": "setMaxVar", "x_multiplier": -2, "y_multiplier": -2, "open_loop": 5.25,
        }  # fmt: skip
        made = await office.post(path, said)
        assert (made["points"][0]["x"], made["open_loop"], made["y_reference"]) == (9200, 5.25, "setMaxVar")
        await control(office, programme, modes={"opModVoltVar": made["href"]})
        again = await (await office.ask("PUT", f"{path}/{made['id']}", {**said, "x_multiplier": 0})).json()
        assert (again["mrid"], again["x_multiplier"], again["id"]) == (made["mrid"], 0, made["id"])
        assert (await office.get(path))["total"] == 1
        finer = await office.ask("POST", path, {**said, "open_loop": 0.001})
        assert (await finer.json())["errors"][0]["pointer"] == "/open_loop"
        assert (await office.ask("DELETE", f"{path}/{made['id']}")).status == 204

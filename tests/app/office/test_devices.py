"""Devices, aggregators and access: what an operator does to them, and what a client then sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.sep2.work import Policy
from bridge.trust import identity, issue
from tests.app.office.bureau import LFDI, NOW, OTHER, THIRD, bureau, seen

CAPABILITY = (
    '<DERCapability xmlns="urn:ieee:std:2030.5:ns"><modesSupported>00000001</modesSupported>'
    "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>83</type></DERCapability>"
)


async def test_a_device_is_registered_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        group = await office.post("/groups", {"name": "feeder"})
        made = await office.device(
            name="roof 7",
            pin=111115,
            profile="csip-aus-1.2",
            groups=[group["id"]],
            connection_point="4001234567",
            device_category="02",
            post_rate=60,
        )
        assert (made["sfdi"], made["pin"], made["registered"]) == (identity.sfdi(LFDI), 111115, NOW)
        assert (made["connection_point"], made["groups"], made["ders"]) == ("4001234567", [group["id"]], 1)
        own = (await seen(office, made["href"])).body.decode()
        assert "<postRate>60</postRate>" in own
        assert f'<RegistrationLink href="{made["href"]}/rg"/>' in own
        assert 'FunctionSetAssignmentsListLink href="' in own
        assert "4001234567" in (await seen(office, f"{made['href']}/cp")).body.decode()


async def test_a_device_is_made_from_its_certificate(tmp_path: Path) -> None:
    made = issue.root("Some device")
    pem = made.certificate.public_bytes(Encoding.PEM).decode()
    lfdi = identity.lfdi(made.certificate.public_bytes(Encoding.DER))
    async with bureau(tmp_path) as office:
        assert (await office.post("/devices", {"certificate": pem}))["lfdi"] == lfdi
        said = await office.post("/access/identify", {"certificate": pem}, 200)
        assert (said["lfdi"], said["sfdi"]) == (lfdi, identity.sfdi(lfdi))
        told = await (await office.ask("POST", "/devices", {"certificate": pem, "lfdi": OTHER})).json()
        assert told["errors"][0]["pointer"] == "/lfdi"
        told = await (await office.ask("POST", "/devices", {"certificate": "x"})).json()
        assert told["errors"][0]["pointer"] == "/certificate"


@pytest.mark.parametrize(("said", "status", "pointer"), [
    ({}, 422, "/lfdi"),
    ({"lfdi": "AB"}, 422, "/lfdi"),
    ({"lfdi": LFDI, "groups": [9]}, 409, "/groups/0"),
    ({"lfdi": LFDI, "aggregator": OTHER}, 409, "/aggregator"),
    ({"lfdi": LFDI, "pin": 111114}, 400, None),
    ({"lfdi": LFDI, "colour": "red"}, 422, "/colour"),
    ({"lfdi": LFDI, "name": "a\nb"}, 422, "/name"),
])  # fmt: skip
async def test_what_is_wrong_with_a_device_is_told(
    tmp_path: Path, said: dict[str, Any], status: int, pointer: str | None
) -> None:
    async with bureau(tmp_path) as office:
        answer = await office.ask("POST", "/devices", said)
        assert answer.status == status
        told = await answer.json()
        assert answer.content_type == "application/problem+json"
        assert [fault.get("pointer") for fault in told["errors"]] == ([pointer] if pointer else [])
        assert (await office.get("/devices"))["total"] == 0


async def test_an_lfdi_is_registered_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        assert (await office.ask("POST", "/devices", {"lfdi": LFDI.lower()})).status == 409


async def test_a_device_without_registration_has_no_link_to_one(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.post("/access", {"lfdi": LFDI, "pin": 111115})
        made = await office.device(registration=False, ders=0)
        assert (made["pin"], made["registered"], made["ders"]) == (None, None, 0)
        assert "RegistrationLink" not in (await seen(office, made["href"])).body.decode()
        assert (await seen(office, f"{made['href']}/rg")).status == 404
        given = await (await office.ask("PATCH", f"/devices/{LFDI}", {"registration": True})).json()
        assert given["pin"] is not None
        assert "RegistrationLink" in (await seen(office, made["href"])).body.decode()
        gone = await (await office.ask("PATCH", f"/devices/{LFDI}", {"registration": False})).json()
        assert (gone["pin"], gone["registered"]) == (None, None)


async def test_a_pin_with_a_leading_zero_stays_as_it_is(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        assert (await office.device(pin=127))["pin"] == 127
        await office.ask("POST", f"/access/{LFDI}/revoke")
        assert (await office.get(f"/devices/{LFDI}"))["pin"] == 127


async def test_a_change_leaves_what_it_does_not_name(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.device(name="roof", post_rate=60, connection_point="4001234567")
        said = {"enabled": False, "device_category": "04", "connection_point": None, "profile": "2023"}
        changed = await (await office.ask("PATCH", f"/devices/{made['id']}", said)).json()
        assert (changed["name"], changed["post_rate"], changed["pin"]) == ("roof", 60, made["pin"])
        assert (changed["enabled"], changed["connection_point"]) == (False, None)
        assert (changed["device_category"], changed["profile"]) == ("04", "2023")
        assert changed["version"] != made["version"]


async def test_a_removed_device_is_gone_with_all_of_it(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        group = await office.post("/groups", {"name": "feeder"})
        made = await office.device(groups=[group["id"]])
        assert (await office.ask("DELETE", f"/devices/{LFDI}")).status == 204
        assert (await office.ask("GET", f"/devices/{made['id']}")).status == 404
        assert (await office.get(f"/groups/{group['id']}"))["members"] == 0
        assert await office.store.beneath(made["href"]) == ()


async def test_devices_are_found_by_what_is_known_of_them(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        upper = await office.post("/groups", {"name": "feeder"})
        lower = await office.post("/groups", {"name": "street", "parent": upper["id"]})
        await office.post("/aggregators", {"lfdi": THIRD})
        await office.device(name="roof 7", groups=[lower["id"]])
        await office.device(OTHER, aggregator=THIRD, enabled=False, connection_point="NMI77")

        async def found(**query: Any) -> list[str]:
            page = await office.get("/devices", **query)
            return [device["lfdi"] for device in page["items"]]

        assert await found(group=upper["id"]) == [LFDI]
        assert await found(lfdi=OTHER.lower()) == [OTHER]
        assert await found(text="ROOF") == [LFDI]
        assert await found(text="nmi77") == [OTHER]
        assert await found(enabled="false") == [OTHER]
        assert await found(sfdi=identity.sfdi(LFDI)) == [LFDI]
        assert await found(aggregator=THIRD) == [THIRD, OTHER]


async def test_an_aggregator_sees_its_devices_and_no_others(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.post("/aggregators", {"lfdi": THIRD, "name": "fleet", "post_rate": 120})
        assert (made["devices"], made["granted"]) == (0, True)
        await office.device(OTHER, aggregator=THIRD)
        await office.device()
        listed = (await seen(office, "/edev", THIRD)).body.decode()
        assert 'all="2"' in listed
        assert OTHER in listed
        assert LFDI not in listed
        assert (await office.get(f"/aggregators/{THIRD}"))["devices"] == 1
        held = await office.get(f"/aggregators/{THIRD}/devices")
        assert [device["lfdi"] for device in held["items"]] == [OTHER]


async def test_a_device_changes_hands_and_its_aggregator_goes(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.post("/aggregators", {"lfdi": THIRD})
        group = await office.post("/groups", {"name": "feeder"})
        made = await office.device(groups=[group["id"]])
        answer = await office.ask("PATCH", f"/devices/{made['id']}", {"aggregator": THIRD})
        assert (await answer.json())["aggregator"] == THIRD
        assert OTHER not in (await seen(office, "/edev", THIRD)).body.decode()
        assert (await office.ask("DELETE", f"/aggregators/{THIRD}")).status == 204
        assert (await office.get(f"/devices/{LFDI}"))["aggregator"] is None
        assert (await office.get(f"/devices/{LFDI}"))["groups"] == [group["id"]]
        assert (await office.ask("GET", f"/aggregators/{THIRD}")).status == 404
        assert (await office.get("/devices"))["total"] == 1


async def test_access_is_withdrawn_and_given_back_at_once(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        assert (await seen(office, "/edev")).status == 200
        assert (await office.post(f"/access/{LFDI}/revoke", status=200))["granted"] is False
        assert (await seen(office, "/edev")).status == 403
        assert (await seen(office, "/dcap")).status == 403
        await office.post(f"/access/{LFDI}/grant", status=200)
        assert (await seen(office, "/edev")).status == 200


async def test_a_permit_says_who_may_register_in_band(tmp_path: Path) -> None:
    async with bureau(tmp_path, Policy(registration="listed")) as office:
        group = await office.post("/groups", {"name": "feeder"})
        said = {"lfdi": LFDI, "pin": 111115, "groups": [group["id"]], "profile": "2023"}
        made = await office.post("/access", said)
        assert (made["role"], made["granted"], made["groups"]) == ("device", True, [group["id"]])
        for lfdi, status in ((LFDI, 201), (OTHER, 403)):
            body = (
                '<EndDevice xmlns="urn:ieee:std:2030.5:ns">'
                f"<sFDI>{identity.sfdi(lfdi)}</sFDI><changedTime>0</changedTime></EndDevice>"
            )
            assert (await seen(office, "/edev", lfdi, "POST", body)).status == status
        device = await office.get(f"/devices/{LFDI}")
        assert (device["pin"], device["groups"], device["profile"]) == (111115, [group["id"]], "2023")
        assert (await office.get(f"/access/{LFDI}"))["device"] == device["id"]


async def test_what_is_said_of_a_certificate_stays_until_it_is_changed(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.post("/access", {"lfdi": LFDI, "name": "roof", "profile": "2018"})
        assert (await office.ask("POST", "/access", {"lfdi": LFDI})).status == 409
        changed = await (await office.ask("PUT", f"/access/{LFDI}", {"profile": None})).json()
        assert (changed["name"], changed["profile"]) == ("roof", "")
        listed = await office.get("/access", role="device", granted="true")
        assert [each["lfdi"] for each in listed["items"]] == [LFDI]
        assert (await office.get("/access", role="aggregator"))["items"] == []
        assert (await office.ask("DELETE", f"/access/{LFDI}")).status == 204
        assert (await office.ask("GET", f"/access/{LFDI}")).status == 404


async def test_what_a_der_says_is_shown_as_document_and_as_record(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.device(ders=2)
        href = f"{made['href']}/der/1/dercap"
        assert (await seen(office, href, LFDI, "PUT", CAPABILITY)).status == 204
        first, second = (await office.get(f"/devices/{LFDI}/ders"))["items"]
        assert first["capability"]["document"]["rtgMaxW"] == {"multiplier": 0, "value": 5000}
        assert first["capability"]["record"]["ratings"]["WMax"]["value"] == "5000"
        assert (first["settings"], second["capability"]) == (None, None)
        assert (await office.get(f"/devices/{LFDI}/ders/1"))["href"] == f"{made['href']}/der/1"
        assert (await office.ask("GET", f"/devices/{LFDI}/ders/77")).status == 404

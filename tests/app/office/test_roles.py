"""Roles in the administration API: assigned, taken away, explained; requests approved by a second subject."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.core.access import book, rules
from bridge.sdk.table import TABLE
from bridge.sep2.work import Access, Policy
from bridge.trust.decision import Decision
from tests.app.office.bureau import ADMIN, LFDI, NOW, OTHER, THIRD, Bureau, bureau

DAY = 86_400
HALF = {"modes": {"opModMaxLimW": 50}, "duration": 60}


def ruled(text: str = "", **more: Any) -> Policy:
    return Policy(access=Access(book.engine(rules.read(text)), **more))


def capped(limits: str) -> Policy:
    return ruled(
        'rule = [{ name = "operator-commands", roles = ["OPERATOR"], functions = ["control", "default"], '
        f'actions = ["create", "change", "cancel", "approve"], limits = {{ {limits} }} }}]'
    )


async def become(office: Bureau, lfdi: str, *roles: str, area: str = "") -> None:
    """Be somebody below an operators' root, with these roles."""
    for role in roles:
        body = {"area": area} if area else {}
        await office.post(f"/access/{lfdi}/roles/{role}", body, 200)
    office.caller = lfdi


async def test_a_role_is_assigned_counted_and_taken_away(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        group = (await office.post("/groups", {"name": "north"}))["id"]
        place = f"/access/{OTHER}/roles"
        first = await office.post(f"{place}/OPERATOR", {"area": f"group/{group}", "until": NOW + DAY}, 200)
        assert (first["revision"], [(one["role"], one["area"]) for one in first["roles"]]) == (
            1,
            [("OPERATOR", f"group/{group}")],
        )
        second = await office.post(f"{place}/viewer", {}, 200)
        assert (second["revision"], len(second["roles"])) == (2, 2)
        assert (await office.ask("DELETE", f"{place}/OPERATOR")).status == 204
        assert (await office.ask("DELETE", f"{place}/OPERATOR")).status == 404
        shown = await office.get(place)
        assert (shown["revision"], [one["role"] for one in shown["roles"]]) == (3, ["VIEWER"])
        assert [one["source"] for one in shown["roles"]] == ["assignment"]


@pytest.mark.parametrize(("role", "body", "status"), [
    ("PILOT", {}, 404),
    ("DEVICE", {}, 404),
    ("VIEWER", {"area": "group/999"}, 409),
    ("VIEWER", {"area": "feeder"}, 422),
    ("VIEWER", {"since": NOW, "until": NOW}, 422),
])  # fmt: skip
async def test_what_cannot_be_assigned(tmp_path: Path, role: str, body: dict[str, Any], status: int) -> None:
    async with bureau(tmp_path) as office:
        assert (await office.ask("POST", f"/access/{OTHER}/roles/{role}", body)).status == status


async def test_nobody_locks_everybody_out(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        own = f"/access/{ADMIN}/roles"
        assert (await office.ask("POST", f"{own}/VIEWER", {})).status == 409
        assert (await office.ask("DELETE", f"{own}/SECADM")).status == 409
        await office.post(f"/access/{OTHER}/roles/SECADM", {}, 200)
        assert (await office.ask("DELETE", f"{own}/SECADM")).status == 204
        assert {one["role"] for one in (await office.get_as(OTHER, own))["roles"]} == {
            "OPERATOR", "ENGINEER", "INSTALLER", "SECAUD", "RBACMNT", "HEADEND", "UAA",
        }  # fmt: skip
        assert (await office.ask("POST", f"{own}/SECADM", {})).status == 403


PERSONS: dict[str, dict[str, int]] = {
    "VIEWER": {"GET /devices": 200, "GET /controls": 200, "GET /access": 403, "POST /groups": 403,
               "GET /archive": 403, "POST /server/backups": 403},
    "OPERATOR": {"GET /controls": 200, "POST /groups": 403, "GET /access": 403, "POST /controls/cancel": 200},
    "ENGINEER": {"POST /groups": 201, "POST /controls/cancel": 403, "GET /access": 403, "GET /devices": 200},
    "SECADM": {"GET /access": 200, "GET /devices": 403, "GET /controls": 403, "POST /controls/cancel": 403},
    "SECAUD": {"GET /archive": 200, "GET /access": 200, "POST /access": 403, "GET /devices": 403},
    "RBACMNT": {"GET /access/rules": 200, "POST /access": 403, "GET /archive": 403},
}  # fmt: skip


@pytest.mark.parametrize("role", PERSONS)
async def test_a_role_does_what_its_column_says(tmp_path: Path, role: str) -> None:
    told: list[Decision] = []
    async with bureau(tmp_path, ruled(record=lambda one, _: told.append(one))) as office:
        await become(office, OTHER, role)
        told.clear()
        for line, status in PERSONS[role].items():
            method, path = line.split()
            body = {"name": "x"} if path == "/groups" else {} if method == "POST" else None
            said = await office.ask(method, path, body)
            assert said.status in ({status, 422} if path == "/access" and status == 201 else {status}), line
        assert {one.subject for one in told} == {OTHER}
        assert sum(not one.allowed for one in told) == sum(at == 403 for at in PERSONS[role].values())


async def test_pins_are_for_who_may_read_registrations(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.device(pin=111115)
        assert (await office.get("/devices"))["items"][0]["pin"] == 111115
        await become(office, OTHER, "VIEWER")
        assert (await office.get("/devices"))["items"][0]["pin"] is None
        assert (await office.get(f"/devices/{made['id']}"))["pin"] is None


async def test_an_area_bounds_what_is_asked_for_and_what_is_named(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        north, south = [(await office.post("/groups", {"name": name}))["id"] for name in ("north", "south")]
        inside, outside = [
            (await office.post("/programmes", {"primacy": 1, "group": each}))["id"] for each in (north, south)
        ]
        device = (await office.device(groups=[south]))["id"]
        await become(office, OTHER, "OPERATOR", "ENGINEER", area=f"group/{north}")
        for method, path, body, status in (
            ("POST", f"/programmes/{inside}/controls", HALF, 201),
            ("POST", f"/programmes/{outside}/controls", HALF, 404),
            ("POST", "/controls/cancel", {}, 403),
            ("POST", "/controls/cancel", {"programme": inside}, 200),
            ("GET", "/programmes", None, 403),
            ("GET", f"/programmes?group={north}", None, 200),
            ("GET", f"/programmes?group={south}", None, 404),
            ("PATCH", f"/programmes/{inside}", {"group": south}, 404),
            ("PATCH", f"/programmes/{inside}", {"primacy": 9}, 200),
            ("PUT", f"/groups/{north}/members/{device}", None, 404),
            ("POST", "/groups", {"name": "below", "parent": north}, 201),
            ("POST", "/groups", {"name": "beside"}, 403),
            ("POST", f"/groups/{north}/move", {"parent": None}, 403),
        ):  # fmt: skip
            said = await office.ask(method, path, body)
            assert said.status == status, (method, path, await said.text())


async def test_a_limit_is_held_against_the_form_and_against_any_document(tmp_path: Path) -> None:
    async with bureau(tmp_path, capped("percent = 50")) as office:
        place = f"/programmes/{(await office.programme())['id']}"
        assert (await office.ask("POST", f"{place}/controls", HALF)).status == 201
        more = {"modes": {"opModMaxLimW": 50.01}, "duration": 60}
        said = await office.ask("POST", f"{place}/controls", more)
        assert (said.status, (await said.json())["detail"]) == (403, "operator-commands: beyond percent")
        for percent, status in ((50, 200), (51, 403)):
            body = {"modes": {"opModFixedW": -percent}}
            assert (await office.ask("PUT", f"{place}/default", body)).status == status
        base = {"DERControlBase": {"opModMaxLimW": 5001}, "mRID": "AB01"}
        document = {"type": "DefaultDERControl", "profile": "2018", "document": base}
        href = f"/resources/derp/{place.rpartition('/')[2]}/dderc"
        assert (await office.ask("PUT", href, document)).status == 403
        base["DERControlBase"] = {"opModMaxLimW": 5000}
        assert (await office.ask("PUT", href, document)).status == 200


# ----------------------------------------------------------------------------------------------- approval


async def test_a_second_subject_approves_and_it_is_done(tmp_path: Path) -> None:
    async with bureau(tmp_path, capped("second = 0")) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]])
        place = f"/programmes/{programme['id']}/controls"
        held = await office.post(place, HALF, 202)
        assert (held["lfdi"], held["devices"], held["power"], held["rule"]) == (
            ADMIN,
            1,
            None,
            "operator-commands",
        )
        assert (await office.get("/controls"))["items"] == []
        approve = f"/access/pending/{held['id']}/approve"
        assert (await office.ask("POST", approve)).status == 403, "its sender is no second subject"
        await office.post(f"/access/{THIRD}/roles/VIEWER", {}, 200)
        office.caller = THIRD
        assert (await office.ask("POST", approve)).status == 403, "a viewer does not approve"
        office.caller = OTHER
        done = await office.post(approve, status=200)
        assert (done["approved"], done["status"]) == (True, 201)
        assert [one["state"] for one in (await office.get("/controls"))["items"]] == ["active"]
        assert (await office.get("/access/pending"))["items"] == []
        assert (await office.ask("POST", approve)).status == 404


async def test_what_is_approved_is_decided_anew(tmp_path: Path) -> None:
    async with bureau(tmp_path, capped("second = 0")) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]])
        held = await office.post(f"/programmes/{programme['id']}/controls", HALF, 202)
        office.caller = OTHER
        await office.post(f"/access/{OTHER}/roles/SECADM", {}, 200)
        await office.post(f"/access/{ADMIN}/roles/VIEWER", {}, 200)
        office.caller = THIRD
        said = await office.ask("POST", f"/access/pending/{held['id']}/approve")
        assert said.status == 403
        assert len((await office.get("/access/pending"))["items"]) == 1
        assert (await office.get("/controls"))["items"] == []
        assert (await office.post(f"/access/pending/{held['id']}/reject", status=200))["approved"] is False
        assert (await office.get("/access/pending"))["items"] == []


async def test_what_waits_for_a_day_is_gone(tmp_path: Path) -> None:
    async with bureau(tmp_path, capped("second = 0")) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]])
        held = await office.post(f"/programmes/{programme['id']}/controls", HALF, 202)
        office.caller, office.moment = OTHER, NOW + DAY
        assert (await office.ask("POST", f"/access/pending/{held['id']}/approve")).status == 404


# -------------------------------------------------------------------------------------------- explanation


async def test_why_says_which_rule_decides_and_why_others_do_not(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        north = programme["group"]
        rule = (
            'rule = [{ name = "not-in-the-north", effect = "deny", roles = ["*"], functions = ["control"], '
            f'actions = ["create"], scope = "group/{north}" }}]'
        )
        place = f"derp/{programme['id']}/derc"
        await office.post(f"/access/{OTHER}/roles/OPERATOR", {}, 200)
        said = await office.get(f"/access/{OTHER}/why/create/{place}")
        assert (said["allowed"], said["rule"], said["function"]) == (True, "operator-commands", "control")
        office.policy = ruled(rule)
        said = await office.get(f"/access/{OTHER}/why/create/{place}")
        assert (said["allowed"], said["rule"]) == (False, "not-in-the-north")
        assert [(one["rule"], one["outcome"]) for one in said["rules"]] == [
            ("not-in-the-north", "denies"),
            ("operator-commands", "allows"),
        ]
        said = await office.get(f"/access/{OTHER}/why/create/groups.create")
        assert (said["allowed"], said["rule"], said["reason"]) == (False, "", "no rule: create topology")
        stranger = await office.get(f"/access/{LFDI}/why/create/{place}")
        assert (stranger["allowed"], stranger["reason"]) == (False, "nothing there for this caller")
        rooted = await office.get(f"/access/{LFDI}/why/read/{place}", rooted="true")
        assert rooted["allowed"] is True
        assert (await office.ask("GET", f"/access/{OTHER}/why/create/nothing")).status == 404
        assert (await office.ask("GET", f"/access/{OTHER}/why/fly/{place}")).status == 404


async def test_who_may(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        north = await office.programme()
        south = await office.programme()
        await office.post(f"/access/{OTHER}/roles/OPERATOR", {"area": f"group/{north['group']}"}, 200)
        await office.post(f"/access/{THIRD}/roles/VIEWER", {}, 200)
        everywhere = await office.get("/access/who/create/control")
        assert [(one["lfdi"], one["role"]) for one in everywhere["items"]] == [
            (ADMIN, "OPERATOR"),
            ("", "OPERATOR"),
        ]
        at = f"/derp/{north['id']}/derc"
        found = (await office.get("/access/who/create/control", target=at))["items"]
        assert {one["lfdi"] for one in found} == {OTHER, ADMIN, ""}
        at = f"/derp/{south['id']}/derc"
        found = (await office.get("/access/who/create/control", target=at))["items"]
        assert {one["lfdi"] for one in found} == {ADMIN, ""}
        assert (await office.ask("GET", "/access/who/fly/control")).status == 404


async def test_check_finds_what_is_wrong(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        assert await office.get("/access/check") == {"sound": True, "findings": []}
        group = (await office.post("/groups", {"name": "north"}))["id"]
        await office.post(f"/access/{OTHER}/roles/OPERATOR", {"area": f"group/{group}"}, 200)
        await office.post(f"/access/{OTHER}/roles/SECADM", {}, 200)
        assert (await office.ask("DELETE", f"/groups/{group}")).status == 204
        text = 'rule = [{ name = "again", roles = ["VIEWER"], functions = ["control"], actions = ["read"] }]'
        office.policy = replace(ruled(text, separation=True))
        office.caller = OTHER
        said = await office.get("/access/check")
        assert said["sound"] is False
        assert [(one["kind"], one["about"]) for one in said["findings"]] == [
            ("shadowed", "again"),
            ("separation", OTHER),
            ("area", OTHER),
        ]


def test_every_operation_has_a_function_set_and_an_action_of_it() -> None:
    from bridge.app.office import asking  # noqa: PLC0415 - beside the table that it is held to

    vocabulary = book.book().vocabulary
    for row in TABLE:
        if row.family != "resources":
            function, action = asking.meant(row)
            assert action in vocabulary[function], row.name
    named, families = book.operations()
    told = {key for one in book.book().functions.values() for key in one.as_}
    assert {*named, *told} <= {row.name for row in TABLE}
    assert {*families} <= {row.family for row in TABLE}

"""Agreements over the administration API: every party for itself, nothing without all or after the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from bridge.app.agreement import standing
from bridge.core.agreement import NEVER
from bridge.trust import assent, checkpoint, issue
from bridge.trust.assent import Assent
from bridge.trust.issue import Issued
from tests.app.office.bureau import NOW, Bureau, bureau

ROOT = issue.authority(issue.root("Agreeing"), "MICA", depth=0)
OPERATOR, OWNER, HOLDER, THIRD = (
    issue.device(ROOT, name) for name in (b"operator", b"owner", b"holder", b"third")
)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Bureau]:
    async with bureau(tmp_path) as made:
        made.caller = OPERATOR.lfdi
        await made.device(OWNER.lfdi)
        yield made


def statement(text: str, act: str, by: Issued, at: int = NOW) -> dict[str, str]:
    said = Assent(act, assent.digest(text.encode()), at)
    token = assent.sealed(said, checkpoint.signer(by.pem, by.key_pem))
    return {"token": token, "certificate": by.pem.decode()}


async def offered(office: Bureau, **more: Any) -> Any:
    return await office.post("/agreements", {"protocol": "sunspec", "units": [OWNER.lfdi], **more})


async def say(office: Bureau, one: Any, act: str, by: Issued, status: int = 200) -> Any:
    said = statement(one["text"], act, by, office.moment)
    return await office.post(f"/agreements/{one['id']}/statements", said, status)


async def agreed(office: Bureau, **more: Any) -> Any:
    one = await offered(office, **more)
    await say(office, one, "accept", OPERATOR)
    return await say(office, one, "accept", OWNER)


async def stood(office: Bureau) -> standing.Standing:
    return await standing.standing(office.store, "sunspec", OWNER.lfdi, office.moment)


async def test_it_stands_when_the_owner_and_the_operator_have_signed(office: Bureau) -> None:
    assert (await stood(office)).why == "there is no agreement"
    one = await offered(office, terms="SunSpec over Modbus, behind the meter")
    assert (one["state"], one["missing"]) == ("offered", sorted((OWNER.lfdi, "operator")))
    one = await say(office, one, "accept", OWNER)
    assert (one["state"], one["missing"], one["stands"]) == ("offered", ["operator"], False)
    assert (await stood(office)).why == f"agreement {one['id']} waits for operator"
    one = await say(office, one, "accept", OPERATOR)
    assert (one["state"], one["missing"], one["stands"]) == ("active", [], True)
    assert await stood(office) == standing.Standing(one["id"])
    assert [(each["party"], each["act"], each["signer"]) for each in one["said"]] == [
        (OWNER.lfdi, "accept", OWNER.lfdi),
        ("operator", "accept", OPERATOR.lfdi),
    ]


async def test_what_is_kept_proves_who_signed_what(office: Bureau) -> None:
    one = await agreed(office)
    for each, by in zip(one["said"], (OPERATOR, OWNER), strict=True):
        certificate = x509.load_pem_x509_certificate(each["certificate"].encode())
        assert assent.read(each["token"], certificate).digest == assent.digest(one["text"].encode())
        assert certificate.serial_number == by.certificate.serial_number


async def test_nobody_accepts_for_another(office: Bureau) -> None:
    one = await offered(office, parties=[THIRD.lfdi])
    refusals = [
        ({**statement(one["text"], "accept", OPERATOR), "certificate": OWNER.pem.decode()}, 422),
        (statement(one["text"], "accept", HOLDER), 403),
        (statement(one["text"] + " ", "accept", OWNER), 422),
        (statement(one["text"], "complete", OWNER), 422),
        (statement(one["text"], "supersede", OWNER), 422),
        (statement(one["text"], "nod", OWNER), 422),
        (statement(one["text"], "accept", OWNER, NOW - 8 * 86_400), 422),
        (statement(one["text"], "accept", OWNER, NOW + 400), 422),
    ]
    for said, status in refusals:
        answer = await office.ask("POST", f"/agreements/{one['id']}/statements", said)
        assert answer.status == status, await answer.text()
    office.caller = THIRD.lfdi  # a courier of the owner's word, who speaks for the operator, too
    await say(office, one, "accept", OWNER)
    one = await say(office, one, "accept", THIRD)
    assert one["missing"] == ["operator"]
    one = await say(office, one, "accept", THIRD)
    assert one["state"] == "active"


async def test_a_signature_over_one_agreement_serves_for_no_other(office: Bureau) -> None:
    first, second = await offered(office), await offered(office)
    said = statement(first["text"], "accept", OWNER)
    answer = await office.ask("POST", f"/agreements/{second['id']}/statements", said)
    assert answer.status == 422


async def test_who_is_let_in_no_more_agrees_to_nothing(office: Bureau) -> None:
    one = await offered(office)
    await office.post(f"/access/{OWNER.lfdi}/revoke", None, 200)
    await say(office, one, "accept", OWNER, 403)


async def test_who_is_let_in_no_more_is_served_no_more(office: Bureau) -> None:
    await agreed(office)
    assert (await stood(office)).number
    await office.post(f"/access/{OWNER.lfdi}/revoke", None, 200)
    assert (await stood(office)).why == "its access is withdrawn"


@pytest.mark.parametrize("by", [OWNER, OPERATOR], ids=["owner", "operator"])
async def test_either_ends_it_at_once(office: Bureau, by: Issued) -> None:
    one = await agreed(office)
    one = await say(office, one, "withdraw", by)
    assert (one["state"], one["stands"]) == ("withdrawn", False)
    assert (await stood(office)).why == f"agreement {one['id']} was withdrawn"
    await say(office, one, "accept", by, 409)


async def test_one_refusal_is_the_end_of_an_offer(office: Bureau) -> None:
    one = await offered(office)
    await say(office, one, "refuse", OWNER)
    await say(office, one, "accept", OPERATOR, 409)
    assert (await stood(office)).why == f"agreement {one['id']} was refused"


async def test_the_clock_begins_and_ends_it(office: Bureau) -> None:
    one = await agreed(office, start=NOW + 10, until=NOW + 20)
    assert await stood(office) == standing.Standing(0, f"agreement {one['id']} has not begun", NOW + 10)
    office.moment = NOW + 10
    assert await stood(office) == standing.Standing(one["id"], until=NOW + 20)
    office.moment = NOW + 20
    assert await stood(office) == standing.Standing(0, f"agreement {one['id']} has expired", NEVER)


async def test_an_offer_that_is_not_answered_expires(office: Bureau) -> None:
    one = await offered(office, answer=NOW + 5)
    office.moment = NOW + 5
    await say(office, one, "accept", OWNER, 409)
    assert (await office.get(f"/agreements/{one['id']}"))["state"] == "expired"


async def test_a_later_one_takes_its_place_once_all_have_accepted(office: Bureau) -> None:
    first = await agreed(office)
    second = await offered(office, supersedes=first["id"])
    await say(office, second, "accept", OWNER)
    assert (await stood(office)).number == first["id"]
    await say(office, second, "accept", OPERATOR)
    assert (await stood(office)).number == second["id"]
    assert (await office.get(f"/agreements/{first['id']}"))["state"] == "superseded"
    answer = await office.ask(
        "POST", "/agreements", {"protocol": "sunspec", "units": [OWNER.lfdi], "supersedes": first["id"]}
    )
    assert answer.status == 409


async def test_a_unit_that_changes_hands_needs_its_new_owners_word(office: Bureau) -> None:
    one = await agreed(office)
    await office.post("/aggregators", {"lfdi": HOLDER.lfdi, "name": "holder"})
    response = await office.ask("PATCH", f"/devices/{OWNER.lfdi}", {"aggregator": HOLDER.lfdi})
    assert response.status == 200, await response.text()
    assert (await stood(office)).why == f"agreement {one['id']} lacks {HOLDER.lfdi}"
    again = await offered(office)
    assert again["parties"] == sorted((HOLDER.lfdi, "operator"))
    await say(office, again, "accept", OPERATOR)
    await say(office, again, "accept", OWNER, 403)
    await say(office, again, "accept", HOLDER)
    assert (await stood(office)).number == again["id"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"units": []}, 422),
        ({"units": ["AB" * 20]}, 409),
        ({"protocol": "Sun Spec"}, 422),
        ({"until": NOW}, 422),
        ({"answer": NOW}, 422),
        ({"supersedes": 99}, 409),
    ],
)
async def test_offers_that_are_none(office: Bureau, more: dict[str, Any], status: int) -> None:
    body = {"protocol": "sunspec", "units": [OWNER.lfdi], **more}
    assert (await office.ask("POST", "/agreements", body)).status == status


async def test_lists_by_unit_protocol_and_state(office: Bureau) -> None:
    first, second = await agreed(office), await offered(office, protocol="other")
    assert [each["id"] for each in (await office.get("/agreements"))["items"]] == [first["id"], second["id"]]
    for query, found in (
        ({"protocol": "other"}, [second["id"]]),
        ({"state": "active"}, [first["id"]]),
        ({"device": OWNER.lfdi}, [first["id"], second["id"]]),
        ({"device": THIRD.lfdi}, []),
    ):
        page = await office.get("/agreements", **query)
        assert [each["id"] for each in page["items"]] == found


async def test_who_has_no_such_role_agrees_to_nothing(office: Bureau) -> None:
    one = await offered(office)
    await office.post(f"/access/{THIRD.lfdi}/roles/VIEWER", {}, 200)
    office.caller = THIRD.lfdi
    assert (await office.get(f"/agreements/{one['id']}"))["id"] == one["id"]
    await say(office, one, "accept", OWNER, 403)
    office.caller = OPERATOR.lfdi
    kept = await office.get("/audit", function="agreement", allowed="false")
    assert [(each["subject"], each["action"]) for each in kept["items"]] == [(THIRD.lfdi, "agree")]

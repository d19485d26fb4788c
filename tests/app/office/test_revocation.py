"""Revocation over the administration API: lists, words, and how it refuses what cannot be one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import credential, issue
from bridge.trust.listing import Pool
from tests.app.office.bureau import ADMIN, LFDI, NOW, OTHER, Bureau, bureau
from tests.trust.lists import crl, pem

SERCA = issue.root("SERCA")
DEVICE = issue.device(SERCA, b"1")
ISSUER = credential.issuer(SERCA.certificate.subject).hex()
WORDS, LISTS = "/revocation/certificates", "/revocation/lists"
DER, PEM = "application/pkix-crl", "application/x-pem-file"


async def sent(office: Bureau, data: bytes, media: str = DER) -> tuple[int, Any]:
    office.revoked.pool = Pool((SERCA.certificate,))
    answer = await office.web.post(f"/api/v1{LISTS}", data=data, headers={"Content-Type": media})
    return answer.status, await answer.json()


async def test_a_list_is_sent_in_shown_and_taken_away(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        data = crl(SERCA, (1, 2**100), 2**70)
        status, said = await sent(office, pem(data), PEM)
        assert status == 201
        shown = {"issuer": ISSUER, "title": "CN=SERCA", "number": str(2**70), "count": 2, "source": ADMIN}
        assert {name: said[name] for name in shown} == shown
        assert (said["since"], said["until"], said["checked"]) == (NOW, NOW + 86_400, NOW)
        assert (await sent(office, data))[0] == 200
        assert await office.get(f"{LISTS}/{said['name']}") == said
        page = await office.get(LISTS)
        assert (page["items"], page["total"]) == ([said], 1)
        state = await office.get("/revocation")
        assert (state["lists"], state["certificates"], state["words"]) == (1, 2, 0)
        assert (await office.ask("DELETE", f"{LISTS}/{said['name']}")).status == 204
        assert (await office.get("/revocation"))["lists"] == 0
        for method in ("GET", "DELETE"):
            assert (await office.ask(method, f"{LISTS}/{said['name']}")).status == 404


async def test_a_list_that_was_taken_away_comes_back_but_none_that_is_older(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        data = crl(SERCA, (1, 2), 5)
        for _ in range(2):
            status, said = await sent(office, data)
            assert status == 201
            assert (await office.ask("DELETE", f"{LISTS}/{said['name']}")).status == 204
            for old in (crl(SERCA, (1,), 4), crl(SERCA, (1,), 5)):
                status, told = await sent(office, old)
                assert status == 409
                assert "is not above 5, which was here and deleted" in told["detail"]
            assert (await office.get("/revocation"))["lists"] == 0
        assert (await sent(office, crl(issue.root("other"), (), 1)))[0] == 422
        status, said = await sent(office, crl(SERCA, (3,), 6))
        assert (status, said["number"]) == (201, "6")
        assert (await sent(office, data))[0] == 409


async def test_an_older_list_is_a_conflict_and_a_bad_one_is_told(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        assert (await sent(office, crl(SERCA, (1,), 2)))[0] == 201
        for data, status, why in (
            (crl(SERCA, (1,), 1), 409, "number 1 is not above 2, which is here"),
            (crl(SERCA, (1, 2), 2), 409, "number 2 is not above 2"),
            (crl(issue.root("SERCA")), 422, "signature"),
            (crl(SERCA, number=3, since=datetime(2020, 1, 1, tzinfo=UTC)), 422, "past its nextUpdate"),
            (b"nothing", 422, "no revocation list"),
        ):
            found, said = await sent(office, data)
            assert found == status
            assert why in said["detail"]
        assert (await sent(office, b"{}", "application/json"))[0] == 415


async def test_words_by_each_way_to_name_a_certificate(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        serial = f"{DEVICE.certificate.serial_number:X}"
        certificate = DEVICE.certificate.public_bytes(Encoding.PEM).decode()
        for body, name in (
            ({"lfdi": LFDI.lower(), "reason": "stolen", "by": OTHER}, LFDI),
            ({"certificate": certificate}, f"{ISSUER}-{serial}"),
            ({"issuer": ISSUER.upper(), "serial": "00ff"}, f"{ISSUER}-FF"),
        ):
            said = await office.post(WORDS, body)
            assert (said["name"], said["active"], said["since"]) == (name, True, NOW)
            assert await office.get(f"{WORDS}/{name.lower()}") == said
        assert (await office.get(f"{WORDS}/{LFDI}"))["reason"] == f"replaced by {OTHER}"
        changed = await office.post(WORDS, {"lfdi": LFDI, "since": NOW + 5}, status=200)
        assert (changed["active"], changed["version"], changed["by"]) == (False, "2", None)
        assert (await office.get(WORDS))["total"] == 3
        assert (await office.ask("DELETE", f"{WORDS}/{ISSUER}-ff")).status == 204
        assert (await office.ask("DELETE", f"{WORDS}/{ISSUER}-ff")).status == 404


@pytest.mark.parametrize("body", [
    {}, {"reason": "x"}, {"issuer": ISSUER}, {"serial": "1"}, {"lfdi": LFDI, "issuer": ISSUER, "serial": "1"},
    {"lfdi": LFDI, "certificate": "x"}, {"certificate": "x"}, {"lfdi": LFDI, "by": LFDI}, {"lfdi": "x"},
    {"issuer": ISSUER, "serial": "x"}, {"issuer": "AB", "serial": "1"}, {"lfdi": LFDI, "since": -1},
])  # fmt: skip
async def test_what_names_no_certificate_or_two_is_refused(tmp_path: Path, body: dict[str, Any]) -> None:
    async with bureau(tmp_path) as office:
        assert (await office.ask("POST", WORDS, body)).status == 422
        assert (await office.get(WORDS))["total"] == 0


async def test_only_operators_may(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        office.roles = frozenset()
        for path in ("/revocation", LISTS, WORDS):
            assert (await office.ask("GET", path)).status == 403
        assert (await office.ask("POST", WORDS, {"lfdi": LFDI})).status == 403

"""The door for companies at a bridge that runs: who gets in, what is answered, what has an effect."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from lxml import etree

from bridge.soap import bodies
from bridge.trust.wsse import algorithms, envelope, signature
from models.meter import meter
from tests.app.gateway.company import Company, World, code, issued, world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("site") / "site") as found:
        answer = asyncio.run(found.site.admin.post("/api/v1/entities", found.company.said()))
        assert answer[0] == 201, answer
        yield found


async def effects(found: World) -> int:
    """How many requests the log says were taken."""
    return len(found.site.lines("request taken"))


class Ours:
    """The bridge's certificate, as its partners have it."""

    def __init__(self, place: Path) -> None:
        self._held = x509.load_pem_x509_certificates(place.read_bytes())[:1]

    def signers(self, entity: str) -> list[x509.Certificate]:
        del entity
        return self._held

    def refused(self, certificate: x509.Certificate) -> str:
        del certificate
        return ""


def acknowledged(found: World, answer: etree._Element) -> meter.Acknowledgement:
    """What a signed answer says, once its signature was verified."""
    ours = Ours(found.folder / "pki" / "server.pem")
    said = signature.verify(etree.tostring(answer), "bridge", ours, algorithms.DEFAULT, time())
    assert said.username == "derbridge"
    return bodies.acknowledged(said.body)


@pytest.mark.parametrize("sample", ["message", "price"])
async def test_both_operations_are_answered_signed(here: World, sample: str) -> None:
    status, answer = await here.company.send(here.company.signed(sample, RequestID=f"mine-{sample}"))
    assert status == 200, etree.tostring(answer)
    said = acknowledged(here, answer)
    assert (said.RequestID, said.Verdict) == (f"mine-{sample}", meter.Verdict.accepted)


async def test_a_message_is_taken_once_also_after_a_restart(here: World) -> None:
    data = here.company.signed(RequestID="once")
    assert (await here.company.send(data))[0] == 200
    before = await effects(here)
    assert code((await here.company.send(data))[1]) == "MessageExpired"
    here.site.restart()
    assert code((await here.company.send(data))[1]) == "MessageExpired"
    assert await effects(here) == before


async def test_the_description_is_served(here: World) -> None:
    status, data = await here.company.get("wsdl")
    assert status == 200
    assert f'location="{here.company.url}"'.encode() in data
    assert b"SMTxPPriceSignalRequest" in (await here.company.get("xsd"))[1]
    assert (await here.company.get("xsd=meter-soap.xsd"))[0] == 200
    assert (await here.company.get("xsd=../pki/server.key"))[0] == 404
    assert (await here.company.get(""))[0] == 404


async def test_who_has_no_certificate_does_not_get_past_the_handshake(here: World) -> None:
    naked = ssl.create_default_context(cafile=str(here.site.pki.roots))
    with pytest.raises(aiohttp.ClientError):
        await here.company.send(here.company.signed(), context=naked)
    alone = replace(here.company, tls=issued(here.folder, "alone"))
    with pytest.raises(aiohttp.ClientError):
        await alone.send(alone.signed())
    device = here.site.client("device")
    with pytest.raises(aiohttp.ClientError):
        await here.company.send(here.company.signed(), context=device.context())


async def other(found: World, name: str, **more: Any) -> Company:
    """Another company, registered."""
    tls, signer = (issued(found.folder, f"{name}-{part}", found.authority) for part in ("tls", "signer"))
    made = Company(found.site, name, tls, signer, account=f"{name}_ACCT")
    assert (await found.site.admin.post("/api/v1/entities", made.said(**more)))[0] == 201
    return made


async def test_each_failure_has_its_fault_and_no_effect(here: World) -> None:
    mine, stranger = here.company, issued(here.folder, "stranger", here.authority)
    guest = await other(here, "GUEST")
    before, good = await effects(here), mine.signed
    rows = [
        ("Client", await mine.send(good(), media="application/json")),
        ("Client", await mine.send(good(), names=())),
        ("Client", await mine.send(good(), names=("RETAIL", "RETAIL"))),
        ("FailedAuthentication", await mine.send(good(), names=("retail",))),
        ("FailedAuthentication", await mine.send(good(), names=("../access",))),
        ("FailedAuthentication", await mine.send(good(), names=("GUEST",))),
        ("FailedAuthentication", await replace(mine, tls=guest.tls).send(good())),
        ("Client", await mine.send(good(MCPriority="9"))),
        ("Client", await mine.send(b"<" * 3_000_000)),
        ("InvalidSecurity", await mine.send(good().replace(b"wsu:Timestamp", b"wsu:Time"))),
        ("SecurityTokenUnavailable", await mine.send(good(who=stranger))),
        ("SecurityTokenUnavailable", await mine.send(good(who=guest.signer))),
        ("FailedCheck", await mine.send(good().replace(b"Storm near", b"Storm far!"))),
        ("FailedAuthentication", await mine.send(replace(mine, account="retail_one").signed())),
        ("FailedAuthentication", await mine.send(good(RequesterType="3"))),
        ("FailedAuthentication", await mine.send(good(RequesterAuthenticationID="799530221"))),
    ]
    assert [code(answer) for _, (_, answer) in rows] == [wanted for wanted, _ in rows]
    assert {status for _, (status, _) in rows} == {500}
    assert await effects(here) == before
    told = b"".join(etree.tostring(answer) for _, (_, answer) in rows)
    assert b"GUEST" not in told
    assert b"RETAIL" not in told


async def test_a_company_is_let_in_and_out_at_once(here: World) -> None:
    late = await other(here, "LATE")
    place = "/api/v1/entities/LATE"
    assert (await late.send(late.signed()))[0] == 200
    assert (await here.site.admin.patch(place, {"enabled": False}))[0] == 200
    assert code((await late.send(late.signed()))[1]) == "FailedAuthentication"
    assert (await here.site.admin.patch(place, {"enabled": True, "rights": ["price"]}))[0] == 200
    assert code((await late.send(late.signed()))[1]) == "FailedAuthentication"
    assert (await late.send(late.signed("price")))[0] == 200
    new = issued(here.folder, "LATE-new", here.authority)
    assert (await here.site.admin.patch(place, {"signer": new.pem}))[0] == 200
    assert code((await late.send(late.signed("price")))[1]) == "SecurityTokenUnavailable"
    assert (await late.send(late.signed("price", who=new)))[0] == 200
    assert (await here.site.admin.delete(place))[0] == 204
    assert code((await late.send(late.signed("price", who=new)))[1]) == "FailedAuthentication"


async def test_a_revoked_signer_is_refused_and_a_revoked_connection_too(here: World) -> None:
    gone = await other(here, "GONE")
    assert (await gone.send(gone.signed()))[0] == 200
    words = "/api/v1/revocation/certificates"
    assert (await here.site.admin.post(words, {"certificate": gone.signer.pem}))[0] == 201
    assert code((await gone.send(gone.signed()))[1]) == "InvalidSecurityToken"
    assert (await here.site.admin.post(words, {"certificate": gone.tls.pem}))[0] == 201
    with pytest.raises(aiohttp.ClientError):
        await gone.send(gone.signed())


async def test_each_decision_is_in_the_decision_log(here: World) -> None:
    await here.company.send(here.company.signed(RequestID="logged"))
    await here.company.send(here.company.signed(RequesterType="3"))

    async def found() -> list[dict[str, Any]]:
        listed = (await here.site.admin.get("/api/v1/audit?hop=soap&limit=50"))[1]["items"]
        return [each for each in listed if each["hop"] == "soap"]

    for _ in range(200):
        listed = await found()
        if any(not each["allowed"] for each in listed[:3]) and any(each["allowed"] for each in listed[:3]):
            break
        await asyncio.sleep(0.05)
    allowed = [each for each in listed if each["allowed"]]
    assert allowed[0]["rule"] == "soap RETAIL"
    assert allowed[0]["subject"] == here.company.tls.lfdi
    refused = [each for each in here.site.lines("request refused") if each["entity"] == "RETAIL"]
    assert refused[-1]["state"] == "account"


def test_bounds_are_those_of_the_envelope() -> None:
    assert envelope.CAPS.bytes == 2_097_152


async def announced(found: World, act: str, said: object = None) -> None:
    answer = await found.site.admin.post(f"/api/v1/interfaces/soap-messaging/{act}", said)
    assert answer[0] == 200, answer


async def headers(found: World, sample: str) -> tuple[int, dict[str, str], bytes]:
    """What a company that sends a request is answered, with its header fields."""
    heads = {"ENTITY_NAME": found.company.name, "Content-Type": "text/xml"}
    connector = aiohttp.TCPConnector(ssl=found.company.context())
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.post(found.company.url, data=found.company.signed(sample), headers=heads) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.read()


async def test_an_operation_is_deprecated_then_retired_and_the_other_one_stays(here: World) -> None:
    where = "https://gateway.example/next"
    await announced(here, "deprecate", {"to": where})
    status, heads, _ = await headers(here, "message")
    assert (status, heads["Deprecation"][:1], where in heads["Link"]) == (200, "@", True)
    _, users = await here.site.admin.get("/api/v1/interfaces/soap-messaging/users")
    assert here.company.tls.lfdi in {one["lfdi"] for one in users["items"]}
    await announced(here, "retire", {})
    before = await effects(here)
    status, heads, data = await headers(here, "message")
    said = etree.fromstring(data)
    assert (status, code(said), where in (said.findtext(".//faultstring") or "")) == (410, "Client", True)
    assert "Sunset" in heads
    assert await effects(here) == before
    status, heads, _ = await headers(here, "price")
    assert (status, heads.get("Deprecation")) == (200, None)
    await announced(here, "restore")
    assert (await headers(here, "message"))[0] == 200

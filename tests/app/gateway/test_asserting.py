"""`derbridge soap send` as a distribution company: an assertion in place of the name, at a real bridge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from time import time
from uuid import uuid4

import pytest
from lxml import etree

from bridge.app.gateway import papers, sending
from bridge.trust.wsse import asserting, signing
from bridge.trust.wsse.asserting import Claim
from tests.app.gateway.company import Company, Pair, World, code, issued, world
from tests.app.gateway.test_sending import REQUEST, derbridge, words

ISSUER, AUDIENCE, ACCOUNT = "idp.example", "gateway", "WIRES_SYS"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bridge that knows a distribution company, by the certificate that its assertions are signed by."""
    with world(tmp_path_factory.mktemp("site") / "site", audience=AUDIENCE) as found:
        asserter = issued(found.folder, "asserter", kind="rsa")
        mine = Company(found.site, "WIRES", found.company.tls, found.company.signer, ACCOUNT)
        said = {"kind": "tdsp", "requester_type": 0, "issuer": ISSUER, "asserter": asserter.pem}
        answer = asyncio.run(found.site.admin.post("/api/v1/entities", mine.said(**said)))
        assert answer[0] == 201, answer
        yield found._replace(company=mine)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A request that is another one each time."""
    place = tmp_path / "request.toml"
    place.write_text(REQUEST.replace("by-hand", uuid4().hex[:12]), "utf-8")
    return place


def asserter(here: World) -> Path:
    return here.folder / "asserter.pem"


def line(here: World, file: Path, **more: object) -> list[str]:
    pem = Path(str(more.pop("asserter", asserter(here))))
    said = {"issuer": ISSUER, "audience": AUDIENCE, "account": ACCOUNT, "name": "WIRES", **more}
    return [*words(here, file, **said, asserter=pem), "--asserter-key", str(pem.with_suffix(".key"))]


def test_an_assertion_is_built_signed_sent_and_taken(here: World, file: Path) -> None:
    for _ in range(2):  # each has an ID of its own
        done = derbridge(*line(here, file), "--json")
        assert json.loads(done.stdout)["verdict"] == "accepted"


@pytest.mark.parametrize(
    ("more", "fault", "reason"),
    [
        ({"audience": "other"}, "InvalidSecurityToken", "assertion: assertion"),
        ({"account": "ROOT"}, "FailedAuthentication", "account: account"),
        ({"issuer": "evil.example"}, "SecurityTokenUnavailable", "assertion: signer"),
        ({"asserter": "other"}, "UnsupportedAlgorithm", "assertion: algorithm"),
        ({"asserter": "rsa"}, "FailedCheck", "assertion: value"),
    ],
)
def test_an_assertion_that_is_not_for_this_is_a_fault(
    here: World, file: Path, more: dict[str, str], fault: str, reason: str
) -> None:
    if kind := more.get("asserter"):
        other = issued(here.folder, f"asserter-{kind}", kind="rsa" if kind == "rsa" else "ec")
        more = {**more, "asserter": str(other.place)}
    before = len(here.site.lines("request refused"))
    done = derbridge(*line(here, file, **more), status=1)
    assert f"fault: wsse:{fault}" in done.stdout
    told = here.site.lines("request refused")[before:]
    assert [f"{each['state']}: {each['reason']}" for each in told] == [reason]


def test_a_name_is_not_enough_and_half_an_assertion_is_none(here: World, file: Path) -> None:
    done = derbridge(*words(here, file, name="WIRES", account=ACCOUNT), status=1)
    assert "fault: wsse:UnsupportedSecurityToken" in done.stdout
    half = derbridge(*words(here, file, name="WIRES", issuer=ISSUER), status=2)
    assert "--asserter-key" in half.stderr


def signer(pair: Pair) -> signing.Signer:
    return signing.Signer(pair.key, pair.certificate)


@pytest.mark.parametrize(
    ("later", "fault"), [(-200, ""), (-1000, "InvalidSecurityToken"), (600, "InvalidSecurityToken")]
)
async def test_an_assertion_that_is_over_in_a_request_that_is_not(
    here: World, file: Path, later: int, fault: str
) -> None:
    now, mine, by = (
        int(time()),
        here.company,
        papers.signer(asserter(here), asserter(here).with_suffix(".key")),
    )
    token = asserting.assertion(
        Claim(ISSUER, ACCOUNT, AUDIENCE), by, (now + later, now + later + 300), f"A-{uuid4().hex}"
    )
    data = signing.around(sending.read(file), signer(mine.signer), token, (now, now + 300), uuid4().hex)
    status, answer = await mine.send(data)
    assert (status, code(answer)) == ((500, fault) if fault else (200, "")), etree.tostring(answer)

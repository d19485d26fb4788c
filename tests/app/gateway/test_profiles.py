"""The profile test, legacy signers, distribution companies, large requests, callbacks, at a real bridge."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import time
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from bridge.app.config import Config
from bridge.app.gateway import entities
from bridge.app.gateway.callback import Callbacks
from bridge.app.gateway.desk import Desk
from bridge.app.gateway.papers import Papers
from bridge.sep2.shelf import Change, Who
from bridge.sep2.work import Policy
from bridge.soap import bodies
from bridge.soap.entity import Entity, Kind
from bridge.transports import partners
from bridge.transports.calls import Calls
from bridge.transports.store import opening
from bridge.trust.wsse import algorithms, signature, signing
from bridge.trust.wsse.algorithms import RSA_SHA1, SHA1
from models.meter import meter
from tests.app.gateway.company import Company, Pair, World, code, issued, world
from tests.soap import world as soap
from tests.trust.wsse import making
from tests.trust.wsse.making import THREE, Party, Seal

FAR = 4_000_000_000


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bridge in the profile test, by RSA throughout, with a certificate pinned."""
    folder = tmp_path_factory.mktemp("site") / "site"
    folder.mkdir()
    pinned = issued(folder, "pinned", kind="rsa")
    with world(folder, "rsa", profile="test", pinned=(str(pinned.place),), audience="gateway") as found:
        answer = asyncio.run(found.site.admin.post("/api/v1/entities", found.company.said()))
        assert answer[0] == 201, answer
        yield found


async def registered(made: Company, **more: Any) -> Company:
    status, answer = await made.site.admin.post("/api/v1/entities", made.said(**more))
    assert status == 201, answer
    return made


def pair(found: World, name: str) -> Pair:
    """A pair that was made before."""
    place = found.folder / f"{name}.pem"
    key = load_pem_private_key(place.with_suffix(".key").read_bytes(), None)
    return Pair(key, x509.load_pem_x509_certificate(place.read_bytes()), place)


async def test_pinned_and_self_signed_in_the_profile_test(here: World) -> None:
    mine = await registered(
        Company(here.site, "ALONE", pair(here, "pinned"), issued(here.folder, "self", kind="ec"))
    )
    assert (await mine.send(mine.signed()))[0] == 200
    other = replace(mine, tls=issued(here.folder, "unpinned", kind="rsa"))
    with pytest.raises(aiohttp.ClientError):
        await other.send(other.signed())


async def test_sha1_of_a_legacy_company_is_told_in_the_log(here: World) -> None:

    def old() -> bytes:
        stamp = making.STAMP.replace(making.CREATED, moment(0)).replace(making.EXPIRES, moment(300))
        whole = making.WHOLE.replace(making.STAMP, stamp).replace("CNP", mine.account)
        who = Party(mine.signer.key, mine.signer.certificate)
        name = mine.signer.certificate.issuer.rfc4514_string()
        seal = Seal(
            tuple(each._replace(method=SHA1) for each in THREE), who, RSA_SHA1, key=making.key_info(who, name)
        )
        return making.signed(whole, seal).encode()

    mine = here.company
    assert code((await mine.send(old()))[1]) == "UnsupportedAlgorithm"
    status, _ = await here.site.admin.patch("/api/v1/entities/RETAIL", {"legacy_until": FAR})
    assert status == 200
    before = len(here.site.lines("legacy algorithm"))
    assert (await mine.send(old()))[0] == 200
    assert (await mine.send(mine.signed()))[0] == 200
    lines = here.site.lines("legacy algorithm")[before:]
    assert [(line["entity"], line["until"]) for line in lines] == [("RETAIL", FAR)]


def moment(later: int) -> str:

    return f"{datetime.fromtimestamp(int(time()) + later, UTC):%Y-%m-%dT%H:%M:%SZ}"


async def test_a_distribution_company_sends_an_assertion_once(here: World) -> None:

    signer = issued(here.folder, "wires", here.authority, "ec")
    made = Company(here.site, "WIRES", issued(here.folder, "wires-tls", here.authority, "ec"), signer, "CNP")
    said = {"kind": "tdsp", "requester_type": 0, "issuer": "idp.example", "asserter": soap.ASSERTER.pem}
    refused, told = await here.site.admin.post("/api/v1/entities", made.said(kind="tdsp"))
    assert refused == 422, told
    await registered(made, **said)

    def request(mark: str, audience: str = "gateway") -> bytes:
        start = moment(0)
        token = soap.assertion(mark=mark, audience=audience, issued=start, begins=start, ends=moment(300))
        stamp = making.STAMP.replace(making.CREATED, moment(0)).replace(making.EXPIRES, moment(300))
        whole = soap.asserted(token, making.WHOLE.replace(making.STAMP, stamp), mark, made.signer)
        return whole.encode()

    first = request("A-1")
    status, answer = await made.send(first)
    assert status == 200, etree.tostring(answer)
    assert code((await made.send(first))[1]) == "MessageExpired"
    assert code((await made.send(request("A-1")))[1]) == "MessageExpired"
    assert code((await made.send(request("A-2", "other")))[1]) == "InvalidSecurityToken"
    assert code((await made.send(made.signed()))[1]) == "UnsupportedSecurityToken"
    assert (await made.send(request("A-3")))[0] == 200


async def test_ten_thousand_addresses_are_taken(here: World) -> None:
    data = here.company.signed("price", addresses="10000")
    assert len(data) > 900_000
    status, answer = await here.company.send(data)
    assert status == 200, etree.tostring(answer)
    status, answer = await here.company.send(here.company.signed("price", addresses="10001"))
    assert (status, code(answer)) == (500, "Client")


async def test_networks_that_are_not_let_in_get_no_answer(tmp_path: Path) -> None:
    with world(tmp_path / "site", networks=("203.0.113.0/24",)) as found:
        status, _ = await found.company.get("wsdl")
        assert status == 403


# ------------------------------------------------------------------------------------------- callbacks


@asynccontextmanager
async def receiver(folder: Path, status: list[int]) -> AsyncIterator[tuple[str, list[bytes], Pair]]:
    """A callback of a company, over TLS, that answers with statuses one after the other."""
    root = issued(folder, "callback-root", authority=True)
    own = issued(folder, "localhost", root, server=True)
    taken: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        taken.append(await request.read())
        return web.Response(status=status.pop(0) if status else 200)

    app = web.Application()
    app.router.add_post("/report", take)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.place, own.secret)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"https://localhost:{port}/report", taken, root
    finally:
        await runner.cleanup()


REPORT = meter.ReportProgress(
    SMTxPProgressReport=meter.Acknowledgement(RequestID="r-9", Verdict=meter.Verdict.delivered)
)


@asynccontextmanager
async def callbacks(folder: Path, url: str, signer: Pair, clock: SimpleNamespace) -> AsyncIterator[Callbacks]:
    """Callbacks that know one company, which has registered an address, and sign by a key."""
    async with opening.open(f"sqlite:///{folder / 'x.db'}") as store:
        known = Entity(
            "RETAIL", Kind.REP, 0, "A", "1" * 9, ("AB" * 20,), signer.pem, callbacks=(url, f"{url}/2")
        )
        await store.commit([Change(entities.href("RETAIL"), entities.row(known))], Who("core", "test", 1))
        papers = Papers(signing.Signer(signer.key, signer.certificate), (), lenient=True)
        site = cast("Any", SimpleNamespace(store=store, policy=Policy(hosts=frozenset({"localhost"}))))
        config = Config()
        yield Callbacks(Desk(site, config.soap, papers, cast("Any", None), time), config, lambda: clock.now)


async def test_reports_are_signed_and_go_to_registered_addresses_alone(tmp_path: Path) -> None:
    signer, clock = issued(tmp_path, "ours"), SimpleNamespace(now=0.0)
    async with (
        receiver(tmp_path, [503]) as (url, taken, root),
        callbacks(tmp_path, url, signer, clock) as made,
    ):
        context = partners.client((root.place,), signer.place, signer.secret)
        async with Calls(made.desk.site.policy, context) as made.calls:
            assert not await made.tell("RETAIL", url, REPORT), "refused with 503"
            assert not await made.tell("RETAIL", url, REPORT), "not asked again at once"
            assert len(taken) == 1
            clock.now = 1.5
            assert await made.tell("RETAIL", url, REPORT)
            for strange in ("https://localhost:1/x", f"{url}?x=1", "http://169.254.169.254/"):
                assert await made.tell("RETAIL", strange, REPORT), "given up, not called"
            assert await made.tell("NOBODY", url, REPORT)
            assert await made.tell("RETAIL", "", REPORT)
    assert len(taken) == 2
    assert taken[0] != taken[1], "signed anew"
    held = SimpleNamespace(signers=lambda _: [signer.certificate], refused=lambda _: "")
    said = signature.verify(taken[-1], "x", cast("Any", held), algorithms.DEFAULT, time())
    assert bodies.reported(said.body) == REPORT.SMTxPProgressReport

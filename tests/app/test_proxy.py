"""A server behind a proxy that is a process of its own: devices see no difference, the decision log does."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.app import loading
from bridge.app.problems import judge
from bridge.transports.store import opening
from bridge.transports.store.decisions import Wish
from bridge.trust import log
from tests.served import Client, Served, served

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("proxy"), rules={"registration": "in-band"}) as found:
        own = found.client("proxy")
        found.environment["DERBRIDGE_PROXY__LFDIS"] = json.dumps([own.lfdi])
        found.restart()
        yield found


@pytest.fixture(scope="module")
def proxy(site: Served) -> Iterator[int]:
    own, shown = site.pki, site.client("proxy").files
    words = [site.ports["https"], own.roots, own.certificate, own.key, shown.certificate, shown.key]
    command = [sys.executable, "-m", "tests.transports.proxy", *map(str, words)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def behind(site: Served, port: int, name: str) -> Client:
    return replace(site.client(name), root=f"https://127.0.0.1:{port}")


async def test_devices_behind_a_proxy(site: Served, proxy: int) -> None:
    one, other = behind(site, proxy, "one"), behind(site, proxy, "other")
    name = "forwarded-1"
    async with one, other:
        for client in (one, other):
            for _ in range(2):
                assert (await client.get("/edev", X_Request_Id="the-first")).status == 200
            assert (await client.get("/dcap")).status == 200
        refusal = await one.post("/derp", "<DERProgram/>", X_Request_Id=name)
        assert (refusal.status, refusal.headers["X-Request-Id"]) == (403, name)
        lie = await one.get("/dcap", Client_Cert=":AAAA:")
        assert lie.status == 200, "what a client says itself is dropped by the proxy"
        assert (await site.admin.post("/api/v1/revocation/certificates", {"lfdi": one.lfdi}))[0] == 201
        assert (await one.get("/dcap")).status == 403
        assert (await other.get("/dcap")).status == 200
    await asyncio.to_thread(site.stop)
    async with opening.open(f"sqlite:///{site.folder / 'derbridge.db'}") as store:
        found = [log.read(entry.body) for entry in await store.decisions.find(Wish(), 1000)]
    (said,) = [one for one in found if one.decision.correlation == name]
    assert (said.decision.subject, said.decision.hop, said.decision.allowed) == (one.lfdi, "proxy", False)
    assert said.facts["proxy"] == site.client("proxy").lfdi


def test_what_is_no_lfdi_is_a_problem(site: Served) -> None:
    loaded = loading.load(site.folder, {"DERBRIDGE_PROXY__LFDIS": '["nobody"]'})
    found = [one for one in judge(loaded) if "is no LFDI" in str(one)]
    assert [one.grave for one in found] == [True]

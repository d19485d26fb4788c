"""`derbridge run` as a process: what it listens on, what it logs, how it reloads, how it stops.

Two workers share everything here, so that what is told of one is told of all.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from bridge.trust import folder, issue
from bridge.trust.terms import SINCE
from tests.app.command import COMMAND, derbridge
from tests.served import HOSTS, Served, served

PROBE = {"enabled": True, "port": 0}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("run"), run={"workers": 2}, probe=PROBE) as found:
        yield found


def plain(site: Served, path: str) -> tuple[int, str]:
    """What the plain probe says."""
    with urllib.request.urlopen(f"http://127.0.0.1:{site.ports['probe']}{path}") as answer:
        return answer.status, answer.read().decode()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


async def test_every_listener_answers(site: Served) -> None:
    device = site.client("first")
    assert (await device.get("/dcap")).status == 200
    status, health = await site.admin.get("/api/v1/health")
    assert (status, health["status"]) == (200, "ok")
    for path in ("/healthz", "/readyz"):
        assert plain(site, path) == (200, "ok\n")
        assert (await site.admin.get(path)) == (200, b"ok\n")


async def test_plain_port_redirects(site: Served) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{site.ports['plain']}/edev?l=3"
        async with session.get(url, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (301, f"{site.url}/edev?l=3")


async def test_device_has_no_business_at_the_administration(site: Served) -> None:
    device = site.client("first")
    with pytest.raises(aiohttp.ClientError):
        await device.get(f"https://127.0.0.1:{site.ports['admin']}/api/v1/devices")


async def test_each_request_has_a_line_with_who_and_why(site: Served) -> None:
    device = site.client("curious")
    assert (await device.get("/edev/999?x=1")).status == 404
    until(lambda: any(line["path"] == "/edev/999?x=1" for line in site.lines("request")))
    (line,) = [line for line in site.lines("request") if line["path"] == "/edev/999?x=1"]
    assert (line["method"], line["status"], line["lfdi"]) == ("GET", 404, device.lfdi)
    assert line["reason"]
    assert line["ms"] >= 0


async def test_answers_from_kept_pages_and_refusals_have_their_lines_too(site: Served) -> None:
    device = site.client("regular")
    async with device:
        for _ in range(3):
            assert (await device.get("/tm?kept")).status == 200
        assert (await device.get("/sdev?kept")).status in {200, 404}
        for _ in range(3):
            assert (await device.get("/dcap?kept")).status == 200
        assert (await device.request("BREW", "/pot")).status == 501

    def mine() -> list[tuple[str, str, int]]:
        lines = [line for line in site.lines("request") if line["lfdi"] == device.lfdi]
        return [(line["method"], line["path"], line["status"]) for line in lines]

    until(lambda: ("BREW", "/pot", 501) in mine())
    assert mine().count(("GET", "/dcap?kept", 200)) == 3
    assert mine().count(("GET", "/tm?kept", 200)) == 3


async def test_no_secret_is_written(site: Served) -> None:
    device = site.client("secretive")
    assert (await site.admin.post("/api/v1/devices", {"lfdi": device.lfdi, "pin": 234560}))[0] in {201, 400}
    assert (await device.get("/edev")).status == 200
    until(lambda: any(line["lfdi"] == device.lfdi for line in site.lines("request")))
    assert "234560" not in site.log
    assert "PRIVATE KEY" not in site.log


def counted(site: Served, name: str) -> float:
    lines = plain(site, "/metrics")[1].splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


async def test_metrics_are_those_of_all_workers(site: Served) -> None:
    name = 'derbridge_requests_total{door="sep2",method="GET",status="404"'
    before = counted(site, name)
    device = site.client("many")
    for number in range(20):
        assert (await device.get(f"/edev/{1000 + number}")).status == 404
    assert [counted(site, name) - before for _ in range(6)] == [20.0] * 6


async def test_what_one_worker_writes_every_worker_reads(site: Served) -> None:
    device = site.client("shared")
    status, made = await site.admin.post("/api/v1/devices", {"lfdi": device.lfdi})
    assert status == 201
    for _ in range(12):
        assert (await device.get(made["href"])).status == 200
    assert (await site.admin.delete(f"/api/v1/devices/{made['id']}"))[0] == 204
    for _ in range(12):
        assert (await device.get(made["href"])).status == 404


def workers(site: Served) -> set[int]:
    assert site.process
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text("ascii")
    return set(map(int, children.split()))


async def test_worker_that_dies_is_replaced(site: Served) -> None:
    before = workers(site)
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(site.lines("serving")) == 3)
    assert len(workers(site)) == 2
    assert workers(site) != before
    assert [line["status"] for line in site.lines("worker ended")] == [-9]
    device = site.client("first")
    async with asyncio.timeout(20):
        for _ in range(10):
            assert (await device.get("/dcap")).status == 200


async def test_hangup_takes_a_new_certificate_and_keeps_the_old_where_it_is_bad(site: Served) -> None:
    before = await presented(site)
    made = issue.server(folder.Folder(site.folder / "pki").issuer("mica"), HOSTS)
    (site.folder / "pki" / "server.pem").write_bytes(made.pem)
    hangup(site, "not reloaded")
    assert await presented(site) == before
    (site.folder / "pki" / "server.key").write_bytes(made.key_pem)
    hangup(site, "reloaded")
    assert await presented(site) == made.der
    assert (await site.admin.get("/api/v1/health"))[0] == 200


def hangup(site: Served, event: str) -> None:
    count = len(site.lines(event))
    assert site.process
    site.process.send_signal(signal.SIGHUP)
    until(lambda: len(site.lines(event)) == count + 2)


async def presented(site: Served) -> bytes:
    """The certificate that the server shows."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", site.ports["https"], ssl=site.client("first").context(), server_hostname="localhost"
    )
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    del reader
    return found


def test_second_server_on_the_same_ports_is_refused(site: Served, tmp_path: Path) -> None:
    shutil.copytree(site.folder, tmp_path / "other", ignore=shutil.ignore_patterns("*.db*", "log"))
    done = subprocess.run(
        [COMMAND, "run", tmp_path / "other"],
        env={**os.environ, **site.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"https.port: 127.0.0.1 port {site.ports['https']}: Address already in use" in done.stderr.replace(
        "DERBRIDGE_HTTPS__PORT", "https.port"
    )


def test_problems_are_told_before_anything_starts(tmp_path: Path) -> None:
    folder.make(tmp_path / "pki", HOSTS, since=SINCE)
    (tmp_path / "derbridge.toml").write_text("[https]\nprt = 1\n[run]\nworkers = 0\n", "utf-8")
    done = derbridge("run", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "https.prt: no such key" in done.stderr
    assert "run.workers" in done.stderr


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(60)
        os.environ["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        try:
            with served(tmp_path) as site:
                assert site.process
                assert told.recv(99).decode() == f"READY=1\nMAINPID={site.process.pid}\n"
                assert site.stop() == 0
        finally:
            del os.environ["NOTIFY_SOCKET"]


async def write(site: Served, lfdis: list[str], done: list[str], enough: asyncio.Event) -> None:
    """Register devices until the server goes away, and note those that were acknowledged."""
    try:
        for lfdi in lfdis:
            status, _ = await site.admin.post("/api/v1/devices", {"lfdi": lfdi})
            assert status == 201
            done.append(lfdi)
            if len(done) > 20:
                enough.set()
    except (aiohttp.ClientError, OSError):
        return


async def registered(site: Served) -> set[str]:
    found: set[str] = set()
    path = "/api/v1/devices?limit=100"
    while path:
        _, page = await site.admin.get(path)
        found |= {one["lfdi"] for one in page["items"]}
        path = page["next"] and f"/api/v1/devices?limit=100&cursor={page['next']}"
    return found


async def test_stop_loses_no_acknowledged_write(tmp_path: Path) -> None:
    with served(tmp_path, run={"workers": 2}) as site:
        done: list[str] = []
        enough = asyncio.Event()
        lfdis = [f"{number:040X}" for number in range(1, 4_000)]
        writing = [asyncio.create_task(write(site, lfdis[part::4], done, enough)) for part in range(4)]
        await asyncio.wait_for(enough.wait(), 60)
        assert await asyncio.to_thread(site.stop) == 0
        await asyncio.gather(*writing)
        assert not [line for line in site.lines() if line["level"] in {"error", "warning"}]
        site.start()
        assert set(done) <= await registered(site)

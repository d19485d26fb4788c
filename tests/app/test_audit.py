"""The decision log of a server that runs: what is noted, what `derbridge audit` shows, proves and decides."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.app import scribe
from bridge.app.meter import Meter
from bridge.app.scribe import Scribe
from bridge.transports.store import opening
from bridge.transports.store.decisions import Wish
from bridge.trust import folder as trust
from bridge.trust import issue, log
from bridge.trust.log import CUT
from tests.app.command import derbridge, refused
from tests.served import HOSTS, Client, Served, served
from tests.transports.store.logged import decision, proved, signer

REVOKED = "/api/v1/revocation/certificates"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    with served(tmp_path / "site", run={"workers": 2}) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def audit(*words: object, code: int = 0) -> str:
    done = derbridge("audit", *map(str, words))
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout


def shown(site: Served, *words: object) -> list[dict[str, Any]]:
    text = audit("show", "--json", "--all", "--site", site.folder, *words)
    found: list[dict[str, Any]] = json.loads(text)
    return found


def group(site: Served, name: str) -> None:
    status, _ = asyncio.run(site.admin.post("/api/v1/groups", {"name": name}))
    assert status == 201


def change(site: Served, statement: str) -> None:
    with closing(sqlite3.connect(site.folder / "derbridge.db", isolation_level=None)) as file:
        file.execute(statement)


def test_what_is_decided_is_shown_proved_and_decided_again(site: Served) -> None:
    operator = site.admin.client
    group(site, "feeder")
    device = site.client("meter")
    stranger = Client(site, device.files, operator.root)
    assert asyncio.run(_status(stranger, "/api/v1/groups")) in {401, 403, None}
    group(site, "other")
    writes = shown(site, "--allowed", "--function", "topology")
    assert [each["subject"] for each in writes] == [operator.lfdi] * 2
    number = writes[0]["number"]
    assert f"{number}" in audit("show", number, "--site", site.folder)
    assert "topology" in audit("show", "--hop", "admin", "--site", site.folder)
    assert "decides so again" in audit("replay", number, "--site", site.folder)
    assert "as they were written" in audit("verify", site.folder)
    file = site.folder / "log.jsonl"
    audit("export", file, "--site", site.folder)
    assert file.stat().st_mode & 0o777 == 0o600
    certificate = site.folder / "pki" / "server.pem"
    assert "as they were written" in audit("verify", file, "--signer", certificate)
    assert "already" in refused("audit", "export", str(file), "--site", str(site.folder))
    assert site.stop() == 0
    said = json.loads(audit("verify", site.folder, "--json"))
    assert said == {"records": said["records"], "first": 1, "sealed": said["records"], "faults": []}
    assert [line["number"] for line in site.lines("checkpoint")][-1] == said["records"]


async def _status(client: Client, path: str) -> int | None:
    try:
        async with client:
            return (await client.get(path)).status
    except (OSError, aiohttp.ClientError):
        return None
    finally:
        await asyncio.sleep(0.2)  # a transport that was refused is closed by the loop a little later


def test_a_refused_device_is_told_of(site: Served) -> None:
    device = site.client("meter")
    asyncio.run(site.admin.post("/api/v1/access", {"lfdi": device.lfdi, "granted": False}))
    assert asyncio.run(_status(device, "/derp")) == 403
    deadline = time.monotonic() + 30
    while not (found := shown(site, "--no-allowed", "--subject", device.lfdi)):
        assert time.monotonic() < deadline, site.log
    (said,) = found
    assert (said["hop"], said["function"], said["action"], said["target"]) == (
        "sep2",
        "",
        "read",
        "/derp",
    )
    assert "decides so again" in audit("replay", said["number"], "--site", site.folder)
    metrics = asyncio.run(site.admin.client.get("/metrics")).body.decode()
    assert 'derbridge_decisions_total{allowed="no",hop="sep2"} 1.0' in metrics
    assert 'derbridge_decisions_total{allowed="yes",hop="admin"}' in metrics


def test_tampering_is_named(site: Served) -> None:
    for name in ("one", "two", "three"):
        group(site, name)
    assert site.stop() == 0
    file = site.folder / "copy.jsonl"
    site.start()
    audit("export", file, "--site", site.folder)
    lines = file.read_text("utf-8").splitlines(keepends=True)
    site.stop()
    before = audit("verify", site.folder)
    change(site, "UPDATE decisions SET hop = 'sep2' WHERE number = 3")
    assert audit("verify", site.folder, code=1).splitlines()[0].startswith("record 3: edited: ")
    change(site, "UPDATE decisions SET hop = 'admin' WHERE number = 3")
    assert audit("verify", site.folder) == before
    change(
        site, "UPDATE decisions SET body = replace(body, 'engineer-sets-up', 'everybody') WHERE number = 3"
    )
    assert "record 3: edited" in audit("verify", site.folder, code=1)
    signer = ("--signer", site.folder / "pki" / "server.pem")
    place = next(number for number, line in enumerate(lines) if '"number":2,' in line)
    file.write_text("".join(lines[:place] + lines[place + 1 :]), "utf-8")
    assert audit("verify", file, *signer, code=1).startswith("record 2: gap")
    file.write_text("".join(lines).replace('"rule":"engineer-sets-up"', '"rule":"everybody"', 1), "utf-8")
    assert "edited" in audit("verify", file, *signer, code=1)
    file.write_text("".join(lines), "utf-8")
    assert audit("verify", file, *signer)
    assert "fork" in audit("verify", file, *signer, "--known", f"2:{'0' * 64}", code=1)
    file.write_text("x\n", "utf-8")
    assert "copy.jsonl:1" in refused("audit", "verify", str(file))


def test_another_key_signs_after_a_renewal(site: Served) -> None:
    group(site, "one")
    old = site.folder / "old.pem"
    old.write_bytes((site.folder / "pki" / "server.pem").read_bytes())
    for file in (site.pki.certificate, site.pki.key):
        file.unlink()
    trust.keep(site.pki.path / "server", issue.server(site.pki.issuer("mica"), HOSTS))
    assert site.process
    site.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while len(site.lines("reloaded")) < 2:
        assert time.monotonic() < deadline, site.log
        time.sleep(0.02)
    group(site, "two")
    assert site.stop() == 0
    assert "signer" in audit("verify", site.folder, code=1)
    assert "as they were written" in audit("verify", site.folder, "--signer", old)
    os.environ["DERBRIDGE_KEEP__SIGNERS"] = json.dumps([str(old)])
    try:
        assert "as they were written" in audit("verify", site.folder)
    finally:
        del os.environ["DERBRIDGE_KEEP__SIGNERS"]


def test_nothing_acknowledged_is_missing_after_a_kill(site: Served) -> None:
    done: list[str] = []

    async def load() -> None:
        async with site.admin.client as client:
            for number in range(1_000):
                body = json.dumps({"name": f"g{number}"}).encode()
                try:
                    reply = await client.request("POST", "/api/v1/groups", body, "application/json")
                except (OSError, aiohttp.ClientError):
                    return
                done.append(reply.headers["Location"])
                if number == 40:
                    site.kill()

    asyncio.run(load())
    assert len(done) >= 41
    said = json.loads(audit("verify", site.folder, "--json"))
    assert said["faults"] == []
    site.start()
    assert len(shown(site, "--function", "topology", "--allowed", "--limit", 500)) >= len(done)


def test_a_policy_that_was_changed_in_secret_is_refused(site: Served) -> None:
    group(site, "one")
    number = shown(site, "--function", "topology")[0]["number"]
    change(site, "UPDATE papers SET body = replace(body, 'ENGINEER', 'VIEWER') WHERE name LIKE 'policy/%'")
    assert "the one that the log names" in refused("audit", "replay", str(number), "--site", str(site.folder))
    assert "there is none" in refused("audit", "replay", "9999", "--site", str(site.folder))


async def test_a_scribe_writes_within_its_beat_and_signs_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
        by = signer()
        hand = Scribe(store.decisions, Meter(), by)
        await hand.begin()
        assert await store.decisions.papers("signer") == {by.lfdi: by.certificate}
        hand.note(decision(1))
        await hand.beat()
        assert (store.decisions.waiting, await store.decisions.seals()) == (0, [])
        monkeypatch.setattr(scribe, "SECONDS", 0)
        await hand.beat()
        assert [seal.number for seal in await store.decisions.seals()] == [1]
        monkeypatch.undo()
        for number in range(scribe.RECORDS):
            hand.note(decision(number))
        await hand.beat()
        hand.note(decision(1))
        await hand.end()
        assert [seal.number for seal in await store.decisions.seals()] == [1, 1_001, 1_002]
        assert await proved(store, by) == []


async def test_a_scribe_tells_of_what_is_removed(tmp_path: Path) -> None:
    async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
        by = signer()
        hand = Scribe(store.decisions, Meter(), by)
        for number in range(3):
            hand.note(decision(number))
            await hand.end()
        assert await hand.shorten(1) == 0
        assert await hand.shorten(scribe.micros() + 1) == 2
        assert await hand.shorten(scribe.micros() + 1) == 0
        await hand.end()
        assert await proved(store, by) == []
        last = log.read((await store.decisions.find(Wish(), 1))[0].body).decision
        assert await store.decisions.oldest() == (3, decision(2).at)
        assert ((last.function, last.action), last.target, last.hop) == (CUT, "3", "keeper")


async def test_log_decision_and_response_are_joined_by_one_name(site: Served) -> None:
    """Whoever made it; a request that is refused at both doors, and one that is allowed."""
    device, mine = site.client("device"), "fleet-7.2026_11-21"
    admin = Client(site, site.admin.client.files, site.admin.client.root)
    asked = [
        await device.post("/derp", "<DERProgram/>"),
        await device.post("/derp", "<DERProgram/>", X_Request_Id=mine),
        await device.post("/derp", "<DERProgram/>", X_Request_Id="no good"),
        await admin.post("/api/v1/groups", '{"name": "one"}', "application/json"),
        await admin.post(
            "/api/v1/groups", '{"name": "two"}', "application/json", X_Request_Id="admin-" + mine
        ),
    ]
    assert [one.status for one in asked] == [403, 403, 403, 201, 201]
    names = [one.headers["X-Request-Id"] for one in asked]
    assert (names[1], names[4]) == (mine, "admin-" + mine)
    assert len(set(names)) == len(names)
    await asyncio.to_thread(site.stop)
    written = {line.get("correlation"): (line["status"], line["lfdi"]) for line in site.lines("request")}
    async with opening.open(f"sqlite:///{site.folder / 'derbridge.db'}") as store:
        found = [log.read(one.body).decision for one in await store.decisions.find(Wish(), 1000)]
    for name, one, lfdi in zip(names, asked, [device.lfdi] * 3 + [admin.lfdi] * 2, strict=True):
        assert written[name] == (one.status, lfdi)
        decided = {(said.subject, said.allowed) for said in found if said.correlation == name}
        assert decided == {(lfdi, one.status == 201)}


async def test_who_is_revoked_is_told_the_name_that_is_recorded(site: Served) -> None:
    lost = site.client("lost")
    operator = Client(site, site.pki.client("gone", "operator"), site.admin.client.root)
    async with lost, operator:
        assert (await lost.get("/dcap")).status == (await operator.get("/api/v1/health")).status == 200
        for one in (lost, operator):
            assert (await site.admin.post(REVOKED, {"lfdi": one.lfdi}))[0] == 201
        said = [await lost.get("/dcap"), await operator.get("/api/v1/health")]
    assert [one.status for one in said] == [403, 403]
    await asyncio.to_thread(site.stop)
    async with opening.open(f"sqlite:///{site.folder / 'derbridge.db'}") as store:
        found = [log.read(one.body).decision for one in await store.decisions.find(Wish(), 1000)]
    for name, who in zip((one.headers["X-Request-Id"] for one in said), (lost, operator), strict=True):
        assert [(one.subject, one.allowed) for one in found if one.correlation == name] == [(who.lfdi, False)]

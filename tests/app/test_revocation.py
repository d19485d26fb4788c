"""Revocation from end to end, two workers: the next request of a connection that is open is the last."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.transports import gate
from bridge.trust import issue
from tests.app.revoking import Issuer, connect, connected, eventually, listed, refused, serial, shut, upload
from tests.served import Client as Caller
from tests.served import Served, served

WORDS = "/api/v1/revocation/certificates"


@pytest.fixture(scope="module")
def issuer() -> Iterator[tuple[Issuer, str]]:
    made = Issuer(status=404)
    with made.serving() as url:
        yield made, url


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, issuer: tuple[Issuer, str]) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("revocation")
    (folder / "lists").mkdir()
    said = {"urls": (issuer[1],), "every": 0.5, "folder": folder / "lists"}
    with served(folder, run={"workers": 2}, revocation=said) as found:
        yield found


numbers = iter(range(1, 1000))
gone: list[int] = []


def lists(site: Served, *more: int) -> bytes:
    """The next list of the devices' authority: it forgets none."""
    gone.extend(more)
    return listed(site, tuple(gone), next(numbers))


async def test_by_the_operator_s_word_about_an_lfdi(site: Served) -> None:
    one, other = site.client("word"), site.client("other")
    with connected(one) as talks, connected(other) as beside:
        status, said = await site.admin.post(WORDS, {"lfdi": one.lfdi, "reason": "stolen"})
        assert (status, said["active"]) == (201, True)
        for talk in talks:
            assert b"<Error" in refused(talk).body
        assert {talk.get("/dcap").status for talk in beside} == {200}
    shut(one)
    assert (await site.admin.delete(f"{WORDS}/{one.lfdi}"))[0] == 204
    with connected(one):
        pass
    await eventually(lambda: site.log.count('"reason": "stolen"') >= len(talks))


async def test_by_the_operator_s_word_about_a_certificate(site: Served) -> None:
    one = site.client("certificate")
    with connected(one) as talks:
        pem = one.files.certificate.read_text("ascii")
        status, said = await site.admin.post(WORDS, {"certificate": pem})
        assert (status, said["serial"]) == (201, f"{serial(one.files).number:X}")
        for talk in talks:
            refused(talk)


async def test_by_a_list_that_is_sent_in(site: Served) -> None:
    one, other = site.client("listed"), site.client("other")
    with connected(one) as talks, connected(other) as beside:
        assert (await upload(site, lists(site, serial(one.files).number))).status == 201
        for talk in talks:
            refused(talk)
        assert {talk.get("/dcap").status for talk in beside} == {200}


async def test_a_request_with_a_body_is_refused_as_well(site: Served) -> None:
    one = site.client("writer")
    with connected(one) as talks:
        assert (await upload(site, lists(site, serial(one.files).number))).status == 201
        for talk in talks:
            said = talk.ask(b"PUT /edev/1/der/1/ders HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<a/>")
            assert said.status == 403
            assert talk.over()


async def test_by_a_list_that_is_fetched(site: Served, issuer: tuple[Issuer, str]) -> None:
    one = site.client("fetched")
    with connected(one, 2) as talks:
        issuer[0].data, issuer[0].status = lists(site, serial(one.files).number), 200
        await eventually(lambda: talks[0].get("/dcap").status == 403)
        refused(talks[1])
        assert talks[0].over()
    issuer[0].status = 404


async def test_by_a_list_in_the_folder(site: Served) -> None:
    one = site.client("folder")
    with connected(one, 2) as talks:
        hidden = site.folder / "lists" / ".new"
        hidden.write_bytes(lists(site, serial(one.files).number))
        hidden.rename(site.folder / "lists" / "mica.crl")
        await eventually(lambda: talks[0].get("/dcap").status == 403)
        refused(talks[1])


async def test_replaced_from_a_moment_on(site: Served) -> None:
    one, new = site.client("before"), site.client("after")
    with connected(one, 2) as talks, connected(new, 2) as beside:
        since = int(time.time()) + 2
        status, said = await site.admin.post(WORDS, {"lfdi": one.lfdi, "by": new.lfdi, "since": since})
        assert (status, said["active"], said["by"]) == (201, False, new.lfdi)
        assert talks[0].get("/dcap").status == 200
        await eventually(lambda: talks[0].get("/dcap").status == 403)
        assert time.time() >= since
        refused(talks[1])
        assert {talk.get("/dcap").status for talk in beside} == {200}
    await eventually(lambda: site.log.count(f"replaced by {new.lfdi}") > 0)


async def test_an_account_that_is_disabled_ends_its_connections(site: Served) -> None:
    one = site.client("disabled")
    with connected(one) as talks:
        assert (await site.admin.post(f"/api/v1/access/{one.lfdi}/revoke"))[0] == 200
        for talk in talks:
            refused(talk)


async def test_an_operator_who_is_revoked_has_no_business_at_the_administration(site: Served) -> None:
    lost = Caller(site, site.pki.client("lost", "operator"), f"https://127.0.0.1:{site.ports['admin']}")
    talks = [connect(lost, site.ports["admin"]) for _ in range(4)]
    assert [talk.get("/api/v1/devices").status for talk in talks] == [200] * 4
    number = serial(lost.files).number
    assert (await upload(site, listed(site, (number,), 1, "operator"))).status == 201
    for talk, path in zip(talks, ("/api/v1/devices", "/api/v1/health", "/metrics", "/none"), strict=True):
        with talk:
            said = talk.get(path)
            assert (said.status, said.fields["Content-Type"]) == (403, "application/problem+json")
            assert said.told["detail"].startswith("the certificate, or one above it")
            assert talk.over()
    shut(lost)
    shut(lost, "admin")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("door", ["https", "admin"])
async def test_alert_in_the_handshake_of_both_listeners(site: Served, door: str, version: str) -> None:
    """Seen by OpenSSL: alert 44, `certificate_revoked`; who has no certificate has another one."""
    lost = Caller(site, site.pki.client(f"gone{door}{version}", "operator"), site.url)
    none = alerts(site, door, version)
    assert none == [40 if version == "-tls1_2" else 116]
    assert alerts(site, door, version, lost) == []
    assert (await site.admin.post(WORDS, {"lfdi": lost.lfdi}))[0] == 201
    await eventually(lambda: alerts(site, door, version, lost) == [gate.REVOKED])
    for _ in range(4):
        assert alerts(site, door, version, lost) == [gate.REVOKED]
    assert (await site.admin.delete(f"{WORDS}/{lost.lfdi}"))[0] == 204
    await eventually(lambda: alerts(site, door, version, lost) == [])


def alerts(site: Served, door: str, version: str, caller: Caller | None = None) -> list[int]:
    """The numbers of the alerts that `openssl s_client` says it got."""
    files = caller.files if caller else None
    shown = ("-cert", files.certificate, "-cert_chain", files.certificate, "-key", files.key) if files else ()
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{site.ports[door]}", version, "-ign_eof",
         "-CAfile", site.pki.client("device", "device").root, *shown],
        input=b"GET /api/v1/none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        capture_output=True, check=False, timeout=60, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    return [int(one) for one in re.findall(rb"SSL alert number (\d+)", done.stderr)]


async def test_an_authority_that_is_revoked_takes_all_below_it_along(site: Served) -> None:
    serca = site.pki.issuer("serca")
    lost = issue.authority(serca, "lost", depth=0)
    site.pki.add("below", issue.device(lost, b"1"))
    with connected(site.client("below"), 2) as talks, connected(site.client("other"), 2) as beside:
        number = lost.certificate.serial_number
        assert (await upload(site, listed(site, (number,), 1, "serca"))).status == 201
        for talk in talks:
            refused(talk)
        assert {talk.get("/dcap").status for talk in beside} == {200}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_no_session_comes_back_to_life(site: Served, version: ssl.TLSVersion) -> None:
    """A session from before the revocation, offered again by Python: it is not taken, nor is its owner."""
    one = site.client(f"resumed{version}")
    context = one.context()
    context.minimum_version = context.maximum_version = version
    port = site.ports["https"]

    def again(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool, str]:
        sock = socket.create_connection(("127.0.0.1", port), 30)
        with context.wrap_socket(sock, server_hostname="localhost", session=session) as secure:
            secure.sendall(b"GET /dcap HTTP/1.1\r\nHost: x\r\n\r\n")
            said = secure.recv(65_536).decode()[:12]
            return secure.session, bool(secure.session_reused), said

    session, reused, said = again(None)
    assert (reused, said) == (False, "HTTP/1.1 200")
    assert again(session)[1:] == (False, "HTTP/1.1 200")
    assert (await site.admin.post(WORDS, {"lfdi": one.lfdi}))[0] == 201
    for _ in range(4):
        try:
            reused, said = again(session)[1:]
        except ssl.SSLError as fault:
            said = str(fault.reason)
        assert not reused
        assert said in {"SSLV3_ALERT_CERTIFICATE_REVOKED", "HTTP/1.1 403"}


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_no_session_of_openssl_comes_back_to_life(site: Served, tmp_path: Path, version: str) -> None:
    one = site.client(f"openssl{version}")

    def client(*arguments: str | Path) -> str:
        files = ("-cert", one.files.certificate, "-cert_chain", one.files.certificate, "-key", one.files.key)
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{site.ports['https']}", version, *files,
             "-CAfile", one.files.root, "-ign_eof", *arguments],
            input=b"GET /dcap HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            capture_output=True, check=False, timeout=60, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
        return done.stdout.decode("utf-8", "replace")

    kept = tmp_path / "session"
    first = client("-sess_out", kept)
    assert "HTTP/1.1 200" in first
    assert "New, TLSv1" in first
    assert not kept.exists(), "there is a session that could come back"
    assert (await site.admin.post(WORDS, {"lfdi": one.lfdi}))[0] == 201
    last = client()
    assert "New, TLSv1" in last
    assert "HTTP/1.1 200" not in last


async def test_what_is_revoked_stays_so_after_a_start(tmp_path: Path) -> None:
    with served(tmp_path / "site") as site:
        one, other = site.client("one"), site.client("two")
        assert (await upload(site, listed(site, (serial(one.files).number,), 3))).status == 201
        assert (await site.admin.post(WORDS, {"lfdi": other.lfdi}))[0] == 201
        site.restart()
        for each in (one, other):
            shut(each)


async def test_commands_are_refused_while_the_data_are_too_old(tmp_path: Path) -> None:
    with served(tmp_path / "site", revocation={"oldest": 3}, probe={"enabled": True, "port": 0}) as site:
        admin, device = site.admin, site.client("device")
        status, made = await admin.post("/api/v1/devices", {"lfdi": device.lfdi})
        assert status == 201
        group = (await admin.post("/api/v1/groups", {"name": "feeder"}))[1]["id"]
        new = {"primacy": 1, "group": group}
        status, said = await admin.post("/api/v1/programmes", new)
        assert (status, said["detail"]) == (503, "there are no revocation data; commands are refused")
        head = Caller(site, admin.client.files, site.url)
        assert (await head.post("/derp", "<DERProgram/>")).status == 503
        assert (await head.get("/derp")).status == 200
        assert (await upload(site, listed(site, (), 1))).status == 201
        assert (await admin.post("/api/v1/programmes", new))[0] == 201
        assert (await head.post("/derp", "<DERProgram/>")).status == 400
        status, health = await admin.get("/api/v1/health")
        assert health["commands"] == "open"
        while (await admin.get("/api/v1/health"))[1]["commands"] == "open":
            pass
        status, said = await admin.post("/api/v1/programmes", new)
        assert status == 503
        assert said["detail"].endswith("commands are refused")
        assert (await admin.put("/api/v1/resources/derp/1", {"type": "DERProgram", "document": {}}))[0] == 503
        assert (await admin.get("/api/v1/programmes"))[0] == 200
        assert (await device.get(f"/edev/{made['id']}")).status == 200
        status, ready = await admin.get("/readyz")
        assert (status, ready.startswith(b"ok\nrevocation data are ")) == (200, True)
        status, metrics = await admin.get("/metrics")
        (line,) = [one for one in metrics.decode().splitlines() if one.startswith("derbridge_revocation_age")]
        assert float(line.rpartition(" ")[2]) > 3


def test_files_of_the_folder_are_named_in_the_log(site: Served) -> None:
    taken = [line["source"] for line in site.lines("list taken")]
    assert "mica.crl" in taken

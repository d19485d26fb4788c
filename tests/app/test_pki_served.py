"""A server that runs on what `derbridge pki init` made: devices of each depth get in, strangers do not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.trust import identity
from bridge.trust.folder import Folder
from tests.app.command import derbridge
from tests.app.test_pki import done
from tests.served import HOSTS, Admin, Client, Served, served

ISSUERS = {2: "serca", 3: "mca", 4: "mica"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a device of each depth, and what must not get in."""
    folder = tmp_path_factory.mktemp("served") / "made"
    names = [word for host in HOSTS for word in ("--name", host)]
    assert derbridge("pki", "init", folder, *names, "--levels", "2").returncode == 0
    for depth, issuer in ISSUERS.items():
        done(folder, "issue", "device", f"d{depth}", "--issuer", issuer)
    for kind in ("relay", "signer"):
        done(folder, "issue", kind, kind)
    done(folder, "issue", "ocsp", "ocsp")
    return folder


@pytest.fixture(scope="module")
def site(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    https = {"certificate": place / "server.pem", "key": place / "server.key"}
    trust = {"devices": [place / "roots" / "serca.pem"], "operators": [place / "roots" / "operator.pem"]}
    said: dict[str, dict[str, Any]] = {
        "https": {name: str(file) for name, file in https.items()},
        "trust": {name: [str(file) for file in files] for name, files in trust.items()},
    }
    with served(tmp_path_factory.mktemp("site"), **said) as found:
        yield found


def client(site: Served, place: Path, name: str, *, admin: bool = False) -> Client:
    url = f"https://127.0.0.1:{site.ports['admin']}" if admin else site.url
    return Client(site, Folder(place).known(name), url)


@pytest.mark.parametrize("depth", ISSUERS)
async def test_device_of_each_depth_gets_in(site: Served, place: Path, depth: int) -> None:
    device = client(site, place, f"d{depth}")
    admin = Admin(client(site, place, "operator", admin=True))
    status, _ = await admin.post("/api/v1/devices", {"lfdi": device.lfdi})
    assert status == 201
    reply = await device.get("/edev")
    assert (reply.status, device.lfdi in reply.body.decode()) == (200, True)


async def test_renewed_device_is_another(site: Served, place: Path) -> None:
    """The old certificate and the new one both get through TLS; the new LFDI has to be made known."""
    before = client(site, place, "d3")
    done(place, "renew", "d3")
    after = client(site, place, "d3")
    assert after.lfdi != before.lfdi
    admin = Admin(client(site, place, "operator", admin=True))
    assert (await admin.post("/api/v1/devices", {"lfdi": after.lfdi}))[0] == 201
    assert after.lfdi in (await after.get("/edev")).body.decode()


@pytest.mark.parametrize("name", ["../services/relay", "../services/signer", "../services/ocsp"])
async def test_services_are_no_clients(site: Served, place: Path, name: str) -> None:
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await client(site, place, name).get("/dcap")


def test_server_that_was_renewed_is_presented(site: Served, place: Path) -> None:
    done(place, "renew", "server", "--new-key")
    site.restart()
    context = client(site, place, "d2").context()
    with (
        socket.create_connection(("127.0.0.1", site.ports["https"])) as sock,
        context.wrap_socket(sock, server_hostname="localhost") as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    assert shown
    assert identity.lfdi(shown) == Folder(place).known("../server").lfdi

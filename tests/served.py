"""A real server for everybody's tests: `derbridge run` in a process of its own, on free ports of loopback.

Its certificates, its configuration and its store are fresh; clients speak real mutual TLS. Nothing is
imitated: what a test sees here is what an inverter, an aggregator or an operator would see.

    with served(tmp_path, rules={"registration": "in-band"}) as site:
        device = site.client("inverter")                          # role device; or aggregator, operator
        status, headers, body = await device.get("/dcap")
        await site.admin.post("/api/v1/...", {...})               # JSON in, JSON out
        site.restart()                                            # the same ports, the same store
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp

from bridge.app import founding, loading, sample
from bridge.transports import tls
from bridge.trust import folder as trust
from tests.app.command import COMMAND

XML = "application/sep+xml"
HOSTS = ("localhost", "127.0.0.1", "::1")
PLAIN: Mapping[str, Mapping[str, Any]] = {
    "https": {"hosts": ("127.0.0.1",), "port": 0, "names": HOSTS},
    "plain": {"port": 0},
    "admin": {"hosts": ("127.0.0.1",), "port": 0},
    "rules": {"pen": 40732},
    "notify": {"hosts": frozenset({"localhost", "127.0.0.1"}), "plain": True},
    "log": {"level": "debug"},
}
"""What is configured unless a test says otherwise."""
PATIENCE = 60.0
DOMAIN = "relay.example"
KEYS = {"direct": "DERBRIDGE_RELAY__DIRECT"}
"""Variables of ports that are not called so."""


class Reply(NamedTuple):
    """An answer: `status, headers, body = await client.get(...)`."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Client:
    """Someone with a certificate. Each request has a connection of its own, unless used as `async with`."""

    site: Served
    files: trust.Client
    root: str
    _session: aiohttp.ClientSession | None = None

    @property
    def lfdi(self) -> str:
        """Its LFDI."""
        return self.files.lfdi

    @property
    def sfdi(self) -> int:
        """Its SFDI."""
        return self.files.sfdi

    def context(self) -> ssl.SSLContext:
        """Its side of mutual TLS."""
        return tls.client((self.files.root,), self.files.certificate, self.files.key)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.context()))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session:
            await self._session.close()
        self._session = None

    async def request(
        self, method: str, path: str, body: bytes | str = b"", media: str = XML, **headers: str
    ) -> Reply:
        """Ask for a path; the names of header fields are given with `_` for `-`."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            fields.setdefault("Content-Type", media)
        url = path if path.startswith("http") else self.root + path
        async with self._open() as session:
            asked = session.request(method, url, data=body or None, headers=fields, allow_redirects=False)
            async with asked as answer:
                return Reply(answer.status, answer.headers, await answer.read())

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[aiohttp.ClientSession]:
        if self._session:
            yield self._session
            return
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.context())) as session:
            yield session

    async def get(self, path: str, **headers: str) -> Reply:
        """GET."""
        return await self.request("GET", path, **headers)

    async def put(self, path: str, body: bytes | str, media: str = XML, **headers: str) -> Reply:
        """PUT."""
        return await self.request("PUT", path, body, media, **headers)

    async def post(self, path: str, body: bytes | str, media: str = XML, **headers: str) -> Reply:
        """POST."""
        return await self.request("POST", path, body, media, **headers)

    async def delete(self, path: str, **headers: str) -> Reply:
        """DELETE."""
        return await self.request("DELETE", path, **headers)


@dataclass
class Admin:
    """An operator at the administration API: values in, values out."""

    client: Client

    async def request(self, method: str, path: str, value: object = None, **headers: str) -> tuple[int, Any]:
        """Ask, and give status and what the answer says."""
        body = b"" if value is None else json.dumps(value).encode()
        reply = await self.client.request(method, path, body, "application/json", **headers)
        said = "json" in reply.headers.get("Content-Type", "")
        return reply.status, json.loads(reply.body) if said else reply.body

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """GET."""
        return await self.request("GET", path, **headers)

    async def put(self, path: str, value: object, **headers: str) -> tuple[int, Any]:
        """PUT."""
        return await self.request("PUT", path, value, **headers)

    async def post(self, path: str, value: object = None, **headers: str) -> tuple[int, Any]:
        """POST."""
        return await self.request("POST", path, value, **headers)

    async def patch(self, path: str, value: object, **headers: str) -> tuple[int, Any]:
        """PATCH."""
        return await self.request("PATCH", path, value, **headers)

    async def delete(self, path: str, **headers: str) -> tuple[int, Any]:
        """DELETE."""
        return await self.request("DELETE", path, **headers)


@dataclass
class Served:
    """A server that runs."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    verb: str = "run"
    command: tuple[str | Path, ...] = (COMMAND,)

    @property
    def pki(self) -> trust.Folder:
        """Its certificates, to make more of."""
        return trust.Folder(self.folder / "pki")

    @property
    def url(self) -> str:
        """Where its 2030.5 listener is."""
        return f"https://127.0.0.1:{self.ports['https']}"

    @property
    def admin(self) -> Admin:
        """The administration API, with an operator's certificate."""
        files = self.pki.client("operator", "operator")
        return Admin(Client(self, files, f"https://127.0.0.1:{self.ports['admin']}"))

    def client(self, name: str = "device", role: str = "device") -> Client:
        """Someone with a certificate of a role, the same each time for the same name."""
        return Client(self, self.pki.client(name, role), self.url)

    @property
    def log(self) -> str:
        """All that it has written since the first start."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        """Lines of the log, those of an event or all."""
        whole = self.log.rpartition("\n")[0]  # the last line may be on its way
        found = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in found if not event or line["event"] == event]

    def start(self) -> None:
        """Start it, and wait until it takes requests."""
        before = len(self.lines("ready")) if (self.folder / "log").exists() else 0
        with (self.folder / "log").open("ab") as out:
            self.process = subprocess.Popen(
                [*self.command, *self.verb.split(), self.folder],
                stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **self.environment, "DERBRIDGE_LOG__FORMAT": "json"},
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while len(ready := self.lines("ready")) <= before:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)
        self.ports = {
            name: ready[-1][name]
            for name in ("https", "plain", "admin", "probe", "revocation", "soap", "relay", "direct")
            if name in ready[-1]
        }
        self.environment |= {
            KEYS.get(name, f"DERBRIDGE_{name.upper()}__PORT"): str(port) for name, port in self.ports.items()
        }

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop, and give its exit status."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Kill it and every worker, as a power cut would."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        """Stop it gracefully and start it again, on the same ports."""
        assert self.stop() == 0, self.log
        self.start()


RELAY: Mapping[str, Any] = {
    "enabled": True,
    "hosts": ("127.0.0.1",),
    "port": 0,
    "direct": 0,
    "domain": DOMAIN,
}
"""The relay, for whoever wants it: `served(tmp_path, relay=RELAY)`."""


def certified(folder: Path, domain: str = "") -> trust.Folder:
    """Make the certificates of an installation, and of its relay where there is a domain."""
    made = trust.make(folder / "pki", HOSTS)
    if domain:
        founding.relay(made, (domain, *HOSTS))
    return made


@contextmanager
def served(folder: Path, verb: str = "run", /, **config: Mapping[str, Any]) -> Iterator[Served]:
    """Make an installation in a folder, start it, stop it at the end; `verb` is run, relay, `record FILE`."""
    if not (folder / "pki").exists():
        certified(folder, config.get("relay", {}).get("domain", ""))
    said = {name: {**PLAIN.get(name, {}), **config.get(name, {})} for name in {*PLAIN, *config}}
    (folder / loading.NAME).write_text(sample.text(said), "utf-8")
    site = Served(folder, verb=verb)
    site.start()
    try:
        yield site
    finally:
        if site.process and site.process.poll() is None:
            site.kill()

"""An organisation at a real bridge: its administrator, its account, its endpoint, a receiver in a process.

The receiver is `derbridge push receive` as a user starts it; what it prints is what it dealt with.
"""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bridge.trust import folder
from tests.app.command import COMMAND
from tests.served import DOMAIN, Admin, Client, Served

PATIENCE = 60.0
HOUSE = "house"
"""The organisation: an aggregator, which is what its devices are held by."""


def free() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def until(true: Any, what: str = "") -> Any:
    """Wait for something, and give it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return found


@dataclass
class Receiver:
    """A receiver in a process of its own."""

    command: list[str]
    place: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        ready = self.said().count("receiving")
        with self.place.open("ab") as out:
            self.process = subprocess.Popen(self.command, stdout=out, stderr=out)
        until(lambda: self.said().count("receiving") > ready or self.process.poll() is not None, self.said())
        assert self.process.poll() is None, self.said()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(PATIENCE)
            self.process = None

    def said(self) -> str:
        return self.place.read_text("utf-8") if self.place.exists() else ""

    @property
    def taken(self) -> list[dict[str, Any]]:
        whole = self.said().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in whole if line.startswith("{")]

    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.taken]

    def wait(self, count: int) -> list[dict[str, Any]]:
        until(lambda: len(self.taken) >= count, self.said())
        return self.taken


@dataclass
class Organisation:
    """One, with an administrator who has a role for it alone."""

    site: Served
    name: str = HOUSE
    files: folder.Client = field(init=False)
    admin: Admin = field(init=False)

    def __post_init__(self) -> None:
        self.files = self.site.pki.client(self.name, "device")
        self.admin = self.administrator(f"{self.name}-uaa")

    @property
    def lfdi(self) -> str:
        return self.files.lfdi

    def administrator(self, name: str) -> Admin:
        files = self.site.pki.client(name, "operator")
        return Admin(Client(self.site, files, f"https://127.0.0.1:{self.site.ports['admin']}"))

    async def found(self) -> None:
        """Have the organisation's devices here, and its administrator's role assigned."""
        await self.assign(self.admin)
        status, said = await self.site.admin.post("/api/v1/aggregators", {"lfdi": self.lfdi, "name": "house"})
        assert status == 201, said

    async def assign(self, admin: Admin) -> None:
        role = f"/api/v1/access/{admin.client.lfdi}/roles/UAA"
        status, said = await self.site.admin.post(role, {"area": f"organisation/{self.lfdi}"})
        assert status == 200, said

    async def account(self, name: str) -> Client:
        """Somebody who picks up."""
        one = self.site.client(name)
        status, said = await self.admin.post(
            "/api/v1/accounts", {"organisation": self.lfdi, "party": one.lfdi}
        )
        assert status == 201, said
        return one

    async def endpoint(self, one: Client, leg: str, address: str, **more: Any) -> int:
        """An endpoint that is registered."""
        body = {
            "organisation": self.lfdi, "leg": leg, "address": address,
            "certificate": one.files.certificate.read_text("ascii"), **more,
        }  # fmt: skip
        if leg != "xmpp":
            body.setdefault("identity", one.lfdi)
        status, said = await self.admin.post("/api/v1/endpoints", body)
        assert status == 201, said
        return int(said["id"])

    async def become(self, number: int, state: str, *verbs: str) -> dict[str, Any]:
        """Do something to an endpoint, and wait for a state."""
        place = f"/api/v1/endpoints/{number}"
        for verb in verbs:
            status, said = await self.admin.post(f"{place}/{verb}", {} if verb == "suspend" else None)
            assert status == 200, said
        deadline = time.monotonic() + PATIENCE
        while (said := (await self.admin.get(place))[1])["state"] != state:
            assert time.monotonic() < deadline, said
        return dict(said)

    async def quiet(self) -> None:
        """Wait until nothing is on its way to the organisation any more."""
        place, deadline = f"/api/v1/push?organisation={self.lfdi}", time.monotonic() + PATIENCE
        while (said := await self.admin.get(place))[0] != HTTPStatus.OK or said[1]["items"]:
            assert time.monotonic() < deadline, said

    async def active(self, number: int) -> None:
        """Have an endpoint proved and told."""
        await self.become(number, "checked", "challenge")
        await self.become(number, "active", "activate")


@contextmanager
def receiving(site: Served, one: Client, place: Path, **more: Any) -> Iterator[Receiver]:
    """Run a receiver for somebody."""
    pki = site.pki
    said = {
        "sealer": pki.certificate, "cert": one.files.certificate, "cert-key": one.files.key, "ca": pki.roots,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }  # fmt: skip
    words = [str(word) for name, value in said.items() for word in (f"--{name}", value)]
    made = Receiver([str(COMMAND), "push", "receive", site.url, *words], place)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def jid(one: Client, resource: str = "push") -> str:
    """Where somebody is at the relay."""
    return f"{one.lfdi.lower()}@{DOMAIN}/{resource}"

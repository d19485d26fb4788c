"""Peer py20305: a foreign client in service, against derbridge as it is installed.

It runs in an environment of its own, finds the server by multicast, registers itself in band, walks the tree,
subscribes with a TLS listener of its own, follows a control to its end, posts readings, settings and alarms.
What is judged is what our store holds afterwards, asked for over the administration API. Server and client
share a network of their own (peers/apart.py), so that no multicast leaves this machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import ifaddr

from bridge.trust import issue
from peers import apart
from peers.cactus import environment
from peers.lane import ended
from peers.port import free
from peers.wheel import python
from tests.served import HOSTS, Served, served

WANTED = ("py20305==0.16.1", "py20305[cli,api]==0.16.1")
LIMIT = 90.0
"""Seconds for the client to do all that it does."""
PIN = 111115
RULES = {"registration": "in-band", "post_rate": 5}
FOUND = re.compile(r"DeviceCapability\s*: (https://\S+/dcap)\s+.*?transport\s*: (\w+)", re.DOTALL)
STRANGE = "no server advertises this client's EndDevice"
TROUBLE = re.compile(r"^\S+ \S+ (?:ERROR|CRITICAL)\b.*", re.MULTILINE)
API = "/api/v1"
LOOPBACK = {"interface": "127.0.0.1"}


class Told(NamedTuple):
    """What a run of the client left behind."""

    code: int
    text: str


def run() -> dict[str, object]:
    """Run all of it; what is reported."""
    environment(python("3.11"), WANTED)
    return apart.within("peers.py20305", "measured")


def measured() -> dict[str, object]:
    """The same, in the network that it finds."""
    program = environment(python("3.11"), WANTED)
    with TemporaryDirectory(prefix="derbridge-") as folder:
        place = Path(folder)
        home = place / "server"
        home.mkdir()
        with served(home, rules=RULES, discovery={"enabled": True, "interfaces": interfaces()}) as site:
            lab = Lab(site, place, program)
            figures = {"check": lab.checked(), "discover": lab.discovered(), **lab.serviced()}
            figures["discover_again"] = lab.rediscovered()
    return {"ok": all(each["ok"] for each in figures.values()), **figures}


def interfaces() -> tuple[str, ...]:
    """Loopback, and every interface that has an address."""
    return tuple(adapter.name for adapter in ifaddr.get_adapters() if adapter.ips)


class Lab:
    """A server, the client's files, and the runs of it."""

    def __init__(self, site: Served, place: Path, program: Path) -> None:
        self.site, self.place, self.program = site, place, program
        # its listener shows the same certificate, so this one bears the names of this machine
        made = issue.server(site.pki.issuer("mica"), HOSTS)
        self.files = site.pki.add("py20305", made)

    def config(self, name: str, **said: Mapping[str, Any]) -> Path:
        """Write a configuration."""
        files = self.files
        tls = {"client_cert": files.certificate, "client_key": files.key, "ca_cert": files.root}
        whole = {
            "tls": {key: str(value) for key, value in tls.items()},
            "devices": [{"type": "print_demo", "lfdi": files.lfdi, "pin": PIN}],
            "registration_pins": {files.lfdi: PIN},
            "history": {"enabled": False},
            **said,
        }
        path = self.place / f"{name}.json"
        path.write_text(json.dumps(whole), "utf-8")
        return path

    def once(self, path: Path, *arguments: str) -> Told:
        """Run the client to its own end."""
        command = [str(self.program), "-m", "py20305", "-c", str(path), *arguments]
        done = subprocess.run(
            command, cwd=self.place, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        return Told(done.returncode, done.stdout + done.stderr)

    def server(self) -> dict[str, Any]:
        """What it is told of the server."""
        return {"url": self.site.url, "server_2018_compat": True}

    def checked(self) -> dict[str, Any]:
        """`--check`: its own idea of who it is agrees with ours."""
        told = self.once(self.config("check", server=self.server()), "--check")
        words = re.sub(r"[^0-9a-f]", " ", told.text.lower()).split()
        who = {"lfdi": self.files.lfdi.lower() in words, "sfdi": str(self.files.sfdi) in words}
        return {"ok": told.code == 0 and all(who.values()), **who}

    def discovered(self) -> dict[str, Any]:
        """`--discover`: over mDNS on loopback, and over both where an interface carries them."""
        lone = found(self.sought("mdns", LOOPBACK))
        fine = lone == {"mdns": f"{self.site.url}/dcap"}
        if len(interfaces()) == 1:
            return {"ok": fine, "loopback": lone, "routed": "no interface but loopback"}
        both = found(self.sought("both", {}))
        return {"ok": fine and set(both) == {"mdns", "xmdns"}, "loopback": lone, "routed": both}

    def rediscovered(self) -> dict[str, Any]:
        """`--discover` of a client that is registered: the server that holds its own EndDevice answers."""
        told = self.sought("mdns", LOOPBACK)
        return {"ok": bool(found(told)) and STRANGE not in told.text}

    def sought(self, transport: str, said: Mapping[str, Any]) -> Told:
        """Let it look for a server."""
        path = self.config(f"discover-{transport}", server={}, discovery={"timeout_seconds": 2.0, **said})
        return self.once(path, "--discover", "--multicast-transport", transport)

    def serviced(self) -> dict[str, dict[str, Any]]:
        """A run in service: the client until it has done everything, then what we hold of it."""
        stage = Stage(self.site, self.files.lfdi)
        asyncio.run(stage.prepared())
        listener = {
            "enabled": True,
            "notification_host": "127.0.0.1",
            "notification_port": free(),
            "notification_external_host": "127.0.0.1",
            "notification_client_cert_mode": "enforce",
        }
        telemetry = {"post_rate_seconds": 3, "der_settings_poll_rate_seconds": 3}
        path = self.config("service", server=self.server(), subscription=listener, telemetry=telemetry)
        log = self.place / "client.log"
        with log.open("wb") as out:
            command = [str(self.program), "-m", "py20305", "-c", str(path)]
            process = subprocess.Popen(command, cwd=self.place, stdout=out, stderr=out)
            try:
                figures = asyncio.run(stage.watched())
                process.send_signal(signal.SIGTERM)
                code = process.wait(LIMIT)
            finally:
                ended(process)
        trouble = TROUBLE.findall(log.read_text("utf-8", "replace"))
        figures["client"] = {"ok": code == 0 and not trouble, "code": code, "errors": trouble[:5]}
        return {**figures, "requests": self.requests()}

    def requests(self) -> dict[str, Any]:
        """What it asked for, and what it was refused: nothing may fail on our side."""
        lines = self.site.lines("request")
        refused = [line for line in lines if line["status"] >= HTTPStatus.BAD_REQUEST]
        failed = [line for line in refused if line["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR]
        told = {f"{line['method']} {line['path']} {line['status']}" for line in refused}
        return {"ok": not failed, "count": len(lines), "refused": sorted(told)}


def found(told: Told) -> dict[str, str]:
    """The address of a server, by the multicast that it was found with."""
    return {way: url for url, way in FOUND.findall(told.text)}


class Stage:
    """The utility's side: what it prepares, and what it holds of the client."""

    def __init__(self, site: Served, lfdi: str) -> None:
        self.site, self.admin, self.lfdi = site, site.admin, lfdi
        self.programme: dict[str, Any] = {}
        self.control: dict[str, Any] = {}

    async def ask(self, method: str, path: str, form: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask the administration API."""
        status, said = await self.admin.request(method, API + path, form)
        if status not in {200, 201, 204}:
            raise RuntimeError(f"{method} {path}: {status} {said}")
        return said

    async def prepared(self) -> None:
        """A group with a programme, its default and a curve; the client is expected, not registered."""
        group = await self.ask("POST", "/groups", {"name": "feeder"})
        form = {"group": group["id"], "primacy": 1}
        self.programme = await self.ask("POST", "/programmes", form)
        place = f"/programmes/{self.programme['id']}"
        await self.ask("PUT", f"{place}/default", {"modes": {"opModMaxLimW": 90}})
        curve = {
            "type": 11,
            "points": [{"x": 92, "y": 44}, {"x": 108, "y": -44}],
            "y_reference": "statVarAvail",
        }
        await self.ask("POST", f"{place}/curves", curve)
        await self.ask("POST", "/access", {"lfdi": self.lfdi, "pin": PIN, "groups": [group["id"]]})

    async def watched(self) -> dict[str, dict[str, Any]]:
        """Wait for each thing in its turn; the figures of all."""
        found = {"registration": await self.until(self.registered)}
        found["subscriptions"] = await self.until(self.subscribed)
        place = f"/programmes/{self.programme['id']}/controls"
        form = {"modes": {"opModMaxLimW": 40}, "duration": 6, "start": int(time.time()) + 4}
        self.control = await self.ask("POST", place, {**form, "response_required": 3})
        for name, look in self.looks().items():
            found[name] = await self.until(look)
        return found

    def looks(self) -> dict[str, Callable[[], Awaitable[dict[str, Any]]]]:
        """What the store is asked for once a control was made."""
        return {
            "responses": self.responses,
            "notifications": self.notified,
            "der": self.der,
            "readings": self.readings,
            "log_events": self.alarms,
        }

    async def until(self, look: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """Look until it is so, or there is no time left."""
        deadline = time.monotonic() + LIMIT / 3
        while True:
            said = await look()
            if said["ok"] or time.monotonic() > deadline:
                return said
            await asyncio.sleep(0.5)

    async def registered(self) -> dict[str, Any]:
        """It is registered, by itself, with the PIN and the group that were meant for it."""
        items = (await self.ask("GET", f"/devices?lfdi={self.lfdi}"))["items"]
        fine = [each for each in items if each["pin"] == PIN and each["groups"]]
        return {"ok": len(fine) == 1, "devices": len(items)}

    async def subscribed(self) -> dict[str, Any]:
        """It has subscribed, to its own listener."""
        items = (await self.ask("GET", f"/subscriptions?client={self.lfdi}"))["items"]
        return {"ok": len(items) >= 3, "resources": sorted(each["resource"] for each in items)}  # noqa: PLR2004

    async def responses(self) -> dict[str, Any]:
        """It received the control, started it and completed it."""
        items = (await self.ask("GET", f"/responses?subject={self.control['mrid']}"))["items"]
        said = sorted(each["status"] for each in items)
        return {"ok": said == [1, 2, 3], "statuses": said}

    async def notified(self) -> dict[str, Any]:
        """Its listener took notifications, and nothing is left to be sent."""
        lines = self.site.lines("notification")
        sent = sum(line["outcome"] == "sent" for line in lines)
        left = (await self.ask("GET", "/outbox"))["total"]
        bad = sorted({line["reason"] for line in lines if line["outcome"] != "sent"})
        return {"ok": sent > 0 and not left and not bad, "sent": sent, "left": left, "failed": bad[:3]}

    async def der(self) -> dict[str, Any]:
        """Its DER told all four things, and each has its canonical record."""
        (der,) = (await self.ask("GET", f"/devices/{self.lfdi}/ders"))["items"]
        parts = ("capability", "settings", "status", "availability")
        told = [name for name in parts if der[name] and der[name]["record"]]
        watts = der["capability"] and der["capability"]["document"]["rtgMaxW"]
        power = watts and watts["value"] * 10 ** watts["multiplier"]
        return {"ok": len(told) == len(parts) and power == 15_000, "told": told, "rtgMaxW": power}  # noqa: PLR2004

    async def readings(self) -> dict[str, Any]:
        """Readings of power, voltage and frequency came in, as the client has them."""
        items = (await self.ask("GET", f"/readings?device={self.lfdi}&limit=500"))["items"]
        values = {str(each["uom"]): float(each["value"]) for each in items}
        wanted = {"38": 10_000.0, "29": 240.0, "33": 60.0}
        return {"ok": wanted.items() <= values.items(), "count": len(items), "values": values}

    async def alarms(self) -> dict[str, Any]:
        """Its alarm is in the log."""
        items = (await self.ask("GET", f"/logs?device={self.lfdi}"))["items"]
        return {"ok": len(items) > 0, "codes": [each["code"] for each in items]}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2, default=str))

"""The installation of the demonstration: certificates, configuration, the bridge as a process of its own.

Everything lies in a folder that is gone afterwards, and listens on free ports of loopback. The bridge is
`derbridge run` as anybody would start it; what it logs is kept beside it. Nothing of the story is here.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bridge.app import init, loading, sample
from bridge.app.fault import Fault
from bridge.sdk.client import Client as Api
from bridge.transports import tls
from bridge.transports.stream import Door
from bridge.trust import folder as trust
from bridge.trust.folder import Client, Folder

HOST = "127.0.0.1"
DOMAIN = "relay.demo"
SOON = 1
"""Seconds between two looks of a 2030.5 client, so that nobody has to wait."""
PATIENCE = 60.0
RUN = "from bridge.app.cli import main; main()"
SAID: Mapping[str, Mapping[str, Any]] = {
    "https": {"hosts": (HOST,), "port": 0, "names": ("localhost", HOST)},
    "plain": {"enabled": False},
    "admin": {"hosts": (HOST,), "port": 0},
    "rules": {
        "pen": 32473,
        "post_rate": SOON,
        "polls": dict.fromkeys(
            ("DeviceCapability", "EndDeviceList", "FunctionSetAssignmentsList", "DERProgramList",
             "DERControlList", "DERList", "Time", "MirrorUsagePointList"), SOON
        ),
    },
    "relay": {"enabled": True, "hosts": (HOST,), "port": 0, "direct": 0, "domain": DOMAIN},
    "iec61850": {"enabled": True, "again": 2.0},
    "access": {"rules": "rules.toml"},
    "log": {"level": "info", "format": "json"},
}  # fmt: skip
"""What is configured differently from the shipped values."""
RULES = """
[[rule]]
name = "aggregators-command"
roles = ["AGGREGATOR"]
functions = ["control"]
actions = ["create", "change", "cancel"]
scope = "held"
"""
"""By the shipped rules an aggregator looks, and commands nothing."""


@dataclass(slots=True)
class Town:
    """The bridge that runs, and how to reach it."""

    place: Path
    folder: Folder
    operator: Client
    process: Process
    ports: dict[str, int]
    api: Api

    @property
    def url(self) -> str:
        """Where 2030.5 is served."""
        return f"https://{HOST}:{self.ports['https']}"

    @property
    def bridge(self) -> Client:
        """The bridge's own certificate and LFDI."""
        return self.folder.known("../server")

    @property
    def address(self) -> str:
        """The bridge's address at the relay."""
        return f"{self.bridge.lfdi.lower()}@{DOMAIN}/IEC"

    def door(self, who: Client) -> Door:
        """Where somebody logs in at the relay."""
        return Door(f"{who.lfdi.lower()}@{DOMAIN}/IEC", HOST, self.ports["direct"], direct=True)


@asynccontextmanager
async def town(parties: Mapping[str, str]) -> AsyncIterator[Town]:
    """Found it, with a certificate for each party by its role, and run the bridge in it."""
    with TemporaryDirectory(prefix="derbridge-") as name:
        place = Path(name) / "site"
        folder, operator, _ = init.made(place, ("localhost", HOST), DOMAIN)
        (place / loading.NAME).unlink()
        trust.write(place / loading.NAME, sample.text(SAID).encode())
        trust.write(place / "rules.toml", RULES.encode())
        (place / "parties").mkdir()
        for who, role in parties.items():
            made = folder.client(who, role)
            shutil.copy(made.certificate, place / "parties" / made.certificate.name)
        async with _running(place) as (process, ports):
            context = tls.client((operator.root,), operator.certificate, operator.key)
            async with Api(f"https://{HOST}:{ports['admin']}", context) as api:
                yield Town(place, folder, operator, process, ports, api)


@asynccontextmanager
async def _running(place: Path) -> AsyncIterator[tuple[Process, dict[str, int]]]:
    """The bridge, from its readiness to its end."""
    log = place / "log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", RUN, "run", str(place),
            stdout=out, stderr=out, env=dict(os.environ), start_new_session=True,
        )  # fmt: skip
    try:
        yield process, await _ready(process, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def _ready(process: Process, log: Path) -> dict[str, int]:
    """Wait until it takes requests; gives its ports."""
    async with asyncio.timeout(PATIENCE):
        while process.returncode is None:
            for line in _lines(log):
                if line.get("event") == "ready":
                    return {key: value for key, value in line.items() if isinstance(value, int)}
            await asyncio.sleep(0.05)  # a file tells nobody that it has grown
    raise Fault(str(log), "the bridge did not start; it says why there")


def _lines(log: Path) -> list[dict[str, Any]]:
    whole = log.read_text("utf-8", "replace").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

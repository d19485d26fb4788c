"""A lane of peer cactus: a server as installed, a receiver of notifications, and the clients' files.

Everything listens on loopback, on ports of its own, and ends with the lane. The server is set up as the
public procedures want it: CSIP-AUS 1.2, registration by a list, connection points checked, notifications to
loopback.
"""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from peers.port import free, reachable
from tests.served import served

PEN = 28547
RULES = {
    "registration": "listed",
    "profile": "csip-aus-1.2",
    "pen": PEN,
    "pen_decimal": True,
    "strict": frozenset({"nmi"}),
    "post_rate": 60,
}
METADATA = "Metadata-Version: 2.1\nName: derbridge-cactus\nVersion: 1\n"
ENTRY = "[cactus_client.admin]\nderbridge = plugin:PLUGIN\n"
PATIENCE = 60.0


class Lane:
    """One server with what a procedure needs around it."""

    def __init__(self, folder: Path, receiver: Path) -> None:
        self.folder = folder
        self.receiver = receiver
        self.stack = ExitStack()
        self.plugin = folder / "plugin"

    def __enter__(self) -> Self:
        """Start the server and the receiver."""
        info = self.plugin / "derbridge_cactus-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(METADATA, "utf-8")
        (info / "entry_points.txt").write_text(ENTRY, "utf-8")
        home = self.folder / "server"
        home.mkdir()
        self.site = self.stack.enter_context(served(home, rules=RULES, keep={"every": 1.0}))
        self.port = free()
        environ = {"APP_PORT": str(self.port), "SERVER_URL": self.notified}
        command = [str(self.receiver), "-m", "cactus_client_notifications.server.main"]
        log = self.stack.enter_context((self.folder / "receiver.log").open("wb"))
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        self.stack.callback(ended, process)
        reachable(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self.stack.close()

    @property
    def notified(self) -> str:
        """Where notifications go."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the plug-in is told."""
        operator = self.site.admin.client
        said = {
            "URL": operator.root,
            "CERT": str(operator.files.certificate),
            "KEY": str(operator.files.key),
            "CA": str(operator.files.root),
        }
        return {f"DERBRIDGE_CACTUS_{name}": value for name, value in said.items()}

    def configured(self, folder: Path) -> Path:
        """Write the configuration of cactus-client for one procedure."""
        (folder / "out").mkdir(parents=True)
        server = {
            "device_capability_uri": f"{self.site.url}/dcap",
            "verify_ssl": True,
            "verify_host_name": True,
            "serca_pem_file": str(self.site.pki.roots),
            "notification_uri": self.notified,
            "pen": PEN,
        }
        every = [self.client("device1"), self.client("device2"), self.client("aggregator1", "aggregator")]
        said = {"output_dir": str(folder / "out"), "server": server, "clients": every}
        file = folder / "cactus.yaml"
        file.write_text(json.dumps(said), "utf-8")
        return file

    def client(self, name: str, role: str = "device") -> dict[str, Any]:
        """One of its clients; a device under an aggregator has an LFDI of its own."""
        files = self.site.pki.client(name, role)
        held = self.site.pki.client(f"{name}-der", "device") if role == "aggregator" else files
        return {
            "id": name,
            "type": role,
            "certificate_file": str(files.certificate),
            "key_file": str(files.key),
            "lfdi": held.lfdi,
            "sfdi": held.sfdi,
            "pen": PEN,
            "pin": 111115,
            "max_watts": 6000,
        }


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours."""
    process.terminate()
    process.wait(PATIENCE)

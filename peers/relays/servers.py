"""The servers of the suite: Debian's Prosody and ejabberd with the configurations of examples/, as children.

Each runs in a folder of its own on free ports of loopback, and is ended by its own process id. ejabberd runs
without Erlang's distribution, so that it neither needs nor starts its port mapper, and meets no other node.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from peers.relays.pki import Pki
from peers.table import Missing

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PACKAGES = {"prosody": ("prosody", "prosody-modules"), "ejabberd": ("ejabberd",)}
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
ENROLLED = ("bridge", "site", "ems", "revoked", "nameless")
"""Who may log in at ejabberd, whose list of revoked ones is this."""
LIMIT = 30.0
PATIENCE = 60.0


@dataclass
class Server:
    """A server that runs."""

    name: str
    port: int
    """STARTTLS."""
    direct: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    api: int = 0
    """Where ejabberd takes commands."""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """What it has written."""
        return "".join(path.read_text("utf-8", "replace") for path in sorted(self.folder.glob("*.log")))


def install(name: str) -> None:
    """Have a Debian package installed; Missing where that cannot be."""
    if shutil.which("prosody" if name == "prosody" else "ejabberdctl", path=f"{os.defpath}:/usr/sbin"):
        return
    apt(name, PACKAGES[name])


def apt(name: str, packages: Sequence[str]) -> None:
    """Install packages of Debian, whose services do not start by that."""
    if os.geteuid() or not shutil.which("apt-get"):
        raise Missing(f"{name}, from Debian's packages")
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    if subprocess.run(command, env=quiet, capture_output=True, check=False).returncode:
        raise Missing(f"{name}: apt-get could not install it")


@contextmanager
def prosody(folder: Path, pki: Pki) -> Iterator[Server]:
    """Prosody, with a log of its own."""
    install("prosody")
    port, direct = free(2)
    shutil.copytree(EXAMPLES / "prosody" / "modules", folder / "modules")
    config = written(folder, "prosody/prosody.cfg.lua", {
        "/etc/prosody/derbridge/modules": f"{folder}/modules",
        "/etc/prosody/derbridge": str(pki.path),
        "/var/lib/prosody": str(folder),
        "/var/log/prosody/prosody.log": f"{folder}/prosody.log",
        '"*"': '"127.0.0.1"', "5222": str(port), "5223": str(direct),
    })  # fmt: skip
    command = ["prosody", "--no-daemonize", "--config", str(config)]
    if os.geteuid() == 0:  # as in a container that has no other user
        config.write_text("run_as_root = true;\n" + config.read_text("utf-8"), "utf-8")
    with running(Server("prosody", port, direct, folder), command, {}) as server:
        yield server


@contextmanager
def ejabberd(folder: Path, pki: Pki) -> Iterator[Server]:
    """The other one."""
    install("ejabberd")
    port, direct, api = free(3)
    shutil.copy(pki.path / "whole.pem", folder / "relay.pem")
    shutil.copy(pki.operator, folder / "operator.pem")
    shutil.copy(pki.path / "clients.pem", folder / "clients.pem")
    enrol(folder, ENROLLED)
    config = written(folder, "ejabberd/ejabberd.yml", {
        "/etc/ejabberd/derbridge": str(folder), '"::"': '"127.0.0.1"',
        "5222": str(port), "5223": str(direct), "5280": str(api),
    })  # fmt: skip
    environ = {
        "ERL_LIBS": LIBRARIES, "EJABBERD_CONFIG_PATH": str(config), "HOME": str(folder),
        "EJABBERD_LOG_PATH": f"{folder}/ejabberd.log", "ERL_CRASH_DUMP": f"{folder}/crash",
    }  # fmt: skip
    command = ["erl", "+K", "true", "-noinput", "-mnesia", "dir", f'"{folder}/mnesia"', "-s", "ejabberd"]
    with running(Server("ejabberd", port, direct, folder, api=api), command, environ) as server:
        yield server


def enrol(folder: Path, names: tuple[str, ...]) -> None:
    """Write who may log in at ejabberd, in the form of examples/ejabberd/enrolled.yml."""
    head = (EXAMPLES / "ejabberd" / "enrolled.yml").read_text("utf-8").partition("      - ")[0]
    (folder / "enrolled.yml").write_text(head + "".join(f"      - {name}@relay.example\n" for name in names))


def written(folder: Path, example: str, other: Mapping[str, str]) -> Path:
    """An example's copy with other paths and ports."""
    text = (EXAMPLES / example).read_text("utf-8")
    for said, instead in other.items():
        if said not in text:
            raise AssertionError(f"{example} says nothing of {said}")
        text = text.replace(said, instead)
    target = folder / Path(example).name
    target.write_text(text, "utf-8")
    return target


@contextmanager
def running(server: Server, command: list[str], environ: Mapping[str, str]) -> Iterator[Server]:
    """Start a server, wait until both its ports answer, and end it and its children."""
    with ExitStack() as stack:
        out = stack.enter_context((server.folder / "out.log").open("wb"))
        server.process = subprocess.Popen(
            command, env=os.environ | environ, cwd=server.folder, stdin=subprocess.DEVNULL,
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        stack.callback(end, server.process)
        deadline = time.monotonic() + PATIENCE
        while not (answers(server.port) and answers(server.direct)):
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} does not start: {server.log[-1500:]}")
            time.sleep(0.1)
        yield server


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free(count: int) -> list[int]:
    """Ports that nobody has."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]


if __name__ == "__main__":
    sys.stdout.write(f"{free(1)}\n")

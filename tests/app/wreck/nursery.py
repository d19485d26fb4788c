"""Forks bridges that will be killed: each is `derbridge run`, without what imports cost at every start.

    python -m tests.app.wreck.nursery FOLDER         lines on standard input: `start`, `reap PID`

What `start` names are variables of the environment, which say more about the configuration, as ever. What a
bridge writes goes to the folder's log. What is run is the verb itself, from its command line.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path

from bridge.app import bases, cli
from bridge.app.sim.inverter.face import Face
from bridge.app.sim.outstation.station import IED
from bridge.iec61850 import device
from bridge.iec61850.first import Plate
from tests.app.wreck.panel import MODES, PROFILE, Panel


def ride(folder: Path, said: list[str]) -> None:
    """Be a bridge until killed."""
    os.environ.update((name, value) for name, _, value in (each.partition("=") for each in said))
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["derbridge", "run", str(folder)]
    cli.main()


def warm() -> None:
    """Load and draw what every bridge needs."""
    for name in ("run", "problems", "wire", "endpoint.station", "relay.house"):
        import_module(f"bridge.app.{name}")
    import_module("bridge.app.wire").warm()
    for modes in MODES:
        face = Face(Panel(lambda: None), "0" * 40, PROFILE, modes=modes)
        told = face.capability(0), face.setting(0)
        device.unit("0" * 40, told[0], bases.bases(told, ()), 0.0, plate=Plate("", "", ""), ied=IED)
    gc.freeze()


def main() -> None:
    """Fork for each start."""
    folder = Path(sys.argv[1])
    warm()
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "start":
            pid = os.fork()
            if pid == 0:
                ride(folder, rest)
                os._exit(0)
            sys.stdout.write(f"up {pid}\n")
        else:
            _, status = os.waitpid(int(rest[0]), 0)
            sys.stdout.write(f"gone {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

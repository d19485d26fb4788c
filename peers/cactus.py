"""Peer cactus: the 61 server procedures of cactus-client, unattended, against derbridge as it is installed.

cactus-client runs under Python 3.12 in an environment of its own, with our plug-in for its admin
instructions (tests/peers/cactus), which uses the administration API alone. Each lane has a server, clients
and a receiver of notifications of its own, because a procedure empties the server. S-ALL-50 (72 hours) runs
in a shortened form.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from peers.lane import Lane
from peers.wheel import python

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "cactus"
CLIENT = ("cactus-client==1.3.3", "cactus-test-definitions==1.15.0")
RECEIVER = ("cactus-client-notifications==0.1.0",)
PLUGIN = ROOT / "tests" / "peers" / "cactus"
LANES = 6
LIMIT = 900
"""Seconds for one procedure; the longest, with its five minutes of silence, takes seven minutes."""
FIRST = ("S-ALL-46", "S-ALL-06", "S-ALL-07", "S-ALL-04", "S-ALL-41", "S-ALL-42", "S-ALL-49")
"""The longest, which are begun first."""
CLIENTS = ("device1", "device2", "aggregator1")
SCHEMA = re.compile(r"XSD errors?\D*(\d+)|(\d+) XSD error")


class Outcome(NamedTuple):
    """What became of a procedure."""

    name: str
    passed: bool
    schema: int
    skips: int
    told: str


def run() -> dict[str, object]:
    """Run them all; passed only where no answer broke the schema and nothing was skipped."""
    interpreter = python("3.12")
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    client, receiver = (environment(interpreter, name) for name in (CLIENT, RECEIVER))
    names = procedures(client)
    left: SimpleQueue[str] = SimpleQueue()
    for name in sorted(names, key=lambda one: (FIRST.index(one) if one in FIRST else len(FIRST), one)):
        left.put(name)
    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(drive, number, client, receiver, left) for number in range(LANES)]
        outcomes = [outcome for lane in lanes for outcome in lane.result()]
    return figures(names, outcomes)


def figures(names: list[str], outcomes: list[Outcome]) -> dict[str, object]:
    """What is reported."""
    failed = {one.name: one.told for one in sorted(outcomes) if not one.passed}
    schema, skips = sum(one.schema for one in outcomes), sum(one.skips for one in outcomes)
    passed = len(outcomes) - len(failed)
    return {
        "ok": passed == len(names) and not schema and not skips,
        "procedures": len(names),
        "passed": passed,
        "schema_errors": schema,
        "skips": skips,
        "shortened": "S-ALL-50",
        "failed": failed,
    }


def environment(interpreter: str, wanted: tuple[str, ...]) -> Path:
    """An environment with these packages, kept from run to run; gives its interpreter."""
    folder = ROOT / "build" / f"venv-{wanted[0].partition('=')[0]}"
    mark = folder / "ready"
    if not mark.is_file() or mark.read_text("utf-8") != " ".join(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([interpreter, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        subprocess.run([*pip, *wanted], check=True)
        mark.write_text(" ".join(wanted), "utf-8")
    return folder / "bin" / "python"


def procedures(client: Path) -> list[str]:
    """The names of all server procedures."""
    code = "from cactus_test_definitions.server.test_procedures import TestProcedureId as T; print(*T)"
    done = subprocess.run([str(client), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def drive(number: int, client: Path, receiver: Path, left: SimpleQueue[str]) -> list[Outcome]:
    """One lane: a server of its own, and procedures for as long as there are any."""
    with Lane(PLACE / f"lane{number}", receiver) as lane:
        return list(each(lane, client, left))


def each(lane: Lane, client: Path, left: SimpleQueue[str]) -> Iterator[Outcome]:
    """Run procedures one after the other."""
    while True:
        try:
            name = left.get_nowait()
        except Empty:
            return
        yield procedure(lane, client, name)


def procedure(lane: Lane, client: Path, name: str) -> Outcome:
    """Run one procedure to its end."""
    wanted = clients(client, name)
    folder = lane.folder / name
    config = lane.configured(folder)
    command = [str(client), "-m", "cactus_client.cli.main", "run", "-c", str(config), "--headless"]
    command += ["--timeout", str(LIMIT), name, *wanted]
    environ = os.environ | lane.environment | {"PYTHONPATH": f"{PLUGIN}{os.pathsep}{lane.plugin}"}
    log = folder / "log"
    with log.open("wb") as stream:
        done = subprocess.run(command, env=environ, stdout=stream, stderr=stream, cwd=folder, check=False)
    text = log.read_text("utf-8", "replace")
    found = [int(one or other) for one, other in SCHEMA.findall(text)]
    skips = len(list(folder.rglob(".skips")))
    told = "" if done.returncode == 0 else " | ".join(text.strip().splitlines()[-3:])[-300:]
    return Outcome(name, done.returncode == 0 and not skips, max(found, default=0), skips, told)


def clients(client: Path, name: str) -> list[str]:
    """Which of our clients a procedure wants: the devices first, aggregators where it says so."""
    code = (
        "import sys; from cactus_test_definitions.server.test_procedures import *;"
        "p = get_test_procedure(TestProcedureId(sys.argv[1]));"
        "print(*(str(c.client_type or 'any') for c in p.preconditions.required_clients))"
    )
    done = subprocess.run([str(client), "-c", code, name], capture_output=True, text=True, check=True)
    devices, aggregators = iter(CLIENTS[:2]), iter(CLIENTS[2:])
    return [next(aggregators if kind.endswith("aggregator") else devices) for kind in done.stdout.split()]


if __name__ == "__main__":
    sys.stdout.write(f"{run()}\n")

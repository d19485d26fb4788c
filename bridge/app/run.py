"""`derbridge run`: looks for problems, takes the ports, and serves in one process or in a crew of several.

The ports are taken before anything else, so that a fault shows in the terminal and not in a worker's log.
Tells systemd when requests are taken, if it was started by it. What a worker does is in `bridge.app.wire`.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bridge.app import journal, loading, problems, screen, sockets
from bridge.app.config import Config
from bridge.app.crew import LATER, Crew, Post
from bridge.app.loading import Loaded, Problem
from bridge.app.sockets import Door, Held

Doors = Callable[[Config], tuple[Door, ...]]
Serve = Callable[[Loaded, Config, Held], int]
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def run(place: Path | None, workers: int | None) -> int:
    """Serve until told to stop; 1 when there are problems."""
    over = {"run": {"workers": workers}} if workers else {}
    loaded = loading.load(place, os.environ, over)
    return begin(loaded, problems.judge(loaded), sockets.doors, _serve)


def record(place: Path | None, file: Path) -> int:
    """Serve in one process until told to stop, and keep what is said in a file; 1 when there are problems."""
    loaded = loading.load(place, os.environ, {"run": {"workers": 1}})
    return begin(loaded, problems.judge(loaded), sockets.doors, partial(_serve, file=file))


def relay(place: Path | None) -> int:
    """Run the relay alone until told to stop; 1 when there are problems."""
    loaded = loading.load(place, os.environ)
    return begin(loaded, problems.relay(loaded), sockets.alone, _alone)


def begin(loaded: Loaded, found: list[Problem], doors: Doors, serve: Serve) -> int:
    """Take the ports and serve, unless there is a problem."""
    if loaded.config is None or problems.grave(found):
        for one in found:
            screen.warn(str(one) if one.grave else f"remark: {one}")
        return 1
    journal.begin(loaded.config.log)
    log = journal.logger()
    for one in found:
        log.warning("remark", place=one.place, line=one.line, key=one.key, what=one.what)
    held = {door.name: sockets.hold(door) for door in doors(loaded.config)}
    try:
        return serve(loaded, loaded.config, held)
    finally:
        for sock in (one for group in held.values() for one in group):
            sock.close()


def _serve(loaded: Loaded, config: Config, held: Held, file: Path | None = None) -> int:
    """In this process, or in a crew."""
    ready = partial(_ready, held)
    if config.run.workers == 1:
        signal.pthread_sigmask(signal.SIG_BLOCK, LATER)
        wire = _wire()
        return int(wire.run(wire.Start(loaded, config, held, 0, ready, file=file)))
    with TemporaryDirectory(prefix="derbridge-") as folder:
        os.environ[FOLDER] = folder
        wire = _wire()

        def duty(post: Post) -> int:
            """Be a worker."""
            bell = None if config.store.url.startswith("sqlite") else Path(folder) / "bell"
            start = wire.Start(loaded, config, held, post.number, post.report, post.life, bell)
            return int(wire.run(start))

        return Crew(config.run.workers, duty, config.run.grace, ready, wire.dead).run()


def _alone(loaded: Loaded, config: Config, held: Held) -> int:
    """The relay, in this process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, LATER)
    wire = _wire()
    opens = import_module("bridge.app.relay.alone").opened
    return int(wire.run(wire.Start(loaded, config, held, 0, partial(_ready, held)), opens))


def _wire() -> Any:  # noqa: ANN401 - a module
    """The wiring, imported once the metrics know whether they are shared."""
    wire = import_module("bridge.app.wire")
    wire.warm()
    return wire


def _ready(held: Held) -> None:
    """Say that requests are taken, and where."""
    ports = {name: sockets.where(group)[1] for name, group in held.items()}
    journal.logger().info("ready", **ports, pid=os.getpid())
    if place := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect(f"\0{place[1:]}" if place.startswith("@") else place)
            sock.send(f"READY=1\nMAINPID={os.getpid()}\n".encode())

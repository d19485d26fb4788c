"""The relay beside Prosody and ejabberd: messages a second, processor time of each, p99, memory of a session.

One sender and one receiver over TLS 1.3, light clients that build nothing, 1 KB of opaque text, in turns.
Each server has one core, the clients have the other. One that is not there is left out, and said to be.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from rich.table import Table

from bench.ground import CORE, OTHER, alone
from bridge.transports import relay, tls
from bridge.transports.bounds import Bounds
from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Hooks, Limits
from peers.relays import pki, servers
from peers.relays.pki import DOMAIN, Pki
from peers.relays.servers import Server
from peers.table import Missing
from tests.transports.xmpp import Raw

OURS = "derbridge"
TURNS, MESSAGES, FLYING, SINGLES, IDLE = 3, 20_000, 200, 2_000, 200
"""Turns of each server; messages of a turn, how many are on their way, how many alone; idle sessions."""
BODY = b64encode(secrets.token_bytes(768)).decode()
MESSAGE = f"<message to='site@{DOMAIN}/r' id='m1'><body>{BODY}</body></message>".encode()
END = b"</message>"
TICKS = os.sysconf("SC_CLK_TCK")
GOAL = {"prosody": 2.0, "ejabberd": 1.0}
"""How many times a server's messages a second ours should be."""


def measure() -> dict[str, Any]:
    """Figures by server."""
    found: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (place / "pki").mkdir()
        made = pki.make(place / "pki")
        running = {name: server for name in STARTS if (server := _started(stack, name, place, made))}
        with alone(OTHER):
            for _ in range(TURNS):
                for name, server in running.items():
                    found.setdefault(name, []).append(_turn(server, made))
            idle = _idle(running[OURS], made)
    figures = {
        name: {key: median(row[key] for row in rows) for key in rows[0]} for name, rows in found.items()
    }
    ratios = {name: figures[OURS]["rate"] / row["rate"] for name, row in figures.items() if name != OURS}
    return {"servers": figures, "ratios": ratios, "idle": idle}


def told(figures: Mapping[str, Any]) -> Table:
    """The figures as a table."""
    table = Table(title=f"relay, 1 KB of opaque text, one core; an idle session has {figures['idle']:.0f} kB")
    for column in ("", "messages/s", "us of processor", "p50 ms", "p99 ms", "derbridge is"):
        table.add_column(column, justify="right" if column else "left")
    for name, row in figures["servers"].items():
        ratio = figures["ratios"].get(name)
        beside = f"{ratio:.1f} x (goal {GOAL[name]:.0f})" if ratio else ""
        table.add_row(
            name,
            f"{row['rate']:,.0f}",
            f"{row['spent']:.1f}",
            f"{row['p50']:.2f}",
            f"{row['p99']:.2f}",
            beside,
        )
    for name in sorted(set(STARTS) - set(figures["servers"])):
        table.add_row(name, "not there")
    return table


def _turn(server: Server, made: Pki) -> dict[str, float]:
    """One turn of one server."""
    with _client(server, made, "bridge") as sender, _client(server, made, "site") as receiver:
        _carried(sender, receiver, MESSAGES // 10)
        before, began = _spent(server), time.perf_counter()
        _carried(sender, receiver, MESSAGES)
        took, spent = time.perf_counter() - began, _spent(server) - before
        waits = sorted(_single(sender, receiver) for _ in range(SINGLES))
    return {
        "rate": MESSAGES / took,
        "spent": 1e6 * spent / MESSAGES,
        "p50": 1e3 * waits[SINGLES // 2],
        "p99": 1e3 * waits[SINGLES * 99 // 100],
    }


def _carried(sender: Raw, receiver: Raw, count: int) -> None:
    """Send many messages, so many on their way at once, until all are there."""
    sent = got = 0
    tail = b""
    while got < count:
        if (more := min(FLYING - (sent - got), count - sent)) > 0:
            sender.sock.sendall(MESSAGE * more)
            sent += more
        data = tail + receiver.sock.recv(262_144)
        got += data.count(END)
        tail = data[data.rfind(END) + len(END) :][-len(END) :] if END in data else data[-len(END) :]


def _single(sender: Raw, receiver: Raw) -> float:
    """Seconds that one message takes."""
    began = time.perf_counter()
    sender.sock.sendall(MESSAGE)
    data = b""
    while not data.endswith(END):
        data += receiver.sock.recv(65_536)
    return time.perf_counter() - began


def _idle(server: Server, made: Pki) -> float:
    """Kilobytes that a session costs which says nothing."""
    with ExitStack() as stack:
        stack.enter_context(_client(server, made, "bridge"))
        before = _resident(server)
        for _ in range(IDLE):
            stack.enter_context(_client(server, made, "bridge", ""))
        return (_resident(server) - before) / IDLE


def _client(server: Server, made: Pki, name: str, resource: str = "r") -> Raw:
    """A session."""
    certificate, key = made.client(name)
    context = ssl.create_default_context(cafile=str(made.operator))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    raw = Raw.to(server.direct, context)
    raw.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    raw.login()
    raw.bind(resource)
    raw.ask(b"<presence/>", rb"<presence[^>]*/>|</presence>")
    raw.held = b""
    return raw


def _spent(server: Server) -> float:
    """Seconds of processor time of a server so far."""
    fields = Path(f"/proc/{_process(server)}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _resident(server: Server) -> int:
    """Kilobytes of memory of a server."""
    said = Path(f"/proc/{_process(server)}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s*(\d+)", said)
    return int(found[1]) if found else 0


def _process(server: Server) -> int:
    if server.process is None:
        raise RuntimeError(f"{server.name} has no process")
    return server.process.pid


# ------------------------------------------------------------------------------------ the servers


def _started(stack: ExitStack, name: str, place: Path, made: Pki) -> Server | None:
    """Start a server on its core; None where it cannot be had."""
    (place / name).mkdir()
    try:
        with alone(CORE):
            return stack.enter_context(STARTS[name](place / name, made))
    except Missing:
        return None


@contextmanager
def _ours(folder: Path, made: Pki) -> Iterator[Server]:
    """Our own relay, in a process of its own."""
    (folder / "root.pem").write_bytes(made.roots)
    command = [sys.executable, "-m", "bench.relay", str(folder), str(made.path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout  # noqa: S101 - asked for above
        yield Server(OURS, 0, int(process.stdout.readline()), folder, process=process)  # type: ignore[arg-type]
    finally:
        process.communicate()


STARTS: Mapping[str, Callable[[Path, Pki], AbstractContextManager[Server]]] = {
    OURS: _ours,
    "prosody": servers.prosody,
    "ejabberd": servers.ejabberd,
}


async def serve(folder: Path, place: Path) -> None:
    """Be our own relay, until the standard input ends."""
    files = tls.Files(place / "relay.pem", place / "relay.key", (folder / "root.pem",))
    hooks = Hooks(allowed=lambda *_: True)
    board = Board(DOMAIN, lambda: secrets.token_urlsafe(18), hooks, Limits(sessions=2 * IDLE))
    held = [socket.create_server(("127.0.0.1", 0))]
    guard = tls.Guard(files, relay.ALPN)
    found = await relay.serve(held, guard, board, lambda _: True, bounds=Bounds(rate=0))
    print(found.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await found.stop()


if __name__ == "__main__":
    uvloop.run(serve(Path(sys.argv[1]), Path(sys.argv[2])))

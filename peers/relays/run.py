"""Peer relays: the acceptance suite against the embedded relay, Debian's Prosody and Debian's ejabberd.

The servers run as children with the configurations of examples/ (servers.py). Cases and what they ought to
show stand in expected.py; the table of what was seen is printed, and kept in build/peers.json.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table

from peers.relays import embedded, pki, servers
from peers.relays.expected import CASES
from peers.relays.pki import DOMAIN, Pki
from peers.relays.place import Place
from peers.relays.servers import Server


def revoke_prosody(server: Server, made: Pki, name: str) -> None:
    """A new revocation list, and the signal to read it."""
    made.revoke("revoked", name)
    if server.process is not None:
        os.kill(server.process.pid, signal.SIGHUP)


def revoke_ejabberd(server: Server, _: Pki, name: str) -> None:
    """Nobody enrolled of this name, and his sessions ended."""
    servers.enrol(server.folder, tuple(one for one in servers.ENROLLED if one != name))
    command(server, "reload_config")
    command(server, "kick_user", user=name, host=DOMAIN)


def command(server: Server, name: str, **arguments: str) -> None:
    """Tell ejabberd to do something, as the bridge on the same machine may."""
    url = f"http://127.0.0.1:{server.api}/api/{name}"
    body = json.dumps(arguments).encode()
    with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=10) as answer:
        answer.read()


class Kind(NamedTuple):
    """A kind of server."""

    start: Callable[[Path, Pki], AbstractContextManager[Server]]
    revoke: Callable[[Server, Pki, str], None]


KINDS = {
    "embedded": Kind(embedded.embedded, embedded.revoke),
    "prosody": Kind(servers.prosody, revoke_prosody),
    "ejabberd": Kind(servers.ejabberd, revoke_ejabberd),
}


async def seen(cases: Mapping[str, Callable[[], Awaitable[str]]]) -> dict[str, str]:
    """What every case shows, by its name."""
    found = {}
    for name, case in cases.items():
        try:
            async with asyncio.timeout(60):
                found[name] = await case()
        except Exception as error:  # noqa: BLE001 - what a case meets is its result
            found[name] = f"{type(error).__name__}: {error}"[:200]
    return found


def at(name: str) -> dict[str, str]:
    """The same with a server started for it."""
    with tempfile.TemporaryDirectory(prefix="relays-") as place:
        folder, files = Path(place) / name, Path(place) / "pki"
        folder.mkdir()
        files.mkdir()
        made = pki.make(files)
        with KINDS[name].start(folder, made) as server:
            there = Place(server, made, KINDS[name].revoke)
            return asyncio.run(seen({case.name: partial(case.run, there) for case in CASES}))


def shown(found: dict[str, dict[str, str]]) -> Table:
    """Every case in a line."""
    table = Table(title="one suite, every relay")
    for column in ("case", *found, "where one differs"):
        table.add_column(column)
    for case in CASES:
        row = [found[name][case.name] for name in found]
        table.add_row(case.name, *row, case.instead if set(case.differs) & set(found) else "")
    return table


def run(*names: str) -> dict[str, object]:
    """Run the suite against these servers, or all; ok when each case shows what it ought to."""
    found = {name: at(name) for name in names or KINDS}
    Console(width=170).print(shown(found))
    wrong = {
        f"{name}: {case.name}": said[case.name]
        for name, said in found.items()
        for case in CASES
        if not case.right(name, said[case.name])
    }
    good = {name: sum(f"{name}: {case.name}" not in wrong for case in CASES) for name in found}
    told = {name: f"{good[name]} of {len(CASES)} as expected" for name in found}
    return {"ok": not wrong, **told, "wrong": wrong, "seen": found}


if __name__ == "__main__":
    import sys

    print(json.dumps(run(*sys.argv[1:])["wrong"], indent=1))

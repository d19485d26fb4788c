"""Peer served: `derbridge run` as a 61850 server behind the embedded relay, Prosody and ejabberd.

An aggregator logs in at the same server with its certificate, and has from the endpoint what it would have at
any other; an inverter of IEEE 2030.5 carries out what it commands. What a client without a certificate here,
or with a revoked one, has from it is nothing, whether the server in between lets it in or not. Every case
ought to show the same at all three.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from rich.console import Console
from rich.table import Table

from peers.relays import pki, sittings
from peers.relays.pki import DOMAIN, Pki
from peers.relays.place import Place
from peers.relays.run import KINDS, seen
from peers.relays.servers import Server
from peers.relays.sittings import CASES, Sitting
from tests.served import Served, certified, served

PARTIES = ("site", "revoked")
"""Whose certificates the bridge has; `ems` it has none of."""
RULES = """
[[rule]]
name = "aggregators-command"
roles = ["AGGREGATOR"]
functions = ["control", "default"]
actions = ["create", "change", "cancel"]
scope = "held"
"""


@contextmanager
def bridge(folder: Path, server: Server, made: Pki) -> Iterator[Served]:
    """An installation whose endpoint logs in at a server with the certificate `bridge`."""
    certified(folder)
    for name in ("parties", "lists"):
        (folder / name).mkdir()
    for name in PARTIES:
        shutil.copy(made.client(name)[0], folder / "parties" / f"{name}.pem")
    (folder / "above.pem").write_bytes(made.above.certificate.public_bytes(Encoding.PEM))
    (folder / "root.pem").write_bytes(made.roots)
    (folder / "rules.toml").write_text(RULES)
    revoke(folder, made, "revoked")
    certificate, key = map(str, made.client("bridge"))
    said = {
        "enabled": True, "host": "127.0.0.1", "port": server.direct, "address": f"bridge@{DOMAIN}",
        "certificate": certificate, "key": key, "roots": [str(made.operator)],
    }  # fmt: skip
    trust = {"devices": ["pki/roots/serca.pem", "root.pem"]}
    lists = {"folder": "lists", "authorities": ["above.pem"]}
    with served(folder, iec61850=said, trust=trust, revocation=lists, access={"rules": "rules.toml"}) as site:
        yield site


def revoke(folder: Path, made: Pki, *names: str) -> None:
    """Put a list into the folder that the bridge looks at."""
    fresh = folder / "new"
    fresh.write_bytes(pki.listing(made.above, [made.serials[name] for name in names]))
    fresh.replace(folder / "lists" / "mica.crl")


async def furnished(site: Served, holder: str) -> None:
    """An inverter of the aggregator's, which has said what it can do."""
    said: dict[str, Any] = {"lfdi": holder, "role": "aggregator"}
    device = site.client("inverter")
    for path, value in (("access", said), ("devices", {"lfdi": device.lfdi, "aggregator": holder})):
        status, told = await site.admin.post(f"/api/v1/{path}", value)
        sittings.agree(status == HTTPStatus.CREATED, f"{path}: {told}")
    reply = await device.put(f"{sittings.HOME}/dercap", sittings.CAPABILITY)
    sittings.agree(reply.status == HTTPStatus.NO_CONTENT, f"capability: {reply}")


async def attended(sitting: Sitting) -> dict[str, str]:
    """What every case shows at one server, once there is an inverter."""
    await furnished(sitting.site, sitting.files("site").lfdi)
    return await seen({case.name: partial(case.run, sitting) for case in CASES})


def at(name: str) -> dict[str, str]:
    """The same with a server and a bridge started for it."""
    with tempfile.TemporaryDirectory(prefix="served-") as place:
        folder, files, home = (Path(place) / each for each in (name, "pki", "bridge"))
        for each in (folder, files, home):
            each.mkdir()
        made = pki.make(files)
        with KINDS[name].start(folder, made) as server, bridge(home, server, made) as site:
            shut = partial(revoke, home, made, "revoked", "site")
            return asyncio.run(attended(Sitting(Place(server, made, KINDS[name].revoke), site, shut)))


def shown(found: dict[str, dict[str, str]]) -> Table:
    """Every case in a line."""
    table = Table(title="the bridge as a 61850 server behind every relay")
    for column in ("case", *found):
        table.add_column(column)
    for case in CASES:
        table.add_row(case.name, *(found[name][case.name] for name in found))
    return table


def run(*names: str) -> dict[str, object]:
    """Run it at these servers, or all; ok when each case shows what it ought to."""
    with ThreadPoolExecutor() as pool:
        found = dict(zip(names or KINDS, pool.map(at, names or KINDS), strict=True))
    Console(width=170).print(shown(found))
    good = {name: sum(said[case.name] == case.shows for case in CASES) for name, said in found.items()}
    told = {name: f"{count} of {len(CASES)} as expected" for name, count in good.items()}
    return {"ok": set(good.values()) == {len(CASES)}, **told, "seen": found}


if __name__ == "__main__":
    import sys

    print(run(*sys.argv[1:])["ok"])

"""Peer clients: clients that are not ours, at the embedded relay: slixmpp's own, one in C, one in Go.

Each logs in with a certificate, sends a message to our link, and gets one back. The one in C is libstrophe's
(foreign/client.c), the one in Go stands on Go's TLS and XML (foreign/client.go). Debian's go-sendxmpp has no
option for a certificate; what it says is kept, so that it is seen should that change.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from slixmpp import ClientXMPP
from slixmpp.xmlstream import StanzaBase
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

from bridge.transports import relay, tls
from bridge.xmpp.letter import OCTETS, Letter
from peers.relays import embedded, pki
from peers.relays.pki import DOMAIN
from peers.relays.place import LIMIT, Box, Place
from peers.relays.servers import apt

FOREIGN = Path(__file__).with_name("foreign")
PACKAGES = {
    "gcc": ("gcc", "libc6-dev"),
    "pkg-config": ("pkg-config", "libstrophe-dev"),
    "go": ("golang-go",),
    "go-sendxmpp": ("go-sendxmpp",),
}
"""Programs, and what brings them."""
ASKED = ("pkg-config",)
UNABLE = "certificate required"
"""What the relay's alert is called by a client without a certificate."""


class Client(NamedTuple):
    """Somebody else's client."""

    name: str
    build: Callable[[Path], Path | None]
    drive: Callable[[Place, Path | None], Coroutine[Any, Any, str]]
    """Log in, send a message to the bridge and wait for one; gives what it printed."""


def c(folder: Path) -> Path:
    """Compile the client in C."""
    need("gcc", "pkg-config")
    if subprocess.run([*ASKED, "--exists", "libstrophe"], check=False).returncode:
        apt("libstrophe", PACKAGES["pkg-config"])
    found = subprocess.run(
        [*ASKED, "--cflags", "--libs", "libstrophe"], check=True, capture_output=True, text=True
    )
    target = folder / "c"
    command = ["gcc", "-Wall", "-Wextra", "-Werror", "-o", str(target), str(FOREIGN / "client.c")]
    subprocess.run([*command, *found.stdout.split()], check=True)
    return target


def go(folder: Path) -> Path:
    """Compile the one in Go."""
    need("go")
    target = folder / "go"
    places = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "path"), "GO111MODULE": "off"}
    command = ["go", "build", "-o", str(target), str(FOREIGN / "client.go")]
    subprocess.run(command, check=True, env=os.environ | places)
    return target


async def run_c(place: Place, program: Path | None) -> str:
    """STARTTLS. libstrophe sends no chain, so its certificate stands right below the root."""
    return await ran(place, program, place.server.port, f"short@{DOMAIN}", "short")


async def run_go(place: Place, program: Path | None) -> str:
    """Direct TLS."""
    return await ran(place, program, place.server.direct, DOMAIN, "site")


async def ran(place: Place, program: Path | None, port: int, who: str, name: str) -> str:
    """Run a program to its end, with a certificate of the folder."""
    files = (*place.pki.client(name), place.pki.operator)
    arguments = map(str, (program, port, who, *files, place.address("bridge")))
    process = await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(LIMIT):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return out.decode(errors="replace")


async def run_slixmpp(place: Place, _: Path | None) -> str:
    """Slixmpp as it comes, with its own XEP-0198, over STARTTLS."""
    client = ClientXMPP(place.address("site"), "", sasl_mech="EXTERNAL", ssl_context=shown(place))
    client.enable_direct_tls = False
    for name in ("xep_0030", "xep_0198", "xep_0199"):
        client.register_plugin(name)
    got: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def started(_: Any) -> None:  # noqa: ANN401 - slixmpp's events carry anything
        client.send_presence()
        client.send_raw(
            f"<message to='{place.address('bridge')}' id='s1'><octets xmlns='urn:derbridge:link'>"
            "c2xpeG1wcCBzYXlz</octets></message>"
        )

    def heard(message: StanzaBase) -> None:
        got.set_result(f"from {message['from']}: {message.xml.findtext(OCTETS)}")

    client.add_event_handler("session_start", started)
    client.register_handler(Callback("octets", MatchXPath(f"{{jabber:client}}message/{OCTETS}"), heard))
    client.connect("127.0.0.1", place.server.port)
    try:
        return await asyncio.wait_for(got, LIMIT)
    finally:
        await client.disconnect()


def shown(place: Place) -> ssl.SSLContext:
    """What slixmpp presents and trusts."""
    made = tls.client((place.pki.operator,), *place.pki.client("site"))
    made.set_alpn_protocols([relay.ALPN])
    return made


CLIENTS = (
    Client("slixmpp", lambda _: None, run_slixmpp),
    Client("libstrophe", c, run_c),
    Client("go", go, run_go),
)


def need(*programs: str) -> None:
    """Have programs installed."""
    for program in programs:
        if not shutil.which(program):
            apt(program, PACKAGES[program])


async def exchanged(place: Place, client: Client, program: Path | None) -> str:
    """Have a client exchange a message with our link each way."""
    box = Box()
    async with place.link("bridge", box) as bridge:
        running = asyncio.create_task(client.drive(place, program))
        came = asyncio.create_task(box.until(lambda: box.came))
        await asyncio.wait({running, came}, return_when=asyncio.FIRST_COMPLETED)
        if box.came:
            await bridge.send(box.came[0].sender, "message", Letter(client.name.encode()))
        came.cancel()
        printed = await running
    said = [one.letter.octets.decode() for one in box.came]
    good = len(said) == 1 and said[0].endswith("says") and f"from {place.address('bridge')}" in printed
    return "exchanged" if good else f"{said}: {printed[-300:]}"


def unable(place: Place) -> str:
    """What go-sendxmpp says, which has no option for a certificate."""
    need("go-sendxmpp")
    where = f"127.0.0.1:{place.server.direct}"
    command = ["go-sendxmpp", "--tls", "--no-tls-verify", "-u", f"site@{DOMAIN}", "-p", "none", "-j", where]
    done = subprocess.run(
        [*command, place.address("bridge")], input="x", capture_output=True, text=True, check=False,
        timeout=LIMIT,
    )  # fmt: skip
    return "exchanged" if not done.returncode else done.stderr.strip().rpartition("error: ")[2]


def run() -> dict[str, object]:
    """Have each log in and exchange; ok when each does, and go-sendxmpp is refused as is known."""
    with tempfile.TemporaryDirectory(prefix="clients-") as name:
        folder = Path(name)
        programs = {one.name: one.build(folder) for one in CLIENTS}
        made = pki.make(folder)
        with embedded.embedded(folder, made) as server:
            place = Place(server, made, embedded.revoke)
            found = {one.name: asyncio.run(exchanged(place, one, programs[one.name])) for one in CLIENTS}
            said = unable(place)
    return {"ok": set(found.values()) == {"exchanged"} and UNABLE in said, **found, "go_sendxmpp": said}


if __name__ == "__main__":
    print(run())

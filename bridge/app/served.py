"""The last stage of `derbridge life`: the same control over the wire, from an operator to a device and back.

A real server in a folder of its own for as long as it takes, on free ports of loopback; real certificates,
real mutual TLS, real requests. The control begins now instead of far ahead, and refers to what is here. What
is shown is what was sent and answered, long bodies cut. Nothing here answers anything.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import aiohttp
import uvloop

from bridge.app import init, journal, loading, sockets, wire, words
from bridge.app.life import Life
from bridge.sep2.talk import MEDIA
from bridge.transports import tls
from bridge.trust import folder as trust
from bridge.trust import issue
from bridge.trust.folder import Client, Folder

JSON = "application/json"
SETUP: dict[str, dict[str, Any]] = {
    "https": {"hosts": ("127.0.0.1",), "port": 0},
    "plain": {"enabled": False},
    "admin": {"hosts": ("127.0.0.1",), "port": 0},
    "rules": {"pen": 32473},
    "log": {"level": "error"},
}
MOMENTS = re.compile(rb"(?<=<start>)\d+(?=</start>)|(?<=<creationTime>)\d+(?=</creationTime>)")
REPLY = re.compile(rb'(?<=replyTo=")[^"]*')
RESPONSES = "/rsps/1/rsp"
SHOWN, WIDTH = 12, 100
"""Lines of a body that are shown, and characters of a line."""


class Exchange(NamedTuple):
    """A request and its answer."""

    who: str
    asked: str
    sent: bytes
    status: str
    got: bytes


@dataclass(slots=True)
class Talk:
    """Who is who, and all that was said."""

    folder: Folder
    ports: dict[str, int]
    stack: AsyncExitStack
    said: list[Exchange] = field(default_factory=list)
    sessions: dict[str, aiohttp.ClientSession] = field(default_factory=dict)

    async def ask(
        self, who: Client, method: str, path: str, body: bytes = b"", door: str = "https"
    ) -> tuple[str, bytes]:
        """Ask for something over mutual TLS; gives the Location and the body of the answer."""
        session = await self._session(who)
        media = {"Content-Type": MEDIA if door == "https" else JSON} if body else {}
        url = f"https://127.0.0.1:{self.ports[door]}{path}"
        async with session.request(method, url, data=body or None, headers=media) as answer:
            got, place = await answer.read(), answer.headers.get("Location", "")
            status = f"{answer.status} {answer.reason}{f', Location: {place}' if place else ''}"
        self.said.append(Exchange(who.name, f"{method} {path}", body, status, got))
        return place, got

    async def tell(self, who: Client, path: str, **value: object) -> Any:  # noqa: ANN401 - what JSON says
        """Ask the administration API for something to be made."""
        _, got = await self.ask(who, "POST", f"/api/v1/{path}", json.dumps(value).encode(), "admin")
        return json.loads(got)

    async def refused(self, who: Client) -> None:
        """Ask for something with a certificate that nobody trusts."""
        try:
            await self.ask(who, "GET", "/dcap")
        except aiohttp.ClientError as error:
            cause = error.__cause__
            alert = cause.reason if isinstance(cause, ssl.SSLError) else "the connection was closed"
            self.said.append(Exchange(who.name, "GET /dcap", b"", f"refused in the handshake: {alert}", b""))

    async def _session(self, who: Client) -> aiohttp.ClientSession:
        if who.name not in self.sessions:
            context = tls.client((who.root,), who.certificate, who.key)
            made = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
            self.sessions[who.name] = await self.stack.enter_async_context(made)
        return self.sessions[who.name]


def run(lived: Life) -> list[Exchange]:
    """Take a control over the wire, and give what crossed it."""
    with TemporaryDirectory(prefix="derbridge-") as place:
        folder, operator, device = init.made(Path(place) / "site", ("127.0.0.1",))
        return uvloop.run(_talk(folder, operator, device, lived))


async def _talk(folder: Folder, operator: Client, device: Client, lived: Life) -> list[Exchange]:
    loaded = loading.load(folder.path.parent, {}, SETUP)
    if loaded.config is None:
        raise ValueError(f"the demonstration's own configuration is wrong: {loaded.problems}")
    journal.begin(loaded.config.log)
    held = {door.name: sockets.hold(door) for door in sockets.doors(loaded.config)}
    async with AsyncExitStack() as stack:
        for sock in (one for group in held.values() for one in group):
            stack.callback(sock.close)
        await wire.opened(wire.Start(loaded, loaded.config, held, 0, lambda: None), stack)
        ports = {name: sockets.where(group)[1] for name, group in held.items()}
        talk = Talk(folder, ports, stack)
        await _story(talk, operator, device, lived)
        await talk.refused(_stranger(folder))
        return talk.said


async def _story(talk: Talk, operator: Client, device: Client, lived: Life) -> None:
    """A device is registered, gets a control, and says that it has it."""
    profile = lived.control.profile.name
    group = await talk.tell(operator, "groups", name="feeder-7")
    known = {"lfdi": device.lfdi, "profile": profile, "groups": [group["id"]]}
    await talk.tell(operator, "devices", **known, name="inverter", pin=111115)
    programme = await talk.tell(operator, "programmes", primacy=1, group=group["id"])
    home, body = f"/derp/{programme['id']}", _moved(lived.control.given.data)
    for curve in lived.curves:
        place, _ = await talk.ask(operator, "POST", f"{home}/dc", curve.given.data)
        body = body.replace(_href(curve.given.data), f'href="{place}"'.encode())
    place, _ = await talk.ask(operator, "POST", f"{home}/derc", body)
    for path in ("/dcap", f"{home}/derc?s=0&l=10"):
        await talk.ask(device, "GET", path)
    await talk.ask(device, "POST", RESPONSES, _response(lived, device))
    await talk.ask(operator, "GET", f"{RESPONSES}?l=10")


def _moved(data: bytes) -> bytes:
    """A control that begins now, and wants its responses here."""
    moved = MOMENTS.sub(str(int(time.time())).encode(), data)
    return REPLY.sub(RESPONSES.encode(), moved)


def _href(data: bytes) -> bytes:
    """A document's own address, as it stands in what refers to it."""
    found = re.search(rb'href="[^"]*"', data)
    return found[0] if found else b""


def _response(lived: Life, device: Client) -> bytes:
    """The device's word that it has received the control."""
    return (
        '<DERControlResponse xmlns="urn:ieee:std:2030.5:ns">'
        f"<createdDateTime>{int(time.time())}</createdDateTime>"
        f"<endDeviceLFDI>{device.lfdi}</endDeviceLFDI><status>1</status>"
        f"<subject>{lived.message.mRID}</subject></DERControlResponse>"
    ).encode()


def _stranger(folder: Folder) -> Client:
    """Someone whose certificate is below a root that nobody here trusts."""
    made = issue.device(issue.authority(issue.root("Elsewhere"), "MICA", depth=0), b"stranger")
    trust.keep(folder.path / "clients" / "stranger", made)
    return folder.known("stranger")


def lines(said: Sequence[Exchange]) -> Iterator[str]:
    """What crossed the wire, for a person."""
    for one in said:
        yield f"{one.who:<8} {one.asked}"
        yield from (f"      > {line}" for line in _cut(one.sent))
        yield f"      {one.status}"
        yield from (f"      < {line}" for line in _cut(one.got))


def _cut(body: bytes) -> Iterator[str]:
    """A body, shortened."""
    whole = (words.indented(body) if body.startswith(b"<") else body.decode()).splitlines()
    for line in whole[:SHOWN]:
        yield line if len(line) <= WIDTH else f"{line[:WIDTH]}..."
    if len(whole) > SHOWN:
        yield f"... {len(whole) - SHOWN} more lines"

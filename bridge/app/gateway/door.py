"""The door for companies: an aiohttp application that brings requests to the desk, and shows the description.

POST is a request, `?wsdl` and `?xsd` are the description; nothing else is here. A body is bounded before it
is read, a network that is not let in gets no answer of ours, and a fault says no more than its code.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bridge.app.gateway.desk import Call, Desk, Said
from bridge.soap import bodies, fault, wsdl
from bridge.soap.chain import Came
from bridge.transports.marks import MARK
from bridge.trust.wsse import envelope
from bridge.trust.wsse.refusal import CLIENT

if TYPE_CHECKING:
    from bridge.app.office.application import Known

HEADER = "ENTITY_NAME"
Networks = tuple[IPv4Network | IPv6Network, ...]


def application(desk: Desk, known: Known) -> web.Application:
    """The application; `known` says who is at the other end of a connection."""
    networks = tuple(ip_network(each) for each in desk.said.networks)

    async def answer(request: web.Request) -> web.StreamResponse:
        """Answer a request, whatever it is."""
        if not inside(request.remote, networks):
            desk.log.warning("request refused", remote=request.remote, reason="network")
            return web.Response(status=403)
        if request.path != desk.said.path:
            return web.Response(status=404)
        if request.method in {"GET", "HEAD"}:
            return described(request)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "GET, HEAD, POST"})
        return await asked(request, desk, known)

    made = web.Application(client_max_size=envelope.CAPS.bytes)
    made.router.add_route("*", "/{rest:(?s:.*)}", answer)
    return made


async def asked(request: web.Request, desk: Desk, known: Known) -> web.Response:
    """Bring a request to the desk."""
    await desk.site.revoked.fresh()
    peer = known(request)
    if peer is None:
        return web.Response(status=403)
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return _told(Said(fault.STATUS, fault.body(CLIENT)), close=True)
    names = tuple(request.headers.getall(HEADER, ()))
    revoked = "" if desk.site.revoked.judge(peer) else desk.site.revoked.reason(peer)
    call = Call(
        Came(request.content_type, names, peer.lfdi, data), request.path, request.get(MARK, ""), revoked
    )
    said = await desk.answer(call)
    return _told(said, close=bool(revoked))


def _told(said: Said, *, close: bool) -> web.Response:
    made = web.Response(status=said.status, body=said.data, content_type=fault.MEDIA, charset="utf-8")
    made.headers.extend(said.headers)
    if close:
        made.force_close()
    return made


def described(request: web.Request) -> web.Response:
    """The description, or one of its schemas."""
    words = request.query_string.lower()
    if words == "wsdl":
        host = request.headers.get("Host", "")
        parts = urlsplit(f"https://{host}")
        place = parts.netloc if parts.hostname and parts.netloc == host else "localhost"
        return web.Response(
            body=wsdl.document(f"https://{place}{request.path}"), content_type=fault.MEDIA, charset="utf-8"
        )
    name = bodies.SCHEMA if words == "xsd" else request.query.get("xsd", "")
    found = wsdl.schema(name)
    if found is None:
        return web.Response(status=404)
    return web.Response(body=found, content_type=fault.MEDIA, charset="utf-8")


def inside(remote: str | None, networks: Networks) -> bool:
    """Whether an address is in one of the networks that are let in."""
    if not networks:
        return True
    try:
        address = ip_address((remote or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in each for each in networks)

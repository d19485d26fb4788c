"""A client that believes nothing: every answer is held to HTTP, to 2030.5 and to the official schema.

An answer that breaks a rule fails the test that got it, whatever the test was after. Notifications are held
to the schema in the same way.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element, fromstring

from bridge.sep2.talk import MEDIA
from bridge.transports import tls
from tests.sep2.official import faults
from tests.served import XML, Client, Reply, Served
from tests.standards.papers import subscription
from tests.transports.receiver import Got, Receiver

NS = "{urn:ieee:std:2030.5:ns}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
KNOWN = {200, 201, 204, 206, 301, 400, 403, 404, 405, 406, 409, 413, 415, 501}


@dataclass
class Party(Client):
    """Someone with a certificate, whose every answer is judged."""

    profile: str = "csip"

    async def request(
        self, method: str, path: str, body: bytes | str = b"", media: str = XML, **headers: str
    ) -> Reply:
        """Ask for a path, and judge the answer."""
        reply = await super().request(method, path, body, media, **headers)
        judge(reply, method, path, self.profile)
        return reply

    async def read(self, path: str) -> Element:
        """GET what is there."""
        reply = await self.get(path)
        assert reply.status == 200, (path, reply)
        return parsed(reply.body)

    async def status(self, method: str, path: str, body: str = "") -> int:
        """Ask, and give the status alone."""
        return (await self.request(method, path, body)).status

    async def made(self, path: str, body: str) -> str:
        """POST something new, and give where it is."""
        reply = await self.post(path, body)
        assert reply.status == 201, (path, body, reply)
        return reply.headers["Location"]

    async def laid(self, path: str, body: str) -> None:
        """PUT something in place."""
        assert (reply := await self.put(path, body)).status in {201, 204}, (path, body, reply)


def judge(reply: Reply, method: str, path: str, profile: str) -> None:
    """Hold an answer to the rules that go for all of them."""
    told = (method, path, reply)
    assert reply.status in KNOWN, told
    media = reply.headers.get("Content-Type", "").partition(";")[0]
    if method == "HEAD" or reply.status == 204:
        assert not reply.body, told
    if reply.status == 201:
        assert reply.headers.get("Location", "").startswith("/"), told
    if reply.status == 301:
        assert reply.headers.get("Location", "").startswith("https://"), told
    if reply.status == 405:
        allowed = [name.strip() for name in reply.headers["Allow"].split(",")]
        assert allowed, told
        assert method not in allowed, told
    if reply.body and not path.endswith("/content"):
        assert media == MEDIA, told
        assert faults(reply.body, profile) == "", told
    if reply.status == 200 and method == "GET":
        assert reply.body, told


def parsed(body: bytes) -> Element:
    """Give a document."""
    return fromstring(body)  # noqa: S314 - of our own server, judged before


def text(found: Element, *names: str) -> str | None:
    """Give the text below a path of names."""
    return found.findtext("/".join(NS + name for name in names))


def hrefs(found: Element) -> list[str]:
    """Give the addresses of a list's members."""
    return [each.get("href", "") for each in found]


def links(found: Element) -> dict[str, Element]:
    """Give the links of a document by name."""
    leading = (each for each in found.iter() if each.tag.endswith("Link") and each.get("href"))
    return {each.tag.removeprefix(NS): each for each in leading}


def href(found: Element, name: str) -> str:
    """Give where a link leads, or a mode that is a curve."""
    (link,) = [each for each in found.iter(NS + name) if each.get("href")]
    return link.get("href", "")


async def heard(there: Receiver, profile: str = "csip") -> Element:
    """Wait for a Notification, judge it, and give it."""
    return notified(await there.next(), profile)


def notified(got: Got, profile: str = "csip") -> Element:
    """Judge a Notification, and give it."""
    assert got.media.partition(";")[0] == MEDIA, got
    assert faults(got.body, profile) == "", got
    return parsed(got.body)


def resource(found: Element) -> Element:
    """Give the resource that a Notification holds."""
    inner = found.find(f"{NS}Resource")
    assert inner is not None
    return inner


async def subscribed(party: Party, own: str, resource_: str, there: Receiver, path: str = "/hook") -> str:
    """Subscribe below the client's own EndDevice; the address of the subscription."""
    return await party.made(f"{own}/sub", subscription(resource_, there.url(path)))


async def until(there: Receiver, wanted: Callable[[Element], bool]) -> list[Element]:
    """Wait for a Notification of a kind; all that came until then, each of them judged."""
    found = [await heard(there)]
    while not wanted(found[-1]):
        found.append(await heard(there))
    return found


def about(path: str) -> Callable[[Element], bool]:
    """Whether a Notification is about a resource."""
    return lambda found: text(found, "subscribedResource") == path


def hearing(site: Served) -> ssl.SSLContext:
    """The TLS of a receiver whose certificate is of the same root as the server's, and who asks for one."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(tls.SUITES)
    made.load_cert_chain(site.pki.certificate, site.pki.key)
    made.load_verify_locations(site.pki.roots)
    made.verify_mode = ssl.CERT_REQUIRED
    return made

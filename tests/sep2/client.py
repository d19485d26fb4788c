"""A client of the server in tests: an identity, a shelf, a policy, and the requests that it makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree.ElementTree import Element, fromstring

from bridge.sep2 import server
from bridge.sep2.shelf import Who
from bridge.sep2.talk import MEDIA, Answer, Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work
from bridge.trust import identity
from tests.sep2.memory import NOW, Memory

NS = "urn:ieee:std:2030.5:ns"
DEVICE, OTHER, HOLDER, HEAD, THIRD = (letter * 40 for letter in "ABCDE")
Made = TypeVar("Made")
IN_BAND = Policy(registration="in-band")


@dataclass
class Client:
    """Someone with a certificate."""

    shelf: Memory = field(default_factory=Memory)
    lfdi: str = DEVICE
    policy: Policy = IN_BAND
    roles: frozenset[str] = frozenset()
    now: int = NOW

    async def ask(self, method: str, path: str, body: str = "", **said: object) -> Answer:
        peer = Peer(self.lfdi, identity.sfdi(self.lfdi), self.roles)
        place, _, query = path.partition("?")
        pairs = tuple((name, value) for name, _, value in (each.partition("=") for each in query.split("&")))
        given = {
            "body": body.encode(),
            "media": MEDIA if body else "",
            "query": pairs if query else (),
            **said,
        }
        return await server.answer(Ask(method, place, peer, self.now, **given), self.shelf, self.policy)  # type: ignore[arg-type]

    async def get(self, path: str) -> Element:
        answer = await self.ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.reason)
        return fromstring(answer.body)  # noqa: S314 - the answer of our own server

    async def status(self, method: str, path: str, body: str = "") -> int:
        return (await self.ask(method, path, body)).status

    async def register(self, lfdi: str = "") -> str:
        answer = await self.ask("POST", "/edev", device(lfdi or self.lfdi))
        assert answer.status == 201, answer.reason
        return answer.location

    def another(self, lfdi: str, *roles: str) -> Client:
        return Client(self.shelf, lfdi, self.policy, frozenset(roles), self.now)


def device(lfdi: str, *, sfdi: int | None = None, said: str | None = None) -> str:
    """Give an EndDevice to be posted."""
    name = lfdi if said is None else said
    spoken = f"<lFDI>{name}</lFDI>" if name else ""
    return document(
        "EndDevice", f"{spoken}<sFDI>{sfdi or identity.sfdi(lfdi)}</sFDI><changedTime>1</changedTime>"
    )


def document(name: str, inner: str) -> str:
    """Give a document of the 2018 schema."""
    return f'<{name} xmlns="{NS}">{inner}</{name}>'


def programme(mrid: str, primacy: int = 1) -> str:
    """Give a DERProgram to be posted."""
    return document("DERProgram", f"<mRID>{mrid}</mRID><primacy>{primacy}</primacy>")


async def done(shelf: Memory, change: Callable[[Work], Awaitable[Made]], policy: Policy = IN_BAND) -> Made:
    """Let the operator change something in one commit, as the administration API does."""
    ask = Ask("POST", "/-", Peer(HEAD, 0), NOW)
    work = Work(ask, Caller(HEAD, 0, "operator"), policy, Trace(shelf))
    made = await change(work)
    await shelf.commit(work.changes, Who(HEAD, "admin", NOW))
    return made


def hrefs(found: Element) -> list[str | None]:
    """Give the addresses of a list's members."""
    return [each.get("href") for each in found]


def text(found: Element, name: str) -> str | None:
    """Give the text of a child."""
    return found.findtext(f"{{{NS}}}{name}")

"""Subscribers in tests: a utility with a group and a programme, an aggregator with a device."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, fromstring

from bridge.sep2 import groups, notify, permit
from bridge.sep2.shelf import Parcel, Row, Who
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work
from tests.sep2.client import DEVICE, HEAD, HOLDER, NS, OTHER, Client, programme
from tests.sep2.memory import NOW, Memory

POLICY = Policy(registration="in-band", hosts=frozenset({"localhost"}), plain_http=True)
URI = "http://localhost:9/hook"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
STATUS = (
    "<EventStatus><currentStatus>0</currentStatus><dateTime>1</dateTime>"
    "<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
)


def wanted(resource: str, uri: str = URI, *, limit: int = 100, encoding: int = 0, condition: str = "") -> str:
    """Give a Subscription to be posted."""
    return (
        f'<Subscription xmlns="{NS}"><subscribedResource>{resource}</subscribedResource>{condition}'
        f"<encoding>{encoding}</encoding><level>+S1</level><limit>{limit}</limit>"
        f"<notificationURI>{uri}</notificationURI></Subscription>"
    )


def control(mark: str, start: int = NOW, duration: int = 600, created: int = NOW) -> str:
    """Give a DERControl to be posted."""
    return (
        f'<DERControl xmlns="{NS}"><mRID>{mark}</mRID><creationTime>{created}</creationTime>{STATUS}'
        f"<interval><duration>{duration}</duration><start>{start}</start></interval>"
        "<DERControlBase><opModConnect>true</opModConnect></DERControlBase></DERControl>"
    )


def default(mark: str, gradient: int) -> str:
    """Give a DefaultDERControl to be put."""
    return (
        f'<DefaultDERControl xmlns="{NS}"><mRID>{mark}</mRID><DERControlBase>'
        f"<opModConnect>true</opModConnect></DERControlBase><setGradW>{gradient}</setGradW></DefaultDERControl>"
    )


@dataclass
class Town:
    """An aggregator with one device in a group with one programme, another device, and who runs it all."""

    shelf: Memory = field(default_factory=Memory)
    holder: Client = field(init=False)
    device: Client = field(init=False)
    other: Client = field(init=False)
    head: Client = field(init=False)
    group: str = ""
    programme: str = ""
    edev: str = ""
    alien: str = ""

    def __post_init__(self) -> None:
        made = (Client(self.shelf, lfdi, POLICY) for lfdi in (HOLDER, DEVICE, OTHER))
        self.holder, self.device, self.other = made
        self.head = Client(self.shelf, HEAD, POLICY, frozenset({"operator"}))

    async def subscribe(self, client: Client, resource: str, **said: object) -> str:
        """Subscribe below the client's own EndDevice; the address of the subscription."""
        answer = await client.ask("POST", f"{await self.own(client)}/sub", wanted(resource, **said))  # type: ignore[arg-type]
        assert answer.status == 201, answer.reason
        return answer.location

    async def own(self, client: Client) -> str:
        await client.get("/edev")
        (row,) = await self.shelf.marked("EndDevice", client.lfdi)
        return row.href

    async def done(self, change: Callable[[Work], Awaitable[object]]) -> list[Parcel]:
        """Let the operator change something as the administration API does; what it brings about."""
        work = Work(
            Ask("POST", "/-", Peer(HEAD, 0), NOW), Caller(HEAD, 0, "operator"), POLICY, Trace(self.shelf)
        )
        await change(work)
        parcels = await notify.parcels(work)
        await self.shelf.commit(work.changes, Who(HEAD, "admin", NOW), parcels)
        return list(parcels)

    async def said(
        self, client: Client, method: str, path: str, body: str = "", *statuses: int
    ) -> list[Parcel]:
        """Let a client do something; what it brings about."""
        before = len(self.shelf.parcels)
        answer = await client.ask(method, path, body)
        assert answer.status in (statuses or (201, 204)), answer.reason
        return self.shelf.parcels[before:]

    async def controlled(self, mark: str, start: int = NOW, duration: int = 600, **said: int) -> list[Parcel]:
        """Post a control to the programme."""
        body = control(mark, start, duration, **said)
        return await self.said(self.head, "POST", f"{self.programme}/derc", body)

    def row(self, href: str) -> Row:
        return self.shelf.rows[href]


async def town(profile: str = "2018") -> Town:
    """Give the town, its devices registered."""
    made = Town()
    await made.done(lambda work: permit.grant(work, HOLDER, role="aggregator", profile=profile))
    await made.holder.get("/edev")
    made.edev = await made.holder.register(DEVICE)
    made.alien = await made.other.register()
    group = await groups_made(made)
    made.group = group.href
    answer = await made.head.ask("POST", "/derp", programme("AB" * 16))
    made.programme = answer.location
    await made.done(lambda work: _hung(work, made.programme, made.group))
    await made.done(lambda work: joined(work, made.group, made.edev))
    return made


async def groups_made(made: Town, parent: str = "") -> Row:
    """Make a group."""
    found: list[Row] = []

    async def make(work: Work) -> None:
        found.append(await groups.make(work, {"name": "feeder"}, parent))

    await made.done(make)
    return found[0]


async def joined(work: Work, group: str, edev: str) -> None:
    """Make a device a member of a group."""
    row = await work.shelf.get(edev)
    assert row is not None
    await groups.join(work, group, row)


async def _hung(work: Work, href: str, group: str) -> None:
    row = await work.shelf.get(href)
    assert row is not None
    work.amend(row, grp=group)


def told(parcel: Parcel) -> Element:
    """Give the Notification of a parcel."""
    return fromstring(parcel.body)  # noqa: S314 - the notification of our own server


def content(parcel: Parcel) -> tuple[str | None, str | None, str | None, int]:
    """Give the type, `all`, `results` and count of members of what a Notification holds."""
    resource = told(parcel).find(f"{{{NS}}}Resource")
    assert resource is not None
    return resource.get(XSI), resource.get("all"), resource.get("results"), len(resource)

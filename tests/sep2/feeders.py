"""Two devices in two feeders of one system, a programme for each, rules of one's own: for tests of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.core.access import book, rules
from bridge.core.access.roles import Grant
from bridge.sep2 import assign, groups, ours
from bridge.sep2.work import Access, Policy
from tests.sep2.client import DEVICE, HEAD, OTHER, Client, document, done, programme
from tests.sep2.memory import NOW, Memory

STATUS = document("DERStatus", "<readingTime>5</readingTime>")
SETTINGS = document(
    "DERSettings",
    "<setGradW>1</setGradW><setMaxW><multiplier>0</multiplier><value>5000</value></setMaxW>"
    "<updatedTime>5</updatedTime>",
)
PEOPLE = ("1" * 40, "2" * 40)


HALF = "<opModMaxLimW>5000</opModMaxLimW>"


def control(mark: str, base: str = HALF, start: int = NOW + 600, **more: Any) -> str:
    duration = more.get("duration", 60)
    return document(
        "DERControl",
        f"<mRID>{mark}</mRID><creationTime>{NOW}</creationTime><EventStatus><currentStatus>0</currentStatus>"
        f"<dateTime>{NOW}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        f"<interval><duration>{duration}</duration><start>{start}</start></interval>{more.get('tail', '')}"
        f"<DERControlBase>{base}</DERControlBase>",
    )


def ruled(text: str = "", **more: Any) -> Policy:
    """A policy with rules of its own over the shipped ones."""
    engine = book.engine(rules.read(text))
    return Policy(registration="in-band", access=Access(engine, **more))


@dataclass
class World:
    """Two devices in two feeders of one system, a programme for each feeder, and one for the system."""

    client: Client
    edev: dict[str, str]
    derp: dict[str, str]
    group: dict[str, int]


async def world(policy: Policy) -> World:
    head = Client(Memory(), HEAD, policy, frozenset({"operator"}))
    shelf = head.shelf
    system = await done(shelf, lambda work: groups.make(work, {"name": "system"}))
    made = {"system": system.href}
    for name in ("north", "south"):
        row = await done(shelf, lambda work, name=name: groups.make(work, {"name": name}, system.href))  # type: ignore[misc]
        made[name] = row.href
    edev, derp = {}, {}
    for lfdi, name in ((DEVICE, "north"), (OTHER, "south")):
        edev[lfdi] = await Client(shelf, lfdi, Policy(registration="in-band")).register()
        row = shelf.rows[edev[lfdi]]
        await done(shelf, lambda work, name=name, row=row: groups.join(work, made[name], row))  # type: ignore[misc]
    plain = Client(shelf, HEAD, Policy(), frozenset({"operator"}))
    for at, (name, href) in enumerate(made.items()):
        derp[name] = (await plain.ask("POST", "/derp", programme(f"AB0{at}"))).location
        await shelf.lay(shelf.rows[derp[name]]._replace(grp=href))
    return World(head, edev, derp, {name: ours.number(href) for name, href in made.items()})


async def give(one: World, lfdi: str, role: int, area: str = "", **more: Any) -> None:
    policy = one.client.policy
    await done(one.client.shelf, lambda work: assign.give(work, lfdi, Grant(role, area, **more)), policy)


CAPS = (
    'rule = [{{ name = "operator-commands", roles = ["OPERATOR"], functions = ["control", "default"], '
    'actions = ["create", "change", "cancel"], limits = {{ {} }} }}]'
)

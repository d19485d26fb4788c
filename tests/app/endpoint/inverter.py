"""An inverter for tests: it polls its DERControls over mutual TLS, and says what became of them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from tests.served import Client

NS = "urn:ieee:std:2030.5:ns"
S = f"{{{NS}}}"


@dataclass
class Control:
    """A DERControl as an inverter reads it."""

    href: str
    mrid: str
    primacy: int
    start: int
    duration: int
    state: int
    modes: dict[str, Any]
    description: str


@dataclass
class Inverter:
    """A 2030.5 client."""

    client: Client
    seen: list[Control] = field(default_factory=list)

    async def read(self, path: str) -> Any:
        """GET."""
        reply = await self.client.get(path)
        assert reply.status == 200, (path, reply)
        return etree.fromstring(reply.body)

    async def poll(self) -> list[Control]:
        """Read all controls of all programmes."""
        found = []
        for programme in await self.read("/derp?l=255"):
            primacy = int(programme.findtext(f"{S}primacy"))
            listed = programme.find(f"{S}DERControlListLink")
            if listed is None:
                continue
            rows = await self.read(f"{listed.get('href')}?l=255")
            found += [_control(each, primacy) for each in rows]
        self.seen = found
        return found

    async def defaults(self) -> list[Any]:
        """Read the default controls of all programmes that have one."""
        found = []
        for programme in await self.read("/derp?l=255"):
            link = programme.find(f"{S}DefaultDERControlLink")
            if link is not None:
                found.append(await self.read(link.get("href")))
        return found

    async def respond(self, control: Control, *statuses: int) -> None:
        """Say what becomes of a control."""
        for status in statuses:
            body = (
                f'<DERControlResponse xmlns="{NS}"><createdDateTime>{int(time.time())}</createdDateTime>'
                f"<endDeviceLFDI>{self.client.lfdi}</endDeviceLFDI><status>{status}</status>"
                f"<subject>{control.mrid}</subject></DERControlResponse>"
            )
            reply = await self.client.post("/rsps/1/rsp", body)
            assert reply.status in {201, 204}, reply


def _control(each: Any, primacy: int) -> Control:
    base = each.find(f"{S}DERControlBase")
    modes = {one.tag.removeprefix(S): one.text or _plain(one) for one in base}
    return Control(
        each.get("href"), each.findtext(f"{S}mRID"), primacy,
        int(each.findtext(f"{S}interval/{S}start")), int(each.findtext(f"{S}interval/{S}duration")),
        int(each.findtext(f"{S}EventStatus/{S}currentStatus")), modes, each.findtext(f"{S}description") or "",
    )  # fmt: skip


def _plain(one: Any) -> Any:
    return one.get("href") or {part.tag.removeprefix(S): part.text for part in one}

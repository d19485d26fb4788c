"""The utility of a test: topology, devices, programmes and controls, made by the administration API.

Every test has names of its own, so that tests share a server and nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.served import Admin, Served
from tests.standards.judged import Party

API = "/api/v1"
PIN = 111115
LEVELS = ("system", "subtransmission", "substation", "feeder", "segment", "transformer", "service-point")
"""The levels of the topology, from the top."""


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


@dataclass
class Device:
    """A registered EndDevice, and who speaks for it."""

    href: str
    lfdi: str
    party: Party
    """The device itself, or its aggregator."""

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.href.rpartition("/")[2])


@dataclass
class Utility:
    """Who runs the server."""

    site: Served
    prefix: str

    @cached_property
    def admin(self) -> Admin:
        """The administration API."""
        return self.site.admin

    def party(self, name: str = "device", role: str = "device") -> Party:
        """Someone with a certificate."""
        short = hashlib.sha256(f"{self.prefix} {name}".encode()).hexdigest()[:12]
        return Party(self.site, self.site.pki.client(f"{name}-{short}", role), self.site.url)

    async def ask(self, method: str, path: str, form: object = None) -> Any:
        """Ask the administration API for something that must work."""
        status, said = await self.admin.request(method, API + path, form)
        assert status in {200, 201, 204}, (method, path, form, status, said)
        return said

    async def group(self, name: str, level: str = "other", parent: int | None = None) -> int:
        """Make a group."""
        form = {"name": name, "level": level, **({"parent": parent} if parent else {})}
        return int((await self.ask("POST", "/groups", form))["id"])

    async def topology(self, levels: Sequence[str] = LEVELS) -> list[int]:
        """Make a line of groups from the top down."""
        found: list[int] = []
        for level in levels:
            found.append(await self.group(level, level, found[-1] if found else None))
        return found

    async def device(self, *groups: int, name: str = "device", **form: object) -> Device:
        """Register a device out of band."""
        party = self.party(name)
        said = {"lfdi": party.lfdi, "pin": PIN, "groups": groups, "name": name, **form}
        made = await self.ask("POST", "/devices", said)
        return Device(made["href"], party.lfdi, party)

    async def aggregator(self, name: str = "aggregator") -> Device:
        """Let an aggregator in."""
        party = self.party(name, "aggregator")
        made = await self.ask("POST", "/aggregators", {"lfdi": party.lfdi, "pin": PIN})
        return Device(f"/edev/{made['device']}", party.lfdi, party)

    async def held(self, aggregator: Device, name: str, *groups: int) -> Device:
        """Register a device of an aggregator."""
        made = await self.device(*groups, name=name, aggregator=aggregator.lfdi)
        return Device(made.href, made.lfdi, aggregator.party)

    async def programme(self, group: int, primacy: int = 1, **form: object) -> Programme:
        """Make a programme."""
        made = await self.ask("POST", "/programmes", {"group": group, "primacy": primacy, **form})
        return Programme(self, made["id"], made["href"], made["mrid"], primacy)

    async def responses(self, subject: str) -> list[int]:
        """The statuses of the responses to an event, in the order in which they came."""
        page = await self.ask("GET", f"/responses?subject={subject}&limit=500")
        items = sorted(page["items"], key=lambda one: int(one["href"].rpartition("/")[2]))
        return [one["status"] for one in items]


@dataclass
class Programme:
    """A DERProgram."""

    utility: Utility
    number: int
    href: str
    mrid: str
    primacy: int

    @property
    def controls(self) -> str:
        """Where its list of controls is."""
        return f"{self.href}/derc"

    async def control(self, duration: int = 600, **form: Any) -> dict[str, Any]:
        """Make a control; it connects unless another mode is given."""
        modes = form.pop("modes", {"opModConnect": True})
        made = await self.utility.ask(
            "POST", f"/programmes/{self.number}/controls", {"modes": modes, "duration": duration, **form}
        )
        return dict(made)

    async def cancel(self, control: dict[str, Any]) -> None:
        """Cancel a control."""
        await self.utility.ask("POST", f"/programmes/{self.number}/controls/{control['id']}/cancel", {})

    async def default(self, entry: dict[str, Any] | None = None, **modes: Any) -> str:
        """Set its default control; the mRID."""
        form = {"modes": modes, **({"entry": entry} if entry else {})}
        made = await self.utility.ask("PUT", f"/programmes/{self.number}/default", form)
        return str(made["mrid"])

    async def curve(self, type_: int, points: Sequence[tuple[int, int]], reference: str, **form: Any) -> str:
        """Draw a curve; its address."""
        said = {"type": type_, "points": [{"x": x, "y": y} for x, y in points], "y_reference": reference}
        made = await self.utility.ask("POST", f"/programmes/{self.number}/curves", {**said, **form})
        return str(made["href"])

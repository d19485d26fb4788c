"""A foreign client of IEEE 2030.5 for prices and texts on py20305; it runs in a process without the bridge.

Its own walk finds the tariffs, its own processor says which price is in effect and answers for receipt; texts
are read by its models, by links alone. What it understood goes to standard output as JSON, and each document
as it came.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, TypeVar

from py20305.client.discovery import discover
from py20305.client.http import Sep2Client
from py20305.client.state import DiscoveredState
from py20305.client.tls import TlsConfig
from py20305.connectors.base import ScheduleNotification
from py20305.events.tariff import TariffProcessor
from py20305.models.sep import sep

Kind = TypeVar("Kind")


class Kept(Sep2Client):
    """Its client, which keeps each document beside what it reads in it."""

    def __init__(self, url: str, files: TlsConfig) -> None:
        super().__init__(url, files, server_2018_compat=True)
        self.documents: dict[str, str] = {}

    async def get_with_body(self, path: str, model_type: type[Kind]) -> tuple[Kind, bytes]:
        """Keep it, too."""
        found, body = await super().get_with_body(path, model_type)
        self.documents[path] = body.decode()
        return found, body

    async def get(self, path: str, model_type: type[Kind]) -> Kind:
        """Keep it, too."""
        return (await self.get_with_body(path, model_type))[0]


class Display:
    """What the processor tells of the price in effect."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def relay_schedule_notification(self, devices: list[str], notice: ScheduleNotification) -> None:
        """Take note of a price."""
        said = notice.payload
        prices = [each["price"] for each in said["prices"]]
        self.told.append(
            {
                "devices": devices, "start": notice.start, "duration": notice.duration, "prices": prices,
                "multiplier": said["price_power_of_ten_multiplier"], "currency": said["currency"],
                "tier": said["tou_tier"], "component": said["rate_component_href"],
            }
        )  # fmt: skip


async def read(said: dict[str, Any]) -> dict[str, Any]:
    """Walk to all that is there for this device."""
    cert, key, ca = (Path(said[name]) for name in ("cert", "key", "ca"))
    state, display = DiscoveredState(pricing_enabled=True), Display()
    client = Kept(said["url"], TlsConfig(cert, key, ca))
    async with client:
        await discover(client, state)
        processor = TariffProcessor(client, state, display)  # type: ignore[arg-type] # all that it asks of it
        await processor.process_tariffs()
        await asyncio.gather(*processor._relay_tasks)  # noqa: SLF001 - it has no other way to wait for them
        ways = await directions(client, state)
        found = await texts(client, state)
    return {"prices": display.told, "texts": found, "directions": ways, "documents": client.documents}


async def directions(client: Kept, state: DiscoveredState) -> dict[str, Any]:
    """The flow direction of each component, by the reading type that it leads to."""
    found = {}
    for profile in state.tariff_profiles.values():
        for component in profile.rate_components:
            href = component.rate_component.reading_type_link.href
            kind = await client.get(href, sep.ReadingType)
            found[component.href] = kind.flow_direction and kind.flow_direction.value
    return found


async def texts(client: Kept, state: DiscoveredState) -> list[dict[str, Any]]:
    """The texts that the assignments of this device lead to."""
    found = []
    for device in state.end_devices.values():
        for assigned in device.fsa_list:
            link = assigned.messaging_program_list_link
            for page in await client.get_list(link.href, sep.MessagingProgramList) if link else ():
                for programme in page.messaging_program:
                    found += await within(client, programme)
    return found


async def within(client: Kept, programme: sep.MessagingProgram1) -> list[dict[str, Any]]:
    """The texts of a programme."""
    link, locale = programme.text_message_list_link, programme.locale.value
    pages = await client.get_list(link.href, sep.TextMessageList) if link else []
    return [{**text(each), "locale": locale} for page in pages for each in page.text_message]


def text(each: sep.TextMessage1) -> dict[str, Any]:
    """A text as it was understood."""
    return {
        "text": each.text_message, "priority": each.priority.value, "originator": each.originator,
        "start": each.interval.start.value, "duration": each.interval.duration,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(asyncio.run(read(json.load(sys.stdin)))))

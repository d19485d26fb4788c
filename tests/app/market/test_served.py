"""Prices and messages at a real bridge: over mutual TLS, killed in between, read and subscribed to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from tests.app.market import crowd
from tests.app.market.stall import NS, esiid, link, said
from tests.sep2.official import faults
from tests.served import Client, Served, served

FORM = {"number": 7001, "price": 0.12777, "duration": 3600, "label": "TOU", "generation": 0.1}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("site"), market={"together": 3}) as made:
        yield made


async def post(site: Served, path: str, form: dict[str, Any]) -> Any:
    status, made = await site.admin.post(f"/api/v1{path}", form)
    assert status == 201, made
    return made


async def registered(site: Served, number: int) -> Client:
    """A device with a meter."""
    device = site.client(f"inverter-{number}")
    await post(site, "/devices", {"lfdi": device.lfdi})
    status, _ = await site.admin.put(f"/api/v1/meters/{esiid(number)}", {"devices": [device.lfdi]})
    assert status == 200
    return device


async def read(device: Client, path: str) -> Element:
    """A document, which the official schema takes."""
    reply = await device.get(f"{path}?l=99")
    assert reply.status == 200, (path, reply)
    assert faults(reply.body, "2018") == "", path
    return fromstring(reply.body)  # noqa: S314 - our own server wrote it


async def walked(device: Client) -> list[tuple[Element, Element]]:
    """From the device capability by links alone to every interval and its price."""
    found = []
    for end in await read(device, link(await read(device, "/dcap"), "EndDeviceListLink")):
        for assigned in await read(device, link(end, "FunctionSetAssignmentsListLink")):
            for profile in await read(device, link(assigned, "TariffProfileListLink")):
                for component in await read(device, link(profile, "RateComponentListLink")):
                    for interval in await read(device, link(component, "TimeTariffIntervalListLink")):
                        prices = await read(device, link(interval, "ConsumptionTariffIntervalListLink"))
                        found.append((interval, prices[0]))
    return found


async def test_a_price_is_read_by_a_device(site: Served) -> None:
    device, stranger = await registered(site, 1), await registered(site, 2)
    made = await post(site, "/prices", {**FORM, "meters": [esiid(1)]})
    await crowd.until(site, made["id"], 1)
    assert sorted(said(price, "price") for _, price in await walked(device)) == ["10000", "12777"]
    assert await walked(stranger) == []


async def test_an_answer_of_the_device_is_the_result_of_its_address(site: Served) -> None:
    device = await registered(site, 3)
    form = {"number": 1, "text": "hello", "duration": 60, "meters": [esiid(3)]}
    made = await post(site, "/notices", form)
    await crowd.until(site, made["id"], 1)
    mark = (await crowd.shown(site, made["id"]))["mrid"]
    body = (
        f'<TextResponse xmlns="{NS[1:-1]}"><endDeviceLFDI>{device.lfdi}</endDeviceLFDI><status>1</status>'
        f"<subject>{mark}</subject></TextResponse>"
    )
    assert (await device.post("/rsps/1/rsp", body)).status == 201
    (result,) = await crowd.results(site, made["id"])
    assert (result["verdict"], result["devices"]) == ("delivered", [device.lfdi])


async def test_a_server_that_is_killed_serves_each_address_once(site: Served) -> None:
    assert site.stop() == 0
    await crowd.stocked(site, 150)
    site.start()
    whom = [esiid(1_000_000 + at) for at in range(1, 151)]
    made = await post(site, "/prices", {**FORM, "number": 7002, "meters": whom})
    for part in (30, 90):
        await crowd.until(site, made["id"], part)
        site.kill()
        site.start()
    assert (await crowd.until(site, made["id"], 150))["state"] == "served"
    results = await crowd.results(site, made["id"])
    assert [each["esiid"] for each in results] == whom
    assert {each["verdict"] for each in results} == {"accepted"}
    assert all(len(each["devices"]) == 1 for each in results)
    entries = [
        each for each in await crowd.entries(site, "Addressed") if f"/{made['id']}/to/" in each["href"]
    ]
    assert len(entries) == len({each["href"] for each in entries}) == 150


async def test_a_subscriber_hears_of_its_own_once(site: Served) -> None:
    device, _ = await registered(site, 4), await registered(site, 5)
    await sent(site, 11, (4,))
    async with heard(site, device) as told:
        for number, whom in ((2, 4), (3, 5), (4, 4)):
            await sent(site, number, (whom,))
        await until(told, 4)
    assert [counted(told, number) for number in (2, 3, 4)] == [1, 0, 1]


async def test_an_aggregator_hears_of_an_event_for_many_of_its_devices_once(site: Served) -> None:
    holder = await holding(site, range(20, 30))
    await sent(site, 20, (20,))
    async with heard(site, holder) as told:
        for number, whom in ((21, range(20, 30)), (22, (21,))):
            await sent(site, number, whom)
        await until(told, 22)
    assert [counted(told, number) for number in (21, 22)] == [1, 1]


async def test_an_aggregator_sees_what_is_for_a_device_as_long_as_it_holds_one(site: Served) -> None:
    holder = await holding(site, range(30, 33), "other")
    await sent(site, 31, (30, 31))
    await sent(site, 32, (32,))
    seen = [await texts(holder)]
    for number in (30, 31):
        lfdi = site.client(f"inverter-{number}").lfdi
        status, answer = await site.admin.patch(
            f"/api/v1/devices/{lfdi}", {"aggregator": None}, Content_Type="application/merge-patch+json"
        )
        assert status == 200, answer
        seen.append(await texts(holder))
    assert seen == [{"text 31", "text 32"}, {"text 31", "text 32"}, {"text 32"}]


async def sent(site: Served, number: int, whom: Iterable[int]) -> None:
    """Send a text to some meters, and wait until all are served."""
    meters = [esiid(each) for each in whom]
    form = {"number": number, "text": f"text {number}", "duration": 900, "meters": meters}
    made = await post(site, "/notices", form)
    await crowd.until(site, made["id"], len(meters))


async def holding(site: Served, numbers: Iterable[int], name: str = "aggregator") -> Client:
    """An aggregator that holds some devices, each with a meter."""
    holder = site.client(name, "aggregator")
    await post(site, "/aggregators", {"lfdi": holder.lfdi})
    for number in numbers:
        device = site.client(f"inverter-{number}")
        await post(site, "/devices", {"lfdi": device.lfdi, "aggregator": holder.lfdi})
        await site.admin.put(f"/api/v1/meters/{esiid(number)}", {"devices": [device.lfdi]})
    return holder


async def texts(reader: Client) -> set[str]:
    """The texts that somebody sees."""
    (programme,) = await read(reader, "/msg")
    return {said(each, "textMessage") for each in await read(reader, link(programme, "TextMessageListLink"))}


@asynccontextmanager
async def heard(site: Served, reader: Client) -> AsyncIterator[list[bytes]]:
    """What somebody is told who subscribes to the texts that it sees."""
    told: list[bytes] = []
    server = await asyncio.start_server(lambda *streams: _taken(told, *streams), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (programme,) = await read(reader, "/msg")
    list_ = link(programme, "TextMessageListLink")
    body = (
        f'<Subscription xmlns="{NS[1:-1]}"><subscribedResource>{list_}</subscribedResource>'
        "<encoding>0</encoding><level>+S1</level><limit>10</limit>"
        f"<notificationURI>http://127.0.0.1:{port}/</notificationURI></Subscription>"
    )
    edev = f"/edev/{(await site.admin.get(f'/api/v1/devices/{reader.lfdi}'))[1]['id']}"
    reply = await reader.post(f"{edev}/sub", body)
    assert reply.status == 201, reply
    yield told
    server.close()


async def until(told: list[bytes], number: int) -> None:
    """Wait for a text."""
    deadline = time.monotonic() + crowd.PATIENCE
    while not counted(told, number):
        assert time.monotonic() < deadline, told
        await asyncio.sleep(0.02)


def counted(told: list[bytes], number: int) -> int:
    """How often somebody was told of a text."""
    return sum(f"text {number}<".encode() in one for one in told)


async def _taken(heard: list[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take one notification."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:"))
    heard.append(await reader.readexactly(size))
    writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()

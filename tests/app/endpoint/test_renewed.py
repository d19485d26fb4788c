"""SIGHUP at a site whose 61850 clients are associated: who goes on, who does not, by which certificate."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Callable, Iterator

import pytest

from bridge.trust import issue
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.app.endpoint.test_endpoint import customer, opened
from tests.served import DOMAIN, HOSTS, RELAY, Served, certified, served

NAMES = ("owner", "other")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("renewed")
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    for name in NAMES:
        shutil.copy(made.client(name, "operator").certificate, place / "parties" / f"{name}.pem")
    with served(place, relay=RELAY, iec61850={"enabled": True}) as found:
        yield found


def ended(site: Served) -> list[str]:
    """Addresses whose associations have ended, in their order."""
    return [line["peer"] for line in site.lines("association") if line["what"] == "ended"]


def address(one: Customer) -> str:
    return f"{one.files.lfdi.lower()}@{DOMAIN}/IEC"


async def hangup(site: Served) -> None:
    """Have it read its files again."""
    before = len(site.lines("reloaded"))
    assert site.process
    site.process.send_signal(signal.SIGHUP)
    await seen(lambda: len(site.lines("reloaded")) > before)


async def seen(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - a process writes its log for nobody
            await asyncio.sleep(0.05)


async def answer(one: Customer) -> str:
    """What becomes of a question: it is answered, or has failed."""
    return (await one.ask(asks.IDENTIFY)).what


async def test_who_is_taken_out_is_told_nothing_more_and_the_others_go_on(site: Served) -> None:
    file = site.folder / "parties" / "other.pem"
    kept = file.read_bytes()
    async with customer(site, "owner") as one, customer(site, "other") as other:
        await opened(one)
        await opened(other)
        file.unlink()
        await hangup(site)
        assert (await answer(one), await answer(other)) == ("answered", "failed")
        assert ended(site) == [address(other)]
        file.write_bytes(kept)
        await hangup(site)
    async with customer(site, "other") as other:
        await opened(other)


async def test_with_another_certificate_it_logs_in_anew_and_is_another_to_its_clients(site: Served) -> None:
    async with customer(site, "owner") as one:
        await opened(one)
        made = issue.server(site.pki.issuer("mica"), HOSTS)
        (site.folder / "pki" / "server.key").write_bytes(made.key_pem)
        (site.folder / "pki" / "server.pem").write_bytes(made.pem)
        await hangup(site)
        await seen(lambda: ended(site)[-1] == address(one))
        assert await answer(one) == "failed"
    async with customer(site, "owner") as one:
        assert one.other == made.lfdi
        await opened(one)
        assert (await answer(one), one.turned) == ("answered", [])

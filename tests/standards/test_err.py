"""ERR-001 and ERR-002: redirection, and subscriptions over the life of a server (CSIP 2.1 clause 5.3)."""

from __future__ import annotations

import asyncio

from tests.served import Served
from tests.standards.grid import Device, Utility
from tests.standards.judged import about, hrefs, resource, subscribed, text, until
from tests.transports.receiver import PATIENCE, receiving


async def test_err_001_redirect(site: Served, utility: Utility) -> None:
    """Plain HTTP leads to TLS, whatever is asked for; who follows gets there."""
    party = utility.party()
    for path in ("/dcap", "/tm", "/edev?s=0&l=5"):
        reply = await party.get(f"http://127.0.0.1:{site.ports['plain']}{path}")
        assert reply.status in {301, 302}
        assert reply.headers["Location"] == f"{site.url}{path}"
        assert (await party.get(reply.headers["Location"])).status == 200


async def gone(holder: Device, place: str) -> None:
    """Look until something is no more."""
    while await holder.party.status("GET", place) != 404:  # noqa: ASYNC110 - what is waited for is elsewhere
        await asyncio.sleep(0.1)


async def test_err_002_subscriptions(site: Served, utility: Utility) -> None:
    """They outlive a restart of the process; an answer of 400 ends one; its end by the utility is told."""
    group, holder = await utility.group("feeder"), await utility.aggregator()
    await utility.held(holder, "held", group)
    programmes = [await utility.programme(group, primacy) for primacy in (1, 2, 3)]
    async with receiving(plain=True) as there:
        made = [
            await subscribed(holder.party, holder.href, each.controls, there, f"/hook/{at}")
            for at, each in enumerate(programmes)
        ]
        first = site.process and site.process.pid
        await asyncio.to_thread(site.restart)
        assert site.process
        assert site.process.pid != first
        assert set(hrefs(await holder.party.read(f"{holder.href}/sub?l=255"))) == set(made)
        control = await programmes[0].control(start=2_000_000_000)
        found = (await until(there, about(programmes[0].controls)))[-1]
        assert hrefs(resource(found)) == [control["href"]]
        there.statuses["/hook/1"] = [400]
        await programmes[1].control(start=2_000_000_000)
        await until(there, about(programmes[1].controls))
        await asyncio.wait_for(gone(holder, made[1]), PATIENCE)
        await programmes[1].control(start=2_000_001_000)
        await utility.ask("DELETE", f"/devices/{holder.number}/subscriptions/{made[2].rpartition('/')[2]}")
        ended = await until(there, about(programmes[2].controls))
        assert text(ended[-1], "status") == "1"
        assert [each.path for each in there.got].count("/hook/1") == 1
    assert hrefs(await holder.party.read(f"{holder.href}/sub?l=255")) == [made[0]]

"""Push at a real bridge, over each of its legs: proved, told, picked up, recovered, refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.push.stage import Organisation, free, jid, receiving, until
from tests.served import RELAY, Client, Served, served

PORT = free()
SAID = {"hosts": ("127.0.0.1",), "ports": (PORT,), "first": 0.2, "longest": 0.5, "rest": 0.5}
CLOSED = {"market": "DAM", "title": "Market Closed", "text": "bids are taken no more"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    config: dict[str, Any] = {"push": SAID, "relay": RELAY, "iec61850": {"enabled": True}}
    with served(tmp_path_factory.mktemp("site"), **config) as found:
        yield found


async def bulletin(site: Served, **more: Any) -> dict[str, Any]:
    status, said = await site.admin.post("/api/v1/bulletins", {**CLOSED, **more})
    assert status == 201, said
    return dict(said)


LEGS = ("https", "notification", "xmpp")


@pytest.mark.parametrize("leg", LEGS)
async def test_an_endpoint_is_proved_told_and_picks_up(site: Served, tmp_path: Path, leg: str) -> None:
    house = Organisation(site, f"house-{leg}")
    await house.found()
    one = await house.account(f"party-{leg}")
    doors: dict[str, Any] = {"listen": f"127.0.0.1:{PORT}"}
    if leg == "xmpp":
        services = site.pki.path / "roots" / "service.pem"
        doors = {"jid": jid(one), "xmpp": f"127.0.0.1:{site.ports['direct']}", "xmpp_ca": services}
    address = jid(one) if leg == "xmpp" else f"https://127.0.0.1:{PORT}/told"
    number = await house.endpoint(one, leg, address)
    with receiving(site, one, tmp_path / "said", **doors) as receiver:
        checked = await house.become(number, "checked", "challenge")
        assert checked["ends"] is None or checked["ends"] > time.time()
        assert checked["tls"].startswith("TLSv1") or leg == "xmpp"
        await house.become(number, "active", "activate")
        said = await bulletin(site)
        (taken,) = receiver.wait(1)
        assert (taken["kind"], taken["subject"], taken["status"]) == ("market", said["mrid"], 200)
        assert taken["body"]["title"] == "Market Closed"
        await house.become(number, "active", "test")
        assert receiver.wait(2)[1]["kind"] == "test"
        await house.quiet()
        await house.become(number, "retired", "retire")


async def picked(one: Client, taken: dict[str, Any]) -> None:
    """The body, or a part of it, and no other method."""
    href = taken["href"]
    whole = await one.get(href)
    assert (whole.status, whole.headers["ETag"]) == (200, f'"{taken["digest"]}"')
    part = await one.get(href, Range="bytes=2-9")
    assert (part.status, part.body) == (206, whole.body[2:10])
    assert part.headers["Content-Range"] == f"bytes 2-9/{taken['size']}"
    same = await one.get(href, If_None_Match=whole.headers["ETag"])
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", whole.headers["ETag"])
    assert (await one.post(href, b"x")).status == 405


async def test_who_may_pick_up(site: Served, tmp_path: Path) -> None:
    """A stranger is told that there is nothing; who was told, and may no more, is refused."""
    house = Organisation(site, "house-who")
    await house.found()
    one, other = await house.account("who"), await house.account("other")
    number = await house.endpoint(one, "https", f"https://127.0.0.1:{PORT}/told")
    with receiving(site, one, tmp_path / "said", listen=f"127.0.0.1:{PORT}") as receiver:
        await house.active(number)
        await bulletin(site)
        (taken,) = receiver.wait(1)
    href = taken["href"]
    await picked(one, taken)
    for stranger in (other, site.client("stranger"), site.admin.client):
        stranger.root = site.url
        assert (await stranger.get(href)).status == 404
    since = await one.get(f"/claims?since={taken['version'] - 1}")
    assert b'"latest": ' in since.body
    assert (await site.client("stranger").get("/claims")).status == 404
    account = f"/api/v1/accounts/{one.lfdi}"
    assert (await house.admin.post(f"{account}/suspend"))[0] == 200
    assert {(await one.get(place)).status for place in (href, "/claims")} == {403}
    assert (await house.admin.post(f"{account}/resume"))[0] == 200
    assert (await one.get(href)).status == 200
    async with one:
        assert (await one.get(href)).status == 200
        words = "/api/v1/revocation/certificates"
        assert (await site.admin.post(words, {"lfdi": one.lfdi, "reason": "stolen"}))[0] == 201
        assert (await one.get(href)).status == 403
    said = await house.become(number, "suspended")
    assert "revoked" in said["why"]


async def test_what_is_missed_is_told_in_order_once_somebody_is_back(site: Served, tmp_path: Path) -> None:
    house = Organisation(site, "house-missed")
    await house.found()
    one = await house.account("missed")
    number = await house.endpoint(one, "https", f"https://127.0.0.1:{PORT}/told", kinds=["market"])
    state = tmp_path / "state"
    with receiving(site, one, tmp_path / "said", listen=f"127.0.0.1:{PORT}", state=state) as receiver:
        await house.active(number)
        titles = [(await bulletin(site, title=f"Market {at}"))["title"] for at in range(2)]
        receiver.wait(2)
        receiver.stop()
        titles += [(await bulletin(site, title=f"Market {at}"))["title"] for at in range(2, 6)]
        until(lambda: any(line["outcome"] == "again" for line in site.lines("notice")), site.log)
        site.kill()
        site.start()
        receiver.start()
        receiver.wait(6)
        await bulletin(site, title="Market 6")
        receiver.wait(7)
        assert [each["body"]["title"] for each in receiver.taken] == [*titles, "Market 6"]
        versions = [each["version"] for each in receiver.taken]
        assert versions == sorted(set(versions))
        await house.quiet()
        assert (await house.admin.get(f"/api/v1/endpoints/{number}"))[1]["waiting"] == 0


async def test_what_is_over_is_over(tmp_path: Path) -> None:
    with served(tmp_path, push={**SAID, "life": 5}) as site:
        house = Organisation(site)
        await house.found()
        one = await house.account("party")
        number = await house.endpoint(one, "notification", f"https://127.0.0.1:{PORT}/told")
        with receiving(site, one, tmp_path / "said", listen=f"127.0.0.1:{PORT}") as receiver:
            await house.active(number)
            await bulletin(site)
            (taken,) = receiver.wait(1)
        assert taken["status"] == 200
        while (await one.get(taken["href"])).status == 200:
            pass
        assert (await one.get(taken["href"])).status == 410
        assert (await site.client("stranger").get(taken["href"])).status == 404

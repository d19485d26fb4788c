"""MAINT-001 to MAINT-006: what changes while everything runs, and who is told (CSIP 2.1, 5.2.3, 5.3)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.standards.grid import Device, Utility
from tests.standards.judged import Party, about, hrefs, resource, subscribed, text, until
from tests.transports.receiver import Receiver, receiving


async def holding(utility: Utility, *groups: int) -> tuple[Device, list[Device]]:
    """An aggregator with a device in each group."""
    holder = await utility.aggregator()
    return holder, [await utility.held(holder, f"held {at}", group) for at, group in enumerate(groups)]


async def gone(party: Party, device: Device, others: list[str]) -> None:
    """A device, and all that was its, is no more; the others are."""
    for path in ("", "/fsa", "/der/1", "/rg", "/lel"):
        assert await party.status("GET", device.href + path) == 404, path
    assert hrefs(await party.read("/edev?l=255")) == others


async def lost(there: Receiver) -> Element:
    """The news that a device has gone: the list with its new count."""
    return resource((await until(there, about("/edev")))[-1])


async def test_maint_001_removed_out_of_band(utility: Utility) -> None:
    holder, (one, two) = await holding(utility, *[await utility.group(name) for name in ("A", "B")])
    async with receiving(plain=True) as there:
        await subscribed(holder.party, holder.href, "/edev", there)
        await utility.ask("DELETE", f"/devices/{one.number}")
        assert (await lost(there)).get("all") == "2"
    await gone(holder.party, one, [holder.href, two.href])


async def test_maint_002_removed_by_delete(utility: Utility) -> None:
    """By its aggregator, whose other clients are none the wiser; nobody else can."""
    holder, (one, two) = await holding(utility, *[await utility.group(name) for name in ("A", "B")])
    stranger = await utility.device(name="stranger")
    async with receiving(plain=True) as there:
        await subscribed(holder.party, holder.href, "/edev", there)
        assert await stranger.party.status("DELETE", one.href) == 404
        assert await holder.party.status("DELETE", one.href) == 204
        assert (await lost(there)).get("all") == "2"
    await gone(holder.party, one, [holder.href, two.href])
    assert await stranger.party.status("GET", stranger.href) == 200


async def test_maint_003_group_moved(utility: Utility) -> None:
    """The lists that are made of groups are told, of the device that moved and of no other."""
    system = await utility.group("system")
    one, two = [await utility.group(name, "substation", system) for name in ("one", "two")]
    feeder = await utility.group("feeder", "feeder", one)
    programmes = {group: await utility.programme(group) for group in (system, one, two, feeder)}
    holder, (mover, other) = await holding(utility, feeder, one)
    async with receiving(plain=True) as there:
        for device in (mover, other):
            await subscribed(holder.party, holder.href, f"{device.href}/fsa", there)
            await subscribed(holder.party, holder.href, f"{device.href}/der/1/derp", there)
        await utility.ask("POST", f"/groups/{feeder}/move", {"parent": two})
        heard = await both(there, f"{mover.href}/fsa", f"{mover.href}/der/1/derp")
    changed = {f"{mover.href}/fsa/{group}" for group in (two, feeder)}
    assert set(hrefs(resource(heard[f"{mover.href}/fsa"]))) == changed
    assert hrefs(resource(heard[f"{mover.href}/der/1/derp"])) == [programmes[two].href]
    assert set(hrefs(await holder.party.read(f"{mover.href}/der/1/derp?l=9"))) == {
        programmes[group].href for group in (system, two, feeder)
    }
    assert set(hrefs(await holder.party.read(f"{other.href}/der/1/derp?l=9"))) == {
        programmes[group].href for group in (system, one)
    }


async def both(there: Receiver, *paths: str) -> dict[str, Element]:
    """Exactly one Notification about each of some resources, in whatever order."""
    found: dict[str, Element] = {}
    while len(found) < len(paths):
        (each,) = await until(there, lambda _: True)
        place = text(each, "subscribedResource") or ""
        assert place in paths
        assert place not in found
        found[place] = each
    return found


async def test_maint_004_control_added(utility: Utility) -> None:
    """A new control is told on its own list, to who subscribed there, and can be answered."""
    groups = [await utility.group(name) for name in ("A", "B")]
    programmes = [await utility.programme(group) for group in groups]
    holder, _ = await holding(utility, *groups)
    async with receiving(plain=True) as there:
        for programme in programmes:
            await subscribed(holder.party, holder.href, programme.controls, there)
        control = await programmes[0].control(start=2_000_000_000)
        found = await both(there, programmes[0].controls)
        assert hrefs(resource(found[programmes[0].controls])) == [control["href"]]
        assert len(there.got) == 1
    assert text(await holder.party.read(control["href"]), "EventStatus", "currentStatus") == "0"


async def test_maint_005_primacy_swapped(utility: Utility) -> None:
    """Two programmes change places: the lists are told, and read in the new order."""
    group = await utility.group("feeder")
    one, two = [await utility.programme(group, primacy) for primacy in (1, 2)]
    holder, (held,) = await holding(utility, group)
    place = f"{held.href}/fsa/{group}/derp"
    assert hrefs(await holder.party.read(f"{place}?l=9")) == [one.href, two.href]
    async with receiving(plain=True) as there:
        await subscribed(holder.party, holder.href, place, there)
        for programme, primacy in ((one, 2), (two, 1)):
            await utility.ask("PATCH", f"/programmes/{programme.number}", {"primacy": primacy})
            found = resource((await until(there, about(place)))[-1])
            told = [(each.get("href"), text(each, "primacy")) for each in found]
            assert told == [(programme.href, str(primacy))]
    assert hrefs(await holder.party.read(f"{place}?l=9")) == [two.href, one.href]


async def test_maint_006_subscription_ended(utility: Utility) -> None:
    """By the client: it is not told, and nothing more comes. By the utility: it is told so, once."""
    group = await utility.group("feeder")
    programmes = [await utility.programme(group, primacy) for primacy in (1, 2)]
    holder, _ = await holding(utility, group)
    async with receiving(plain=True) as there:
        lists = [each.controls for each in programmes]
        mine, theirs = [await subscribed(holder.party, holder.href, each, there) for each in lists]
        assert await holder.party.status("DELETE", mine) == 204
        assert await holder.party.status("GET", mine) == 404
        await programmes[0].control(start=2_000_000_000)
        await utility.ask("DELETE", f"/devices/{holder.number}/subscriptions/{theirs.rpartition('/')[2]}")
        found = await until(there, about(programmes[1].controls))
        assert (len(found), text(found[-1], "status"), text(found[-1], "subscriptionURI")) == (1, "1", theirs)
    assert (await holder.party.read(f"{holder.href}/sub")).get("all") == "0"

"""UTIL-001 to UTIL-004: groups, commissioning, subscriptions of an aggregator (CSIP 2.1, 5.2.3, 5.3)."""

from __future__ import annotations

from tests.standards import papers
from tests.standards.grid import LEVELS, Device, Utility
from tests.standards.judged import NS, about, heard, href, hrefs, links, resource, subscribed, text, until
from tests.transports.receiver import receiving


async def fleet(utility: Utility, *groups: int) -> tuple[Device, list[Device]]:
    """An aggregator of four devices, two and two in the groups that are given."""
    holder = await utility.aggregator()
    places = [group for group in groups for _ in range(4 // len(groups))]
    return holder, [await utility.held(holder, f"held {at}", group) for at, group in enumerate(places)]


async def test_util_001_groups_at_the_start(utility: Utility) -> None:
    """Nine levels; each device of the aggregator has them all, the aggregator's own entry has none."""
    line = await utility.topology([*LEVELS, "other", "other"])
    programmes = [await utility.programme(group, 9 - at) for at, group in enumerate(line)]
    holder, devices = await fleet(utility, line[-1])
    async with holder.party as party:
        for device in devices:
            place = href(await party.read(device.href), "FunctionSetAssignmentsListLink")
            found = await party.read(f"{place}?l=255")
            assert set(hrefs(found)) == {f"{device.href}/fsa/{group}" for group in line}
            reached = [hrefs(await party.read(href(each, "DERProgramListLink"))) for each in found]
            assert sorted(each for one in reached for each in one) == sorted(each.href for each in programmes)
        own = await party.read(holder.href)
        assert "FunctionSetAssignmentsListLink" not in links(own)
        assert href(own, "SubscriptionListLink") == f"{holder.href}/sub"
        assert hrefs(await party.read("/derp?l=255")) == [each.href for each in reversed(programmes)]


async def test_util_002_commissioning(utility: Utility) -> None:
    """An aggregator's list holds itself first and then exactly its devices; it tells of the DER of each."""
    group = await utility.group("feeder")
    holder, devices = await fleet(utility, group)
    foreign, theirs = await utility.aggregator("foreign"), await utility.device(group, name="alone")
    async with holder.party as party:
        found = await party.read("/edev?l=255")
        assert hrefs(found)[0] == holder.href
        assert set(hrefs(found)[1:]) == {device.href for device in devices}
        assert (await party.read("/dcap")).find(f".//{NS}EndDeviceListLink[@all='5']") is not None
        for device in devices:
            for name, write in papers.FOUR.items():
                assert await party.status("PUT", f"{device.href}/der/1/{name}", write()) == 204
                assert await party.status("GET", f"{device.href}/der/1/{name}") == 200
                assert await foreign.party.status("PUT", f"{device.href}/der/1/{name}", write()) == 404
                assert await party.status("PUT", f"{theirs.href}/der/1/{name}", write()) == 404
    assert hrefs(await foreign.party.read("/edev?l=255")) == [foreign.href]
    ders = await utility.ask("GET", f"/devices/{devices[0].number}/ders/1")
    assert all(ders[name] for name in ("capability", "settings", "status", "availability"))


async def test_util_003_groups_of_an_aggregator(utility: Utility) -> None:
    """It finds the programmes of each device by the links, and is told when a group gets another one."""
    system = await utility.group("system")
    branches = [await utility.group(name, "feeder", system) for name in ("A", "B")]
    programmes = {group: await utility.programme(group, 3) for group in (system, *branches)}
    holder, devices = await fleet(utility, *branches)
    async with receiving(plain=True) as there:
        for at, device in enumerate(devices):
            for each in await holder.party.read(f"{device.href}/fsa?l=255"):
                place = href(each, "DERProgramListLink")
                group = int((each.get("href") or "").rpartition("/")[2])
                assert group in {system, branches[at // 2]}
                assert hrefs(await holder.party.read(place)) == [programmes[group].href]
                await subscribed(holder.party, holder.href, place, there)
        fresh = await utility.programme(branches[1], 1)
        found = [await heard(there) for _ in range(2)]
        assert {text(each, "subscribedResource") for each in found} == {
            f"{device.href}/fsa/{branches[1]}/derp" for device in devices[2:]
        }
        assert [hrefs(resource(each)) for each in found] == [[fresh.href]] * 2
    assert (await holder.party.read(f"{holder.href}/sub")).get("all") == "8"


async def test_util_004_controls_of_each_level(utility: Utility) -> None:
    """A new control of service point, feeder and system is told with the control in it, and can be read."""
    groups = await utility.topology(("system", "feeder", "service-point"))
    programmes = [await utility.programme(group, 3 - at) for at, group in enumerate(groups)]
    holder, _ = await fleet(utility, groups[-1])
    async with receiving(plain=True) as there:
        for programme in programmes:
            await subscribed(holder.party, holder.href, programme.controls, there)
        for programme in reversed(programmes):
            control = await programme.control(start=2_000_000_000)
            found = resource((await until(there, about(programme.controls)))[-1])
            assert (hrefs(found), found.get("all")) == ([control["href"]], "1")
            assert text(await holder.party.read(control["href"]), "mRID") == control["mrid"]

"""CORE-014 to CORE-023: settings, subscriptions, spreads, responses, superseding (CSIP 2.1, 5.2, 5.3)."""

from __future__ import annotations

import asyncio
import time

from tests.standards import judged, papers
from tests.standards.grid import Utility, now
from tests.standards.judged import about, heard, href, hrefs, resource, subscribed, text, until
from tests.transports.receiver import receiving

RANDOM = (0, 30, -30)


async def test_core_014_capability_and_settings(utility: Utility) -> None:
    """What a DER can and is set to is stored as told, and shown to the utility; the latest counts."""
    device = await utility.device()
    der = await device.party.read(f"{device.href}/der/1")
    for watts in (5000, 4000):
        await device.party.laid(href(der, "DERCapabilityLink"), papers.capability(5000))
        await device.party.laid(href(der, "DERSettingsLink"), papers.settings(watts))
    capability = await device.party.read(href(der, "DERCapabilityLink"))
    settings = await device.party.read(href(der, "DERSettingsLink"))
    assert text(capability, "modesSupported") == "00000155"
    assert (text(capability, "rtgMaxW", "value"), text(settings, "setMaxW", "value")) == ("5000", "4000")
    shown = await utility.ask("GET", f"/devices/{device.number}/ders/1")
    assert shown["capability"]["document"]["rtgMaxW"] == {"multiplier": 0, "value": 5000}
    assert shown["settings"]["document"]["setMaxW"] == {"multiplier": 0, "value": 4000}
    assert all(shown[name]["record"] for name in ("settings", "capability"))


async def test_core_018_subscription(utility: Utility) -> None:
    """To lists, over TLS: told, renewed without a second one, ended with status 1."""
    group, holder = await utility.group("feeder"), await utility.aggregator()
    programme, held = await utility.programme(group), await utility.held(holder, "held", group)
    fsa = f"{held.href}/fsa"
    lists = [programme.controls, fsa, f"{fsa}/{group}/derp", f"{programme.href}/dderc"]
    async with receiving(made=judged.hearing(utility.site)) as there:
        await programme.default(opModConnect=True)
        made = [await subscribed(holder.party, holder.href, path, there) for path in lists]
        control = await programme.control()
        found = (await until(there, about(programme.controls)))[-1]
        assert resource(found).get(judged.XSI) == "DERControlList"
        assert hrefs(resource(found)) == [control["href"]]
        assert (text(found, "status"), text(found, "subscriptionURI")) == ("0", made[0])
        assert there.got[-1].shown
        body = papers.subscription(lists[0], there.url(), limit=5)
        again = await holder.party.post(f"{holder.href}/sub", body)
        assert (again.status, again.headers["Location"]) == (204, made[0])
        assert (await holder.party.read(f"{holder.href}/sub")).get("all") == str(len(lists))
        await programme.default(opModConnect=False)
        assert resource((await until(there, about(lists[3])))[-1]).get(judged.XSI) == "DefaultDERControl"
        await utility.programme(group, 2)
        assert len(resource((await until(there, about(lists[2])))[-1])) == 1
        await utility.ask("DELETE", f"/devices/{holder.number}/subscriptions/{made[0].rpartition('/')[2]}")
        ended = (await until(there, about(programme.controls)))[-1]
        assert (text(ended, "status"), ended.find(f"{judged.NS}Resource")) == ("1", None)
    assert await holder.party.status("GET", made[0]) == 404
    assert await holder.party.status("DELETE", made[1]) == 204
    assert (await holder.party.read(f"{holder.href}/sub")).get("all") == "2"


async def test_core_019_subscription_to_an_end_device(utility: Utility) -> None:
    """A change of the EndDevice itself is told."""
    device = await utility.device()
    async with receiving(plain=True) as there:
        await subscribed(device.party, device.href, device.href, there)
        await device.party.laid(device.href, papers.end_device(device.lfdi, changed=77))
        found = resource(await heard(there))
        assert (found.get(judged.XSI), found.get("href")) == ("EndDevice", device.href)
        assert (text(found, "changedTime"), text(found, "lFDI")) == ("77", device.lfdi)
        assert href(found, "DERListLink") == f"{device.href}/der"


async def test_core_021_randomised_events(utility: Utility) -> None:
    """Spreads of start and duration of 0, 30 and -30 s are told; a negative one opens the event earlier."""
    group = await utility.group("feeder")
    programme, device = await utility.programme(group), await utility.device(group)
    start = now() + 20
    for first in RANDOM:
        for second in RANDOM:
            await programme.control(600, start=start, randomize_start=first, randomize_duration=second)
            start += 1000
    found = await device.party.read(f"{programme.controls}?l=255")
    spreads = [(text(each, "randomizeStart"), text(each, "randomizeDuration")) for each in found]
    assert spreads == [(str(first), str(second)) for first in RANDOM for second in RANDOM]
    early = await programme.control(600, start=now() + 20, randomize_start=-30, description="early")
    seen = await device.party.read(early["href"])
    assert text(seen, "EventStatus", "currentStatus") == "1"


async def test_core_022_responses(utility: Utility) -> None:
    """Received, started, completed; cancelled; and only what was asked for, by whom it concerns."""
    group = await utility.group("feeder")
    programme, device = await utility.programme(group), await utility.device(group)
    other = await utility.device(name="other")
    run, cut, silent, brief = [await programme.control(response_required=bits) for bits in (3, 3, 0, 1)]
    found = await device.party.read(run["href"])
    place = found.get("replyTo") or ""
    assert found.get("responseRequired") == "03"
    at = now() - 5
    for said in (1, 2, 3):
        answer = await device.party.made(place, papers.response(device.lfdi, run["mrid"], said, at + said))
        assert text(await device.party.read(answer), "status") == str(said)
    assert await utility.responses(run["mrid"]) == [1, 2, 3]
    await device.party.made(place, papers.response(device.lfdi, cut["mrid"], 1))
    await programme.cancel(cut)
    assert text(await device.party.read(cut["href"]), "EventStatus", "currentStatus") == "2"
    await device.party.made(place, papers.response(device.lfdi, cut["mrid"], 6))
    assert await utility.responses(cut["mrid"]) == [1, 6]
    await device.party.made(place, papers.response(device.lfdi, brief["mrid"], 1))
    unasked, early = (silent["mrid"], 1), (brief["mrid"], 2)
    for subject, said in (unasked, early, (run["mrid"], 2), (papers.mrid(), 1)):
        body = papers.response(device.lfdi, subject, said, at + 9)
        assert await device.party.status("POST", place, body) == 400, body
    assert await device.party.status("POST", place, papers.response(other.lfdi, cut["mrid"], 1)) == 400
    assert await other.party.status("POST", place, papers.response(other.lfdi, run["mrid"], 1)) == 400
    assert (await device.party.read(f"{place}?l=255")).get("all") == "6"
    assert (await other.party.read(f"{place}?l=255")).get("all") == "0"


async def test_core_023_superseded_events(utility: Utility) -> None:
    """Three programmes that overlap: 7 is taken for what the same asks for, 14 for another programme's."""
    group = await utility.group("feeder")
    programmes = [await utility.programme(group, primacy) for primacy in (1, 2, 3)]
    device = await utility.device(group)
    old, new = [await programmes[2].control(start=now() - 10, modes={"opModMaxLimW": 50}) for _ in range(2)]
    weak, strong = [await each.control(modes={"opModMaxLimW": 40}) for each in (programmes[1], programmes[0])]
    await asyncio.sleep(max(0.0, new["created"] - time.time()))
    found = [await device.party.read(each["href"]) for each in (old, new, weak, strong)]
    assert [text(each, "EventStatus", "currentStatus") for each in found] == ["4", "1", "1", "1"]
    at = now() - 5
    for control, last in ((old, 7), (new, 14), (weak, 14), (strong, 3)):
        for said in (1, 2, last):
            body = papers.response(device.lfdi, control["mrid"], said, at + min(said, 3))
            await device.party.made("/rsps/1/rsp", body)
        assert await utility.responses(control["mrid"]) == [1, 2, last]
    late = papers.response(device.lfdi, old["mrid"], 3)
    assert await device.party.status("POST", "/rsps/1/rsp", late) == 400

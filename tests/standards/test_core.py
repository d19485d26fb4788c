"""CORE-001 to CORE-013: HTTP, polling, lists, time, EndDevices, assignments, programmes (CSIP 2.1, 5.2)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.sep2.talk import MEDIA
from tests.served import Served
from tests.standards import papers, wire
from tests.standards.conftest import RULES
from tests.standards.grid import PIN, Device, Utility, now
from tests.standards.judged import NS, Party, href, hrefs, judge, links, parsed, text
from tests.standards.world import entries

RATES = {"/edev/{}/fsa": 120, "/edev/{}/der": 130, "/edev/{}/fsa/{}/derp": 140, "/edev/{}/sub": 150}
"""Rates that CORE-003 gives to lists of a device."""
BOUND = re.compile(r"/\d+")
WADL = {re.sub(r"/\{id\d\}", "/{}", entry.path): entry for entry in entries()}


async def advertised(party: Party, start: str = "/dcap") -> set[str]:
    """All addresses that links and members lead to, whether there is something yet or not."""
    seen, left = set(), [start]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        reply = await party.get(f"{path}?l=255")
        assert reply.status in {200, 404}, path
        found = parsed(reply.body)
        left += [each.get("href", "") for each in links(found).values()]
        left += hrefs(found) if found.get("all") else []
    return seen


async def test_core_001_requests(site: Served, utility: Utility) -> None:
    """Each advertised resource against the WADL; a bad header; an invented method."""
    device = await utility.device(await utility.group("feeder"))
    count = 0
    async with device.party as party:
        for path in sorted(await advertised(party)):
            entry = WADL.get(BOUND.sub("/{}", path))
            for method, letter in entry.modes.items() if entry else ():
                count += 1
                if letter == "E":
                    assert (await party.request(method, path)).status == 405, (method, path)
                elif letter == "M" and method in {"GET", "HEAD"}:
                    assert (await party.request(method, path)).status in {200, 404}, (method, path)
            assert (await party.request("INVENTED", path)).status == 501
    assert count > 100
    for line in ("Accept application/sep+xml", "Content-Length: seven", "Host: other", "Bad Name: 1"):
        request = f"GET /dcap HTTP/1.1\r\n{line}\r\nHost: 127.0.0.1\r\n\r\n"
        met = wire.spoken(site, device.party.files, request)
        assert met.reply, line
        assert met.reply.status == 400, line
        judge(met.reply, "GET", "/dcap", "csip")


async def test_core_002_responses(site: Served, utility: Utility) -> None:
    """301 from plain HTTP, 201 and 204 on writes, 400, 404, 405 and 501 where they are due."""
    device = await utility.device(await utility.group("feeder"))
    party = device.party
    reply = await party.get(f"http://127.0.0.1:{site.ports['plain']}/dcap")
    assert (reply.status, reply.headers["Location"]) == (301, f"{site.url}/dcap")
    reply = await party.post(f"{device.href}/lel", papers.alarm(1))
    assert reply.status == 201
    assert (await party.get(reply.headers["Location"])).status == 200
    assert await party.status("PUT", f"{device.href}/der/1/dercap", papers.capability()) == 204
    assert await party.status("PUT", f"{device.href}/der/1/dercap", "<DERCapability") == 400
    assert await party.status("PUT", f"{device.href}/der/1/dercap", papers.status()) == 400
    assert await party.status("GET", "/nothing") == 404
    assert await party.status("GET", "/edev/999999999") == 404
    assert await party.status("DELETE", "/dcap") == 405
    assert await party.status("INVENTED", "/dcap") == 501
    assert (await party.post(f"{device.href}/lel", papers.alarm(2), "text/plain")).status == 415
    assert (await party.get("/dcap", Accept="text/html")).status == 406
    met = wire.spoken(site, party.files, "GET /dcap HTTP/1.1\r\n\r\n")
    assert met.reply
    assert met.reply.status == 400
    assert met.reply.headers["Content-Type"].startswith(MEDIA)


async def test_core_003_polling(utility: Utility) -> None:
    """Each list has a rate of its own; the PIN, the group and the programme are there."""
    group = await utility.group("feeder")
    await utility.programme(group)
    device = await utility.device(group)
    for place, seconds in RATES.items():
        path = place.replace("{}", str(device.number), 1).replace("{}", str(group))
        await utility.ask("PUT", "/polls/lists", {"href": path, "seconds": seconds})
        assert (await device.party.read(path)).get("pollRate") == str(seconds)
    assert (await device.party.read("/dcap")).get("pollRate")
    assert (await device.party.read("/tm")).get("pollRate")
    assert text(await device.party.read(f"{device.href}/rg"), "pIN") == str(PIN)
    assert hrefs(await device.party.read(f"{device.href}/fsa?l=9")) == [f"{device.href}/fsa/{group}"]


async def listed(device: Device, path: str, query: str = "") -> tuple[str | None, str | None, list[str]]:
    """`all`, `results` and the descriptions of the members that a query gives."""
    found = await device.party.read(f"{path}?{query}" if query else path)
    return found.get("all"), found.get("results"), [text(each, "description") or "" for each in found]


def queries(start: int) -> dict[str, list[str]]:
    """What each query finds of ten controls, a hundred seconds apart."""
    every = [str(number) for number in range(10)]
    return {
        "": every[:1],
        "l=3": every[:3],
        "s=8&l=5": every[8:],
        "s=10&l=5": [],
        "s=99999999999999999999&l=5": [],
        "l=0": [],
        "l=1000": every,
        "l=99999999999999999999": every,
        "s=2": every[2:3],
        "s=1&s=5&l=2&l=4": every[1:3],
        "x=1&l=2&sort=up": every[:2],
        f"a={start}&l=10": every[1:],
        f"a={start + 250}&l=2": every[3:5],
        f"a={start + 250}&s=1&l=2": every[4:6],
        f"a={start + 900}&l=10": [],
        f"a={start - 1}&l=10": every,
    }


async def test_core_004_lists(utility: Utility) -> None:
    """The parameters s, l and a; one member without l; the first of two counts, unknown ones do not."""
    group = await utility.group("feeder")
    programme, device = await utility.programme(group), await utility.device(group)
    start = now() + 1000
    for number in range(10):
        await programme.control(start=start + 100 * number, duration=50, description=f"{number}")
    for query, wanted in queries(start).items():
        total, results, found = await listed(device, programme.controls, query)
        assert (found, results) == (wanted, str(len(wanted))), query
        after = int(query.partition("a=")[2].partition("&")[0]) if query.startswith("a=") else 0
        assert total == str(sum(start + 100 * number > after for number in range(10))), query
    for query in ("l=-1", "s=x", "l=1.5", "a=soon", "s="):
        assert (await device.party.get(f"{programme.controls}?{query}")).status == 400, query


async def test_core_005_time(utility: Utility) -> None:
    """The time is that of the day, and says what it is worth."""
    party, early = utility.party(), now()
    found = await party.read("/tm")
    assert early <= int(text(found, "currentTime") or 0) <= now()
    assert text(found, "quality") == "7"
    assert found.get("pollRate")


async def test_core_006_time_of_the_zone(utility: Utility) -> None:
    """Offset and daylight saving are those of the zone: the clock goes forward and back when it is said."""
    found = await utility.party().read("/tm")
    names = ("tzOffset", "dstOffset", "dstStartTime", "dstEndTime")
    said = {name: int(text(found, name) or 0) for name in names}
    start, end = said["dstStartTime"], said["dstEndTime"]
    assert (said["tzOffset"], said["dstOffset"]) == (-8 * 3600, 3600)
    assert now() < end
    offsets = [offset(moment) for moment in (start - 1, start, end - 1, end)]
    assert offsets == [-28800, -25200, -25200, -28800]
    assert text(found, "localTime") in {None, str(int(text(found, "currentTime") or 0) + offset(now()))}


def offset(at: int) -> int:
    """How far the zone is from UTC."""
    there = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(RULES["zone"])).utcoffset()
    assert there is not None
    return int(there.total_seconds())


async def test_core_009_end_device(utility: Utility) -> None:
    """A registered device keeps its four documents; a listed one registers itself, others do not."""
    device = await utility.device()
    for name, write in papers.FOUR.items():
        path, body = f"{device.href}/der/1/{name}", write()
        assert await device.party.status("PUT", path, body) == 204
        found, sent = await device.party.read(path), parsed(body.encode())
        assert {each.tag: each.text for each in sent} == {each.tag: each.text for each in found}
    fresh, stranger = utility.party("fresh"), utility.party("stranger")
    await utility.ask("POST", "/access", {"lfdi": fresh.lfdi, "pin": PIN})
    assert hrefs(await fresh.read("/edev?l=9")) == []
    place = await fresh.made("/edev", papers.end_device(fresh.lfdi))
    assert hrefs(await fresh.read("/edev?l=9")) == [place]
    assert text(await fresh.read(f"{place}/rg"), "pIN") == str(PIN)
    assert await stranger.status("POST", "/edev", papers.end_device(stranger.lfdi)) == 403
    assert await fresh.status("POST", "/edev", papers.end_device(stranger.lfdi)) == 403
    assert await stranger.status("GET", place) == 404
    assert await fresh.status("PUT", place, papers.end_device(fresh.lfdi, changed=now())) == 204


async def test_core_010_assignments_of_seven_levels(utility: Utility) -> None:
    """One assignment a level, each with the programme of its level."""
    groups = await utility.topology()
    programmes = [await utility.programme(group, 10 - at) for at, group in enumerate(groups)]
    device = await utility.device(groups[-1])
    found = await device.party.read(f"{device.href}/fsa?l=255")
    assert (found.get("all"), found.get("results")) == ("7", "7")
    for each in found:
        at = groups.index(int((each.get("href") or "").rpartition("/")[2]))
        assert links(each)["DERProgramListLink"].get("all") == "1"
        assert hrefs(await device.party.read(href(each, "DERProgramListLink"))) == [programmes[at].href]
        assert "TimeLink" in links(each)


async def test_core_011_fifteen_assignments(utility: Utility) -> None:
    """In the order of their key, the mRID downwards; some have no programmes."""
    groups = [await utility.group(f"group {number}") for number in range(15)]
    for group in groups[::2]:
        await utility.programme(group)
    device = await utility.device(*groups)
    found = await device.party.read(f"{device.href}/fsa?l=255")
    marks = [text(each, "mRID") for each in found]
    assert (found.get("all"), len(set(marks))) == ("15", 15)
    assert marks == sorted(marks, key=str, reverse=True)
    counts = {each.get("href"): links(each)["DERProgramListLink"].get("all") for each in found}
    wanted = {f"{device.href}/fsa/{group}": str(1 - at % 2) for at, group in enumerate(groups)}
    assert counts == wanted
    half = await device.party.read(f"{device.href}/fsa?s=7&l=3")
    assert [text(each, "mRID") for each in half] == marks[7:10]


async def test_core_012_programmes(utility: Utility) -> None:
    """A programme with all that it links to: default, curves of ten points, controls, active controls."""
    group = await utility.group("feeder")
    programme, device = await utility.programme(group, 3, description="one"), await utility.device(group)
    points = [(9000 + 200 * at, 40 - 8 * at) for at in range(10)]
    curve = await programme.curve(11, points, "setMaxVar", x_multiplier=-2)
    await programme.default(opModVoltVar=curve)
    await programme.control(modes={"opModVoltVar": curve})
    (found,) = await device.party.read(f"{device.href}/fsa/{group}/derp?l=9")
    assert (text(found, "mRID"), text(found, "primacy")) == (programme.mrid, "3")
    lists = {"ActiveDERControlListLink", "DERControlListLink", "DERCurveListLink"}
    assert lists | {"DefaultDERControlLink"} <= set(links(found))
    (drawn,) = await device.party.read(f"{href(found, 'DERCurveListLink')}?l=9")
    given = [tuple(one.text for one in each) for each in drawn.iter(f"{NS}CurveData")]
    assert given == [(str(x), str(y)) for x, y in points]
    default = await device.party.read(href(found, "DefaultDERControlLink"))
    (control,) = await device.party.read(f"{href(found, 'DERControlListLink')}?l=9")
    assert href(default, "opModVoltVar") == href(control, "opModVoltVar") == curve
    assert len(await device.party.read(f"{href(found, 'ActiveDERControlListLink')}?l=9")) == 1


async def test_core_013_controls(utility: Utility) -> None:
    """Ten programmes of ten controls, in the order of primacy and of start, for readers of two editions."""
    start = now() + 1000
    async with utility.admin.client:
        group = await utility.group("feeder")
        programmes = {primacy: await utility.programme(group, primacy) for primacy in SHUFFLED}
        devices = {name: await utility.device(group, name=name, profile=name) for name in ("csip", "2023")}
        for programme in programmes.values():
            for number in SHUFFLED:
                await programme.control(50, start=start + 100 * number, description=f"{number}")
    for profile, device in devices.items():
        device.party.profile = profile
        found = await device.party.read(f"{device.href}/fsa/{group}/derp?l=255")
        assert hrefs(found) == [programmes[primacy].href for primacy in range(1, 11)]
        for each in found:
            controls = await device.party.read(f"{href(each, 'DERControlListLink')}?l=255")
            assert [text(one, "description") for one in controls] == [str(number) for number in range(1, 11)]
            assert {text(one, "EventStatus", "currentStatus") for one in controls} == {"0"}


SHUFFLED = (5, 3, 9, 1, 7, 2, 8, 6, 4, 10)

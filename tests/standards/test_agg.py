"""AGG-001 to AGG-012: an aggregator of four inverters in two branches, with events of branch and system.

CSIP 2.1 clause 5.3. The aggregator is told of each event by Notification, answers for each EndDevice, and
nothing of one branch reaches the other. All plays run side by side against the real clock; the devices A1, A2
stand in branch A (programme TFA), B1, B2 in branch B (TFB); SY is the system's programme.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from xml.etree.ElementTree import Element

import pytest

from tests.served import Served
from tests.standards import papers, stage
from tests.standards.grid import Utility, now
from tests.standards.judged import about, hrefs, links, notified, resource, subscribed, text, until
from tests.standards.stage import CONNECT, Act, Cast, Cue, Play, seen
from tests.transports.receiver import PATIENCE, Receiver, receiving

BRANCH, ALL = {"SY": 5, "TFA": 3, "TFB": 3}, ("A1", "A2", "B1", "B2")
DEFAULTS = ("SY", "TFA")
PLAYS = {
    "002": Play(BRANCH, (), DEFAULTS, 1),
    "003": Play(BRANCH, (Cue("A", "TFA", 2, 4),), (), 6),
    "004": Play(BRANCH, (Cue("A", "TFA", 2, 4),), DEFAULTS, 6),
    "005": Play(BRANCH, (Cue("A", "TFA", 1, 3), Cue("B", "TFA", 5, 7)), DEFAULTS, 9),
    "006": Play(BRANCH, (Cue("A", "TFA", 1, 3), Cue("B", "SY", 5, 7)), DEFAULTS, 9),
    "007": Play(BRANCH, (Cue("A", "TFA", 2, 6), Cue("B", "SY", 4, 8)), DEFAULTS, 10),
    "008": Play(BRANCH, (Cue("A", "TFA", 4, 8), Cue("B", "SY", 2, 6)), DEFAULTS, 10),
    "009": Play(BRANCH, (Cue("A", "SY", 1, 10), Cue("B", "TFA", 5, 7, made=3)), DEFAULTS, 12),
    "010": Play(BRANCH, (Cue("A", "TFA", 2, 6, CONNECT), Cue("B", "SY", 4, 8)), DEFAULTS, 10),
    "011": Play(BRANCH, (Cue("A", "TFA", 4, 8, CONNECT), Cue("B", "SY", 2, 6)), DEFAULTS, 10),
    "012": Play(BRANCH, (Cue("A", "SY", 1, 10, CONNECT), Cue("B", "TFA", 5, 7, made=3)), DEFAULTS, 12),
}
Casts = Mapping[str, Cast | BaseException]


async def cast(utility: Utility, there: Receiver) -> Cast:
    """An aggregator with its four devices, subscribed to the controls of each programme."""
    system = await utility.group("system", "system")
    branches = [await utility.group(name, "feeder", system) for name in ("A", "B")]
    points = [await utility.group("point", "service-point", branch) for branch in branches for _ in range(2)]
    holder = await utility.aggregator()
    devices = {name: await utility.held(holder, name, point) for name, point in zip(ALL, points, strict=True)}
    groups = dict(zip(BRANCH, (system, *branches), strict=True))
    programmes = {name: await utility.programme(group, BRANCH[name]) for name, group in groups.items()}
    for programme in programmes.values():
        await subscribed(holder.party, holder.href, programme.controls, there, f"/{utility.prefix}")
    return Cast(utility, programmes, devices, holder.party)


async def staged(site: Served) -> list[Cast | BaseException]:
    """Play everything at once; the news come to one receiver, each play has a path of its own."""
    async with receiving(plain=True) as there:

        async def one(name: str, script: Play) -> Cast:
            played = await stage.play(await cast(Utility(site, f"agg-{name}"), there), script)
            await told(there, played)
            return played

        return await asyncio.gather(*(one(*each) for each in PLAYS.items()), return_exceptions=True)


async def told(there: Receiver, played: Cast) -> None:
    """Wait until all events were told of as active, and keep what came."""
    async with asyncio.timeout(PATIENCE):
        while True:
            mine = [each for each in there.got if each.path == f"/{played.utility.prefix}"]
            played.news = [notified(each) for each in mine]
            if {name for each in played.news for name in active(each)} >= set(played.controls):
                return
            await asyncio.sleep(0.1)


def active(news: Element) -> set[str]:
    """The events that a Notification tells to be active."""
    return {
        text(each, "description") or ""
        for each in resource(news)
        if text(each, "EventStatus", "currentStatus") == "1"
    }


@pytest.fixture(scope="module")
def casts(site: Served) -> Casts:
    """All plays, played."""
    return dict(zip(PLAYS, asyncio.run(staged(site)), strict=True))


def acts(*rows: tuple[str, str, str]) -> list[Act]:
    """Acts in short: the events, what rules branch A, what rules branch B."""
    branches = [dict(zip(ALL, (one, one, two, two), strict=True)) for _, one, two in rows]
    return [Act(stage.states(said), rules) for (said, _, _), rules in zip(rows, branches, strict=True)]


async def answered(played: Cast, subject: str, devices: tuple[str, ...], last: int = 3) -> None:
    """Each EndDevice that an event is for answers for itself; for the others nothing is taken."""
    mark, at = played.controls[subject]["mrid"], now() - 5
    async with played.viewer as party:
        for name, device in played.devices.items():
            for said in (1, 2, last):
                body = papers.response(device.lfdi, mark, said, at + min(said, 3))
                status = await party.status("POST", "/rsps/1/rsp", body)
                assert status == (201 if name in devices else 400), (name, said)
    assert sorted(await played.utility.responses(mark)) == sorted([1, 2, last] * len(devices))


def separate(played: Cast) -> None:
    """Nothing was told of an event but on the list of its own programme."""
    names = {programme.controls: name for name, programme in played.programmes.items()}
    homes = {name: control["programme"] for name, control in played.controls.items()}
    for news in played.news:
        programme = played.programmes[names[text(news, "subscribedResource") or ""]]
        for each in resource(news):
            assert homes[text(each, "description") or ""] == programme.number


A, B = ALL[:2], ALL[2:]


async def test_agg_001_list_of_devices(utility: Utility) -> None:
    """A device that is added is told, and found in the list after the aggregator's own entry."""
    group, holder = await utility.group("SPA1"), await utility.aggregator()
    first = await utility.held(holder, "EDA1", group)
    async with receiving(plain=True) as there:
        made = await subscribed(holder.party, holder.href, "/edev", there)
        fresh = await utility.held(holder, "EDA1X", group)
        found = (await until(there, about("/edev")))[-1]
        assert (text(found, "subscriptionURI"), resource(found).get("all")) == (made, "3")
        (each,) = resource(found)
        assert (each.get("href"), text(each, "lFDI")) == (fresh.href, fresh.lfdi)
        assert {"FunctionSetAssignmentsListLink", "DERListLink", "LogEventListLink"} <= {*links(each)}
    listed = hrefs(await holder.party.read("/edev?l=255"))
    assert (listed[0], set(listed[1:])) == (holder.href, {first.href, fresh.href})
    assert await holder.party.status("GET", fresh.href) == 200


async def test_agg_002_defaults(casts: Casts) -> None:
    played = seen(casts, "002")
    assert played.acts == acts(("", "TFA", "SY"))
    visible = {
        name: hrefs(await played.viewer.read(f"{device.href}/der/1/derp?l=9"))
        for name, device in played.devices.items()
    }
    named = {name: programme.href for name, programme in played.programmes.items()}
    assert visible == {name: [named["TFA" if name in A else "TFB"], named["SY"]] for name in ALL}


async def test_agg_003_one_event_without_default(casts: Casts) -> None:
    played = seen(casts, "003")
    assert played.acts == acts(("A scheduled", "", ""), ("A active", "TFA", ""), ("", "", ""))
    await answered(played, "A", A)
    separate(played)


async def test_agg_004_one_event_with_default(casts: Casts) -> None:
    played = seen(casts, "004")
    assert played.acts == acts(("A scheduled", "TFA", "SY"), ("A active", "TFA", "SY"), ("", "TFA", "SY"))
    await answered(played, "A", A)
    separate(played)


async def test_agg_005_two_events_in_a_row(casts: Casts) -> None:
    played = seen(casts, "005")
    said = ("A scheduled, B scheduled", "A active, B scheduled", "B scheduled", "B active", "")
    assert played.acts == acts(*((each, "TFA", "SY") for each in said))
    for name in "AB":
        await answered(played, name, A)
    separate(played)


async def test_agg_006_branch_then_system(casts: Casts) -> None:
    played = seen(casts, "006")
    assert played.acts == acts(
        ("A scheduled, B scheduled", "TFA", "SY"), ("A active, B scheduled", "TFA", "SY"),
        ("B scheduled", "TFA", "SY"), ("B active", "SY", "SY"), ("", "TFA", "SY"),
    )  # fmt: skip
    await answered(played, "A", A)
    await answered(played, "B", ALL)
    separate(played)


async def test_agg_007_similar_the_branch_first(casts: Casts) -> None:
    await overlapping(seen(casts, "007"), last=14)


async def test_agg_008_similar_the_system_first(casts: Casts) -> None:
    await reversed_(seen(casts, "008"), last=14)


async def test_agg_009_similar_the_newer_meanwhile(casts: Casts) -> None:
    await meanwhile(seen(casts, "009"), last=14)


async def test_agg_010_independent_the_branch_first(casts: Casts) -> None:
    await overlapping(seen(casts, "010"), last=3)


async def test_agg_011_independent_the_system_first(casts: Casts) -> None:
    await reversed_(seen(casts, "011"), last=3)


async def test_agg_012_independent_the_newer_meanwhile(casts: Casts) -> None:
    await meanwhile(seen(casts, "012"), last=3)


async def overlapping(played: Cast, last: int) -> None:
    """Branch A's event, then the system's while it runs; `last` is what branch A says of the system's."""
    assert played.acts == acts(
        ("A scheduled, B scheduled", "TFA", "SY"), ("A active, B scheduled", "TFA", "SY"),
        ("A active, B active", "TFA", "SY"), ("B active", "SY", "SY"), ("", "TFA", "SY"),
    )  # fmt: skip
    await answered(played, "A", A)
    await answered(played, "B", ALL, last)
    separate(played)


async def reversed_(played: Cast, last: int) -> None:
    """The system's event, then branch A's while it runs."""
    assert played.acts == acts(
        ("A scheduled, B scheduled", "TFA", "SY"), ("A scheduled, B active", "SY", "SY"),
        ("A active, B active", "TFA", "SY"), ("A active", "TFA", "SY"), ("", "TFA", "SY"),
    )  # fmt: skip
    await answered(played, "A", A)
    await answered(played, "B", ALL, last)
    separate(played)


async def meanwhile(played: Cast, last: int) -> None:
    """The system's event runs when branch A's is made."""
    assert played.acts == acts(
        ("A scheduled", "TFA", "SY"), ("A active", "SY", "SY"), ("A active, B scheduled", "SY", "SY"),
        ("A active, B active", "TFA", "SY"), ("A active", "SY", "SY"), ("", "TFA", "SY"),
    )  # fmt: skip
    await answered(played, "B", A)
    await answered(played, "A", ALL, last)
    separate(played)

"""Whoever comes in by /dcap and follows every link finds what the link says, valid by the official schema."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from xml.etree.ElementTree import Element, fromstring

import pytest

from bridge.sep2 import enrol, groups, permit, tree
from tests.sep2.client import DEVICE, HEAD, HOLDER, IN_BAND, OTHER, THIRD, Client, document, done, programme
from tests.sep2.memory import NOW
from tests.sep2.official import SCHEMAS, faults

CONTROL = document(
    "DERControl",
    f"<mRID>CC</mRID><creationTime>{NOW}</creationTime><EventStatus><currentStatus>0</currentStatus>"
    f"<dateTime>{NOW}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
    f"<interval><duration>600</duration><start>{NOW - 10}</start></interval>"
    "<DERControlBase><opModConnect>true</opModConnect></DERControlBase>",
)
DEFAULT = document(
    "DefaultDERControl", "<mRID>DD</mRID><DERControlBase><opModConnect>true</opModConnect></DERControlBase>"
)
STATUS = document("DERStatus", f"<readingTime>{NOW}</readingTime>")
MIRROR = document(
    "MirrorUsagePoint",
    f"<mRID>EE</mRID><roleFlags>0003</roleFlags><serviceCategoryKind>0</serviceCategoryKind><status>1</status>"
    f"<deviceLFDI>{DEVICE}</deviceLFDI><MirrorMeterReading><mRID>EF</mRID><Reading><value>5</value></Reading>"
    "<ReadingType><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>38</uom></ReadingType></MirrorMeterReading>",
)
SUBSCRIBED = document(
    "Subscription",
    "<subscribedResource>{}</subscribedResource><encoding>0</encoding><level>+S1</level><limit>1</limit>"
    "<notificationURI>https://example.org/n</notificationURI>",
)


async def world(profile: str) -> Client:
    """A device of an aggregator and one of its own, a programme for both, and something of everything."""
    policy = replace(IN_BAND, profile=profile, lfdi=HEAD, zone="Australia/Sydney")
    client = Client(policy=policy)
    system = await done(client.shelf, lambda work: groups.make(work, {"name": "system"}))
    await done(client.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    for lfdi, holder in ((DEVICE, ""), (OTHER, HOLDER)):
        enrol_one = partial(enrol.enrolled, lfdi=lfdi, pin=11111, aggregator=holder, join=[system.href])
        await done(client.shelf, enrol_one)
    edev = await mine(client)
    head = client.another(HEAD, "operator")
    place = f"{edev}/fsa/{system.href.rpartition('/')[2]}/derp"
    derp = (await head.ask("POST", place, programme("AA"))).location
    wrote = [
        await head.status("POST", f"{derp}/derc", CONTROL),
        await head.status("PUT", f"{derp}/dderc", DEFAULT),
        await client.status("PUT", f"{edev}/der/1/ders", STATUS),
        await client.status("POST", "/mup", MIRROR),
        await client.status("POST", f"{edev}/sub", SUBSCRIBED.format(f"{derp}/derc")),
    ]
    assert wrote == [201, 201, 204, 201, 201]
    return client


async def mine(client: Client) -> str:
    found = next(
        row for row in client.shelf.rows.values() if row.mark == client.lfdi and row.type == "EndDevice"
    )
    return found.href


def led(found: Element) -> list[tuple[str, str | None]]:
    """Give where the links of a document lead, with what they say of their lists."""
    links = [each for each in found.iter() if each.tag.endswith("Link")]
    return [(each.get("href") or "", each.get("all")) for each in links]


def open_(path: str) -> bool:
    """Whether a resource may be linked to before anybody put it there."""
    return tree.spot(path).node.modes["PUT"] == "M"


@pytest.mark.parametrize("profile", SCHEMAS)
@pytest.mark.parametrize(
    "lfdi", [DEVICE, HOLDER, HEAD, THIRD], ids=["device", "aggregator", "operator", "stranger"]
)
async def test_every_link_leads_to_what_it_says(lfdi: str, profile: str) -> None:
    client = await world(profile)
    client = client.another(lfdi, *(("operator",) if lfdi == HEAD else ()))
    seen: set[str] = set()
    left: list[tuple[str, str | None]] = [("/dcap", None)]
    while left:
        path, count = left.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = await client.ask("GET", path, query=(("l", "99"),))
        if answer.status == 404 and open_(path):
            continue
        assert answer.status == 200, (path, answer.status, answer.reason)
        assert not faults(answer.body, profile), path
        found = fromstring(answer.body)  # noqa: S314 - the answer of our own server
        assert found.get("href") == path or path.endswith(("/cdp", "/der/1/upt"))
        if count is not None:
            assert (found.get("all"), found.get("results")) == (count, count), path
            assert len(list(found)) == int(count)
        left += led(found)
    assert {"/dcap", "/tm", "/sdev", "/edev", "/mup"} <= seen
    assert len(seen) >= (8 if lfdi == THIRD else 30), sorted(seen)


@pytest.mark.parametrize("lfdi", [DEVICE, HOLDER, THIRD], ids=["device", "aggregator", "stranger"])
async def test_nothing_of_others_is_named_anywhere(lfdi: str) -> None:
    client = (await world("2018")).another(lfdi)
    hidden = {DEVICE, OTHER, HOLDER} - {lfdi} - ({OTHER} if lfdi == HOLDER else set())
    for node in tree.nodes().values():
        for number in range(1, 30):
            path = node.template.replace("{}", str(number), 1).replace("{}", "1")
            answer = await client.ask("GET", path, query=(("l", "99"),))
            assert not any(each.encode() in answer.body for each in hidden), path

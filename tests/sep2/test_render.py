"""What is written is valid for whoever reads it: every type, every edition it came in, every profile."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import names, render, tree
from bridge.sep2.nodes import Node
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Policy
from tests.sep2.memory import Memory, work
from tests.sep2.official import SCHEMAS, faults
from tests.sep2.sowing import WRITERS, some, sown

NS = "{urn:ieee:std:2030.5:ns}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NODES = [node for node in tree.nodes().values() if not node.template.startswith("/sdev/")]
SINGLE = [
    (node.template, name, edition)
    for node in NODES
    for name in sorted(node.also)
    for edition in WRITERS
    if not node.lists and names.named(edition, name)
]
"""Every address that holds a resource, with every type that may stand there in an edition."""
LISTS = [node for node in NODES if node.lists]
EXAMPLES = 5
MADE = {"FunctionSetAssignmentsList"}
"""Lists of what is made when it is read, whatever rows there are."""


def says(profile: str, node: Node) -> bool:
    """Whether a profile has a type that may stand at an address."""
    return any(names.named(names.edition(profile), each) for each in node.also)


async def whole(shelf: Memory, row: Row, **caller: Any) -> bytes:
    made = work(shelf, **{"role": "operator", **caller})
    return await render.resource(made, tree.spot(row.href), row)


async def page(
    shelf: Memory, href: str, rows: tuple[Row, ...], total: int = 0, **caller: Any
) -> etree._Element:
    made = work(shelf, **{"role": "operator", **caller})
    cut = Cut(0, len(rows))
    data = await render.listing(made, tree.spot(href), Page(rows, total or len(rows)), cut)
    assert faults(data, made.caller.profile) == "", data.decode()
    return etree.fromstring(data)


# ----------------------------------------------------------------------------------------------- every type


@pytest.mark.parametrize(("template", "name", "edition"), SINGLE)
async def test_a_resource_is_valid_in_every_profile(template: str, name: str, edition: str) -> None:
    for obj in some(edition, name, EXAMPLES):
        row = sown(template, name, obj, WRITERS[edition])
        shelf = Memory()
        await shelf.lay(row)
        for profile in SCHEMAS:
            if not says(profile, tree.node(template)):
                with pytest.raises(Told) as told:
                    await whole(shelf, row, profile=profile)
                assert told.value.status == 404
                continue
            data = await whole(shelf, row, profile=profile)
            assert faults(data, profile) == "", data.decode()
            assert etree.fromstring(data).get("href") == row.href


@pytest.mark.parametrize("edition", WRITERS)
@pytest.mark.parametrize("node", LISTS, ids=lambda node: node.template)
async def test_a_list_is_valid_in_every_profile(node: Node, edition: str) -> None:
    kinds = sorted(name for name in node.also if names.named(edition, name))
    objs = [(name, obj) for name in kinds for obj in some(edition, name, 3)]
    template = next(each.template for each in NODES if not each.lists and each.also & node.also)
    template = next((each.template for each in NODES if each.above == node.template), template)
    profile = WRITERS[edition]
    rows = tuple(sown(template, name, obj, profile, at) for at, (name, obj) in enumerate(objs, 1))
    shelf = Memory()
    await shelf.lay(*rows)
    for reader in SCHEMAS:
        if names.named(names.edition(reader), node.type) is None:
            continue
        found = await page(shelf, node.template.replace("{}", "1"), rows, profile=reader)
        seen = [child.get("href") for child in found]
        assert (found.get("all"), found.get("results")) == (str(len(rows)), str(len(seen)))
        if template.endswith("{}") and node.type not in MADE:
            assert seen == [row.href for row in rows], reader


# ---------------------------------------------------------------------------------------------- one by one


def reading(text: str, href: str, profile: str = "2018") -> Row:
    kind = type(xml.read(text.encode(), load(profile))).__name__
    return Row(href, href.rpartition("/")[0], kind, text.encode(), profile, version=1)


URN = 'xmlns="urn:ieee:std:2030.5:ns"'
ANSWER = "<endDeviceLFDI>AB</endDeviceLFDI><status>1</status><subject>AB</subject>"


async def test_a_member_of_an_extension_says_its_type() -> None:
    rows = (
        reading(f"<Response {URN}>{ANSWER}</Response>", "/rsps/1/rsp/1"),
        reading(f"<DERControlResponse {URN}>{ANSWER}</DERControlResponse>", "/rsps/1/rsp/2"),
    )
    found = await page(Memory(), "/rsps/1/rsp", rows)
    assert [child.tag for child in found] == [f"{NS}Response"] * 2
    assert [child.get(f"{XSI}type") for child in found] == [None, "DERControlResponse"]
    assert found.nsmap["xsi"] == XSI[1:-1]
    alone = etree.fromstring(await whole(Memory(), rows[1]))
    assert alone.tag == f"{NS}DERControlResponse"


async def test_a_type_of_a_later_edition_stands_as_the_one_it_extends() -> None:
    later = "<defaultsResponded>00</defaultsResponded><modesResponded>00</modesResponded>"
    text = f"{ANSWER}{later}<modesResponded2>00</modesResponded2>"
    row = reading(
        f"<DefaultDERControlResponse {URN}>{text}</DefaultDERControlResponse>", "/rsps/1/rsp/1", "2023"
    )
    for profile, tag in (("2018", "Response"), ("2023", "DefaultDERControlResponse")):
        found = etree.fromstring(await whole(Memory(), row, profile=profile))
        assert found.tag == NS + tag


async def test_an_empty_list_says_how_many_there_are() -> None:
    found = await page(Memory(), "/edev", (), 7)
    assert (found.get("all"), found.get("results"), found.get("href")) == ("7", "0", "/edev")
    assert (found.get("subscribable"), found.get("pollRate")) == ("1", "900")


async def test_poll_rates_are_the_lists_own_then_the_operators_then_the_policys_then_the_tables() -> None:
    shelf, href = Memory(), "/derp"
    policy = Policy(polls={"DERProgramList": 77})
    assert (await page(shelf, href, ())).get("pollRate") == "600"
    assert (await page(shelf, href, (), policy=policy)).get("pollRate") == "77"
    await shelf.lay(Row("/-/poll/DERProgramList", "/-/poll", "Poll", b'{"seconds": 66}'))
    assert (await page(shelf, href, (), policy=policy)).get("pollRate") == "66"
    await shelf.lay(
        reading(f'<DERProgramList {URN} all="0" results="0" subscribable="0" pollRate="55"/>', href)
    )
    found = await page(shelf, href, (), policy=policy)
    assert (found.get("pollRate"), found.get("subscribable")) == ("55", "0")
    for profile in ("2023", "csip-aus-1.3", "2013"):
        assert (await page(shelf, href, (), profile=profile)).get("pollRate") == "55"


async def test_a_resource_has_the_poll_rate_of_its_type() -> None:
    shelf = Memory()
    row = reading(f"<DeviceCapability {URN}/>", "/dcap")
    assert etree.fromstring(await whole(shelf, row)).get("pollRate") == "900"
    await shelf.lay(Row("/-/poll/DeviceCapability", "/-/poll", "Poll", b'{"seconds": 30}'))
    assert etree.fromstring(await whole(shelf, row)).get("pollRate") == "30"


async def test_what_a_client_says_of_itself_is_kept_and_of_its_address_is_not() -> None:
    text = f'<DERSettings {URN} href="/x" subscribable="3"><setGradW>1</setGradW>'
    text += "<setMaxW><multiplier>0</multiplier><value>5</value></setMaxW><updatedTime>9</updatedTime>"
    text += "</DERSettings>"
    found = etree.fromstring(await whole(Memory(), reading(text, "/edev/1/der/1/derg")))
    assert (found.get("href"), found.get("subscribable")) == ("/edev/1/der/1/derg", "1")
    assert found.findtext(f"{NS}updatedTime") == "9"


@pytest.mark.parametrize("profile", ["csip", "2013"])
async def test_foreign_parts_are_kept_for_those_whose_profile_keeps_them(profile: str) -> None:
    vendor = '<v:mood xmlns:v="urn:vendor">good</v:mood>'
    text = f"<LogEvent {URN}><createdDateTime>5</createdDateTime>{vendor}<functionSet>1</functionSet>"
    text += "<logEventCode>0</logEventCode><logEventID>1</logEventID><logEventPEN>1</logEventPEN>"
    row = reading(f"{text}<profileID>2</profileID></LogEvent>", "/edev/1/lel/1", "csip")
    assert b"mood" not in await whole(Memory(), row, profile="2018")
    assert b'<v:mood xmlns:v="urn:vendor">good</v:mood>' in await whole(Memory(), row, profile=profile)
    made = work(Memory(), role="operator", profile=profile)
    data = await render.listing(made, tree.spot("/edev/1/lel"), Page((row, row), 2), Cut(0, 2))
    members = list(etree.fromstring(data))
    assert [member[1].tag for member in members] == ["{urn:vendor}mood"] * 2
    assert faults(data.replace(vendor.encode(), b""), profile) == ""


async def test_what_the_parts_of_another_document_are() -> None:
    row = reading(f"<DERControlResponse {URN}>{ANSWER}</DERControlResponse>", "/rsps/1/rsp/2")
    made = work(Memory(), role="operator", profile="2023")
    thing: Any = await render.thing(made, row)
    assert thing.href == row.href
    assert type(thing) is names.named("2023", "DERControlResponse")
    things: Any = await render.things(made, tree.spot("/rsps/1/rsp"), Page((row,), 4))
    assert (things.all, things.results, things.Response) == (4, 1, (thing,))


async def test_a_member_is_written_anew_when_its_document_has_changed() -> None:
    def row(status: int) -> Row:
        return reading(f"<Response {URN}>{ANSWER.replace('1', str(status))}</Response>", "/rsps/1/rsp/1")

    for status in (1, 2, 1):
        found = await page(Memory(), "/rsps/1/rsp", (row(status),))
        assert found[0].findtext(f"{NS}status") == str(status)

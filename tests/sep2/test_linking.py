"""Links: which there are for whom, how many they say, and that each of them leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from bridge.sep2 import document, linking, names, render, server, tree
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Policy
from tests.sep2.memory import LFDI, NOW, SFDI, Memory, work
from tests.sep2.official import SCHEMAS, faults
from tests.sep2.sowing import some, sown

NS = "{urn:ieee:std:2030.5:ns}"
AGGREGATOR = "33" * 20
GROUP = "/-/group/1"
TIMELESS = 4_000_000_000


def made(href: str, name: str, profile: str = "2018", /, **fields: Any) -> Row:
    row: dict[str, Any] = {key: fields.pop(key) for key in ("owner", "grp", "mark") if key in fields}
    data = document.written(document.made(profile, name, **fields), name, profile)
    return Row(href, href.rpartition("/")[0], name, data, profile, **row)


def device(number: int, lfdi: str, grp: str = "", **fields: Any) -> Row:
    said = {"lFDI": lfdi, "sFDI": 1, "changedTime": 1, **fields}
    return made(f"/edev/{number}", "EndDevice", owner=lfdi, grp=grp, mark=lfdi, **said)


async def read(shelf: Memory, row: Row, **caller: Any) -> etree._Element:
    asked = work(shelf, **caller)
    data = await render.resource(asked, tree.spot(row.href), row)
    assert faults(data, asked.caller.profile) == "", data.decode()
    return etree.fromstring(data)


def links(found: etree._Element) -> dict[str, tuple[str | None, str | None]]:
    """Address and count of each link, by its local name."""
    return {
        etree.QName(each).localname: (each.get("href"), each.get("all"))
        for each in found.iter("{*}*")
        if etree.QName(each).localname.endswith("Link")
    }


# ------------------------------------------------------------------------------------------ device capability


async def test_a_stranger_sees_the_time_and_where_it_may_register() -> None:
    shelf = Memory()
    await shelf.lay(device(1, LFDI), made("/derp/1", "DERProgram", mRID="AB", primacy=1))
    row = made("/dcap", "DeviceCapability")
    found = links(await read(shelf, row, role="stranger", lfdi="99" * 20, edev=""))
    assert found == {
        "TimeLink": ("/tm", None),
        "EndDeviceListLink": ("/edev", "0"),
        "MirrorUsagePointListLink": ("/mup", "0"),
    }


async def test_a_device_sees_what_it_may_use_and_how_much_of_it_there_is() -> None:
    shelf = Memory()
    await shelf.lay(
        device(1, LFDI),
        device(2, "99" * 20),
        made("/tp/1", "TariffProfile", mRID="AB", primacy=1, serviceCategoryKind=0),
    )
    found = links(await read(shelf, made("/dcap", "DeviceCapability")))
    assert found["EndDeviceListLink"] == ("/edev", "1")
    assert found["MirrorUsagePointListLink"] == ("/mup", "0")
    assert found["DERProgramListLink"] == ("/derp", "0")
    assert "TariffProfileListLink" not in found
    assert "SelfDeviceLink" not in found
    found = links(await read(shelf, made("/dcap", "DeviceCapability"), role="operator"))
    assert found["EndDeviceListLink"] == ("/edev", "2")
    assert found["TariffProfileListLink"] == ("/tp", "1")


async def test_the_server_shows_itself_where_it_knows_itself() -> None:
    policy = Policy(lfdi=LFDI)
    found = links(await read(Memory(), made("/dcap", "DeviceCapability"), policy=policy))
    assert found["SelfDeviceLink"] == ("/sdev", None)


# ------------------------------------------------------------------------------------------------- end device

ALWAYS = {
    "ConfigurationLink": "cfg",
    "DERListLink": "der",
    "DeviceInformationLink": "di",
    "DeviceStatusLink": "dstat",
    "FileStatusLink": "fs",
    "IPInterfaceListLink": "ns",
    "LoadShedAvailabilityListLink": "lsl",
    "LogEventListLink": "lel",
    "PowerStatusLink": "ps",
    "FlowReservationRequestListLink": "frq",
    "FlowReservationResponseListLink": "frp",
    "FunctionSetAssignmentsListLink": "fsa",
    "SubscriptionListLink": "sub",
}


@pytest.mark.parametrize("profile", SCHEMAS)
async def test_a_device_has_all_its_links(profile: str) -> None:
    shelf, row = Memory(), device(1, LFDI)
    await shelf.lay(row)
    found = links(await read(shelf, row, profile=profile))
    aus = {"ConnectionPointLink": "cp"} if profile.startswith("csip-aus") else {}
    assert {name: href for name, (href, _) in found.items()} == {
        name: f"/edev/1/{last}" for name, last in (ALWAYS | aus).items()
    }


async def test_lists_are_counted_and_single_things_are_there_or_not() -> None:
    shelf, row = Memory(), device(1, LFDI)
    event = some("2018", "LogEvent", 2)
    registration = made("/edev/1/rg", "Registration", dateTimeRegistered=1, pIN=111115, owner=LFDI)
    await shelf.lay(
        row, registration, *(sown("/edev/{}/lel/{}", "LogEvent", e, "2018", n) for n, e in enumerate(event))
    )
    found = links(await read(shelf, row))
    assert found["LogEventListLink"] == ("/edev/1/lel", "2")
    assert found["RegistrationLink"] == ("/edev/1/rg", None)


async def test_the_aggregators_own_device_has_no_assignments() -> None:
    shelf, row = Memory(), device(1, AGGREGATOR, AGGREGATOR)
    await shelf.lay(row)
    caller = {"role": "aggregator", "lfdi": AGGREGATOR, "profile": "csip-aus-1.2"}
    found = links(await read(shelf, row, **caller))
    assert "SubscriptionListLink" in found
    assert {"FunctionSetAssignmentsListLink", "ConnectionPointLink"} & set(found) == set()


async def test_what_a_client_writes_into_its_links_is_not_believed() -> None:
    cls: Any = names.named("2018", "EndDevice")
    link = cls.model_fields["RegistrationLink"].annotation.__args__[0]
    own: dict[str, Any] = {"RegistrationLink": link(href="https://example.org/x")}
    shelf, row = Memory(), device(1, LFDI, **own)
    await shelf.lay(row)
    assert b"example.org" in row.body
    assert "RegistrationLink" not in links(await read(shelf, row))
    alone = device(
        2, AGGREGATOR, AGGREGATOR, FunctionSetAssignmentsListLink=_list_link("FunctionSetAssignmentsListLink")
    )
    assert "FunctionSetAssignmentsListLink" not in links(await read(shelf, alone, role="operator"))


def _list_link(name: str) -> Any:
    cls: Any = names.named("2018", "EndDevice")
    return cls.model_fields[name].annotation.__args__[0](href="/elsewhere")


# ------------------------------------------------------------------------------------------------- the others


async def test_a_der_always_has_the_four_that_are_put() -> None:
    shelf, row = Memory(), made("/edev/1/der/1", "DER", owner=LFDI)
    await shelf.lay(device(1, LFDI), row)
    found = links(await read(shelf, row))
    assert {name: href for name, (href, _) in found.items()} == {
        "AssociatedDERProgramListLink": "/edev/1/der/1/derp",
        "DERAvailabilityLink": "/edev/1/der/1/dera",
        "DERCapabilityLink": "/edev/1/der/1/dercap",
        "DERSettingsLink": "/edev/1/der/1/derg",
        "DERStatusLink": "/edev/1/der/1/ders",
    }


async def test_a_programme_has_a_default_control_when_there_is_one() -> None:
    shelf, row = Memory(), made("/derp/7", "DERProgram", mRID="AB", primacy=1)
    await shelf.lay(row)
    caller = {"role": "operator"}
    assert "DefaultDERControlLink" not in links(await read(shelf, row, **caller))
    await shelf.lay(
        sown("/derp/{}/dderc", "DefaultDERControl", some("2018", "DefaultDERControl", 1)[0], "2018")
    )
    default = sown("/derp/{}/dderc", "DefaultDERControl", some("2018", "DefaultDERControl", 1)[0], "2018")
    await shelf.lay(Row("/derp/7/dderc", "/derp/7", "DefaultDERControl", default.body, "2018"))
    found = links(await read(shelf, row, **caller))
    assert found["DefaultDERControlLink"] == ("/derp/7/dderc", None)
    assert found["DERControlListLink"] == ("/derp/7/derc", "0")


async def test_a_link_of_the_document_itself_is_kept_as_long_as_it_leads_somewhere() -> None:
    cls: Any = names.named("2018", "FileStatus")
    link = cls.model_fields["FileLink"].annotation.__args__[0]
    said = {
        "loadPercent": 1,
        "nextRequestAttempt": 1,
        "request503Count": 0,
        "requestFailCount": 0,
        "status": 1,
        "statusTime": 1,
    }
    shelf = Memory()
    for href, kept in (("/file/4", False), ("https://example.org/file/4", True)):
        row = made("/edev/1/fs", "FileStatus", FileLink=link(href=href), **said)
        assert ("FileLink" in links(await read(shelf, row, role="operator"))) == kept


async def test_a_link_inside_a_part_leads_below_the_resource() -> None:
    own: Any = names.named("2018", "IEEE_802_15_4")
    shelf = Memory()
    radio = own(capabilityInfo="00", shortAddress=1)
    row = made(
        "/edev/1/ns/2/ll/3", "LLInterface", CRCerrors=0, EUI64="00", linkLayerType=1, IEEE_802_15_4=radio
    )
    assert links(await read(shelf, row)) == {"NeighborListLink": ("/edev/1/ns/2/ll/3/nbh", "0")}
    bare = made("/edev/1/ns/2/ll/3", "LLInterface", CRCerrors=0, EUI64="00", linkLayerType=1)
    assert links(await read(shelf, bare)) == {}


def test_who_may_read_at_all() -> None:
    shelf = Memory()
    for template, roles in {
        "/tm": {"stranger", "device", "aggregator", "operator"},
        "/derp": {"device", "aggregator", "operator"},
        "/mup": {"device", "aggregator", "operator"},
        "/ntfy": {"operator"},
    }.items():
        able = {
            role
            for role in ("stranger", "device", "aggregator", "operator")
            if linking.readable(work(shelf, role=role).caller, tree.node(template))
        }
        assert able == roles, template


# --------------------------------------------------------------------------------------------- the whole tree


async def world() -> Memory:
    """One resource of each kind at each address that is not a list, in a group that the device is in."""
    shelf = Memory(last=1000)
    for node in tree.nodes().values():
        if node.lists or node.type in {"Time", "DeviceCapability", "FunctionSetAssignments", "Notification"}:
            continue
        edition = "2023" if names.named("2018", node.type) is None else "2018"
        if names.named(edition, node.type) is None:
            continue
        row = sown(node.template, node.type, some(edition, node.type, 1)[0], edition)
        top = row.href.count("/") == 2 and not row.href.startswith(("/edev", "/mup", "/upt"))
        await shelf.lay(
            Row(
                row.href,
                row.parent,
                row.type,
                row.body,
                row.profile,
                "" if top else LFDI,
                GROUP if top else "",
                f"{len(shelf.rows):040X}",
                at=NOW - 10,
                until=TIMELESS,
            )
        )
    await shelf.lay(device(1, LFDI), Row(GROUP, "/-/group", "Group", b"{}"))
    await shelf.lay(Row(f"{GROUP}/member/1", f"{GROUP}/member", "Member", owner=LFDI, grp=GROUP))
    return shelf


def addresses(data: bytes) -> Iterator[str]:
    for each in etree.fromstring(data).iter("{*}*"):
        href = each.get("href")
        if href and etree.QName(each).localname.endswith("Link") and tree.match(href):
            yield href


@pytest.mark.parametrize("profile", SCHEMAS)
@pytest.mark.parametrize("roles", [frozenset(), frozenset({"operator"})], ids=["device", "operator"])
async def test_every_link_from_the_first_one_on_leads_somewhere(profile: str, roles: frozenset[str]) -> None:
    shelf = await world()
    left, seen = ["/dcap"], dict[str, int]()
    while left:
        href = left.pop()
        ask = Ask("GET", href, Peer(LFDI, SFDI, roles), NOW, (("l", "50"),))
        answer = await server.answer(ask, shelf, Policy(profile=profile, lfdi=LFDI))
        seen[href] = answer.status
        if answer.status == 200:
            assert faults(answer.body, profile) == "", answer.body.decode()
            own = [each.get("href") for each in etree.fromstring(answer.body) if each.get("href")]
            both = {*addresses(answer.body), *(h for h in own if h and tree.match(h))}
            left += sorted(both - seen.keys() - set(left))
    wrong = {href: status for href, status in seen.items() if status != 200}
    assert wrong == {}
    assert len(seen) > 100

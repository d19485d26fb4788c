"""Which nodes and objects a unit has, judged by the name space's own presence conditions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings

from bridge.iec61850 import able, device, roster
from bridge.iec61850.classes import base, object_class
from bridge.iec61850.command import service_types
from bridge.iec61850.image import leaves as laid
from bridge.iec61850.orders import services
from bridge.iec61850.outline import Node, Object, attribute_type, kind_type, leaves, node_type
from bridge.iec61850.tree import LONGEST
from bridge.mapping import schedule
from bridge.mapping.nodes import node_class, read
from models.der import messages
from models.presence import controls, violations
from tests.iec61850.units import ALL, AT, LFDI, MRID, capabilities, capability, everything
from tests.mapping.fitting import BASES

many = settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
fewer = settings(many, max_examples=50)
MODES = [mode for listed in able.BITS.values() for mode in read().codes[listed]["bits"] if mode]


def drawn(found: messages.Capability) -> roster.Roster:
    """What a unit has."""
    return roster.unit(able.modes(found), storing=able.stores(found))


def broken(node: Node) -> Iterator[str]:
    """What a node and its objects break of the conditions of their classes."""
    there = {base(node.name, item.name) for item in node.objects}
    facts = {"ln0": node.cls == "LLN0", "rootLD": True, "lnNs": node.cls in roster.EXTENDED}
    yield from violations(there, node_class(node.name).PRESENCE, facts)
    for item in node.objects:
        yield from (f"{node.name}.{item.name}: {text}" for text in _object(node, item, facts))


def _object(node: Node, item: Object, facts: dict[str, bool]) -> list[str]:
    """What an object breaks; the services of a control stand for its ctlVal, and say which model it has."""
    services = {each.name for each in item.attributes if each.fc == "CO"}
    there = {each.name for each in item.attributes if each.fc != "CO"} | {each.name for each in item.objects}
    model = controls(4 if "SBOw" in services else 3 if "operTimeout" in there else 1)
    told = facts | {"substitution": False, "scaled": False} | (model if services else {})
    cls = object_class(node.name, item.name)
    return violations(there | ({"ctlVal"} if services else set()), cls.PRESENCE, told)


@many
@given(found=capabilities())
def test_every_unit_satisfies_the_conditions_of_the_name_space(found: messages.Capability) -> None:
    assert [text for node in roster.nodes(drawn(found)) for text in broken(node)] == []


@fewer
@given(one=capabilities(), other=capabilities())
def test_every_group_does_too(one: messages.Capability, other: messages.Capability) -> None:
    assert [
        text
        for node in roster.nodes(roster.group(dict.fromkeys((*able.modes(one), *able.modes(other)))))
        for text in broken(node)
    ] == []


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_brings_the_nodes_it_runs_on_and_no_other_mode_does_without_them(mode: str) -> None:
    row = next(row for row in read().rows["Modes"] if row.canonical == mode)
    alone = drawn(_only(mode))
    assert set(roster.running(row)) <= alone.keys()
    assert (row.iec61850 or row.also["over"]).partition(".")[2] in alone[roster.running(row)[0]]


def _only(mode: str) -> messages.Capability:
    fields = {
        name: f"{1 << read().codes[listed]['bits'].index(mode):X}".zfill(8)
        for name, listed in able.BITS.items()
        if mode in read().codes[listed]["bits"]
    }
    return capability(**{"modesSupported": "00000000", **fields})


def test_a_unit_that_can_do_nothing_has_its_nameplate_its_state_and_its_meter() -> None:
    there = {node.cls for node in roster.nodes(drawn(capability(modesSupported="")))}
    assert there == {
        "LLN0", "LPHD", "DGEN", "DSET", "DECP", "DCTE", "DINV", "CALH", "MMXU", "MMTR",
        "DHVT", "DLVT", "DHFT", "DLFT", "PTOC", "QVUB", "QIUB",
    }  # fmt: skip


def test_storage_has_its_node_by_type_or_by_a_rating_that_only_storage_has() -> None:
    ratings = messages.Ratings(Wh=capability().ratings.WMax)
    assert "DSTO1" not in drawn(capability())
    assert "DSTO1" in drawn(capability(type=80))
    assert "DSTO1" in drawn(capability(ratings=ratings))


def test_the_site_has_a_connection_point_and_a_meter_where_a_mode_regulates_it() -> None:
    plain, site = drawn(capability()), drawn(capability(doeModesSupported="01"))
    assert {"DPCC1", "MMXU2", "MMTR2"} & plain.keys() == set()
    assert {"DPCC1", "MMXU2", "MMTR2"} <= site.keys()


def test_a_commanded_object_has_two_schedules_of_the_number_that_the_table_gives() -> None:
    made = drawn(everything())
    numbers = {name[4:] for name in made if name.startswith("FSCC")}
    named = {schedule.named(int(number), slot) for number in numbers for slot in range(roster.SLOTS)}
    assert named == {name for name in made if name.startswith("FSCH")}
    assert {schedule.arbiter(name) for name in named} == {f"FSCC{number}" for number in numbers}
    leaves = device.unit(LFDI, everything(), BASES, AT).domain.leaves
    assert [str(leaves[f"FSCC86$SP$Schd{each}$setSrcRef"])[-7:] for each in (1, 2)] == ["/FSCH86", "FSCH286"]
    assert max(read().entities.values()) < schedule.ROW
    missing = {entity for entity, number in read().entities.items() if str(number) not in numbers}
    assert missing == {"DGEN1.DEROpStCtl"}, "a unit with a switch is connected by it"


def test_no_item_is_longer_than_a_name_may_be_and_every_leaf_is_one_of_the_type() -> None:
    for node in device.unit(LFDI, everything(), BASES, AT).outline.nodes:
        named = [item for item, *_ in leaves(node)]
        assert sorted(named) == sorted(item for item, _ in laid(node_type(node), node.name))
        assert max(map(len, named)) <= LONGEST


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_the_services_of_an_object_are_those_that_the_controls_read(model: int) -> None:
    given = {each.name: attribute_type(each) for each in services("FLOAT32", model)}
    assert given == service_types(kind_type("FLOAT32"), model)


def test_every_domain_has_a_name_of_its_own_that_8_2_has_room_for() -> None:
    found = (
        device.group(MRID, able.modes(capability()), BASES, AT).name,
        device.unit(LFDI, capability(), BASES, AT).name,
    )
    assert found == (f"derbridgeG{MRID}", f"derbridgeD{LFDI}")
    assert all(len(name) <= LONGEST for name in found)
    with pytest.raises(device.Misnamed, match="letters, digits"):
        device.unit(LFDI, capability(), BASES, AT, ied="a-b")
    with pytest.raises(device.Misnamed, match="at most 64"):
        device.unit(LFDI, capability(), BASES, AT, ied="a" * 24)


def test_nodes_stand_in_one_order_with_the_device_itself_first() -> None:
    names = [node.name for node in roster.nodes(drawn(capability(**ALL)))]
    assert names[:2] == ["LLN0", "LPHD1"]
    assert names[2:].index("FSCH9") < names[2:].index("FSCH10")
    assert all(one != other for one, other in pairwise(names))

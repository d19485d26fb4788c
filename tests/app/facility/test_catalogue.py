"""Units of one edition: what two have told alike the next one need not tell; one that lies is found out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.app.facility.catalogue import EDITIONS, Catalogue, Kind
from bridge.app.facility.edition import PLATES, REVISION, Edition
from bridge.app.facility.session import Session
from bridge.app.facility.unit import Unit
from bridge.iec61850.shape import Basic, Structure
from tests.app.endpoint import asks
from tests.app.facility.inverter import Inverter
from tests.app.facility.street import PATIENCE, Street, address, street, there
from tests.app.facility.test_session import RATING, one

ONE, OTHER = (Structure(((name, Basic("boolean")),)) for name in ("DGEN1", "DSTO1"))
KNOWN = Edition(b"maker", "1", ("vendor",))
STATE = "DGEN1$ST$DEROpSt"


async def begun(found: Street, *plants: Inverter) -> list[Session]:
    """Have units be there, one after the other."""
    sessions = []
    for each in plants:
        await found.add(Unit(each.lfdi, address(each)))
        sessions.append(await there(found.station, each.lfdi))
    return sessions


def catalogue(found: Street) -> Catalogue:
    held: Catalogue = found.station.facilities.ground.catalogue
    return held


async def test_what_two_have_told_alike_the_third_need_not_tell(tmp_path: Path) -> None:
    async with street(tmp_path, 3) as (found, plants):
        sessions = await begun(found, *plants)
        assert catalogue(found).browsed == 2
        for plant, session in zip(plants, sessions, strict=True):
            held = session.found.domains[plant.domain]
            there_ = plant.image.domains[plant.domain]
            assert held.index.types == there_.index.types
            assert held.sets == there_.sets
            assert {of for each in held.sets.values() for of, _ in each.members} == {plant.domain}
            answer = await session.converse(one(asks.read(plant.domain, RATING)))
            assert [each.choice.tag for each in answer.listOfAccessResult.AccessResult] == ["success"]


async def test_what_a_unit_told_itself_it_need_not_tell_again(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        (session,) = await begun(found, plant)
        found.station.facilities.begun()
        await there(found.station, plant.lfdi, wanted=False)
        await there(found.station, plant.lfdi)
        assert catalogue(found).browsed == 1
        assert (
            session.found.domains[plant.domain].index.types == plant.image.domains[plant.domain].index.types
        )


@pytest.mark.parametrize("item", [REVISION, PLATES[0], PLATES[4]])
async def test_another_edition_is_browsed_anew(tmp_path: Path, item: str) -> None:
    async with street(tmp_path, 3) as (found, plants):
        plants[2].put(item, "another")
        await begun(found, *plants)
        assert catalogue(found).browsed == 3


async def test_who_tells_no_revision_is_browsed(tmp_path: Path) -> None:
    async with street(tmp_path, 3) as (found, plants):
        for each in plants:
            each.put(REVISION, "")
        await begun(found, *plants)
        assert catalogue(found).browsed == 3


def lacking(plant: Inverter) -> None:
    """Lack a node that the others have."""
    held = plant.image.domains[plant.domain]
    types = {item: of for item, of in held.index.types.items() if not item.startswith("DGEN1")}
    names = tuple(item for item in held.index.names if item in types)
    held.index = held.index._replace(types=types, names=names, plans={})


def mistyped(plant: Inverter) -> None:
    """Have another type where the others have a state."""
    held = plant.image.domains[plant.domain]
    lie = Structure((("stVal", Basic("visible-string", -255)), ("q", Basic("bit-string", 13)),
                     ("t", Basic("utc-time"))))  # fmt: skip
    parts = {f"{STATE}${name}": of for name, of in lie.fields}
    held.index = held.index._replace(types={**held.index.types, STATE: lie, **parts}, plans={})
    held.leaves[f"{STATE}$stVal"] = "running"


@pytest.mark.parametrize("lie", [lacking, mistyped])
async def test_who_is_not_of_its_edition_is_found_out_and_browsed(
    tmp_path: Path, lie: Callable[[Inverter], None]
) -> None:
    async with street(tmp_path, 3) as (found, plants):
        lie(plants[2])
        with capture_logs() as lines:
            await begun(found, *plants)
            async with asyncio.timeout(PATIENCE):
                while catalogue(found).browsed < 3:  # noqa: ASYNC110 - what is counted tells nobody
                    await asyncio.sleep(0.01)
        session = await there(found.station, plants[2].lfdi)
        assert session.found.domains[plants[2].domain].index.types.keys() == (
            plants[2].image.domains[plants[2].domain].index.types.keys()
        )
        told = [line["lfdi"] for line in lines if line["event"] == "not of its edition"]
        assert told == [plants[2].lfdi]


async def test_one_that_does_not_answer_keeps_no_other_of_its_edition_waiting(tmp_path: Path) -> None:
    async with street(tmp_path, 2) as (found, plants):
        stalled = asyncio.Event()

        async def deaf(stanza: Any) -> Any:
            told = found.station.facilities.session(plants[0].lfdi)
            if stanza.to == address(plants[0]) and told is not None and catalogue(found).browsed:
                stalled.set()
                await asyncio.Event().wait()
            return stanza

        catalogue(found).patience = 0.1
        found.route = deaf
        await found.add(Unit(plants[0].lfdi, address(plants[0])))
        await asyncio.wait_for(stalled.wait(), PATIENCE)
        await begun(found, plants[1])
        assert not found.station.facilities.session(plants[0].lfdi).there


def test_one_teaches_itself_and_two_teach_others() -> None:
    kind = Kind()
    kind.learn("A", ONE)
    assert (kind.type("A"), kind.type("B")) == (ONE, None)
    kind.learn("B", OTHER)
    assert kind.type("C") is None
    kind.learn("C", OTHER)
    assert [kind.type(each) for each in "ABCD"] == [ONE, OTHER, OTHER, OTHER]
    kind.doubted.add("D")
    assert kind.type("D") is None


def test_what_is_told_anew_replaces_what_was_told_before() -> None:
    kind = Kind()
    for each in "AB":
        kind.learn(each, ONE)
    for each in "AB":
        kind.learn(each, OTHER)
    assert [kind.type(each) for each in "ABC"] == [OTHER, OTHER, OTHER]
    assert len(kind.told) == 1


def test_only_so_many_editions_are_remembered() -> None:
    held = Catalogue(1.0)
    unit = Unit("A", "a@relay.example")
    for number in range(EDITIONS + 1):
        held.doubt(unit, KNOWN._replace(revision=str(number)))
    assert len(held.kinds) == EDITIONS
    assert KNOWN._replace(revision="0") not in held.kinds

"""Sessions with units: opened, kept, lost, opened again; what is driven over them; what is not believed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.app.facility.session import Away
from bridge.app.facility.unit import Unit
from bridge.iec61850 import device, discovery, sealing
from bridge.iec61850.discovery import Conversation
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.scl import writer
from bridge.iec61850.sealing import MEDIA
from bridge.iec61850.terms import Terms
from bridge.mapping.bases import Bases
from bridge.trust import octets, seal
from bridge.trust.header import Message
from bridge.trust.verify import Question, Verified
from bridge.xmpp.letter import Letter
from tests.app.endpoint import asks
from tests.app.facility.inverter import IED, Inverter
from tests.app.facility.street import PATIENCE, Stanza, Street, address, street, there
from tests.iec61850 import units

ROOM = Terms().calling
RATING = "DGEN1$SP$WMaxRtg$setMag$f"


REASONS = {
    "clear": "misplaced: in clear", "altered": "signature", "another": "answer", "replayed": "answer",
}  # fmt: skip


def _clear(_: Street, stanza: Stanza, __: Inverter, ___: list[Stanza]) -> Letter:
    """What was in the seal, without it."""
    text = sealing.found(stanza.letter.octets)
    assert text
    return Letter(octets.decode(text.text.split(".")[1].encode()))


def _altered(_: Street, stanza: Stanza, __: Inverter, ___: list[Stanza]) -> Letter:
    """Another value under the same signature."""
    text = sealing.found(stanza.letter.octets)
    assert text
    head, body, signed = text.text.split(".")
    changed = octets.encode(octets.decode(body.encode()).replace(b"1", b"2", 1)).decode()
    return Letter(sealing.covered(text.assoc, f"{head}.{changed}.{signed}"))


def _another(found: Street, stanza: Stanza, other: Inverter, _: list[Stanza]) -> Letter:
    """What another unit says to nobody's question."""
    text = sealing.found(stanza.letter.octets)
    assert text
    said = octets.decode(text.text.split(".")[1].encode())
    bridge = found.station.endpoint.seals.lfdi
    question = Question(_message(other, bridge), "a.b.c")
    asked = Verified(question.message, question.text, None, None)  # type: ignore[arg-type]
    return Letter(sealing.covered(text.assoc, other.endpoint.seals.answer(asked, said, int(time.time()))))


def _message(other: Inverter, bridge: str) -> Message:
    now = int(time.time())
    return Message(bridge, other.lfdi, "request", "c", now, now + 60, seal.nonce(bytes(16)), 1, MEDIA, b"x")


def _replayed(_: Street, __: Stanza, ___: Inverter, kept: list[Stanza]) -> Letter:
    """The answer to an earlier question."""
    return kept[0].letter


FORGED = {"clear": _clear, "altered": _altered, "another": _another, "replayed": _replayed}


def one(request: Any) -> Conversation[Any]:
    """A conversation of one request."""
    return (yield request)


def thrice(domain: str) -> Conversation[None]:
    """A conversation of three."""
    for _ in range(3):
        yield asks.read(domain, RATING)


async def test_a_unit_is_found_and_read(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        await found.add(Unit(plant.lfdi, address(plant)))
        session = await there(found.station, plant.lfdi)
        assert session.device == plant.domain
        assert (
            dict(session.found.domains[plant.domain].index.types).keys()
            == plant.image.domains[plant.domain].index.types.keys()
        )
        answer = await session.converse(one(asks.read(plant.domain, RATING)))
        assert [each.choice.tag for each in answer.listOfAccessResult.AccessResult] == ["success"]
        assert await session.converse(discovery.listed("domain", None)) == (plant.domain,)
        assert await found.log() == []
        assert plant.rights.turned == []


async def test_as_much_is_under_way_as_the_association_has_room_for(tmp_path: Path) -> None:
    """None is passed on until so many have come; answers and refusals stand in the places of requests."""
    most, under_way, asking, full, passing = 0, 0, asyncio.Event(), asyncio.Event(), asyncio.Lock()

    async def counted(stanza: Stanza) -> Stanza | None:
        nonlocal most, under_way
        under_way += {"get": 1, "set": 1, "result": -1}.get(stanza.how, 0)
        most = max(most, under_way)
        if under_way >= ROOM:
            full.set()
        if stanza.how in {"get", "set"}:
            async with passing:  # in their order, as a relay passes them
                if asking.is_set():
                    await full.wait()
        return stanza

    async with street(tmp_path) as (found, (plant,)):
        found.route = counted
        await found.add(Unit(plant.lfdi, address(plant)))
        session = await there(found.station, plant.lfdi)
        asked = [asks.read(plant.domain, RATING) for _ in range(3 * ROOM)]
        asked[1] = next(discovery.listed("namedVariable", "nobody"))
        full.clear()
        asking.set()
        try:
            answers = await asyncio.wait_for(session.converse(discovery.several(asked)), PATIENCE)
        finally:
            full.set()
        assert most == ROOM
        assert [place for place, each in enumerate(answers) if isinstance(each, Refusal)] == [1]


async def test_a_refusal_is_thrown_into_the_conversation(tmp_path: Path) -> None:
    def asked() -> Conversation[str]:
        try:
            yield from discovery.listed("namedVariable", "nobody")
        except Refusal as refusal:
            return refusal.family
        return "nothing"

    async with street(tmp_path) as (found, (plant,)):
        await found.add(Unit(plant.lfdi, address(plant)))
        session = await there(found.station, plant.lfdi)
        assert await session.converse(asked()) == "access"
        with pytest.raises(Refusal):
            await session.converse(discovery.listed("namedVariable", "nobody"))
        assert session.there


async def test_who_goes_is_away_and_comes_back(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        await found.add(Unit(plant.lfdi, address(plant)))
        session = await there(found.station, plant.lfdi)
        found.leave(address(plant))
        await there(found.station, plant.lfdi, wanted=False)
        with pytest.raises(Away):
            await session.converse(discovery.listed("domain", None))
        found.join(address(plant), plant.endpoint)
        session.presence(there=True)
        again = await there(found.station, plant.lfdi)
        assert await again.converse(discovery.listed("domain", None)) == (plant.domain,)


async def test_who_is_lost_in_a_conversation_is_away(tmp_path: Path) -> None:
    held = asyncio.Event()

    async def dropped(stanza: Stanza) -> Stanza | None:
        if stanza.how in {"get", "result"} and held.is_set():
            found.leave(address(plant))
            return None
        return stanza

    async with street(tmp_path) as (found, (plant,)):
        await found.add(Unit(plant.lfdi, address(plant)))
        session = await there(found.station, plant.lfdi)
        held.set()
        found.route = dropped
        with pytest.raises(Away):
            await session.converse(discovery.listed("domain", None))


async def test_one_units_trouble_is_no_others(tmp_path: Path) -> None:
    async with street(tmp_path, 2) as (found, (plant, other)):
        for each in (plant, other):
            await found.add(Unit(each.lfdi, address(each)))
        await there(found.station, plant.lfdi)
        session = await there(found.station, other.lfdi)
        found.leave(address(plant))
        await there(found.station, plant.lfdi, wanted=False)
        assert session.there
        assert await session.converse(discovery.listed("domain", None)) == (other.domain,)


async def test_a_unit_without_its_device_is_not_there(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        told: list[tuple[str, bool]] = []
        ended = asyncio.Event()
        found.station.facilities.listen(lambda *what: told.append(what))

        async def watched(stanza: Stanza) -> Stanza | None:
            if b"conclude" in _plain(stanza) and stanza.how == "result":
                ended.set()
            return stanza

        found.route = watched
        await found.add(Unit(plant.lfdi, address(plant), device="other"))
        await asyncio.wait_for(ended.wait(), 30)
        assert told == []
        await found.add(Unit(plant.lfdi, address(plant), device=plant.domain))
        assert (await there(found.station, plant.lfdi)).device == plant.domain


def _plain(stanza: Stanza) -> bytes:
    """What stands in a seal."""
    text = sealing.found(stanza.letter.octets)
    return octets.decode(text.text.split(".")[1].encode()) if text else b""


async def test_a_model_is_taken_from_its_file_and_held_against_the_unit(tmp_path: Path) -> None:
    """The file is of a unit with more modes: what there is is read all the same, what is not is told."""
    async with street(tmp_path) as (found, (plant,)):
        more = device.unit(plant.lfdi, units.capability(modesSupported="00180000"), Bases(), 1.0, ied=IED)
        text = writer.write(writer.Named(IED), [(more.outline, more.domain)]).decode()
        await found.add(Unit(plant.lfdi, address(plant), plant.domain, scl=text))
        session = await there(found.station, plant.lfdi)
        assert session.differences
        nodes = {each.removeprefix("lacks ") for each in session.differences}
        assert nodes == {node for node, _ in more.domain.type.fields} - {
            node for node, _ in plant.image.domains[plant.domain].type.fields
        }
        answer = await session.converse(one(asks.read(plant.domain, RATING)))
        assert [each.choice.tag for each in answer.listOfAccessResult.AccessResult] == ["success"]
        asked = [stanza for stanza in found.seen if b"getVariableAccessAttributes" in _plain(stanza)]
        assert asked == []


@pytest.mark.parametrize("what", ["clear", "altered", "another", "replayed"])
async def test_what_is_not_the_units_own_has_no_effect(tmp_path: Path, what: str) -> None:
    """A forged answer to a request ends the association, and is in the log."""
    async with street(tmp_path, 2) as (found, (plant, other)):
        for each in (plant, other):
            await found.add(Unit(each.lfdi, address(each)))
        session = await there(found.station, plant.lfdi)
        await there(found.station, other.lfdi)
        kept: list[Stanza] = []

        async def forged(stanza: Stanza) -> Stanza | None:
            if stanza.how != "result" or stanza.sender != address(plant):
                return stanza
            kept.append(stanza)
            return stanza._replace(letter=FORGED[what](found, stanza, other, kept))

        found.route = forged
        with pytest.raises(Away):
            await session.converse(thrice(plant.domain))
        assert REASONS[what] in await found.log()


async def test_nobody_who_is_revoked_is_believed(tmp_path: Path) -> None:
    async with street(tmp_path) as (found, (plant,)):
        await found.add(Unit(plant.lfdi, address(plant)))
        await there(found.station, plant.lfdi)
        await found.office.post(f"/access/{plant.lfdi}/revoke", status=200)
        found.office.store.current()
        await there(found.station, plant.lfdi, wanted=False)

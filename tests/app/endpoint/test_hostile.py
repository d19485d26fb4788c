"""A hostile relay: whatever it does, no command is carried out that was not sealed for the bridge, once, now.

Each attempt is in the decision log, or known to the client whose answer was forged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bridge.iec61850 import sealing, unit
from bridge.iec61850.client import Client, Sent
from bridge.iec61850.shape import Basic
from bridge.transports.post import Denied
from bridge.trust import seal
from bridge.trust.refusal import Refused
from bridge.xmpp.letter import Letter
from models.mms import names
from tests.app.endpoint import asks
from tests.app.endpoint.customer import Customer
from tests.app.endpoint.hostile import DOMAIN, Relay, Stanza, stage

Stage = tuple[Relay, Customer, Customer]
FLOAT = Basic("floating-point")
LIMIT = "DGEN1$SP$WMax$setMag$f"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Stage]:
    async with stage(tmp_path) as made:
        yield made


def command(one: Customer, value: float = 1000.0) -> Sent:
    """A write of a limit, not sent yet."""
    one.client.ask(asks.write(DOMAIN, LIMIT, FLOAT, value), time.time())
    return one.client.out.popleft()


def letter(one: Customer, sent: Sent, **changes: Any) -> Letter:
    """The same under its seal."""
    text = seal.seal(one.message(sent.payload, **changes), one.key)
    return Letter(sealing.covered(unit.read(sent.payload).assoc, text))


def address(one: Customer) -> str:
    return f"{one.files.lfdi.lower()}@relay.example/IEC"


def values(relay: Relay) -> list[Any]:
    return [what[2] for _, what in relay.plant.done]


async def refused(relay: Relay, sender: str, said: Letter, reason: str, how: str = "set") -> None:
    """Something is brought to the bridge, does nothing, and is in the log."""
    before, log = list(relay.plant.done), await relay.log()
    with pytest.raises(Denied) as denied:
        await relay.ask(sender, how, said)
    assert denied.value.condition == "forbidden"
    assert relay.plant.done == before
    assert (await relay.log())[len(log) :] == [reason]


async def test_an_honest_relay_lets_a_command_through_once(scene: Stage) -> None:
    relay, boss, _ = scene
    assert await boss.say(command(boss))
    assert values(relay) == [1000.0]
    (there, _) = relay.seen
    await refused(relay, there.sender, there.letter, "replay")


@pytest.mark.parametrize("place", range(3))
async def test_what_is_altered_is_refused(scene: Stage, place: int) -> None:
    relay, boss, _ = scene
    good = letter(boss, command(boss))
    found = sealing.found(good.octets)
    assert found
    parts = found.text.split(".")
    middle = len(parts[place]) // 2
    parts[place] = (
        f"{parts[place][:middle]}{'B' if parts[place][middle] == 'A' else 'A'}{parts[place][middle + 1 :]}"
    )
    bad = Letter(sealing.covered(found.assoc, ".".join(parts)))
    with pytest.raises(Denied):
        await relay.ask(address(boss), "set", bad)
    assert relay.plant.done == []
    assert len(await relay.log()) == 1
    assert await relay.ask(address(boss), "set", good)
    assert values(relay) == [1000.0]


async def test_what_is_reordered_is_done_in_its_order_or_not_at_all(scene: Stage) -> None:
    relay, boss, _ = scene
    first, second = letter(boss, command(boss, 1.0)), letter(boss, command(boss, 2.0))
    assert await relay.ask(address(boss), "set", second)
    await refused(relay, address(boss), first, "sequence")
    assert values(relay) == [2.0]


async def test_what_comes_too_late_is_not_done(scene: Stage) -> None:
    relay, boss, _ = scene
    now = boss.message(command(boss).payload).created
    late = letter(boss, command(boss), created=now - 900, expires=now - 600)
    await refused(relay, address(boss), late, "late")


async def test_what_is_for_another_is_refused(scene: Stage) -> None:
    relay, boss, rival = scene
    await refused(relay, address(boss), letter(boss, command(boss), recipient=rival.files.lfdi), "recipient")


async def test_what_is_redirected_under_another_address_has_no_association(scene: Stage) -> None:
    relay, boss, rival = scene
    assert await relay.ask(address(rival), "set", letter(boss, command(boss)))
    assert relay.plant.done == []


async def test_a_seal_moved_to_another_association_is_misplaced(scene: Stage) -> None:
    relay, boss, _ = scene
    found = sealing.found(letter(boss, command(boss)).octets)
    assert found
    moved = Letter(sealing.covered("001:002", found.text))
    await refused(relay, address(boss), moved, "misplaced: association")


async def test_a_seal_of_nobody_that_is_known_is_refused(scene: Stage) -> None:
    relay, boss, rival = scene
    sent = command(boss)
    text = seal.seal(boss.message(sent.payload, sender="AB" * 20), rival.key)
    await refused(relay, address(boss), Letter(sealing.covered("001:001", text)), "sender")
    forged = seal.seal(boss.message(sent.payload), rival.key)
    await refused(relay, address(boss), Letter(sealing.covered("001:001", forged)), "signature")


async def test_a_command_in_clear_does_nothing(scene: Stage) -> None:
    relay, boss, _ = scene
    answer = await relay.ask(address(boss), "set", Letter(command(boss).payload))
    assert answer
    assert b"sealed only" in answer.octets
    assert relay.plant.done == []
    assert "write in clear" in await relay.log()


async def test_what_is_dropped_is_not_taken_for_done(scene: Stage) -> None:
    relay, boss, _ = scene

    async def drops(stanza: Stanza, _: Relay) -> Stanza | None:
        return stanza if stanza.how in {"get", "set"} else None

    relay.route = drops
    assert await boss.say(command(boss)) is None
    assert values(relay) == [1000.0]


async def test_forged_and_exchanged_answers_are_not_believed(scene: Stage) -> None:
    relay, boss, rival = scene
    first = await boss.say(command(boss, 1.0))
    assert first
    old = relay.seen[-1].letter
    fakes = [Letter(first), old]

    async def forges(stanza: Stanza, _: Relay) -> Stanza | None:
        return stanza if stanza.how != "result" else stanza._replace(letter=fakes[0])

    relay.route = forges
    for reason in ("clear", "answer"):
        with pytest.raises(Refused):
            await boss.say(command(boss, 2.0))
        assert boss.turned[-1] == reason
        fakes.pop(0)
    assert rival.turned == []


async def test_what_a_relay_says_unasked_is_not_believed(scene: Stage) -> None:
    relay, boss, rival = scene
    endpoint = relay.station.endpoint
    payload = unit.write("001:001", "conclude-RequestPDU", names.Null())
    stray = endpoint.seals.notice(rival.files.lfdi, payload, int(endpoint.house.clock()))
    for octets in (payload, sealing.covered("001:001", stray)):
        await relay.send(address(boss), "message", Letter(octets))
    assert boss.turned == ["clear", "recipient"]
    assert boss.told == []


async def test_many_at_once_are_done_in_their_order(scene: Stage) -> None:
    """A relay that holds back and lets go all together: what was sent in order is done in order."""
    relay, boss, _ = scene
    boss.client = Client("001")
    assert [event.what for event in await boss.open()] == ["opened"]
    letters = [letter(boss, command(boss, float(number))) for number in range(5)]
    slow = [True]

    async def fresh() -> None:
        """The first of them has to wait for the store."""
        if slow:
            slow.clear()
            for _ in range(20):
                await relay.log()

    relay.station.endpoint.house.fresh = fresh
    await asyncio.gather(*(relay.ask(address(boss), "set", each) for each in letters))
    assert values(relay) == [0.0, 1.0, 2.0, 3.0, 4.0]

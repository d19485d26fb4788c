"""A price told to a unit over a street that a test bends: sealed for it, answered by it, or none of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.app.facility.inbox import Inbox
from bridge.app.facility.teller import MEDIA, Teller
from bridge.app.facility.unit import Unit
from bridge.app.sim.outstation.board import Board
from bridge.app.sim.outstation.letterbox import Letterbox
from bridge.ports import Away, Unable
from bridge.transports.post import Denied
from bridge.trust import header, octets
from bridge.xmpp.letter import Letter
from models.der import messages
from tests.app.facility.inverter import Inverter
from tests.app.facility.street import BRIDGE, Stanza, Street, address, street

MARK = "0F" * 16


class Shop:
    """A street with a teller and units that have boards."""

    def __init__(self, site: Street, units: list[Inverter]) -> None:
        self.site, self.units = site, units
        self.teller: Teller = Teller(site.station.facilities)
        self.master = site.station.endpoint.seals.lfdi
        self.boards: list[Board] = []

    @property
    def lfdi(self) -> str:
        return self.units[0].lfdi

    async def open(self) -> None:
        """Have each unit known, with a board."""
        for one in self.units:
            box: Any = Letterbox(one.lfdi, self.master, one.endpoint, Board())
            self.site.ends[address(one)] = box
            self.boards.append(box.board)
            await self.site.add(Unit(one.lfdi, address(one)))

    def price(self, to: str = "") -> messages.Price:
        now = Decimal(int(time.time()))
        return messages.Price(
            id="p", origin=messages.Origin(party=self.master, door=messages.Door.soap), issued=now,
            target=messages.Target(device=(to or self.lfdi,)), mRID=MARK, start=now, duration=Decimal(60),
            price=Decimal("0.25"),
        )  # fmt: skip

    async def tell(self) -> messages.Outcome:
        return await self.teller.tell(self.lfdi, self.price(), int(time.time()) + 60)

    @property
    def told(self) -> list[str]:
        """What bare sealed messages were sent, by address."""
        return [one.to for one in self.site.seen if one.sender == BRIDGE and one.letter.octets[:3] == b"eyJ"]


@asynccontextmanager
async def shop(place: Path, count: int = 1) -> AsyncIterator[Shop]:
    async with street(place, count) as (site, units):
        made = Shop(site, units)
        await made.open()
        yield made


async def test_it_is_sealed_for_one_unit_and_its_answer_is_its_own(tmp_path: Path) -> None:
    async with shop(tmp_path, 2) as made:
        outcome = await made.tell()
        assert (outcome.status, outcome.subject, outcome.device) == (1, MARK, made.lfdi)
        assert list(made.boards[0].words) == [MARK]
        assert made.boards[1].words == {}
        assert made.told == [address(made.units[0])]
        text = next(one.letter.octets for one in made.site.seen if one.letter.octets[:3] == b"eyJ")
        head = header.parse(octets.decode(text.partition(b".")[0]))
        assert (head["aud"], head["kid"], head["cls"], head["cty"]) == (
            made.lfdi, made.master, "request", MEDIA,
        )  # fmt: skip
        assert head["exp"] <= int(time.time()) + 60


async def test_a_unit_that_is_revoked_is_sent_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as made:
        made.site.station.endpoint.house.standing = lambda _: False
        with pytest.raises(Unable, match="revoked"):
            await made.tell()
        assert made.told == []
        assert (await made.site.log())[-1] == "revoked"


async def test_a_certificate_that_is_not_ours_is_sent_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as made:
        made.site.station.endpoint.seals._verifier.certificates._known.clear()  # noqa: SLF001 - the folder is empty now
        with pytest.raises(Away, match="sender"):
            await made.tell()
        assert made.told == []


def _answering(change: Callable[[Letter], Letter]) -> Any:
    async def route(said: Stanza) -> Stanza | None:
        return said._replace(letter=change(said.letter)) if said.how == "result" else said

    return route


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda letter: Letter(letter.octets[:-9] + b"AAAAAAAAA"), "signature|form"),
        (lambda _: Letter(b"done"), "form"),
        (lambda _: Letter(b""), "form"),
    ],
)
async def test_an_answer_that_is_not_its_own_is_none(
    tmp_path: Path, change: Callable[[Letter], Letter], reason: str
) -> None:
    async with shop(tmp_path) as made:
        made.site.route = _answering(change)
        with pytest.raises(Away, match=reason):
            await made.tell()


async def test_an_earlier_answer_is_none_either(tmp_path: Path) -> None:
    async with shop(tmp_path) as made:
        await made.tell()
        kept: list[Letter] = []

        def first(letter: Letter) -> Letter:
            kept.append(letter)
            return kept[0]

        made.site.route = _answering(first)
        await made.tell()
        with pytest.raises(Away, match="not believed: answer"):
            await made.tell()


async def test_who_is_not_there_is_told_later_and_who_takes_none_never(tmp_path: Path) -> None:
    async with shop(tmp_path) as made:
        made.site.ends.pop(address(made.units[0]))
        with pytest.raises(Away):
            await made.tell()
        made.site.ends[address(made.units[0])] = made.units[0].endpoint  # it knows no such document
        with pytest.raises(Unable, match="bad-request"):
            await made.tell()
        with pytest.raises(Unable, match="no unit"):
            await made.teller.tell("AB" * 20, made.price(), 0)


async def test_a_unit_takes_what_the_bridge_has_sealed_for_it_alone(tmp_path: Path) -> None:
    async with shop(tmp_path, 2) as made:
        stolen = Letter(b"")

        async def route(said: Stanza) -> Stanza | None:
            nonlocal stolen
            stolen = said.letter if said.letter.octets[:3] == b"eyJ" and said.how == "set" else stolen
            return said

        made.site.route = route
        await made.tell()
        for to, why in ((made.units[1], "recipient"), (made.units[0], "replay")):
            with pytest.raises(Denied, match=why):
                await made.site.carry(Stanza(BRIDGE, address(to), "set", stolen))
        with pytest.raises(Unable, match="bad-request"):
            await made.teller.tell(made.lfdi, made.price(made.units[1].lfdi), 0)
        assert [len(board.words) for board in made.boards] == [1, 0]


@pytest.mark.parametrize(
    ("condition", "raised"),
    [
        ("feature-not-implemented", Away),
        ("service-unavailable", Away),
        ("forbidden", Away),
        ("not-acceptable", Unable),
        ("not-allowed", Unable),
    ],
)
async def test_a_refusal_is_final_where_the_unit_itself_says_so(
    tmp_path: Path, condition: str, raised: type[Exception]
) -> None:
    async def route(said: Stanza) -> Stanza | None:
        if said.letter.octets[:3] == b"eyJ":
            raise Denied(condition)
        return said

    async with shop(tmp_path) as made:
        made.site.route = route
        with pytest.raises(raised, match=condition):
            await made.tell()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [("nothing", "not-acceptable"), ("device", "bad-request"), ("row", "sender"), ("revoked", "revoked")],
)
async def test_a_later_word_is_the_unit_s_own(tmp_path: Path, wrong: str, told: str) -> None:
    """What a unit says unasked: of no event, of another device, without a row, when it is revoked."""
    async with shop(tmp_path) as made:
        station, (one,) = made.site.station, made.units
        inbox: Any = Inbox(
            station.endpoint, station.facilities, made.site.office.store, lambda: made.site.office.policy
        )
        made.site.ends[BRIDGE] = inbox
        await made.tell()
        box: Any = made.site.ends[address(one)]
        if wrong == "device":
            box.lfdi = "AB" * 20
        if wrong == "row":
            station.facilities.sessions.pop(one.lfdi)
        if wrong == "revoked":
            station.endpoint.house.standing = lambda _: False
        with pytest.raises(Denied, match=told):
            await box.confirm(made.price())

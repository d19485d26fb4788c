"""What a simulated unit shows of prices and texts: which holds, what is the same, taken back, or over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.app.sim.outstation.board import LATE, RECEIVED, Board
from models.der import messages

NOW = Decimal(1_000)
HEAD: dict[str, Any] = {
    "origin": messages.Origin(party="B0" * 20, door=messages.Door.soap), "target": messages.Target(),
}  # fmt: skip


def price(number: int, *, start: int = 900, lasts: int = 600, **more: Any) -> messages.Price:
    said: dict[str, Any] = {"price": Decimal(number), "primacy": 1, "issued": Decimal(1), **more}
    mark = f"{number:032X}"
    return messages.Price(**HEAD, id=mark, mRID=mark, issuerEvent=number, start=Decimal(start),
                          duration=Decimal(lasts), **said)  # fmt: skip


def text(number: int, said: str = "hello", *, lasts: int = 600) -> messages.Notice:
    mark = f"F{number:031X}"
    more: dict[str, Any] = {"start": Decimal(900), "duration": Decimal(lasts), "issued": Decimal(1)}
    return messages.Notice(**HEAD, **more, id=mark, mRID=mark, number=number, priority=0, text=said)


def noted(board: Board) -> list[str]:
    """What it says from now on."""
    found: list[str] = []
    board.note = lambda event, **_: found.append(event)
    return found


def test_the_larger_number_holds_for_its_time() -> None:
    board = Board()
    for number, start in ((2, 950), (1, 900), (3, 1_100)):
        assert board.take(price(number, start=start, lasts=200), NOW) == RECEIVED
    held = [board.price(Decimal(at)) for at in (920, 1_000, 1_120, 1_300)]
    assert [one.issuerEvent if one else None for one in held] == [1, 2, 3, None]


def test_the_lower_primacy_comes_first() -> None:
    board = Board()
    board.take(price(1, primacy=0), NOW)
    board.take(price(2), NOW)
    assert (held := board.price(NOW)) is not None
    assert held.issuerEvent == 1


def test_the_same_again_changes_nothing() -> None:
    board = Board()
    board.take(price(1), NOW)
    said = noted(board)
    assert board.take(price(1, issued=Decimal(50)), NOW) == RECEIVED
    assert said == []
    board.take(price(1, price=Decimal(9)), NOW)
    assert said == ["price", "price now"]


def test_a_duration_of_0_takes_back_what_bears_the_mrid() -> None:
    board = Board()
    board.take(price(1), NOW)
    board.take(price(2), NOW)
    said = noted(board)
    board.take(price(2, lasts=0), NOW)
    assert (held := board.price(NOW)) is not None
    assert held.issuerEvent == 1
    board.take(price(7, lasts=0), NOW)
    assert said == ["taken back", "price now"]


def test_the_last_text_is_shown_until_it_is_over() -> None:
    board = Board()
    board.take(text(1), NOW)
    board.take(text(2, "world", lasts=200), NOW)
    assert [one.text if (one := board.text(Decimal(at))) else "" for at in (1_000, 1_200, 1_600)] == [
        "world", "hello", "",
    ]  # fmt: skip


def test_what_is_over_is_refused_and_forgotten() -> None:
    board = Board()
    assert board.take(price(1, start=100, lasts=200), NOW) == LATE
    board.take(price(2), NOW)
    said = noted(board)
    board.look(Decimal(1_500))
    assert (board.words, said) == ({}, ["price now"])

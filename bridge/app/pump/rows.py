"""Rows of the pump: what a unit was told, and orders on their way or given up, as JSON below `/-/`.

`/-/told/{LFDI}` has the marks, the statuses that were said, and the records of the marks;
`/-/orders/{LFDI}/{number}` has one order, its record beside it. Whoever reads them sees all that the pump
knows. Nothing is decided here.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.core.case import Event
from bridge.core.orders import Mark
from bridge.core.told import Told
from bridge.ports import Kind, Order
from bridge.sep2 import ours
from bridge.sep2.shelf import Row
from models.der import messages

WAITING, DEAD = "Order", "DeadOrder"
"""Types of the rows of orders."""
KEPT = "Told"
KINDS: dict[str, type[messages.Control | messages.Default]] = {
    "Control": messages.Control,
    "Default": messages.Default,
}


class Letter(NamedTuple):
    """An order with what was tried."""

    order: Order
    made: int
    tries: int = 0
    due: Decimal = Decimal(0)
    """Not before this moment."""
    reason: str = ""
    """Why the last try came to nothing."""
    dead: bool = False
    version: int = 0
    """Of its row."""


def number(unit: str, at: int) -> str:
    """Give the address of an order."""
    return f"{ours.ORDERS}/{unit}/{at}"


def told(row: Row) -> Told:
    """Give what a row says that a unit was told."""
    said = ours.read(row)
    return Told(
        since=Decimal(said["since"]),
        number=said["number"],
        marks=frozenset(_mark(*one) for one in said["marks"]),
        records=MappingProxyType({key: record(one) for key, one in said["records"].items()}),
        said=MappingProxyType({key: tuple(words) for key, words in said["said"].items()}),
        hold=said.get("hold", ""),
    )


def _mark(mode: str, slot: str, key: str, edition: str, start: str, end: str) -> Mark:  # noqa: PLR0917
    return Mark(mode, slot, key, edition, Decimal(start), Decimal(end))


def kept(unit: str, state: Told) -> Row:
    """Give the row that says what a unit was told."""
    body = {
        "since": str(state.since),
        "number": state.number,
        "marks": sorted([*one[:4], str(one.start), str(one.end)] for one in state.marks),
        "records": {key: _written(one) for key, one in state.records.items()},
        "said": {key: list(words) for key, words in state.said.items()},
        "hold": state.hold,
    }
    return Row(f"{ours.TOLD}/{unit}", ours.TOLD, KEPT, ours.body(body), owner=unit, mark=unit)


def letter(row: Row) -> Letter:
    """Give the order of a row."""
    said = ours.read(row)
    order = Order(
        unit=row.owner,
        number=said["number"],
        kind=Kind(said["kind"]),
        record=record(row.record.decode()),
        modes=frozenset(said["modes"]),
        start=Decimal(said["start"]),
        end=Decimal(said["end"]),
    )
    return Letter(
        order, row.at, said["tries"], Decimal(said["due"]), said["reason"], row.type == DEAD, row.version
    )


def posted(one: Letter) -> Row:
    """Give the row of an order."""
    order = one.order
    body: dict[str, Any] = {
        "number": order.number,
        "kind": order.kind.value,
        "modes": sorted(order.modes),
        "start": str(order.start),
        "end": str(order.end),
        "tries": one.tries,
        "due": str(one.due),
        "reason": one.reason,
    }
    return Row(
        number(order.unit, order.number), ours.ORDERS, DEAD if one.dead else WAITING, ours.body(body),
        owner=order.unit, rank=f"{order.unit}{order.number:020d}", at=one.made,
        record=_written(order.record).encode(),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def record(text: str) -> Event:
    """Give a control or a default as it was written."""
    kind, _, data = text.partition(" ")
    return KINDS[kind].model_validate_json(data)


def _written(one: Event) -> str:
    return f"{type(one).__name__} {one.model_dump_json(exclude_none=True)}"

"""Prices and texts of the SOAP service as canonical fields, by the rows of `mappings/market.toml`.

Smart Meter Texas' processPricingMessage and processSimpleMessaging carry the fields of SE 1.x publish price
and display message. What a row calls lost stays in the record and is told. Local times are read by whoever
knows the zone: how is an argument. Never reads a clock, never rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import IntEnum
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic.dataclasses import dataclass

from bridge.mapping.table import Entry, Unknown, Unrepresentable, load, resolve, shape
from models import kit
from models.der import messages
from models.meter import meter

KINDS: Mapping[str, type[messages.Message]] = MappingProxyType(
    {"Price": messages.Price, "Notice": messages.Notice}
)
Local = Callable[[str], Decimal]
"""The moment of a local time; ValueError where there is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One element."""

    from_: str
    file: str
    line: int
    source: str
    grade: str
    to: str = ""
    as_: str = "plain"
    by: str = ""
    list: str = ""
    lost: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """One word of a list, with its number."""

    word: str
    code: int
    file: str
    line: int
    uom: int = 0
    power: int = 0


class Read(NamedTuple):
    """What a block says."""

    fields: Mapping[str, Any]
    """By the names of the canonical kind."""
    lost: tuple[str, ...]
    """Elements that go no further than the record, each with the reason."""


@cache
def blocks() -> Mapping[str, tuple[Row, ...]]:
    """Give the rows of each block; a hole where one names what is not there."""
    return MappingProxyType({entry.data["name"]: _rows(entry) for entry in load("market").rows("block")})


def _rows(entry: Entry) -> tuple[Row, ...]:
    block, kind = getattr(meter, entry.data["name"]), KINDS[entry.data["kind"]]
    found = []
    for each in entry.rows("row"):
        data = {"from_": each.data["from"], "as_": each.data.get("as", "plain")}
        row = shape(
            Entry(each.file, each.line, {**each.data, **data}, each.lines), Row, without=("from", "as")
        )
        try:
            resolve(block, row.from_)
            if row.to:
                resolve(kind, row.to)
        except Unknown as error:
            raise each.hole(str(error)) from None
        if row.as_ not in WAYS or (row.as_ == "number" and row.list not in codes()):
            raise each.hole(f"{row.from_} is read as {row.as_} {row.list}")
        found.append(row)
    return tuple(found)


@cache
def codes() -> Mapping[str, Mapping[str, Code]]:
    """Give the words of each list."""
    return MappingProxyType(
        {
            entry.data["list"]: {row.data["word"]: shape(row, Code) for row in entry.rows("row")}
            for entry in load("market").rows("code")
        }
    )


def unit(number: int) -> Code:
    """Give a unit of measure by its number; Unrepresentable where a price for it cannot be told."""
    found = codes()["unit"].get(str(number))
    if found is None:
        raise Unrepresentable("UOM", f"{number} is no unit of electricity that a price can be for")
    return found


def read(block: kit.Model, local: Local) -> Read:
    """Give what a block says as canonical fields; Unrepresentable where nothing can hold it."""
    fields: dict[str, Any] = {}
    lost = []
    for row in blocks()[type(block).__name__]:
        value = getattr(block, row.from_)
        if value is None:
            continue
        if row.lost:
            lost.append(f"{row.from_}: {row.lost}")
        if row.to:
            fields[row.to] = WAYS[row.as_](row, value, block, local)
    return Read(MappingProxyType(fields), tuple(lost))


def _plain(row: Row, value: Any, block: kit.Model, local: Local) -> Any:
    del row, block, local
    return int(value) if isinstance(value, IntEnum) else value


def _digits(row: Row, value: Any, block: kit.Model, local: Local) -> Decimal:
    del local
    return Decimal(value).scaleb(-(getattr(block, row.by) or 0))


def _minus(row: Row, value: Any, block: kit.Model, local: Local) -> int:
    del row, block, local
    return -int(value)


def _local(row: Row, value: Any, block: kit.Model, local: Local) -> Decimal:
    del block
    try:
        return local(value)
    except ValueError as error:
        raise Unrepresentable(row.from_, str(error)) from None


def _minutes(row: Row, value: Any, block: kit.Model, local: Local) -> Decimal:
    del row, block, local
    return Decimal(value) * 60


def _number(row: Row, value: Any, block: kit.Model, local: Local) -> int:
    del block, local
    found = codes()[row.list].get(str(value))
    if found is None:
        raise Unrepresentable(row.from_, f"{value} is not on the list {row.list}")
    return found.code


def _switch(row: Row, value: Any, block: kit.Model, local: Local) -> bool:
    del row, block, local
    return bool(value)


WAYS: Mapping[str, Callable[[Row, Any, kit.Model, Local], Any]] = MappingProxyType(
    {
        "plain": _plain,
        "digits": _digits,
        "minus": _minus,
        "local": _local,
        "minutes": _minutes,
        "number": _number,
        "switch": _switch,
    }
)

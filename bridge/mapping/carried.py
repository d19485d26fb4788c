"""Prices and texts as the document that one party of IEC 61850 is told, by rows of `mappings/market.toml`.

IEC 61850-7-4 and 7-420 have no object for either, so the canonical record goes whole (`[[carried]]`): each
field as it stands, or as the bridge says it instead. A field that no row names is bare. It never rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from pydantic.dataclasses import dataclass

from bridge.mapping.table import Entry, Unknown, load, resolve, shape, steps
from models.der import messages

Word: TypeAlias = messages.Price | messages.Notice
KINDS: Mapping[str, type[Word]] = MappingProxyType({"Price": messages.Price, "Notice": messages.Notice})
PLAIN = "plain"


class Beside(NamedTuple):
    """What the bridge says instead of what the record of a request has."""

    bridge: str
    """Its LFDI."""
    party: str
    """LFDI of the one who is told."""
    mark: str
    """mRID of the event."""
    primacy: int
    locale: str
    ends: bool = False
    """Whether it is taken back."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field."""

    field: str
    file: str
    line: int
    as_: str = PLAIN
    why: str = ""


class Kind(NamedTuple):
    """One kind of message."""

    response: str
    """Type of the 2030.5 response that says what became of it."""
    function: str
    """Function set of the rules."""
    right: str
    """What a company must be let do."""
    rows: tuple[Row, ...]
    file: str
    line: int


@cache
def kinds() -> Mapping[str, Kind]:
    """Give the kinds with their rows; a hole where a row names what is not there."""
    return MappingProxyType({entry.data["kind"]: _kind(entry) for entry in load("market").rows("carried")})


def _kind(entry: Entry) -> Kind:
    said, of = entry.data, KINDS[entry.data["kind"]]
    rows = tuple(_row(each, of) for each in entry.rows("row"))
    return Kind(said["response"], said["function"], said["right"], rows, entry.file, entry.line)


def _row(each: Entry, of: type[Word]) -> Row:
    data = {**each.data, "as_": each.data.get("as", PLAIN)}
    row = shape(Entry(each.file, each.line, data, each.lines), Row, without=("as",))
    try:
        resolve(of, row.field)
    except Unknown as error:
        raise each.hole(str(error)) from None
    if row.as_ not in {PLAIN, *WAYS} or bool(row.why) is (row.as_ == PLAIN):
        raise each.hole(f"{row.field} is said as {row.as_}, because {row.why or 'nothing'}")
    return row


def bare() -> Mapping[str, tuple[str, ...]]:
    """Give the fields of each kind that no row names."""
    return MappingProxyType({
        name: tuple(field for field in steps(KINDS[name]) if field not in {row.field for row in kind.rows})
        for name, kind in kinds().items()
    })  # fmt: skip


def told(word: Word, beside: Beside) -> Word:
    """Give what a party is told of a record."""
    rows = kinds()[type(word).__name__].rows
    return word.model_copy(
        update={row.field: WAYS[row.as_](word, beside) for row in rows if row.as_ != PLAIN}
    )


def _origin(word: Word, beside: Beside) -> messages.Origin:
    return messages.Origin(party=beside.bridge, door=word.origin.door)


def _target(word: Word, beside: Beside) -> messages.Target:
    del word
    return messages.Target(device=(beside.party,))


WAYS: Mapping[str, Callable[[Any, Beside], Any]] = MappingProxyType({
    "name": lambda _, beside: f"{beside.mark}/{beside.party}",
    "bridge": _origin,
    "party": _target,
    "nothing": lambda _, __: (),
    "mark": lambda _, beside: beside.mark,
    "primacy": lambda _, beside: beside.primacy,
    "locale": lambda word, beside: word.locale or beside.locale,
    "length": lambda word, beside: Decimal(0) if beside.ends else word.duration,
})  # fmt: skip

"""What a mirror knows of its series of readings, in a few bytes beside its row.

A reading is posted by the mRID of its series alone, thousands of times for once that the series is described:
so the numbers needed to file it stand in the record of the mirror's own row: which number the series has,
what its ReadingType says, which day's set it is at. Reads no document.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.sep2.document import Thing
from models import kit

MOST = 256
"""Series that one mirror usage point may have."""
DAY = 86_400
NEVER = -1


class Series(NamedTuple):
    """One series: a MirrorMeterReading, and the MeterReading that it is read as."""

    number: int
    kind: str
    """What its ReadingType says, as text that is equal where the types are."""
    about: str
    """The same for its description and version."""
    day: int = NEVER
    """The last day (since 1970, UTC) that has a set of single readings."""
    set: int = 0
    """The number of that day's ReadingSet."""


class Book(NamedTuple):
    """What the record of a mirror's row says."""

    rate: int | None
    """postRate set by an operator, over what the client asked for."""
    series: dict[str, Series]
    """By mRID; a copy is made before anything is changed."""


@lru_cache(maxsize=16_384)
def read(record: bytes) -> Book:
    """Give the book that a record holds; an empty one for no record."""
    said: dict[str, Any] = json.loads(record) if record else {}
    return Book(said.get("rate"), {mark: Series(*fields) for mark, fields in said.get("series", {}).items()})


def record(book: Book) -> bytes:
    """Give the record of a book."""
    return json.dumps({"rate": book.rate, "series": book.series}, separators=(",", ":")).encode()


def kind(type_: kit.Model) -> str:
    """What a ReadingType says; a code that is absent says the same as 0."""
    fields = type_.model_dump(mode="json", exclude={"href"})
    return json.dumps({name: value for name, value in fields.items() if value}, sort_keys=True)


def about(obj: Thing, was: str = "[null,null]") -> str:
    """What a series says of itself; what is not said stays as it was."""
    old = json.loads(was)
    said = [obj.description, obj.version]
    return json.dumps([old[at] if value is None else value for at, value in enumerate(said)])

"""Points as JSON: what `map convert` reads and writes on the IEC 61850 side.

A document is a list of `{"ref", "fc", "value"}`, or an object that also says which kind of record the
points stand for, in which profile, on which bases, and what travels beside them. What convert prints with
--json is what it reads, so that one can be piped into the other. A wrong document is refused with line,
path, reason.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bridge.app import schema
from bridge.app.fault import Fault
from bridge.mapping import nodes
from bridge.mapping.points import Point

METERS = ("MMXU", "AvMMXU", "MaxMMXU", "MinMMXU", "MMXN", "MMTR")
ALONE = (*(("Reading", node) for node in METERS), ("Outcome", "Service"))
"""Nodes that no row names and that are of one kind only."""
MODAL = frozenset({"Control", "Default", "Curve"})
ASKING = frozenset({"CO", "SP", "SG", "SE"})
"""Functional constraints of what is commanded or set."""
TOKEN = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|[{}]')
SPACE = re.compile(r"[ \t\r\n]*")
Value = Annotated[bool | int | float | str, Field(union_mode="left_to_right")]


class Entry(BaseModel):
    """One value at one object reference."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9_/.()\[\]-]{3,129}$")]
    fc: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    value: Value
    due: Literal["before", "start"] | None = None
    """Said by convert, for people and programs that send points; it follows from the reference."""


class Loss(BaseModel):
    """What the other side cannot say, and why."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    path: str
    reason: str


class Sheet(BaseModel):
    """The points of one record."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: str | None = None
    profile: str | None = None
    points: Annotated[tuple[Entry, ...], Field(strict=False)]
    bases: dict[str, str | int | float] = {}
    beside: dict[str, dict[str, Any]] | None = None
    losses: Annotated[tuple[Loss, ...], Field(strict=False)] = ()


class Book(BaseModel):
    """Several sheets."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    documents: Annotated[tuple[Sheet, ...], Field(strict=False)]


ENTRIES = TypeAdapter(list[Entry])
BOOK, SHEET = TypeAdapter(Book), TypeAdapter(Sheet)


def read(place: str, data: bytes) -> tuple[Sheet, ...]:
    """The sheets of a JSON document in any of its three shapes."""
    text = _text(place, data)
    value = _json(place, text)
    try:
        return _agreed(place, text, _sheets(value), value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        loc = tuple(step for step in first["loc"] if step not in {"bool", "int", "float", "str"})
        raise Fault(place, first["msg"], line=line_of(text, loc), path=_path(loc)) from error


def _sheets(value: object) -> tuple[Sheet, ...]:
    if isinstance(value, list):
        return (Sheet(points=tuple(ENTRIES.validate_python(value))),)
    if isinstance(value, dict) and "documents" in value:
        return BOOK.validate_python(value).documents
    return (SHEET.validate_python(value),)


def _text(place: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Fault(place, "not UTF-8", line=line) from error


def _json(place: str, text: str) -> object:
    def constant(name: str) -> NoReturn:
        raise Fault(place, f"{name} is not a number of JSON")

    try:
        value: object = json.loads(text, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Fault(place, f"not JSON: {error.msg}", line=error.lineno) from error
    except RecursionError as error:
        raise Fault(place, "nested too deep") from error
    except ValueError as error:
        raise Fault(place, str(error).partition(";")[0]) from error
    _once(place, text)
    return value


def _once(place: str, text: str) -> None:
    """Refuse an object of sound JSON that says a key twice, where only the last would count."""
    open_: list[set[str]] = []
    for token in TOKEN.finditer(text):
        if token[0] == "{":
            open_.append(set())
        elif token[0] == "}":
            open_.pop()
        elif token[2]:
            key = json.loads(token[1])
            if key in open_[-1]:
                line = text.count("\n", 0, token.start()) + 1
                raise Fault(place, "the key is given twice", line=line, path=key)
            open_[-1].add(key)


def _agreed(place: str, text: str, sheets: tuple[Sheet, ...], value: object) -> tuple[Sheet, ...]:
    """The sheets, unless one gives a reference two different values."""
    for number, sheet in enumerate(sheets):
        head: tuple[int | str, ...] = ("points",) if isinstance(value, dict) else ()
        if isinstance(value, dict) and "documents" in value:
            head = ("documents", number, "points")
        seen: dict[tuple[str, str], Value] = {}
        for at, one in enumerate(sheet.points):
            before = seen.setdefault((one.ref, one.fc), one.value)
            if (type(before), before) != (type(one.value), one.value):
                line = line_of(text, (*head, at))
                raise Fault(place, "another value for this was given before", line=line, path=one.ref)
    return sheets


def _path(loc: tuple[int | str, ...]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)


def line_of(text: str, loc: tuple[Any, ...]) -> int:
    """The line at which the value at a path begins, or the nearest one above it that exists."""
    at = _skip(text, 0)
    for step in loc:
        inner = _item(text, at, step) if isinstance(step, int) else _member(text, at, step)
        if inner is None:
            break
        at = inner
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _past(text: str, at: int) -> int:
    _, end = json.JSONDecoder().raw_decode(text, at)
    return _skip(text, end)


def _item(text: str, at: int, index: int) -> int | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _past(text, at) + 1)
    return at


def _member(text: str, at: int, name: str) -> int | None:
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = json.JSONDecoder().raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            return at
        at = _past(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    return None


def kind(place: str, made: Sequence[Point]) -> str:
    """The kind that most of the points are about, Control first; a mode without a time is a default.

    Where nothing is commanded or set, modes are the status of a unit: a state is no command.
    """
    refs = {".".join(point.ref.rpartition("/")[2].split(".")[:2]) for point in made}
    names = {ref.partition(".")[0].rstrip("0123456789") for ref in refs}
    score = {name: len((refs | names) & known) for name, known in _known().items()}
    best = max(score, key=lambda name: (score[name], name == "Control", name))
    if not score[best]:
        raise Fault(place, "none of the points is in the tables; --kind says what they stand for")
    timed = bool(names & {"FSCH", "FSCC"})
    if best in MODAL and not {point.fc for point in made} & ASKING:
        return "Status"
    return best if best not in MODAL else "Control" if timed else "Default"


def digest(made: Iterable[Point]) -> str:
    """An mRID made from the points, so that the same ones get the same; it names no enterprise."""
    text = json.dumps([tuple(point) for point in made])
    return hashlib.sha256(text.encode()).hexdigest()[:24].upper() + "00000000"


def _known() -> dict[str, set[str]]:
    """The objects that the rows of each kind name, with those of the types that stand in it."""
    found: dict[str, set[str]] = {}
    for name, rows in nodes.read().rows.items():
        objects = {ref for row in rows for ref in (row.iec61850, *row.also.values()) if "." in ref}
        for head in dict.fromkeys(at.partition(".")[0] for at in (name, *rows[0].at) if at):
            found.setdefault(head, set()).update(objects)
    for head, node in ALONE:
        found.setdefault(head, set()).add(node)
    return {head: objects for head, objects in found.items() if head in schema.KINDS or head == "Curve"}

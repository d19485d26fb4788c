"""Mapping tables as data: rows of `mappings/*.toml` that know file and line; a resolver of dotted paths.

A table is plain TOML: arrays of tables, written either as `[[type]]` headers or as one inline table a line.
`load` gives raw entries, `shape` turns an entry into a frozen row of the caller's own dataclass, `resolve`
follows a dotted path on the generated classes. Whatever names something that does not exist is a `Hole`.
Nothing here knows a protocol or converts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from models import kit

R = TypeVar("R")
Key = tuple[str | int, ...]
HEADER = re.compile(r"\s*\[\[\s*([\w.-]+)\s*\]\]")
TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]\s*(?:#.*)?$")
ARRAY = re.compile(r"\s*([\w-]+)\s*=\s*\[\s*(?:#.*)?$")


class Hole(Exception):
    """A row that cannot be true: it names what is not there, contradicts another, or lacks what it needs."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


class Unrepresentable(ValueError):
    """A value that the other side cannot hold within what its row declares; never wrapped, never clipped."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path, self.reason = path, reason


class Unknown(LookupError):
    """A dotted path that does not lead anywhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of an array of tables, with the place it was written at."""

    file: str
    line: int
    data: Mapping[str, Any]
    lines: Mapping[Key, int]
    key: Key = ()

    def rows(self, name: str) -> tuple[Entry, ...]:
        """Return the entries of the array `name` inside this one; none when it is not there."""
        found = self.data.get(name, [])
        if not isinstance(found, list):
            raise self.hole(f"{name} is not an array of tables")
        return tuple(self._row(name, number, data) for number, data in enumerate(found))

    def _row(self, name: str, number: int, data: object) -> Entry:
        key = (*self.key, name, number)
        line = self.lines.get(key, self.line)
        if not isinstance(data, dict):
            raise Hole(self.file, line, f"{name} is not an array of tables")
        return Entry(self.file, line, data, self.lines, key)

    def hole(self, reason: str) -> Hole:
        """Return the error that points at this entry."""
        return Hole(self.file, self.line, reason)


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a path ends: the Python type there, and whether a hop on the way may be absent or repeated."""

    type: Any
    optional: bool
    many: bool
    mark: kit.Mark | None


class Step(NamedTuple):
    """One field of a generated class, as far as a table cares."""

    type: Any
    optional: bool
    many: bool
    mark: kit.Mark | None
    required: bool


def load(name: str) -> Entry:
    """Read the table `mappings/<name>.toml`, from a checkout or from an installed wheel."""
    return parse(files("mappings").joinpath(f"{name}.toml").read_text("utf-8"), f"mappings/{name}.toml")


def parse(text: str, file: str) -> Entry:
    """Read a table from its text; `file` is what its holes will name."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        raise Hole(file, int(at[1]) if at else 1, str(error)) from error
    return Entry(file, 1, data, dict(_lines(text)))


def shape(entry: Entry, row: type[R], *, without: tuple[str, ...] = ()) -> R:
    """Make a row of a pydantic dataclass that has `file` and `line`, or raise the entry's hole."""
    data = {key: value for key, value in entry.data.items() if key not in without}
    form: Any = row
    try:
        made: R = _adapter(form).validate_python(data | {"file": entry.file, "line": entry.line})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise entry.hole(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return made


@cache
def _adapter(row: Any) -> TypeAdapter[Any]:
    return TypeAdapter(row)


def _lines(text: str) -> Iterator[tuple[Key, int]]:
    """Yield the line of every table in an array, by its key; TOML itself does not tell."""
    counts: dict[Key, int] = {}
    here: Key = ()
    array: Key | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if array is not None:
            if line.lstrip().startswith("]"):
                array = None
            elif line.lstrip().startswith("{"):
                yield (*array, _next(counts, array)), number
        elif found := HEADER.match(line):
            here = _place(counts, found[1].split("."))
            yield here, number
        elif found := TABLE.match(line):
            here = tuple(found[1].split("."))
        elif found := ARRAY.match(line):
            array = (*here, found[1])


def _next(counts: dict[Key, int], key: Key) -> int:
    counts[key] = counts.get(key, -1) + 1
    return counts[key]


def _place(counts: dict[Key, int], names: list[str]) -> Key:
    """Return the key of a `[[a.b]]` header: the latest of each array but the last, a new one of the last."""
    key: Key = ()
    for name in names[:-1]:
        key = (*key, name)
        key = (*key, counts[key]) if key in counts else key
    key = (*key, names[-1])
    return (*key, _next(counts, key))


def resolve(cls: type[kit.Model], path: str) -> Leaf:
    """Follow a dotted path of field names from a generated class; what repeats is passed without an index."""
    kind: Any = cls
    optional = many = False
    mark = None
    for name in path.split("."):
        fields = steps(kind) if isinstance(kind, type) and issubclass(kind, kit.Model) else {}
        if name not in fields:
            raise Unknown(f"{getattr(kind, '__name__', kind)} has no {name} (in {cls.__name__}.{path})")
        step = fields[name]
        kind, mark = step.type, step.mark
        optional, many = optional or step.optional, many or step.many
    return Leaf(kind, optional, many, mark)


@cache
def steps(cls: type[kit.Model]) -> dict[str, Step]:
    """Return the fields of a generated class in schema order, each with its bare type."""
    if not cls.__pydantic_fields_complete__:
        cls.model_rebuild()
    return {
        name: _step(field.annotation, field.metadata, required=field.is_required())
        for name, field in cls.model_fields.items()
    }


def _step(annotation: Any, metadata: list[Any], *, required: bool) -> Step:
    mark = next((note for note in metadata if isinstance(note, kit.Mark)), None)
    kind, optional, many = annotation, False, False
    while True:
        origin, args = get_origin(kind), get_args(kind)
        if origin is Annotated:
            mark = mark or next((note for note in args[1:] if isinstance(note, kit.Mark)), None)
            kind = args[0]
        elif origin in (Union, UnionType) and NoneType in args:
            kind, optional = Union[tuple(arg for arg in args if arg is not NoneType)], True  # noqa: UP007
        elif origin is tuple and args[1:] == (Ellipsis,):
            kind, many = args[0], True
        else:
            return Step(kind, optional, many, mark, required)

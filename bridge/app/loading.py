"""Configuration from its three layers: the file, over it the environment, over that the command line.

Everything that is wrong is told at once, each with the line it stands in, or with the variable. Relative
paths lie beside the file. Nothing is opened but the file itself; what the configuration names is judged in
`bridge.app.problems`.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from bridge.app.adapter.section import Adapter, Adapters
from bridge.app.config import Config
from bridge.app.section import Section

NAME = "derbridge.toml"
PLACES = (Path(NAME), Path("/etc/derbridge") / NAME)
"""Where a configuration is looked for when none is named."""
PREFIX = "DERBRIDGE_"
HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
ENTRY = re.compile(r"\s*\"?([\w.-]+)\"?\s*=")
RELATIVE = re.compile(r"sqlite:///(?!/)(.+)")
Key = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)


class Problem(NamedTuple):
    """One thing that is wrong: where, what, and what to do about it."""

    place: str
    line: int | None
    key: str
    what: str
    remedy: str
    grave: bool = True
    """Whether the server cannot run so; otherwise it is a remark."""

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        said = ": ".join(filter(None, (where, self.key, self.what)))
        return f"{said}\n    {self.remedy}" if self.remedy else said


class Loaded(NamedTuple):
    """A configuration with the text it came from, or the problems why there is none."""

    place: Path
    config: Config | None = None
    problems: tuple[Problem, ...] = ()
    lines: Mapping[Key, int] = {}
    environment: Mapping[str, Any] = {}

    def problem(self, key: str, what: str, remedy: str, *, grave: bool = True) -> Problem:
        """A problem of a key, at the place where the key was given."""
        path = tuple(key.split("."))
        if _held(self.environment, path):
            return Problem("environment", None, _variable(path), what, remedy, grave)
        line = next(
            (self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None
        )
        return Problem(str(self.place), line, key, what, remedy, grave)


def find(place: Path | None) -> Path:
    """The file that a folder, a file or nothing stands for."""
    if place is None:
        return next((one for one in PLACES if one.is_file()), PLACES[0])
    return place / NAME if place.is_dir() else place


def load(
    place: Path | None, environ: Mapping[str, str], over: Mapping[str, Mapping[str, Any]] | None = None
) -> Loaded:
    """Read the layers."""
    file = find(place)
    try:
        text = file.read_text("utf-8")
        given = tomllib.loads(text)
    except FileNotFoundError:
        remedy = "Make one with: derbridge init FOLDER, then name that folder."
        return Loaded(file, problems=(Problem(str(file), None, "", "no configuration here", remedy),))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Loaded(file, problems=(_unreadable(file, error),))
    return _build(file, text, given, environ, over or {})


def _unreadable(file: Path, error: Exception) -> Problem:
    if isinstance(error, tomllib.TOMLDecodeError):
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else len(file.read_text("utf-8").splitlines())
        return Problem(str(file), line, "", f"not TOML: {error}", "Mend the line; see https://toml.io.")
    what = getattr(error, "strerror", None) or "not UTF-8"
    return Problem(str(file), None, "", f"cannot be read: {what}", "Make it readable for this user.")


def _build(
    file: Path,
    text: str,
    given: dict[str, Any],
    environ: Mapping[str, str],
    over: Mapping[str, Mapping[str, Any]],
) -> Loaded:
    env, strange = _environment(environ)
    loaded = Loaded(file, None, (), lines(text), env)
    try:
        config = Config(**_merged(_merged(given, env), over))
    except ValidationError as error:
        told = tuple(_told(loaded, one) for one in error.errors(include_url=False))
        return loaded._replace(problems=(*told, *strange))
    return loaded._replace(config=placed(config, file.parent), problems=strange)


def _environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What the environment says, and its variables that name no section."""
    mine = {name: value for name, value in environ.items() if name.startswith(PREFIX) and "__" in name}
    source = EnvSettingsSource(Config)
    source.env_vars = {name.lower(): value for name, value in mine.items()}
    parts = {name: name.removeprefix(PREFIX).lower().split("__")[0] for name in mine}
    strange = [
        Problem("environment", None, name, "no such section", nearest(part, tuple(Config.model_fields)))
        for name, part in parts.items()
        if part not in Config.model_fields
    ]
    return source(), tuple(strange)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One layer over another, table by table."""
    both = {
        key: _merged(below[key], value)
        for key, value in above.items()
        if isinstance(value, Mapping) and isinstance(below.get(key), Mapping)
    }
    return {**below, **above, **both}


def _told(loaded: Loaded, error: Any) -> Problem:  # noqa: ANN401 - the library's own record
    path = tuple(map(str, error["loc"]))
    key = ".".join(path)
    if error["type"] == "extra_forbidden":
        return loaded.problem(key, "no such key", nearest(path[-1], tuple(_fields(path[:-1]))))
    value = repr(error["input"])[:60]
    return loaded.problem(key, f"{error['msg']}, not {value}", _remedy(path))


def _fields(path: Key) -> Mapping[str, Any]:
    """The names that a section has, or those of the sections."""
    if not path:
        return Config.model_fields
    section = getattr(Config.model_fields.get(path[0]), "default", None)
    fields: Mapping[str, Any] = type(section).model_fields if isinstance(section, Section) else {}
    if isinstance(section, Adapters) and path[1:]:
        return Adapter.model_fields
    for part in path[1:]:
        fields = fields if part.isdigit() else _row(fields.get(part))
    return fields


def _row(field: Any) -> Mapping[str, Any]:  # noqa: ANN401 - the library's own record
    """The names that each table of a list has; none where a key is no such list."""
    kinds = (one for one in get_args(getattr(field, "annotation", None)) if isinstance(one, type))
    row = next((one for one in kinds if issubclass(one, Section)), None)
    return {one.alias or name: one for name, one in row.model_fields.items()} if row else {}


def _remedy(path: Key) -> str:
    path = path[:-1] if path and path[-1].isdigit() else path  # of a list, its key is described
    field = _fields(path[:-1]).get(path[-1]) or _fields(path[:1]).get((*path, "")[1])
    return " ".join((getattr(field, "description", None) or "Give a value of the right kind.").split())


def nearest(name: str, names: tuple[str, ...]) -> str:
    """What to do about a name that does not exist."""
    found = get_close_matches(name, names, 1)
    return f"Did you mean {found[0]}?" if found else f"There are: {', '.join(sorted(names))}."


def lines(text: str) -> dict[Key, int]:
    """The line of each table and key, as far as they stand one to a line; tables of a list by number."""
    found: dict[Key, int] = {}
    counts: Counter[Key] = Counter()
    table: Key = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = tuple(header[2].split("."))
            found.setdefault(table, number)
            if header[1] == "[[":
                counts[table] += 1
                table = (*table, str(counts[table] - 1))
                found[table] = number
        elif entry := ENTRY.match(line):
            found.setdefault((*table, *entry[1].split(".")), number)
    return found


def _held(tree: Mapping[str, Any], path: Key) -> bool:
    value: Any = tree
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def _variable(path: Key) -> str:
    return PREFIX + "__".join(path).upper()


def placed(config: Config, folder: Path) -> Config:
    """The same with every relative path taken from a folder."""
    moved = {name: beside(getattr(config, name), folder) for name in type(config).model_fields}
    return config.model_copy(update=moved)


def beside(section: Model, folder: Path) -> Model:
    """Give a table with every relative path taken from a folder."""
    fields = {name: getattr(section, name) for name in type(section).model_fields}
    return section.model_copy(update=dict(_paths(fields, folder)))


def _paths(fields: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Path):
            yield name, folder / value
        elif isinstance(value, tuple) and any(isinstance(one, Path) for one in value):
            yield name, tuple(folder / one for one in value)
        elif name == "url" and (found := RELATIVE.fullmatch(value)):
            yield name, f"sqlite:///{(folder / found[1]).absolute()}"

"""The configuration as a person first meets it: every key with what it does, and its default.

Made from the descriptions in `bridge.app.config`, so that none can be forgotten. What an installation says
differently stands uncommented. The same declarations give the table of docs/operate.md. Writes no file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from bridge.app.config import Config
from bridge.app.section import Section

WIDTH = 100
BARE = re.compile(r"[A-Za-z0-9_-]+")
HEAD = """\
# The configuration of derbridge. Each key stands here with its default; take the # off to change it.
# Relative paths lie beside this file. An environment variable goes over it: DERBRIDGE_HTTPS__PORT=443.
# Then ask whether anything is wrong: derbridge check"""


def text(said: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """The file; `said` are the values that stand in it uncommented."""
    parts = [HEAD]
    for name, section in sections():
        parts += ["", *_comment(prose(section.__doc__)), f"[{name}]"]
        parts += _entries(section, (said or {}).get(name, {}))
    return "\n".join(parts) + "\n"


def sections() -> Iterator[tuple[str, type[Section]]]:
    """The tables of the file."""
    for name, field in Config.model_fields.items():
        yield name, type(field.default)


def _entries(section: type[Section], said: Mapping[str, Any]) -> Iterator[str]:
    for key, field in section.model_fields.items():
        yield from _comment(prose(field.description))
        value = said.get(key, field.get_default(call_default_factory=True))
        mark = "" if key in said else "# "
        yield f"{mark}{key} = {literal((field.examples or [key])[0] if value is None else value)}"
    for key in said.keys() - section.model_fields.keys():
        yield f"{_key(key)} = {literal(said[key])}"


def _comment(line: str) -> list[str]:
    return [f"# {part}" for part in wrap(line, WIDTH)]


def prose(words: str | None) -> str:
    """A description as one line."""
    return " ".join((words or "").split())


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | frozenset):
        parts = sorted(map(str, value)) if isinstance(value, frozenset) else value
        return f"[{', '.join(map(literal, parts))}]"
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {literal(one)}" for key, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, str | Path):
        return json.dumps(str(value), ensure_ascii=False)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _key(name: str) -> str:
    """A key as TOML writes it, in quotes where it has to have them."""
    return name if BARE.fullmatch(name) else json.dumps(name)


def kind(annotation: object) -> str:
    """What a key takes, in a word or two."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " ".join(map(str, inner))
    if origin is UnionType:
        return kind(next(one for one in inner if one is not NoneType))
    if origin in {tuple, frozenset}:
        return f"list of {kind(inner[0])}"
    if origin is dict:
        return f"table of {kind(inner[1])}"
    if hasattr(annotation, "__metadata__"):
        return kind(inner[0])
    return (
        "tables"
        if isinstance(annotation, type) and issubclass(annotation, Section)
        else WORDS.get(annotation, "text")
    )


WORDS: dict[object, str] = {bool: "true false", int: "number", float: "number", Path: "path", str: "text"}

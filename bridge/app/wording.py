"""Words of the command line as forms of the administration API: numbers, moments, lists, parts, files.

A moment may be seconds since 1970 or a date and time (2026-01-31T12:00+10:00); a part of several fields may
be its values in their order (`0.95,true`) or JSON; `null` takes a field away; a certificate is the name of
its file. What a form refuses is a Fault that names the option.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from bridge.app.fault import Fault
from bridge.sdk.forms.kinds import LATEST, Given

T = TypeVar("T", bound=Given)
FLAT = {"modes": "", "entry": "", "fsa": "fsa_"}
"""Parts whose fields are options of their own, and what their names begin with there."""
FILES = ("certificate", "scl", "signer", "asserter")
"""Fields that are given as the name of a file."""


class Leaf(NamedTuple):
    """A field that is an option."""

    path: tuple[str, ...]
    about: str
    kinds: frozenset[str]
    """Types of JSON that it may be."""
    moment: bool = False
    parts: tuple[str, ...] = ()
    """Fields of the part that it is, or that its items are."""
    choices: tuple[str, ...] = ()
    texts: bool = False
    """Whether it is text, or several of them: then digits are text, too."""

    @property
    def name(self) -> str:
        """The option's name."""
        return "".join(FLAT.get(step, step) for step in self.path)

    @property
    def key(self) -> str:
        """The name of the parameter."""
        return f"said_{self.name}"

    @property
    def switch(self) -> bool:
        """Whether it is yes or no."""
        return self.kinds <= {"boolean", "null"}

    @property
    def many(self) -> bool:
        """Whether it may be given more than once."""
        return "array" in self.kinds

    @property
    def metavar(self) -> str:
        """What help calls its value."""
        if self.choices:
            return "|".join(self.choices)
        if self.parts:
            return ",".join(self.parts).upper()
        names = {"integer": "NUMBER", "number": "FIGURE", "object": "JSON"}
        found = next((names[kind] for kind in names if kind in self.kinds), "TEXT")
        return "MOMENT" if self.moment else "FILE" if self.name in FILES else found


@cache
def leaves(form: type[Given]) -> tuple[Leaf, ...]:
    """The options of a form."""
    schema = form.model_json_schema()
    return tuple(_leaves(schema, schema.get("$defs", {}), ()))


def _leaves(schema: dict[str, Any], known: dict[str, Any], above: tuple[str, ...]) -> list[Leaf]:
    found: list[Leaf] = []
    for name, field in schema["properties"].items():
        options = [_resolved(each, known) for each in field.get("anyOf", [field])]
        part = next((each for each in options if "properties" in each), None)
        if name in FLAT and part:
            found += _leaves(part, known, (*above, name))
            continue
        item = next((_resolved(each["items"], known) for each in options if "items" in each), {})
        parts = tuple((part or item).get("properties", ()))
        choices = tuple(value for each in (*options, item) for value in each.get("enum", ()))
        kinds = frozenset(each.get("type", "object") for each in options)
        moment = any(each.get("maximum") == LATEST for each in options)
        of = {item.get("type")} if "array" in kinds else set()
        texts = (kinds - {"array"}) | of <= {"string", "null"}
        about = field.get("description", "")
        found.append(Leaf((*above, name), about, kinds, moment, parts, choices, texts))
    return found


def _resolved(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    return schema


def form(cls: type[T], given: dict[str, Any]) -> T:
    """A form of the options that were given."""
    return _made(cls, _tree(cls, given))


def body(cls: type[T], octets: bytes | None, given: dict[str, Any]) -> T:
    """The body's form, from a file of JSON, and from the options over it."""
    tree: dict[str, Any] = {}
    if octets is not None:
        try:
            tree = json.loads(octets)
        except ValueError as error:
            raise Fault("--body", f"not JSON: {error}") from None
        if not isinstance(tree, dict):
            raise Fault("--body", "a JSON object is expected")
    for name, value in _tree(cls, given).items():
        old = tree.get(name)
        tree[name] = {**old, **value} if isinstance(value, dict) and isinstance(old, dict) else value
    return _made(cls, tree)


def _tree(cls: type[Given], given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as a tree."""
    tree: dict[str, Any] = {}
    for leaf in leaves(cls):
        value = given.get(leaf.key)
        if value is None or value == []:
            continue
        place = tree
        for name in leaf.path[:-1]:
            place = place.setdefault(name, {})
        place[leaf.path[-1]] = _value(leaf, value)
    return tree


def _made(cls: type[T], tree: dict[str, Any]) -> T:
    try:
        return cls.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise Fault(_option(cls, tuple(map(str, first["loc"]))), first["msg"]) from None


def _option(cls: type[Given], place: tuple[str, ...]) -> str:
    """The option that a place in a form is."""
    names = (leaf.name for leaf in leaves(cls) if leaf.path == place[: len(leaf.path)])
    name = next(names, place[0] if place else "")
    return f"--{name.replace('_', '-')}" if name else cls.__name__


def _value(leaf: Leaf, value: Any) -> Any:  # noqa: ANN401 - what typer has read
    """A word, or several, as JSON has it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return None if value == ["null"] else [_word(leaf, each) for each in value]
    if value == "null" and "null" in leaf.kinds:
        return None
    if leaf.name in FILES:
        return octets(Path(value)).decode("utf-8", "replace")
    return _word(leaf, value)


def _word(leaf: Leaf, text: str) -> Any:  # noqa: ANN401 - the same
    if leaf.moment and not text.isdigit():
        return _moment(leaf, text)
    if leaf.parts and not text.lstrip().startswith("{"):
        return dict(zip(leaf.parts, map(_plain, text.split(",")), strict=False))
    if leaf.texts:
        return text
    return _plain(text)


def _moment(leaf: Leaf, text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp())
    except ValueError:
        raise Fault(f"--{leaf.name}", f"{text!r} is neither seconds since 1970 nor a date and time") from None


def _plain(text: str) -> Any:  # noqa: ANN401 - the same
    try:
        return json.loads(text)
    except ValueError:
        return text


def octets(file: Path) -> bytes:
    """What is in a file; `-` is standard input."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from error


def kind(cls: type[BaseModel], name: str) -> str:
    """`moment` for a field that is one, by its form."""
    held = cls.model_fields[name]
    metadata = [each for part in (held, *get_args(held.annotation)) for each in getattr(part, "metadata", ())]
    metadata += [each for part in get_args(held.annotation) for each in getattr(part, "__metadata__", ())]
    return "moment" if any(_latest(each) for each in metadata) else ""


def _latest(said: Any) -> bool:  # noqa: ANN401 - whatever stands beside a type
    return any(getattr(each, "le", None) == LATEST for each in (said, *getattr(said, "metadata", ())))

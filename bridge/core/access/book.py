"""The shipped table `mappings/access.toml`: function sets, and the rules that hold where there are no others.

What belongs to which function set is said once: by type or by set for an address of a protocol's tree, by
name or by family for an operation of the administration API. A name that is said twice, or of a function set
that is not there, is a hole. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, tzinfo
from functools import cache
from typing import NamedTuple

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from bridge.core.access.engine import Engine
from bridge.core.access.rules import Rule, Rules, over
from bridge.mapping.table import Entry, load, shape

READ = "read"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Function:
    """A function set."""

    file: str
    line: int
    name: str
    about: str
    actions: tuple[str, ...]
    sets: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    writes: str = ""
    families: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    as_: Mapping[str, str] = field(default_factory=dict)

    def acts(self, action: str) -> str:
        """Give the function set that an action on it belongs to."""
        return self.writes if self.writes and action != READ else self.name


class Book(NamedTuple):
    """The table."""

    functions: Mapping[str, Function]
    rules: tuple[Rule, ...]

    @property
    def vocabulary(self) -> Mapping[str, tuple[str, ...]]:
        """The actions of each function set."""
        return {name: one.actions for name, one in self.functions.items()}


@cache
def book() -> Book:
    """The shipped table."""
    entry = load("access")
    functions = {one.name: one for one in map(_function, entry.rows("function"))}
    if unknown := [one for one in functions.values() if one.writes and one.writes not in functions]:
        raise entry.hole(f"{unknown[0].name}: there is no function set {unknown[0].writes}")
    return Book(functions, Rules.model_validate({"rule": entry.data["rule"]}).rule)


def _function(row: Entry) -> Function:
    data = {("as_" if key == "as" else key): value for key, value in row.data.items()}
    return shape(Entry(row.file, row.line, data, row.lines, row.key), Function)


@cache
def places() -> tuple[Mapping[str, Function], Mapping[str, Function]]:
    """The function set of each type and of each set of a tree."""
    return _by("types"), _by("sets")


@cache
def operations() -> tuple[Mapping[str, Function], Mapping[str, Function]]:
    """The function set of each operation that is named, and of each family."""
    return _by("operations"), _by("families")


def _by(key: str) -> Mapping[str, Function]:
    found: dict[str, Function] = {}
    for one in book().functions.values():
        for name in getattr(one, key):
            if name in found:
                raise Entry(one.file, one.line, {}, {}).hole(f"{name} is in {found[name].name} already")
            found[name] = one
    return found


def engine(own: Rules | None = None, zone: tzinfo = UTC) -> Engine:
    """Give the rules of an installation, ready to be asked."""
    said = book()
    return Engine(over(said.rules, own or Rules()), said.vocabulary, zone)


@cache
def shipped() -> Engine:
    """Give the shipped rules, ready to be asked."""
    return engine()

"""Which rows of the table a path belongs to, and which function a row is done by.

A row's function has the name of its verb and stands in the module of its family (`devices.create` is `create`
in `devices`); a bar behind keeps it apart from a word of
Python's or a module of that name (`list_`). Every row's function is looked
up when the first request comes, and a row without one is an error then.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import NamedTuple, cast

from bridge.app.office.call import Function, Wrong
from bridge.sdk.forms.kinds import Edition
from bridge.sdk.operation import ROOT, Operation
from bridge.sdk.table import TABLE

ROOMS = {
    **dict.fromkeys(("logs", "outbox", "archive", "responses", "subscriptions"), "records"),
    **dict.fromkeys(("prices", "notices", "requests"), "market"),
}
"""Families that share a module with others."""


class Found(NamedTuple):
    """A row, with what stands in the path."""

    operation: Operation
    path: Mapping[str, str]


@cache
def functions() -> Mapping[str, Function]:
    """The function of each row."""
    return {row.name: _function(row) for row in TABLE}


def _function(row: Operation) -> Function:
    room = import_module(f"bridge.app.office.{ROOMS.get(row.family, row.family)}")
    wanted = f"{row.family}_{row.verb}" if row.family in ROOMS else row.verb
    names = (name for name in (f"{wanted}_", wanted) if callable(getattr(room, name, None)))
    if (name := next(names, "")) == "":
        raise LookupError(f"{row.name} has no function {wanted} in {room.__name__}")
    return cast("Function", getattr(room, name))


def rows(path: str) -> dict[str, Found]:
    """The rows of a path by method; those of the most special template."""
    if not path.startswith(f"{ROOT}/"):
        return {}
    rest = path.removeprefix(ROOT)
    found: dict[str, Found] = {}
    template = ""
    for row in TABLE:
        if template and row.path != template:
            continue
        if said := row.pattern.fullmatch(rest):
            template = row.path
            found[row.method] = Found(row, said.groupdict())
    return found


def methods(found: Mapping[str, Found]) -> str:
    """The methods of a path, as `Allow` says them."""
    names = {*found, "OPTIONS", *(("HEAD",) if "GET" in found else ())}
    return ", ".join(sorted(names))


def current(found: Found) -> Found:
    """The row that shows what a request is about; Wrong (412) where it has no edition."""
    path = found.operation.path
    for place in (path, path.rpartition("/")[0]):
        for row in TABLE:
            if row.safe and row.path == place and row.gives and issubclass(row.gives, Edition):
                return Found(row, found.path)
    raise Wrong(412, "what this is about has no edition; leave If-Match out")

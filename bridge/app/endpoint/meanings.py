"""What a request of IEC 61850 is, as rules see it: function sets and actions, by a table of its own.

mappings/iec61850-access.toml. A value is judged by its functional constraint and the class of its node; what
has several below it is all of them, since whoever may not have a part may not have the whole. What the table
does not name is nothing, and so allowed to nobody. Decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from functools import cache
from typing import NamedTuple

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from bridge.core.access import book
from bridge.mapping.table import Entry, load, shape

READ, WRITE, CHANGE = "read", "write", "change"
CLASS = re.compile(r"([A-Z]{4})[0-9]*\Z")
Meaning = tuple[str, str]
"""Function set and action."""
Below = Callable[[str, str], Iterable[str]]
"""The names right below an item of a domain; those of its nodes are below nothing."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Service:
    """A row of services."""

    file: str
    line: int
    services: tuple[str, ...]
    function: str
    action: str


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Item:
    """A row of values."""

    file: str
    line: int
    constraints: tuple[str, ...]
    function: str
    nodes: tuple[str, ...] = ()
    write: str = CHANGE
    variables: Mapping[str, str] = field(default_factory=dict)

    def fits(self, node: str, constraint: str) -> bool:
        """Whether it is about values of a node under a constraint."""
        found = CLASS.search(node)
        return constraint in self.constraints and (
            not self.nodes or (found is not None and found[1] in self.nodes)
        )


class Table(NamedTuple):
    """The table."""

    services: Mapping[str, Meaning]
    items: tuple[Item, ...]


@cache
def table() -> Table:
    """The shipped table, each name of which is one of mappings/access.toml."""
    entry = load("iec61850-access")
    rows = [shape(row, Service) for row in entry.rows("service")]
    items = tuple(shape(row, Item) for row in entry.rows("item"))
    services = {name: (row.function, row.action) for row in rows for name in row.services}
    known = book.book().vocabulary
    for function, action in (*services.values(), *(each for row in items for each in _said(row))):
        if action not in known.get(function, ()):
            raise Entry(entry.file, entry.line, {}, {}).hole(f"there is no {action} of {function}")
    return Table(services, items)


def _said(row: Item) -> Iterable[Meaning]:
    return [(row.function, action) for action in (READ, row.write, *row.variables.values())]


def meant(service: str, reference: str, below: Below) -> frozenset[Meaning]:
    """All that a request is; nothing where no row says."""
    domain, slash, item = reference.partition("/")
    if service not in {READ, WRITE}:
        found = table().services.get(service)
        return frozenset({found} if found else ())
    if not slash or not item:
        return frozenset()
    node, _, rest = item.partition("$")
    constraints = (rest.partition("$")[0],) if rest else tuple(below(domain, item))
    found_all = [_value(service, node, one, item) for one in constraints]
    return frozenset(one for one in found_all if one) if all(found_all) else frozenset()


def _value(service: str, node: str, constraint: str, item: str) -> Meaning | None:
    row = next((one for one in table().items if one.fits(node, constraint)), None)
    if row is None:
        return None
    action = row.variables.get(item.rpartition("$")[2])
    return row.function, action or (READ if service == READ else row.write)

"""One address of the resource tree as a value: what `mappings/sep2-tree.toml` says of it.

IEEE 2030.5-2018 clause 4 and its WADL. `survey` makes nodes, `tree` finds them, everything else reads them;
nothing here reads a table or knows a path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


class Link(NamedTuple):
    """A link that resources of a type bear."""

    name: str
    path: tuple[str, ...]
    """Fields that lead to it, one where it is a field of the resource itself."""
    to: str
    """`./x` below the resource, `/x` from the root, `=` as the document says."""
    when: str
    """`always`, `some`, `exists`, or nothing: see the head of the table."""
    alone: bool = False
    """Not on the EndDevice that an aggregator is itself."""
    own: bool = False
    """On the EndDevice that an aggregator holds only for the device: an aggregator subscribes at its own."""

    def leads(self, href: str) -> str:
        """Where it leads from the resource at an address; empty where the document says."""
        return "" if self.to == "=" else href + self.to[1:] if self.to.startswith(".") else self.to


class Key(NamedTuple):
    """One ordering key of a list."""

    path: tuple[str, ...]
    down: bool


@dataclass(frozen=True, slots=True)
class Node:
    """One address of the tree, its numbers left open."""

    template: str
    type: str
    """Type that is served."""
    member: str
    """Type of its members, empty where it is no list."""
    also: frozenset[str]
    """Every type that may stand here, `type` included; for a list, in place of a member."""
    takes: tuple[str, ...]
    """Types that may be posted here."""
    modes: Mapping[str, str]
    """Method to M, O, D or E."""
    keys: tuple[Key, ...]
    order: str
    timed: bool
    subscribable: int
    poll: int | None
    read: str
    """`any`, `member`, `owner` or `operator`."""
    write: str
    links: tuple[Link, ...]
    set: str
    """Name of the function set."""
    ours: bool
    above: str
    """Template of the list it is a member of, or of the resource it belongs to; empty at the root."""

    @property
    def lists(self) -> bool:
        """Whether it is a list."""
        return bool(self.member)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The methods that are not an error here."""
        return tuple(method for method, mode in self.modes.items() if mode != "E")

"""The resource tree: which address serves what, and what a request's path leads to.

IEEE 2030.5-2018 clause 4 and its WADL, as rows of `mappings/sep2-tree.toml`; `survey` reads and resolves
them. A path is matched by its shape, its numbers taken out, in one look-up. Never asks whether there is
anything at an address, nor who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from bridge.sep2 import survey
from bridge.sep2.nodes import METHODS, Key, Link, Node

__all__ = ["METHODS", "Key", "Link", "Node", "Spot", "match", "node", "nodes", "spot"]

USUAL = 64
"""Length of a path up to which it is remembered what it leads to."""
_NUMBER = re.compile(r"/(0|[1-9][0-9]{0,18})(?=/|$)")


class Spot(NamedTuple):
    """What a path leads to: the address's row in the table, its numbers, and itself."""

    node: Node
    ids: tuple[int, ...]
    href: str


def match(path: str) -> Spot | None:
    """What a path leads to; None where the tree has no such address, whatever is stored."""
    return _near(path) if len(path) <= USUAL else _found(path)


def _found(path: str) -> Spot | None:
    found = nodes().get(_NUMBER.sub("/{}", path))
    return None if found is None or "{" in path else Spot(found, tuple(map(int, _NUMBER.findall(path))), path)


_near = lru_cache(maxsize=8192)(_found)


def spot(path: str) -> Spot:
    """What an address of our own making leads to; LookupError where it leads nowhere."""
    found = match(path)
    if found is None:
        raise LookupError(f"no resource has the address {path}")
    return found


def node(template: str) -> Node:
    """The row of an address."""
    return nodes()[template]


@cache
def nodes() -> Mapping[str, Node]:
    """All addresses, by template."""
    return survey.read()


def __getattr__(name: str) -> Mapping[str, Node]:
    """`NODES`: the same, read when first asked for."""
    if name == "NODES":
        return nodes()
    raise AttributeError(name)

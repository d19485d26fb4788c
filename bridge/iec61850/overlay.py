"""Values of a device over those that all devices of its kind have at first: only what differs is its own.

A fleet of thousands has few kinds of devices; what nobody has told yet is kept once for all of them. Reads
and writes like any mapping, and never takes an item away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Final

from bridge.iec61850.basic import Value

_NONE: Final = object()


class Overlay(MutableMapping[str, Value]):
    """Values by item: a device's own, else those of its base."""

    __slots__ = ("base", "own")

    def __init__(self, base: Mapping[str, Value], own: dict[str, Value]) -> None:
        self.base, self.own = base, own

    def __getitem__(self, item: str) -> Value:
        found = self.own.get(item, _NONE)
        return self.base[item] if found is _NONE else found  # type: ignore[return-value]

    def __setitem__(self, item: str, value: Value) -> None:
        if item not in self.base:
            raise KeyError(item)
        self.own[item] = value

    def __delitem__(self, item: str) -> None:
        raise TypeError(f"{item} cannot be taken away")

    def __iter__(self) -> Iterator[str]:
        return iter(self.base)

    def __len__(self) -> int:
        return len(self.base)

    def __contains__(self, item: object) -> bool:
        return item in self.base

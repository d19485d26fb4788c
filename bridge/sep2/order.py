"""The place of a resource in its list, and the time it stands for, as text and numbers that a store can sort.

The ordering keys are the table's (IEEE 2030.5-2018 clause 4 and the tables of each function set). A rank is
ASCII: whatever sorts the bytes sorts the list. What a resource does not say comes last. Nothing here compares
two resources, and nothing asks the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from bridge.mapping import form
from bridge.sep2 import tree
from bridge.sep2.nodes import Key, Node
from models import kit

ABSENT = "~"
OFFSET = 2**63
WIDTH = 40
"""Digits of the longest hexadecimal key, an LFDI."""
LONGEST = 64
PERIODS = ("interval", "timePeriod", "intervalRequested")
MOMENTS = ("createdDateTime", "effectiveTime", "readingTime", "changedTime")
_OTHER_WAY = str.maketrans("0123456789ABCDEF", "FEDCBA9876543210")


def rank(node: Node, obj: kit.Model) -> str:
    """The place of a resource among its siblings; the node is that of the list, or its own."""
    return placed(node.keys if node.lists or not node.above else tree.node(node.above).keys, obj)


def placed(keys: Iterable[Key], obj: kit.Model) -> str:
    """The place of a resource in a list with these keys."""
    return ".".join(_key(key, obj) for key in keys)


def time(obj: kit.Model) -> tuple[int, int]:
    """When what a resource tells begins, and when that ends; 0 for what has no beginning or no end."""
    held = obj.__dict__
    for name in PERIODS:
        period: Any = held.get(name)
        if period is not None:
            return period.start, period.start + period.duration
    found = (held.get(name) for name in MOMENTS)
    return next((moment for moment in found if moment is not None), 0), 0


def _key(key: Key, obj: kit.Model) -> str:
    value: Any = obj
    for name in key.path:
        value = getattr(value, name, None)
        if value is None:
            return ABSENT
    if isinstance(value, int):
        return _number(value, down=key.down)
    return _hex(value, down=key.down) if _hexadecimal(type(obj), key.path) else text(value, down=key.down)


def _number(value: int, *, down: bool) -> str:
    return f"{OFFSET - 1 - value if down else OFFSET + value:016X}"


def _hex(value: str, *, down: bool) -> str:
    digits = value.upper().zfill(WIDTH)
    return digits.translate(_OTHER_WAY) if down else digits


def text(value: str, *, down: bool) -> str:
    """Two digits a byte; the end sorts before every digit, or behind it where the order is descending."""
    digits = value.encode()[:LONGEST].hex().upper()
    return digits.translate(_OTHER_WAY) + ABSENT if down else digits


@cache
def _hexadecimal(cls: type[kit.Model], path: tuple[str, ...]) -> bool:
    item: Any = cls
    for name in path:
        item = next(part.item for part in form.parts(item) if part.field == name)
    return isinstance(item, form.Scalar) and item.builtin == "hexBinary"

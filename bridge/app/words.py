"""Objects and values as lines for a person: path and value, figures with their unit, moments as dates.

Used where a stage of a control's life is shown. The lines are for reading only; nothing reads them back,
and nothing that is carried depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

from lxml import etree

from models import kit
from models.der import messages

Line = tuple[str, str]


def lines(value: object, path: str = "") -> Iterator[Line]:
    """Each thing that an object says, by its path, in the order of its schema."""
    if isinstance(value, messages.Amount | messages.PowerFactor | messages.Point):
        yield path, figure(value)
    elif isinstance(value, messages.Kept):
        yield f"{path} {value.path}", value.value
    elif isinstance(value, kit.Model):
        for name in type(value).model_fields:
            yield from lines(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for number, item in enumerate(value, 1):
            yield from lines(item, f"{path}[{number}]" if len(value) > 1 else path)
    elif value is not None:
        yield path, scalar(value)


def scalar(value: object) -> str:
    """One value as a word."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def figure(value: messages.Amount | messages.PowerFactor | messages.Point) -> str:
    """A quantity with what belongs to it."""
    if isinstance(value, messages.Point):
        side = {None: "", True: " absorbing", False: " injecting"}[value.absorbing]
        return f"{value.x:f} -> {value.y:f}{side}"
    off = " (off)" if value.disabled else ""
    if isinstance(value, messages.PowerFactor):
        return f"{value.value:f} {'absorbing' if value.absorbing else 'injecting'} var{off}"
    of = f" of {value.of}" if value.of else ""
    return f"{value.value:f} {scalar(value.unit)}{of}{off}"


def moment(seconds: Decimal) -> str:
    """A moment as people write it, in UTC; the ends of time in words."""
    if not seconds.is_finite():
        return "the beginning" if seconds < 0 else "further notice"
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def indented(data: bytes) -> str:
    """A document with each element on a line of its own."""
    root = etree.fromstring(data, etree.XMLParser(remove_blank_text=True, resolve_entities=False))
    etree.indent(root)
    return etree.tostring(root, encoding="unicode")


def aligned(pairs: list[Line]) -> list[str]:
    """Paths and values in two columns."""
    width = max((len(path) for path, _ in pairs), default=0)
    return [f"{path:<{width}}  {value}" for path, value in pairs]

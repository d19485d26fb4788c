"""What is wrong with an SCL file: the one error of its reader, with the line.

Raised for a file that is no XML of ours to read, and for a reference that leads nowhere. Says nothing of a
file that could be read and has other flaws: those are the checks'.
"""

from __future__ import annotations

from typing import cast

from lxml.etree import _Element


class Faulty(ValueError):
    """An SCL file cannot be used."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {reason}" if line else reason)
        self.reason = reason
        self.line = line


def at(element: _Element, reason: str) -> Faulty:
    """The error at an element."""
    return Faulty(reason, line_of(element))


def line_of(element: _Element) -> int:
    """The line of an element, 0 where it is not known."""
    return cast("int | None", element.sourceline) or 0

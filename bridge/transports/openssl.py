"""The library that Python's ssl is linked with, for the few calls that ssl has no name for.

A context's handle is the first field of Python's own object. Where that cannot be made sure of (another
Python, a library that is linked into the program), there is no library here, and whoever asks does without.
Nothing is called here.
"""

from __future__ import annotations

import ctypes
import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = ((3, 11), (3, 14))
"""First and last Python whose context object was looked at."""
POINTER = ctypes.c_void_p
Call = tuple[object, tuple[object, ...]]
"""What a function gives, and what it takes."""


def library(calls: Mapping[str, Call]) -> ctypes.CDLL | None:
    """Give the library with these functions of it, if it has them all."""
    if sys.implementation.name != "cpython" or not KNOWN[0] <= sys.version_info[:2] <= KNOWN[1]:
        return None
    try:
        found = ctypes.CDLL(ssl._ssl.__file__)  # type: ignore[attr-defined]  # noqa: SLF001 - the library that ssl itself is linked with
        for name, (gives, takes) in calls.items():
            function = getattr(found, name)
            function.restype, function.argtypes = gives, takes
    except (AttributeError, OSError):
        return None
    return found


def handle(context: ssl.SSLContext) -> ctypes.c_void_p:
    """Give the library's own context below a context."""
    return POINTER.from_address(id(context) + object.__basicsize__)

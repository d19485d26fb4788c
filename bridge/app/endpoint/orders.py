"""What was taken of clients while a request was dealt with, and is to be done in the store before its answer.

An order is a command, the end of what one began, or settings; it knows in whose name it is done, and which
command of the image waits for it. Plain values; nothing is done here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bridge.app.endpoint.deeds import Asked, Home
from bridge.iec61850.command import Command
from bridge.iec61850.shape import Value
from models.der import messages


class Begin(NamedTuple):
    """Make a control of a device."""

    asked: Asked
    home: Home
    about: str
    control: messages.Control
    command: Command


class End(NamedTuple):
    """Cancel controls, by their addresses."""

    asked: Asked
    hrefs: tuple[str, ...]
    reason: str
    command: Command | None = None


class Settle(NamedTuple):
    """Keep settings, with the default control that they make."""

    asked: Asked
    home: Home
    values: Mapping[str, Value]
    before: Mapping[str, Value]
    """What stood there, for the case that nothing comes of it."""
    default: messages.Default | None = None
    command: Command | None = None


Order = Begin | End | Settle

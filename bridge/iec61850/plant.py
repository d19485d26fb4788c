"""What is behind the control objects: the plant that carries commands out, and what it answers.

A plant is whatever the bridge has behind its 61850 side. It judges what the image cannot show (interlocking,
synchrocheck, process, a limit of its own) and carries out; what takes time is told later. It is asked while
a request is answered, so it only takes note of a command and returns.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from bridge.iec61850.command import Command
from models.mms.codes import AddCause


class Pending(Enum):
    """What a plant answers that will tell later how it went."""

    PENDING = "pending"


PENDING = Pending.PENDING


class Plant(Protocol):
    """What carries commands out."""

    def hindered(self, command: Command, check: int) -> bool:
        """Say whether a check that the command asks for (a bit of Check) stands against it."""
        ...

    def judge(self, command: Command) -> AddCause | None:
        """Give what else stands against a command that could be carried out now."""
        ...

    def arm(self, command: Command) -> AddCause | None:
        """Take note of a command that is to be carried out at its moment; give what stands against that.

        At the moment it is judged again and handed to `operate`; until then `abort` takes it back.
        """
        ...

    def operate(self, command: Command) -> AddCause | Pending | None:
        """Carry a command out: done (None), refused (the cause), or begun; `Controls.done` tells the end.

        The command bears Test where the node is in test mode. `done` is called after this has returned.
        """
        ...

    def abort(self, command: Command, cause: AddCause) -> None:
        """Take back a command that was begun."""
        ...

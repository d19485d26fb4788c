"""What becomes of writes and controls of 61850 clients until the bridge can carry them on: they are refused.

A control is answered with the AddCause not-supported, a setting with object-access-unsupported, and each is
in the decision log. Nothing that a client says here reaches a device. A configuration under CF or DC is the
bridge's own and never a client's to write.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.iec61850.command import Command
from bridge.iec61850.hooks import Written
from bridge.iec61850.image import constraint
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import Pending
from bridge.iec61850.shape import Value
from models.mms.codes import AddCause, DataAccessError

OURS = frozenset({"CF", "DC"})
Told = Callable[[Peer, str, str], None]
"""Takes what was refused into the log: whose, which item, why."""


class Idle:
    """A plant that carries nothing out."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def hindered(self, command: Command, check: int) -> bool:
        """Say that no check stands against it: it is refused as such."""
        del command, check
        return False

    def judge(self, command: Command) -> AddCause:
        """Say that commands are not supported, at the select already."""
        domain, node, name = command.target
        self._told(command.peer, f"{domain}/{node}$CO${name}", AddCause.not_supported.name)
        return AddCause.not_supported

    def operate(self, command: Command) -> AddCause | Pending | None:
        """Refuse."""
        return self.judge(command)

    def abort(self, command: Command, cause: AddCause) -> None:
        """Do nothing: nothing was begun."""


def written(told: Told, take: Written | None = None) -> Written:
    """What is asked before a value is put: `take` where there is one, for what is not the bridge's own."""

    def refused(peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        if take is not None and constraint(item) not in OURS:
            return take(peer, domain, item, value, now)
        code = DataAccessError.object_access_denied if constraint(item) in OURS else UNSUPPORTED
        told(peer, f"{domain}/{item}", code.name)
        return code

    return refused


UNSUPPORTED = DataAccessError.object_access_unsupported

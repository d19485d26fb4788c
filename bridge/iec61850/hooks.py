"""What the server asks of its neighbours: report blocks, log blocks, controls, services, access.

Each is a protocol or a plain callable, given to the server when it is made; a server that is given none has
no such objects. Values have passed the type of their item before a hook sees them. Whatever a hook refuses it
returns as a code or raises as `Refusal`; nothing here holds state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

from bridge.iec61850.image import DataSet
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.shape import Value
from models.mms import codes, services


class Refusal(Exception):
    """A confirmed service that is not done: error class by the name of its element, and its code."""

    def __init__(self, family: str, code: int, text: str = "") -> None:
        super().__init__(f"{family} {code} {text}".rstrip())
        self.family = family
        self.code = code
        self.text = text


@dataclass(slots=True)
class Call:
    """A confirmed request: who asks, the content of its service, when, and the bytes its answer may have.

    `sets` are the data sets of the association; what stands in `before` is sent before the answer.
    """

    peer: Peer
    request: Any
    now: float
    room: int
    nesting: int = 10
    sets: dict[str, DataSet] = field(default_factory=dict)
    sealed: bool = False
    before: list[Report] = field(default_factory=list)


Handler = Callable[[Call], services.ConfirmedServiceResponse_choice]
Services = Mapping[str, Handler]
"""Handlers by the name of the service's element."""
Access: TypeAlias = "Callable[[Peer, str, str, Value | None], bool]"
"""Whether a peer may have a service on a reference `domain/item`; the value is that of a write.

A reference stands for all that is below it: whoever may not have a part may not have the whole."""
Clear = Callable[[Peer, str], bool]
"""Whether a service may come in clear, without a seal; `select` is the read of `$SBO`."""
Written = Callable[[Peer, str, str, Value, float], codes.DataAccessError | None]
"""Told of a value before it is put: an item written by a peer. A code refuses it, and nothing is put."""

Refused = Callable[[Peer, str, str], None]
"""Told of a control that is refused: who asked, for what, and the cause by its name."""


def unheard(_peer: Peer, _reference: str, _why: str) -> None:
    """Let a refusal be answered, and told nobody else."""


class Party(Protocol):
    """Whatever acts by itself: by its deadline, and when an association ends."""

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""

    def tick(self, now: float) -> list[Report]:
        """What is due by now; called after each received unit too."""

    def gone(self, peer: Peer, now: float) -> None:
        """The association has ended, in order or by loss of the peer."""


class Blocks(Party, Protocol):
    """Control blocks: items under RP and BR (reports), or LG (logs)."""

    def read(self, peer: Peer, domain: str, item: str) -> Value:
        """The value of one leaf, as this peer may see it."""

    def write(
        self, peer: Peer, domain: str, item: str, value: Value, now: float
    ) -> codes.DataAccessError | None:
        """Write one attribute or a whole block."""


class Answer(NamedTuple):
    """What becomes of a control's write: a code that refuses it, and what is reported before the answer."""

    error: codes.DataAccessError | None = None
    before: tuple[Report, ...] = ()


class Controls(Party, Protocol):
    """Control objects: items under CO."""

    def read_sbo(self, peer: Peer, domain: str, item: str, now: float) -> str:
        """Select by reading `...$SBO`: the object's reference, or nothing where it is refused."""

    def write(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> Answer:
        """Write `...$SBOw`, `...$Oper` or `...$Cancel`, whole."""

    def refuse(self, peer: Peer, domain: str, item: str, value: Value, cause: codes.AddCause) -> Answer:
        """Answer such a write that the server itself refuses: LastApplError says why."""

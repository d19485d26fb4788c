"""An object that a client holds: what is kept of it, and which event of the table a write to it is.

Only what is selected, armed or running is held; the rest of an object's life is in the image. Pure.
Cases of the table are made here for what does not depend on who asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.iec61850 import command as commands
from bridge.iec61850 import signs
from bridge.iec61850.command import Command, Target
from bridge.iec61850.image import Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.phases import Case, Event, State, Who

Hand = tuple[Peer, Command | None]
"""A client, and the command that is kept for it."""


@dataclass(slots=True)
class Held:
    """An object that a client holds."""

    kind: str
    many: bool
    state: State
    peer: Peer
    command: Command | None
    """The value it was selected with, or the command in hand."""
    until: float
    """When the selection lapses, the command is due, or has taken too long."""


def event(command: Command, held: Held | None) -> Event:
    """Give which event a write is."""
    if command.variable == commands.SELECT_WITH:
        return Event.SELECT_WITH
    if command.variable == commands.CANCEL:
        return Event.CANCEL
    busy = held and held.command and held.state in {State.WAITING, State.RUNNING}
    if busy and held and held.command and held.command.value != command.value:
        return Event.CHANGE
    return Event.OPERATE if command.at is None else Event.ARM


def own(held: Held, happened: Event) -> Case:
    """Give the case of what does not depend on who asks."""
    return Case(held.kind, held.state, happened, Who.HOLDER, held.many)


def lasting(image: Image, target: Target, state: State, command: Command | None, now: float) -> float:
    """Give when a state lapses: at the moment of what is armed, else by the object's own time-outs."""
    if state is State.WAITING and command and command.at is not None:
        return command.at
    attribute = "operTimeout" if state is State.RUNNING else "sboTimeout"
    return now + signs.patience(image, target, attribute)

"""Control objects as a server keeps them: who holds which, what is in hand, and until when (7-2, control).

What follows from what is the table of `phases`; what stands against a command is that of `blocks`. Here the
two are joined to the image, the plant and the clients. An object that nobody holds is not kept at all. The
moment is an argument; nothing is sent from here, it is given to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.iec61850 import blocks, phases, signs, termination
from bridge.iec61850 import command as commands
from bridge.iec61850.command import Command, Target
from bridge.iec61850.image import Image, Unknown
from bridge.iec61850.phases import Case, Deed, Event, State, Step, Who
from bridge.iec61850.plant import PENDING, Answer, Plant, Told
from bridge.iec61850.shape import Structure, Value
from models.mms.codes import AddCause, DataAccessError

MOST = 64
"""Objects that one client may hold at once."""
MARKS = 65_536
"""Objects whose last command is remembered."""
DENIED = Answer(DataAccessError.object_access_denied)


Hand = tuple[object, Command | None]
"""A client, and the command that is kept for it."""


@dataclass(slots=True)
class Held:
    """An object that a client holds."""

    kind: str
    many: bool
    state: State
    peer: object
    command: Command | None
    """The value it was selected with, or the command in hand."""
    until: float
    """When the selection lapses, the command is due, or has taken too long."""


class Controls:
    """The control objects of an image."""

    def __init__(self, image: Image, plant: Plant, most: int = MOST) -> None:
        self._image, self._plant, self._most = image, plant, most
        self._held: dict[Target, Held] = {}
        self._marks: dict[Target, commands.Mark] = {}
        self._answers: Mapping[Deed, Callable[[Command, Case, Step, float], Answer]] = {
            Deed.REFUSE: self._refuse,
            Deed.HOLD: self._hold,
            Deed.START: self._begin,
            Deed.RELEASE: self._cancel,
            Deed.ABORT: self._cancel,
        }

    @property
    def deadline(self) -> float | None:
        """Give the next moment to be called at."""
        return min((held.until for held in self._held.values()), default=None)

    # --------------------------------------------------------------------------------------- what clients ask

    def read_sbo(self, peer: object, domain: str, item: str, now: float) -> str:
        """Select by reading: the object's reference, or nothing where it is refused."""
        found = commands.target(domain, item)
        if found is None or found[1] != commands.SELECT:
            return ""
        target, full = found[0], self._count(peer) >= self._most
        case = self._case(target, peer, Event.SELECT)
        step = phases.step(case)
        if step.deed is not Deed.HOLD or full:
            return ""
        self._keep(target, case, step, by=(peer, None), now=now)
        return f"{domain}/{item}"

    def write(self, peer: object, domain: str, item: str, value: Value, now: float) -> Answer:
        """Take a write of SBOw, Oper or Cancel."""
        command = self._read(peer, domain, item, value)
        if command is None:
            return DENIED
        held = self._held.get(command.target)
        case = self._case(command.target, peer, _event(command, held))
        if not case.kind:
            return _refused(command, AddCause.not_supported)
        step = phases.step(case)
        signs.show(self._image, command.target, {"opRcvd": True}, now)
        answer = self._answers[step.deed](command, case, step, now)
        signs.show(self._image, command.target, {"opRcvd": False}, now)
        return answer

    def refuse(self, peer: object, domain: str, item: str, value: Value, cause: AddCause) -> Answer:
        """Give the answer to a control that the server itself has refused."""
        command = self._read(peer, domain, item, value)
        return _refused(command, cause) if command else DENIED

    def gone(self, peer: object, now: float) -> None:
        """Take that a client's association is lost: what it holds is let go, what it began is taken back."""
        for target, held in [pair for pair in self._held.items() if pair[1].peer == peer]:
            case = _own(held, Event.LOST)
            step = phases.step(case)
            if step.deed is Deed.DROP:
                self._abort(held, step)
            self._keep(target, case, step, by=(peer, None), now=now)

    # --------------------------------------------------------------------------------------- what time brings

    def tick(self, now: float) -> list[Told]:
        """Do what is due, the earliest first; give what is to be told."""
        due = [pair for pair in self._held.items() if pair[1].until <= now]
        due.sort(key=lambda pair: pair[1].until)
        return [told for target, held in due for told in self._timed(target, held, now)]

    def done(self, command: Command, cause: AddCause | None, now: float) -> list[Told]:
        """Take from the plant that a command has ended; nothing, where it is not in hand any more."""
        held = self._held.get(command.target)
        if held is None or held.command is not command or held.state is not State.RUNNING:
            return []
        return self._ended(held, command, Event.DONE if cause is None else Event.FAILED, cause, now)

    # ---------------------------------------------------------------------------------- answers, deed by deed

    def _refuse(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        del case, now
        return _refused(command, step.cause or AddCause.unknown)

    def _hold(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Hold the object for the client: selected, or armed for a moment."""
        cause = self._objection(command, now)
        cause = self._overfull(command) if cause is None else cause
        if cause is not None:
            return self._failed(command, case, cause, now)
        self._keep(command.target, case, step, by=(command.peer, command), now=now)
        return Answer(None)

    def _begin(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Operate at once."""
        del step
        cause = self._objection(command, now)
        event, cause = (Event.FAILED, cause) if cause is not None else self._started(command, now)
        if cause is not None:
            return self._failed(command, case, cause, now)
        following = phases.step(case._replace(event=event))
        in_hand = command if following.state is State.RUNNING else None
        self._keep(command.target, case, following, by=(command.peer, in_hand), now=now)
        over = event is Event.DONE and case.kind in phases.ENHANCED
        return Answer(None, after=(termination.termination(command, None),) if over else ())

    def _cancel(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Let go of what is selected, armed or running."""
        held = self._held[command.target]
        chosen = held.command
        if chosen and not command.same(chosen):
            return _refused(command, AddCause.inconsistent_parameters)
        if step.deed is Deed.ABORT:
            self._abort(held, step)
        self._keep(command.target, case, step, by=(command.peer, None), now=now)
        over = step.deed is Deed.ABORT and chosen
        return Answer(None, after=(termination.termination(chosen, step.cause),) if over and chosen else ())

    def _failed(self, command: Command, case: Case, cause: AddCause, now: float) -> Answer:
        step = phases.step(case._replace(event=Event.FAILED))
        self._keep(command.target, case, step, by=(command.peer, None), now=now)
        return _refused(command, cause)

    # ------------------------------------------------------------------------------------------------- inside

    def _read(self, peer: object, domain: str, item: str, value: Value) -> Command | None:
        """Give the command that a value of a control variable says; None for a part of one."""
        found = commands.target(domain, item)
        try:
            form = self._image.type(domain, item)
        except Unknown:
            return None
        if found is None or not isinstance(form, Structure):
            return None
        return commands.read(peer, *found, form, value)

    def _case(self, target: Target, peer: object, event: Event) -> Case:
        held = self._held.get(target)
        if held is None:
            kind, many = signs.kind(self._image, target), signs.many(self._image, target)
            return Case(kind, State.IDLE, event, Who.OTHER, many)
        who = Who.HOLDER if held.peer == peer else Who.OTHER
        return Case(held.kind, held.state, event, who, held.many)

    def _objection(self, command: Command, now: float) -> AddCause | None:
        """Give what stands against a command as it is asked."""
        held = self._held.get(command.target)
        stale = command.variable == commands.OPERATE and self._marks.get(command.target) == command.mark
        if stale or (held and held.command and not command.same(held.command)):
            return AddCause.inconsistent_parameters
        if command.at is not None and command.at <= now:
            return AddCause.time_limit_over
        return blocks.against(self._image, self._plant, command)

    def _overfull(self, command: Command) -> AddCause | None:
        full = command.target not in self._held and self._count(command.peer) >= self._most
        return AddCause.select_failed if full else None

    def _count(self, peer: object) -> int:
        return sum(held.peer == peer for held in self._held.values())

    def _started(self, command: Command, now: float) -> tuple[Event, AddCause | None]:
        """Hand a command to the plant; a node that is blocked in test takes it and does nothing."""
        result = None if blocks.dry(self._image, command) else self._plant.operate(command)
        if isinstance(result, AddCause):
            return Event.FAILED, result
        self._marks[command.target] = command.mark
        if len(self._marks) > MARKS:
            del self._marks[next(iter(self._marks))]
        shown = {**signs.author(command), "opOk": True, "tOpOk": signs.stamp(now)}
        signs.show(self._image, command.target, shown, now)
        return (Event.PENDING if result is PENDING else Event.DONE), None

    def _keep(self, target: Target, case: Case, step: Step, *, by: Hand, now: float) -> None:
        """Put an object into the state that follows, and show it."""
        peer, command = by
        if step.state is State.IDLE:
            self._held.pop(target, None)
        else:
            until = self._until(target, step.state, command, now)
            self._held[target] = Held(case.kind, case.many, step.state, peer, command, until)
        shown: dict[str, Value] = {} if step.state is State.RUNNING else {"opOk": False}
        if case.kind in phases.SELECTING:
            shown["stSeld"] = step.state is not State.IDLE
        signs.show(self._image, target, shown, now)

    def _until(self, target: Target, state: State, command: Command | None, now: float) -> float:
        if state is State.WAITING and command and command.at is not None:
            return command.at
        attribute = "operTimeout" if state is State.RUNNING else "sboTimeout"
        return now + signs.patience(self._image, target, attribute)

    def _timed(self, target: Target, held: Held, now: float) -> list[Told]:
        """Do what the moment asks of one object."""
        step = phases.step(_own(held, Event.TIME))
        if held.command is None or step.deed is Deed.RELEASE:
            self._keep(target, _own(held, Event.TIME), step, by=(held.peer, None), now=now)
            return []
        if step.deed is Deed.ABORT:
            self._abort(held, step)
            return self._ended(held, held.command, Event.TIME, step.cause, now)
        cause = blocks.against(self._image, self._plant, held.command)
        event, cause = (Event.FAILED, cause) if cause is not None else self._started(held.command, now)
        return self._ended(held, held.command, event, cause, now)

    def _ended(
        self, held: Held, command: Command, event: Event, cause: AddCause | None, now: float
    ) -> list[Told]:
        """Take that a command has ended, or has begun after its moment."""
        step = phases.step(_own(held, event))
        in_hand = command if step.state is State.RUNNING else None
        self._keep(command.target, _own(held, event), step, by=(held.peer, in_hand), now=now)
        quiet = step.deed is Deed.NOTHING
        return [] if quiet else [Told(held.peer, termination.termination(command, cause))]

    def _abort(self, held: Held, step: Step) -> None:
        if held.command and step.cause is not None:
            self._plant.abort(held.command, step.cause)


def _event(command: Command, held: Held | None) -> Event:
    """Give which event a write is."""
    if command.variable == commands.SELECT_WITH:
        return Event.SELECT_WITH
    if command.variable == commands.CANCEL:
        return Event.CANCEL
    busy = held and held.command and held.state in {State.WAITING, State.RUNNING}
    if busy and held and held.command and held.command.value != command.value:
        return Event.CHANGE
    return Event.OPERATE if command.at is None else Event.ARM


def _own(held: Held, event: Event) -> Case:
    """Give the case of what does not depend on who asks."""
    return Case(held.kind, held.state, event, Who.HOLDER, held.many)


def _refused(command: Command, cause: AddCause) -> Answer:
    return Answer(DataAccessError.object_access_denied, (termination.refusal(command, cause),))

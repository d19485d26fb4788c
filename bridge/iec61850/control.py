"""Control objects as a server keeps them: who holds which, what is in hand, and until when (7-2, control).

What follows from what is the table of `phases`; what stands against a command is that of `blocks`. Here the
two are joined to the image, the plant and the clients. An object that nobody holds is not kept at all. The
moment is an argument; nothing is sent from here, it is given to be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.iec61850 import blocks, phases, signs, termination
from bridge.iec61850 import command as commands
from bridge.iec61850.command import Command, Target
from bridge.iec61850.held import Hand, Held, event, lasting, own
from bridge.iec61850.hooks import Answer, Refused, unheard
from bridge.iec61850.image import Image, Unknown
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.phases import Case, Deed, Event, State, Step, Who
from bridge.iec61850.plant import PENDING, Plant
from bridge.iec61850.shape import Structure, Value
from models.mms.codes import AddCause, DataAccessError

MOST = 64
"""Objects that one client may hold at once."""
MARKS = 65_536
"""Objects whose last command is remembered."""
YIELDING = ("D", State.RUNNING, Event.CHANGE, Who.HOLDER)
"""The case in which a command may give way to a newer one."""
PART = "a control is written whole"
DENIED = Answer(DataAccessError.object_access_denied)


class Controls:
    """The control objects of an image."""

    def __init__(self, image: Image, plant: Plant, most: int = MOST, *, yielding: bool = False) -> None:
        """`yielding`: what a client operated directly gives way to another value of its own while in hand."""
        self._image, self._plant, self._most, self._yielding = image, plant, most, yielding
        self._held: dict[Target, Held] = {}
        self._marks: dict[Target, commands.Mark] = {}
        self._told: list[Report] = []
        self.refused: Refused = unheard
        self._since = 0.0
        self._answers: Mapping[Deed, Callable[[Command, Case, Step, float], Answer]] = {
            Deed.REFUSE: self._refuse,
            Deed.HOLD: self._hold,
            Deed.START: self._begin,
            Deed.RELEASE: self._cancel,
            Deed.ABORT: self._cancel,
        }

    @property
    def deadline(self) -> float | None:
        """Give the next moment to be called at: at once, where something is still to be told."""
        return min(
            (*((self._since,) if self._told else ()), *(held.until for held in self._held.values())),
            default=None,
        )

    # --------------------------------------------------------------------------------------- what clients ask

    def read_sbo(self, peer: Peer, domain: str, item: str, now: float) -> str:
        """Select by reading: the object's reference, or nothing where it is refused."""
        found = commands.target(domain, item)
        if found is None or found[1] != commands.SELECT:
            return ""
        target = found[0]
        self._catch_up(target, now)
        case = self._case(target, peer, Event.SELECT)
        step = phases.step(case)
        full = AddCause.select_failed if self._count(peer) >= self._most else None
        if step.deed is not Deed.HOLD or full is not None:
            cause = step.cause or full or AddCause.not_supported
            self.refused(peer, f"{domain}/{item}", cause.name)
            return ""
        self._keep(target, case, step, by=(peer, None), now=now)
        return f"{domain}/{item}"

    def write(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> Answer:
        """Take a write of SBOw, Oper or Cancel."""
        command = self._read(peer, domain, item, value)
        if command is None:
            self.refused(peer, f"{domain}/{item}", PART)
            return DENIED
        self._catch_up(command.target, now)
        case = self._case(command.target, peer, event(command, self._held.get(command.target)))
        if not case.kind:
            return self._no(command, AddCause.not_supported)
        step = phases.step(case)
        signs.show(self._image, command.target, {"opRcvd": True}, now)
        newer = self._yielding and command.at is None and case[:4] == YIELDING
        answer = (self._instead if newer else self._answers[step.deed])(command, case, step, now)
        signs.show(self._image, command.target, {"opRcvd": False}, now)
        return answer

    def refuse(self, peer: Peer, domain: str, item: str, value: Value, cause: AddCause) -> Answer:
        """Give the answer to a control that the server itself has refused."""
        command = self._read(peer, domain, item, value)
        return termination.denied(command, cause) if command else DENIED

    def gone(self, peer: Peer, now: float) -> None:
        """Take that a client's association is lost: what it holds is let go, what it began is taken back."""
        for target, held in [pair for pair in self._held.items() if pair[1].peer == peer]:
            case = own(held, Event.LOST)
            step = phases.step(case)
            if step.deed is Deed.DROP:
                self._abort(held, step)
            elif held.command and held.state is State.WAITING:
                self._plant.abort(held.command, AddCause.communication_loss)
            self._keep(target, case, step, by=(peer, None), now=now)

    # --------------------------------------------------------------------------------------- what time brings

    def tick(self, now: float) -> list[Report]:
        """Do what is due, the earliest first; give what is to be told."""
        due = [pair for pair in self._held.items() if pair[1].until <= now]
        for target, held in sorted(due, key=lambda pair: pair[1].until):
            self._timed(target, held, now)
        told, self._told = self._told, []
        return told

    def done(self, command: Command, cause: AddCause | None, now: float) -> None:
        """Take from the plant that a command has ended; nothing, where it is not in hand any more."""
        held = self._held.get(command.target)
        if held and held.command is command and held.state is State.RUNNING:
            self._ended(held, command, Event.DONE if cause is None else Event.FAILED, cause, now)

    # ---------------------------------------------------------------------------------- answers, deed by deed

    def _refuse(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        del case, now
        return self._no(command, step.cause or AddCause.unknown)

    def _hold(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Hold the object for the client: selected, or armed for a moment."""
        cause = self._objection(command, now)
        cause = self._overfull(command) if cause is None else cause
        if cause is None and case.event is Event.ARM and not blocks.dry(self._image, command):
            cause = self._plant.arm(command)
        if cause is not None:
            return self._failed(command, case, cause, now)
        self._keep(command.target, case, step, by=(command.peer, command), now=now)
        return Answer()

    def _begin(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Operate at once."""
        del step
        cause = self._objection(command, now)
        outcome, cause = (Event.FAILED, cause) if cause is not None else self._started(command, now)
        if cause is not None:
            return self._failed(command, case, cause, now)
        following = phases.step(case._replace(event=outcome))
        in_hand = command if following.state is State.RUNNING else None
        self._keep(command.target, case, following, by=(command.peer, in_hand), now=now)
        if outcome is Event.DONE and case.kind in phases.ENHANCED:
            self._tell(command, None, now)
        return Answer()

    def _instead(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Operate at once, and end what is in hand, unless something stands against the newer value."""
        older = self._held.pop(command.target)
        cause = self._objection(command, now)
        if cause is not None or older.command is None:
            self._held[command.target] = older
            return self._no(command, cause or AddCause.unknown)
        self._plant.abort(older.command, AddCause.aborted_by_command)
        self._tell(older.command, AddCause.aborted_by_command, now)
        return self._begin(command, case._replace(state=State.IDLE), step, now)

    def _cancel(self, command: Command, case: Case, step: Step, now: float) -> Answer:
        """Let go of what is selected, armed or running."""
        held = self._held[command.target]
        chosen = held.command
        if chosen and not command.same(chosen):
            return self._no(command, AddCause.inconsistent_parameters)
        if step.deed is Deed.ABORT:
            self._abort(held, step)
        elif chosen and held.state is State.WAITING:
            self._plant.abort(chosen, AddCause.abortion_by_cancel)
        self._keep(command.target, case, step, by=(command.peer, None), now=now)
        if step.deed is Deed.ABORT and chosen:
            self._tell(chosen, step.cause, now)
        return Answer()

    def _failed(self, command: Command, case: Case, cause: AddCause, now: float) -> Answer:
        step = phases.step(case._replace(event=Event.FAILED))
        self._keep(command.target, case, step, by=(command.peer, None), now=now)
        return self._no(command, cause)

    # ------------------------------------------------------------------------------------------------- inside

    def _read(self, peer: Peer, domain: str, item: str, value: Value) -> Command | None:
        """Give the command that a value of a control variable says; None for a part of one."""
        found = commands.target(domain, item)
        try:
            form = self._image.type(domain, item)
        except Unknown:
            return None
        if found is None or not isinstance(form, Structure):
            return None
        return commands.read(peer, *found, form, value)

    def _case(self, target: Target, peer: Peer, asked: Event) -> Case:
        held = self._held.get(target)
        if held is None:
            kind, many = signs.kind(self._image, target), signs.many(self._image, target)
            return Case(kind, State.IDLE, asked, Who.OTHER, many)
        who = Who.HOLDER if held.peer == peer else Who.OTHER
        return Case(held.kind, held.state, asked, who, held.many)

    def _objection(self, command: Command, now: float) -> AddCause | None:
        """Give what stands against a command as it is asked."""
        held = self._held.get(command.target)
        stale = self._marks.get(command.target) == command.mark
        if stale or (held and held.command and not command.same(held.command)):
            return AddCause.inconsistent_parameters
        if command.at is not None and command.at <= now:
            return AddCause.time_limit_over
        return blocks.against(self._image, self._plant, command)

    def _overfull(self, command: Command) -> AddCause | None:
        full = command.target not in self._held and self._count(command.peer) >= self._most
        return AddCause.select_failed if full else None

    def _count(self, peer: Peer) -> int:
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
            until = lasting(self._image, target, step.state, command, now)
            self._held[target] = Held(case.kind, case.many, step.state, peer, command, until)
        shown: dict[str, Value] = {} if step.state is State.RUNNING else {"opOk": False}
        if case.kind in phases.SELECTING:
            shown["stSeld"] = step.state is not State.IDLE
        signs.show(self._image, target, shown, now)

    def _catch_up(self, target: Target, now: float) -> None:
        """Do first what was due before a request came."""
        held = self._held.get(target)
        if held and held.until <= now:
            self._timed(target, held, now)

    def _timed(self, target: Target, held: Held, now: float) -> None:
        """Do what the moment asks of one object."""
        step = phases.step(own(held, Event.TIME))
        if held.command is None or step.deed is Deed.RELEASE:
            self._keep(target, own(held, Event.TIME), step, by=(held.peer, None), now=now)
            return
        if step.deed is Deed.ABORT:
            self._abort(held, step)
            self._ended(held, held.command, Event.TIME, step.cause, now)
            return
        cause = blocks.against(self._image, self._plant, held.command)
        if cause is not None:
            self._plant.abort(held.command, cause)
            self.refused(held.peer, held.command.reference, cause.name)
        outcome, cause = (Event.FAILED, cause) if cause is not None else self._started(held.command, now)
        self._ended(held, held.command, outcome, cause, now)

    def _ended(
        self, held: Held, command: Command, outcome: Event, cause: AddCause | None, now: float
    ) -> None:
        """Take that a command has ended, or has begun after its moment."""
        case = own(held, outcome)
        step = phases.step(case)
        in_hand = command if step.state is State.RUNNING else None
        self._keep(command.target, case, step, by=(held.peer, in_hand), now=now)
        if step.deed is not Deed.NOTHING:
            self._tell(command, cause, now)

    def _tell(self, command: Command, cause: AddCause | None, now: float) -> None:
        """Have a client told that its command has ended, after the answer that may be on its way."""
        self._told.append(termination.termination(command, cause))
        self._since = now

    def _abort(self, held: Held, step: Step) -> None:
        if held.command and step.cause is not None:
            self._plant.abort(held.command, step.cause)

    def _no(self, command: Command, cause: AddCause) -> Answer:
        self.refused(command.peer, command.reference, cause.name)
        return termination.denied(command, cause)

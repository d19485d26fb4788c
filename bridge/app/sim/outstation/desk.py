"""What a simulated 61850 unit does with what it is told: it keeps values, runs schedules, takes commands.

Each time something was told, the controls that are meant are read from the device anew (iec61850/intake): one
for each node that is on, one for each schedule that was enabled. A schedule outranks what was commanded
directly (FSCH, IEC 61850-7-4). Follows nothing by itself: `modes` says what is in force at a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import cast

from bridge.app.sim import facts
from bridge.core import timeline
from bridge.iec61850 import device, event, intake
from bridge.iec61850.command import Command
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.event import RUNNING
from bridge.iec61850.first import GOOD
from bridge.iec61850.image import Change, constraint
from bridge.iec61850.intake import Operated
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import Pending
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import stamp
from bridge.mapping.points import Point, Scalar
from bridge.mapping.schedule import arbiter
from bridge.mapping.sep2 import Envelope
from bridge.mapping.table import Unrepresentable
from models.der import messages
from models.mms.codes import AddCause, DataAccessError

ON = 1
OFF = 5
MODE = ".Mod"
LAST = Decimal(100 * 365 * 86_400)
"""Seconds for which something holds that nothing ends."""
DIRECT = 255
"""Primacy of what was commanded directly."""
NO_START, OTHER = 6, 99
"""SchdEnaErr: the start time, something else."""
SETTINGS = frozenset({"SP", "SG", "SE"})
STATES = ("MX$%s$mxVal$f", "ST$%s$stVal")
"""Where the state of a commanded object is."""
SWITCHES = {"CSWI1": "XCBR1"}
"""What else moves with a switch."""
POSITION = {False: "01", True: "10"}


@dataclass(slots=True)
class Desk:
    """The plant behind one logical device."""

    estate: Estate
    lfdi: str
    clock: Callable[[], float]
    moved: Callable[[], None] = lambda: None
    """Called when something else may be in force than before."""
    refuses: AddCause | None = None
    """What every command is refused with, while the unit is made to refuse."""
    described: bool = True
    """Whether descriptions of schedules may be written, so that each bears whose it is."""
    direct: dict[str, messages.Control] = field(default_factory=dict)
    """By node, or by object where the node has no mode."""
    schedules: dict[str, messages.Control] = field(default_factory=dict)
    _stood: dict[str, Value] = field(default_factory=dict)
    """States that were commanded directly, by leaf: what comes back when a schedule has ended."""
    settled: bool = False
    """Whether settings were written since somebody looked."""

    @property
    def device(self) -> Device:
        """The logical device."""
        return self.estate.devices[self.lfdi]

    # --------------------------------------------------------------------------------- what clients do

    def written(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        """Take settings, and descriptions of schedules; what the unit is made of is nobody's to write."""
        del peer, domain, value, now
        if constraint(item) in SETTINGS or (self.described and item.startswith("FSCH")):
            return None
        return DataAccessError.object_access_denied

    def hindered(self, command: Command, check: int) -> bool:
        """Say that nothing is interlocked."""
        del command, check
        return False

    def judge(self, command: Command) -> AddCause | None:
        """Refuse, where the unit is made to."""
        del command
        return self.refuses

    def arm(self, command: Command) -> AddCause | None:
        """Take note; it is done when its moment has come."""
        del command
        return None

    def operate(self, command: Command) -> AddCause | Pending | None:
        """Do it at once."""
        node, name = command.target.node, command.target.object
        if node.startswith("FSCH"):
            return self._request(node, name)
        self._stand(node, name, command.value)
        self._mean(node, name, command.value)
        self.moved()
        return None

    def abort(self, command: Command, cause: AddCause) -> None:
        """Do nothing: nothing takes time."""

    def changed(self, changes: tuple[Change, ...], now: float) -> None:
        """Read anew what is meant by the nodes of which a setting was written."""
        del now
        told = {change.item.partition("$")[0] for change in changes if constraint(change.item) == "SP"}
        for node in filter(self._modal, told):
            self._mean(node, "Mod", ON)
        if told:
            self.settled = True
            self.moved()

    # ------------------------------------------------------------------------------------ what is meant

    def _request(self, node: str, name: str) -> AddCause | None:
        """Enable or disable a schedule."""
        now = self.clock()
        if name == "DsaReq":
            held = self.schedules.pop(node, None)
            if held is not None:
                self._show(node, held.model_copy(update={"status": _ended(now)}), now)
                self._reflect(now, (held,))
            self.moved()
            return None
        found, fault = self._enabling(node, now)
        if found is None:
            self._put({f"{node}$ST$SchdEnaErr$stVal": fault}, now)
            return AddCause.inconsistent_parameters
        self.schedules[node] = found
        self._show(node, found, now)
        self._reflect(now)
        self.moved()
        return None

    def _enabling(self, node: str, now: float) -> tuple[messages.Control | None, int]:
        """What a schedule means that is enabled; nothing, and its SchdEnaErr, where it cannot be."""
        try:
            found = intake.schedule(self.device, node, "EnaReq", self.envelope(f"{node}@{now:.3f}", now))
        except Unrepresentable:
            return None, OTHER
        if found.modes == messages.Modes() and not self._entity(node).endswith(MODE):
            return None, OTHER
        if found.start + found.duration <= facts.exact(now):
            return None, NO_START
        return found.model_copy(update={"created": facts.exact(now), "mRID": _named(node)}), 0

    def _entity(self, schedule: str) -> str:
        """The object that a schedule controls."""
        return str(self._leaf(f"{arbiter(schedule)}$SP$CtlEnt$setSrcRef")).partition("/")[2]

    def _mean(self, node: str, name: str, value: Value) -> None:
        """Put down what a node means now that something of it was told."""
        now, modal = self.clock(), self._modal(node)
        key = node if modal else f"{node}.{name}"
        said = Operated(f"{node}.Mod", ON) if modal else Operated(key, value)
        try:
            found = intake.command(self.device, said, self.envelope(f"{key}@{now:.3f}", now))
        except Unrepresentable:
            return
        if found is None or (modal and self._leaf(f"{node}$ST$Mod$stVal") != ON):
            self.direct.pop(key, None)
            return
        old = self.direct.get(key)
        if old is None or old.modes != found.modes or name != "Mod":
            span = {"start": facts.exact(now), "duration": found.duration or LAST, "primacy": DIRECT}
            self.direct[key] = found.model_copy(
                update={**span, "mRID": _named(key), "created": facts.exact(now)}
            )

    def _modal(self, node: str) -> bool:
        """Whether a node is switched by a mode of its own."""
        return f"{node}$CO$Mod$Oper$ctlVal" in self.device.domain.leaves

    def _stand(self, node: str, name: str, value: Value) -> None:
        """Show what an object was commanded to."""
        figure: Value = value[0] if isinstance(value, tuple) and value else value
        nodes = [node, *([SWITCHES[node]] if node in SWITCHES else [])]
        values: dict[str, Value] = {}
        for each in nodes:
            for place in STATES:
                item = f"{each}${place % name}"
                if item in self.device.domain.leaves:
                    held = self.device.domain.leaves[item]
                    values[item] = POSITION[bool(figure)] if isinstance(held, str) else figure
        if name == "Mod":
            values[f"{node}$ST$Beh$stVal"] = figure
        self._stood |= values
        self._reflect(self.clock())

    def _show(self, node: str, control: messages.Control, now: float) -> None:
        """Show how a schedule stands."""
        held, head = self.device.domain.leaves, f"{node}$SP$"
        own = [
            Point(f"{node}.{item.removeprefix(head).replace('$', '.')}", "SP", cast("Scalar", value))
            for item, value in held.items()
            if item.startswith(head)
        ]
        told = event.scheduled(own, control, facts.exact(now), (self.device.name, held))
        self.estate.put(self.lfdi, device.placed(self.device, told, now).values, now)

    def _reflect(self, now: float, ended: Iterable[messages.Control] = ()) -> None:
        """Show the states of objects: what schedules have them do, else what was commanded directly."""
        moment, bases = facts.exact(now), replace(self.device.bases, ld="")
        running = {node: one for node, one in self.schedules.items() if event.phase(one, moment) == RUNNING}
        ranked = sorted(running.values(), key=lambda one: (-(one.primacy or 0), one.created or 0))
        over = [point for one in ended for point in event.current(one, bases, one.start + one.duration)]
        due = [point for one in ranked for point in event.current(one, bases, moment)]
        modes = {f"{entity.partition('.')[0]}$ST$Mod$stVal" for node in running
                 if (entity := self._entity(node)).endswith(MODE)}  # fmt: skip
        self._stood |= {item: self._leaf(item) or OFF for item in modes - self._stood.keys()}
        self.estate.put(self.lfdi, device.placed(self.device, over, now).values, now)
        self._put(self._stood, now)
        self.estate.put(self.lfdi, device.placed(self.device, due, now).values, now)
        self._put(dict.fromkeys(modes, ON), now)

    def _put(self, values: dict[str, Value], now: float) -> None:
        """Put states, each with quality and time."""
        leaves = self.device.domain.leaves
        marked: dict[str, Value] = {}
        for item in values:
            head = "$".join(item.split("$")[:3])
            marked |= {f"{head}$q": GOOD, f"{head}$t": stamp(now)}
        told = values | {item: value for item, value in marked.items() if item in leaves}
        self.estate.image.update(self.device.name, told, now)

    def _leaf(self, item: str) -> Value | None:
        return self.device.domain.leaves.get(item)

    def envelope(self, name: str, now: float) -> Envelope:
        """What a message of the unit's own says of itself."""
        return Envelope(name, facts.origin(self.lfdi), messages.Target(device=(self.lfdi,)), facts.exact(now))

    # ---------------------------------------------------------------------------------- what is in force

    def modes(self, now: float) -> tuple[messages.Modes, float | None]:
        """The modes in force, and when that will be otherwise by itself."""
        moment = facts.exact(now)
        self._turn(now)
        listed = (*self.direct.values(), *(one for node, one in self.schedules.items() if self._on(node)))
        records = {one.mRID: one for one in listed}
        held = {mode: timeline.at(row, moment) for mode, row in timeline.plan(listed).items()}
        found = {
            mode: getattr(records[span.source].modes, mode) for mode, span in held.items() if span is not None
        }
        every = (*self.direct.values(), *self.schedules.values())
        edges = (at for one in every for at in (one.start, one.start + one.duration) if at > moment)
        due = min(edges, default=None)
        return messages.Modes(**found), None if due is None else float(due)

    def _on(self, schedule: str) -> bool:
        """Whether the node that a schedule is about is on, or cannot be switched."""
        node = self._entity(schedule).partition(".")[0]
        return not self._modal(node) or self._leaf(f"{node}$ST$Mod$stVal") == ON

    def _turn(self, now: float) -> None:
        """Show schedules that have begun or ended since they were shown last."""
        moment = facts.exact(now)
        turned = {
            node: one
            for node, one in self.schedules.items()
            if self._leaf(f"{node}$ST$SchdSt$stVal") != event.phase(one, moment)
        }
        for node, one in turned.items():
            self._show(node, one, now)
        over = [one for one in turned.values() if one.start + one.duration <= moment]
        self.schedules = {node: one for node, one in self.schedules.items() if one not in over}
        if turned:
            self._reflect(now, over)


def _ended(now: float) -> messages.EventState:
    return messages.EventState(currentStatus=2, at=facts.exact(now), potentiallySuperseded=False)


def _named(key: str) -> str:
    """A name for what a node means, as the core wants one."""
    return key.encode().hex().upper()

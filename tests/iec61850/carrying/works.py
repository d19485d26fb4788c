"""What is behind the server of a unit in tests: works that hold values, and run the schedules they were told.

FSCH is a machine of its own here (IEC 61850-7-4): enabled it is ready, runs for its window, and is frozen
meanwhile. An object follows the strongest of its schedules that run, and without any holds what it held.
"""

from __future__ import annotations

from typing import Any, cast

from bridge.iec61850.command import Command
from bridge.iec61850.image import Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import Pending
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import DBPOS, instant
from models.mms.codes import AddCause, DataAccessError

NOT_READY, READY, RUNNING = 1, 3, 4
PLACES = ("MX", "mxVal$f"), ("ST", "stVal")


class Works:
    """What a unit does with commands and schedules; `answers` stand for commands of an object."""

    def __init__(self, image: Image, name: str) -> None:
        self.image, self.name = image, name
        self.answers: dict[str, AddCause | Pending] = {}
        self.faults: dict[str, int] = {}
        """SchdEnaErr of schedules that do not enable."""
        self.unwritable: dict[str, DataAccessError] = {}
        self.base: dict[str, Value] = {}
        """What objects were commanded directly, or held before a schedule took them."""
        self.forced: set[str] = set()
        """Objects that follow a schedule."""
        self.done: list[Command] = []
        self.begun: list[Command] = []
        self.written: list[tuple[str, Value]] = []
        self.told: list[str] = []
        """All that was written and commanded, in order."""

    def hindered(self, command: Command, check: int) -> bool:
        del command, check
        return False

    def judge(self, command: Command) -> AddCause | None:
        del command
        return None

    def arm(self, command: Command) -> AddCause | None:
        del command
        return None

    def operate(self, command: Command) -> AddCause | Pending | None:
        self.told.append(f"operate {command.target.node}.{command.target.object} {command.value!r}")
        answer = self.answers.get(f"{command.target.node}.{command.target.object}")
        if isinstance(answer, AddCause):
            return answer
        (self.begun if answer else self.done).append(command)
        if answer is None:
            self.obey(command)
        return answer

    def abort(self, command: Command, cause: AddCause) -> None:
        del command, cause

    def obey(self, command: Command) -> None:
        """Do as one is told."""
        node, name = command.target.node, command.target.object
        if node.startswith("FSCH"):
            self.switch(node, enable=name == "EnaReq")
            return
        value = command.value[0] if isinstance(command.value, tuple) else command.value
        self.base[f"{node}.{name}"] = value
        if f"{node}.{name}" not in self.forced:
            self.put(node, name, value)

    def put(self, node: str, name: str, value: Value) -> None:
        """Have an object hold a value."""
        leaves = self.image.domains[self.name].leaves
        for fc, tail in PLACES:
            item = f"{node}${fc}${name}${tail}"
            if item in leaves:
                shown = DBPOS[2 if value else 1] if isinstance(leaves[item], str) else value
                self.image.update(self.name, {item: shown, f"{node}${fc}${name}$q": "0" * 13}, self.now)
        if f"{node}$SP${name}$setVal" in leaves:
            self.image.put(self.name, f"{node}$SP${name}$setVal", value, self.now)
        if name == "Mod" and f"{node}$ST$Beh$stVal" in leaves:
            self.image.put(self.name, f"{node}$ST$Beh$stVal", value, self.now)

    now = 0.0

    def write(self, _peer: Peer, _domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        """Take a setting, unless it is one of a schedule that is enabled."""
        self.now = now
        node = item.partition("$")[0]
        frozen = node.startswith("FSCH") and self.read(f"{node}$ST$SchdSt$stVal") in (READY, RUNNING)
        if frozen and "$SP$" in item:
            return DataAccessError.temporarily_unavailable
        error = self.unwritable.get(item)
        if error is None:
            self.written.append((item, value))
            self.told.append(f"write {item}")
        return error

    def read(self, item: str) -> Value:
        return self.image.read(self.name, item)

    # ------------------------------------------------------------------------------------------ schedules

    def switch(self, node: str, *, enable: bool) -> None:
        """Enable or disable a schedule."""
        fault = self.faults.get(node, 1)
        state = NOT_READY
        if enable and fault == 1:
            state = RUNNING if self.window(node)[0] <= self.now else READY
        said = {f"{node}$ST$SchdSt$stVal": state, f"{node}$ST$SchdEnaErr$stVal": fault if enable else 1}
        self.image.update(self.name, cast("Any", said), self.now)
        self.run(self.now)

    def window(self, node: str) -> tuple[float, float]:
        """From when until when a schedule runs."""
        begin = instant(cast("bytes", self.read(f"{node}$SP$StrTm1$setTm")))
        length = cast("int", self.read(f"{node}$SP$SchdIntv$setVal"))
        power = cast("int", self.read(f"{node}$CF$SchdIntv$units$multiplier"))
        return begin, begin + length * 10.0**power * cast("int", self.read(f"{node}$SP$NumEntr$setVal"))

    def run(self, now: float) -> None:
        """Let the schedules go on to a moment."""
        self.now = now
        for item in list(self.image.domains[self.name].leaves):
            node, _, rest = item.partition("$")
            if rest == "ST$SchdSt$stVal" and (state := self.read(item)) in (READY, RUNNING):
                begin, end = self.window(node)
                fresh = NOT_READY if end <= now else RUNNING if begin <= now else READY
                if fresh != state:
                    self.image.put(self.name, item, fresh, now)
        self.apply()

    def apply(self) -> None:
        """Have each controlled object hold what the strongest of its running schedules says."""
        leaves = self.image.domains[self.name].leaves
        for item, entity in list(leaves.items()):
            arbiter, _, rest = item.partition("$")
            if rest != "SP$CtlEnt$setSrcRef" or not entity:
                continue
            node, _, name = str(entity).partition("/")[2].partition(".")
            self.follow(arbiter, node, name)

    def follow(self, arbiter: str, node: str, name: str) -> None:
        """Have one object follow its schedules; without any it holds what it held before."""
        leaves, ref = self.image.domains[self.name].leaves, f"{node}.{name}"
        running = [each for each in self.listed(arbiter) if leaves[f"{each}$ST$SchdSt$stVal"] == RUNNING]
        if running:
            best = max(running, key=lambda each: cast("int", leaves[f"{each}$SP$SchdPrio$setVal"]))
            if ref not in self.forced:
                self.base[ref] = self.state(node, name)
            self.forced.add(ref)
            self.put(node, name, next(v for i, v in leaves.items() if i.startswith(f"{best}$SP$Val")))
        elif ref in self.forced:
            self.forced.discard(ref)
            self.put(node, name, self.base[ref])

    def state(self, node: str, name: str) -> Value:
        """What an object holds, as it would be commanded."""
        leaves = self.image.domains[self.name].leaves
        heads = (f"{node}${tail}" for tail in (f"MX${name}$mxVal$f", f"ST${name}$stVal", f"SP${name}$setVal"))
        found = next(leaves[item] for item in heads if item in leaves)
        return {"01": False, "10": True, "00": False}.get(found, found) if isinstance(found, str) else found

    def listed(self, arbiter: str) -> list[str]:
        """The schedules of an arbiter."""
        leaves = self.image.domains[self.name].leaves
        found = (v for i, v in leaves.items() if i.startswith(f"{arbiter}$SP$Schd"))
        return [str(each).partition("/")[2] for each in found]

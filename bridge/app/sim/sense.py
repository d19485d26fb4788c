"""What does not fit together in a scenario file: names that are not there, and what nobody could do.

Each fault is a line with the place in the file. What a protocol has no way for is told here, before anything
is begun: a 61850 unit has no patience of its own, an aggregator sets no default. Reads nothing but the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from bridge.app.sim.scene import CURVES, Scene, Step

ALL = "all"
AGGREGATED = frozenset({"control", "schedule", "cancel"})
CONTROLS = frozenset({"control", "schedule"})


def faults(scene: Scene) -> Iterator[str]:
    """All of them."""
    yield from _names(scene)
    for number, step in enumerate(scene.story, 1):
        yield from (f"story {number}: {each}" for each in (*_step(scene, step), *_commanded(scene, step)))
    yield from _controls(scene)
    yield from _expectations(scene)
    yield from _protocols(scene)


def held(scene: Scene, name: str) -> tuple[str, ...]:
    """The units that an aggregator holds."""
    pattern = next(one.holds for one in scene.aggregators if one.name == name)
    return tuple(unit for unit in scene.units() if fnmatchcase(unit, pattern))


def _names(scene: Scene) -> Iterator[str]:
    for what, names in (
        ("kinds of inverters", [one.name for one in scene.inverters]),
        ("aggregators", [one.name for one in scene.aggregators]),
    ):
        yield from (f"two {what} are called {name}" for name in dict.fromkeys(names) if names.count(name) > 1)
    taken: dict[str, str] = {}
    for one in scene.aggregators:
        units = held(scene, one.name)
        if not units:
            yield f"aggregator {one.name} holds nobody: no inverter is called {one.holds}"
        for unit in units:
            if taken.setdefault(unit, one.name) != one.name:
                yield f"{unit} is held by two aggregators, {taken[unit]} and {one.name}"


def _step(scene: Scene, step: Step) -> Iterator[str]:
    if step.group != ALL and step.group not in {one.group for one in scene.inverters}:
        yield f"no inverter is in group {step.group}"
    for mode in sorted(CURVES & step.modes.model_fields_set):
        if getattr(step.modes, mode) not in scene.curves:
            yield f"{mode} names a curve that is not there"


def _commanded(scene: Scene, step: Step) -> Iterator[str]:
    """What an aggregator does, and what only it does."""
    if step.by is None:
        if step.do == "schedule" or step.device is not None:
            yield "only an aggregator commands units one by one and writes schedules: say by"
        return
    if step.by not in {one.name for one in scene.aggregators}:
        yield f"there is no aggregator {step.by}"
        return
    if step.do not in AGGREGATED:
        yield f"an aggregator has no {step.do}: that is the head-end's"
    if step.spread:
        yield "a command over IEC 61850 has no spread"
    if step.do == "control" and step.after:
        yield "a control by an aggregator begins at once: what begins later is a schedule"
    if step.do == "schedule" and CURVES & step.modes.model_fields_set:
        yield "a curve is no value of a schedule: command it as a control"
    units = held(scene, step.by)
    if step.device is not None and not any(fnmatchcase(name, step.device) for name in units):
        yield f"aggregator {step.by} holds no {step.device}"
    if step.device is None and step.do != "cancel" and not _whole(scene, step.group) <= {*units}:
        yield f"aggregator {step.by} does not hold all of group {step.group}, and so is not shown it"


def _whole(scene: Scene, group: str) -> set[str]:
    return {name for one in scene.inverters if group in {ALL, one.group} for name in one.names()}


def _controls(scene: Scene) -> Iterator[str]:
    made = {one.name: one for one in scene.story if one.do in CONTROLS}
    names = [one.name for one in scene.story if one.do in CONTROLS]
    yield from (f"two controls are called {name}" for name in names if names.count(name) > 1)
    for one in scene.story:
        if one.do == "cancel" and one.name not in made:
            yield f"there is no control {one.name} to cancel"
        elif one.do == "cancel" and made[one.name].by != one.by:
            yield f"control {one.name} is cancelled by somebody else than whose it is"


def _expectations(scene: Scene) -> Iterator[str]:
    made = {one.name: one for one in scene.story if one.do in CONTROLS}
    for number, one in enumerate(scene.expect, 1):
        if not any(fnmatchcase(name, one.device) for name in scene.units()):
            yield f"expect {number}: no inverter is called {one.device}"
        if one.control is not None and one.control not in made:
            yield f"expect {number}: there is no control {one.control}"
        elif one.hears is not None and made[one.control].by is None:
            yield f"expect {number}: {one.control} is the head-end's, and no aggregator hears of it"
        if one.at + one.within + one.lasts > scene.lasts:
            yield f"expect {number}: is not decided before the end"


def _protocols(scene: Scene) -> Iterator[str]:
    """What only a scenario without a network can do, and what units of one protocol cannot."""
    spoken = {one.protocol for one in scene.inverters}
    for one in scene.inverters:
        if one.follows and one.protocol == "none":
            yield f"{one.name} follows everything: without a protocol nobody asks what it has"
    if spoken == {"none"}:
        if scene.aggregators:
            yield "an aggregator needs units that speak a protocol, at a server"
        return
    if "none" in spoken:
        yield 'at a server every kind of inverter speaks a protocol: "2030.5" or "61850"'
    if any(one.model != "light" for one in scene.inverters):
        yield "OpenDER has one time step for all of its units: at a server the model is light"
    if any(step.do in {"cut", "mend"} for step in scene.story):
        yield "a server is not cut off: give its units a fault of silence"
    if spoken == {"61850"} and "patience" in scene.model_fields_set:
        yield "a 61850 unit has no patience: it keeps to its schedules and its RvrtTms"

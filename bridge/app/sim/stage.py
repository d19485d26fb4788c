"""A scenario without a network, played as fast as it can be computed: story, grid, units, expectations.

All time is counted here, in steps of the file's length; nothing waits and no clock is read, so a year takes
seconds and every run of a seed is the same. What is to be shown on the way goes to `seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bridge.app.sim.cast import House, cast, heard
from bridge.app.sim.physics.grid import Grid
from bridge.app.sim.profile import Course, course
from bridge.app.sim.scene import Scene
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import Responses, Row, watches

Seen = Callable[[float, Mapping[str, Output]], None]


class Played(NamedTuple):
    """What came of a scenario."""

    rows: tuple[Row, ...]
    outputs: Mapping[str, Output]
    responses: Responses

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return all(row.passed for row in self.rows)


class Weather(NamedTuple):
    """The grid and the sun by time."""

    voltage: Course
    frequency: Course
    load: Course
    sun: Course

    def at(self, t: float) -> Grid:
        """The grid at a moment."""
        return Grid(self.voltage(t), self.frequency(t), self.load(t))


def weather(scene: Scene, folder: Path) -> Weather:
    """The profiles of a scenario; what they read lies in a folder."""
    grid = scene.grid
    hertz = grid.hertz if grid.frequency is None else grid.frequency
    return Weather(*(course(one, folder) for one in (grid.voltage, hertz, grid.load, grid.sun)))


def play(scene: Scene, folder: Path, seen: Seen = lambda _t, _outputs: None) -> Played:
    """Play it to its end."""
    actors, house, sky, watched = cast(scene), House(), weather(scene, folder), watches(scene)
    story = sorted(scene.story, key=lambda one: one.at)
    step = scene.step
    for number in range(round(scene.lasts / step) + 1):
        t = number * step
        while story and story[0].at <= t:
            house.do(scene, story.pop(0))
        grid, sun = sky.at(t), sky.sun(t)
        for actor in actors.values():
            actor.act(house, t, scene.patience)
            actor.step(grid, sun, t, step)
        outputs = {name: actor.output for name, actor in actors.items()}
        responses = heard(actors) if any(one.expect.control for one in watched) else {}
        for watch in watched:
            watch.look(t, outputs, responses)
        seen(t, outputs)
    return Played(tuple(one.row() for one in watched), outputs, heard(actors))

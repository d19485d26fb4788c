"""The light model against OpenDER: within one percent of the rating once settled, mode by mode.

The figures at the head are those that OpenDER was seen to give when the model was chosen. The peer `physics`
draws a finer grid.
"""

from __future__ import annotations

import pytest

from bridge.app.sim.physics.grid import Build, Grid
from bridge.app.sim.physics.light import Light
from bridge.app.sim.physics.referee import Referee, Unknown
from bridge.app.sim.unit import Plate
from models.der import messages
from peers.physics import BUILDS, MODES, amount, compared, settled

ROOF = Build(Plate(10_000, 12_000, 5_280))
ENTRY = messages.GridEntry()
KNOWN = (
    ("volt-var", Grid(1.05), "var", -2640),
    ("limit", Grid(), "w", 6000),
    ("limit and droop", Grid(hz=60.5), "w", 4453),
    ("energize", Grid(), "w", 0),
)


@pytest.mark.parametrize(("name", "grid", "field", "figure"), KNOWN)
@pytest.mark.parametrize("model", [Light, Referee])
def test_figures_that_opender_was_seen_to_give(
    model: type[Light | Referee], name: str, grid: Grid, field: str, figure: float
) -> None:
    unit = model(ROOF)
    settled(unit, Grid(), 10_000)
    unit.demand(MODES[name], ENTRY)
    settled(unit, Grid(), 10_000)
    assert getattr(settled(unit, grid, 10_000), field) == pytest.approx(figure, abs=0.5)


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("build", BUILDS)
def test_light_model_and_opender_agree_once_settled(name: str, build: str) -> None:
    grids = [Grid(0.93, 60.6), Grid(1.07, 60.0), Grid(1.04, 59.6)]
    found = list(compared(build, name, grids, (0.1, 1.0)))
    assert found
    worst = max(found, key=lambda one: one.off)
    assert worst.off < 0.01, worst


def test_unit_comes_back_into_service_as_opender_does() -> None:
    light, referee = Light(ROOF), Referee(ROOF)
    for unit in (light, referee):
        unit.demand(MODES["energize"], ENTRY)
        settled(unit, Grid(), 10_000)
        unit.demand(messages.Modes(), ENTRY)
    for _ in range(700):
        one, other = (unit.step(Grid(), 10_000, 1.0) for unit in (light, referee))
        assert one.w == pytest.approx(other.w, abs=100)
    assert light.output.w == pytest.approx(10_000)


@pytest.mark.parametrize("v", [0.4, 0.8, 1.12, 1.25])
def test_unit_trips_when_opender_does(v: float) -> None:
    light, referee = Light(ROOF), Referee(ROOF)
    for unit in (light, referee):
        settled(unit, Grid(), 10_000)
    trips = []
    for unit in (light, referee):
        steps = (unit.step(Grid(v), 10_000, 0.1).operating for _ in range(300))
        trips.append(next(number for number, running in enumerate(steps) if not running))
    assert abs(trips[0] - trips[1]) <= 1


def test_opender_is_not_asked_what_it_cannot_do() -> None:
    unit = Referee(ROOF)
    with pytest.raises(Unknown, match="fixedV"):
        unit.demand(messages.Modes(fixedV=amount(100, messages.Unit.percent)), ENTRY)

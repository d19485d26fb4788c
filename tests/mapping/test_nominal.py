"""The nominal frequency: told by a person or by the peer, never guessed.

A droop and a frequency-watt curve stand on both sides of it. Each test names what must be refused, or what
is taken because the peer says it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.table import Unrepresentable
from tests.mapping.fifty import DROOP, FIFTY, UNKNOWN, WATTS, halves, told, without
from tests.mapping.telling import BASES, amount, back, curve, default, follows, read

# --------------------------------------------------------------------------------------- never guessed


def test_no_frequency_is_assumed() -> None:
    assert Bases().hertz is None


@pytest.mark.parametrize("asked", [{"freqDroop": DROOP}, {"freqWatt": curve(0, WATTS, "setMaxW")}])
@pytest.mark.parametrize("hertz", [None, Decimal(0), Decimal(-50)])
def test_nothing_is_written_without_the_nominal_frequency(asked: dict[str, Any], hertz: Any) -> None:
    with pytest.raises(Unrepresentable, match="base hertz") as caught:
        to_points(default(**asked), replace(BASES, hertz=hertz))
    assert "percentage" not in caught.value.reason
    assert caught.value.path == next(iter(asked))


def test_a_droop_at_fifty_hertz() -> None:
    found = told()
    assert (found["DHFW1.HzStr.setMag.f"], found["DLFW1.HzStr.setMag.f"]) == (50.036, 49.9)
    assert (found["DHFW1.HzRef.setMag.f"], found["DLFW1.HzRef.setMag.f"]) == (50.0, 50.0)
    assert found["DHFW1.WGra.setMag.f"] == 40.0


def test_a_curve_is_cut_at_fifty_hertz() -> None:
    found = halves()
    assert [found[f"{do}.HzWCrv.crvPts(0).xVal"] for do in ("DLFW2", "DHFW2")] == [49.0, 50.0]


# ------------------------------------------------------------------------------- what a peer tells of it


def test_the_peers_own_nominal_frequency_is_taken() -> None:
    assert read(told(), UNKNOWN).freqDroop == DROOP


def test_one_side_may_tell_it_for_both() -> None:
    assert read(without(told(), "DLFW1.HzRef"), UNKNOWN).freqDroop == DROOP


def test_a_droop_of_unknown_nominal_frequency_is_refused() -> None:
    bare = without(told(), "HzRef")
    assert read(bare, FIFTY).freqDroop == DROOP
    with pytest.raises(Unrepresentable, match="base hertz"):
        read(bare, UNKNOWN)


@pytest.mark.parametrize("hertz", [0.0, -50.0])
@pytest.mark.parametrize("found", [told, halves])
def test_a_nominal_frequency_that_is_none_is_refused(found: Any, hertz: float) -> None:
    node = "DHFW1" if found is told else "DHFW2"
    said = without(found(), "HzRef") | {f"{node}.HzRef.setMag.f": hertz}
    with pytest.raises(Unrepresentable, match=f"{node}.HzRef: .*no nominal frequency"):
        read(said, UNKNOWN)
    with pytest.raises(Unrepresentable, match="base hertz"):
        read(without(said, "HzRef"), replace(BASES, hertz=Decimal(str(hertz))))


@pytest.mark.parametrize(("hertz", "node"), [("60", "DHFW1"), ("40", "DLFW1")])
def test_a_droop_that_begins_beyond_nominal_is_refused(hertz: str, node: str) -> None:
    with pytest.raises(Unrepresentable, match=f"{node}.HzStr: .* Hz is on the other side of {hertz} Hz"):
        read(without(told(), "HzRef"), replace(BASES, hertz=Decimal(hertz)))


def test_a_peer_that_contradicts_the_base_is_refused() -> None:
    with pytest.raises(Unrepresentable, match=r"HzRef.*50 Hz.*60 Hz"):
        read(told(), replace(BASES, hertz=Decimal(60)))


@pytest.mark.parametrize("bases", [FIFTY, UNKNOWN])
def test_sides_that_contradict_each_other_are_refused(bases: Bases) -> None:
    with pytest.raises(Unrepresentable, match="HzRef"):
        read(told() | {"DLFW1.HzRef.setMag.f": 60.0}, bases)


def test_a_base_that_float32_rounds_is_no_contradiction() -> None:
    bases = replace(BASES, hertz=Decimal("59.999999999"))
    asked = default(freqDroop=DROOP.model_copy(update={"underDeadband": amount("0", "Hz")}))
    found = to_points(asked, bases)
    assert from_points(found.points, "Default", bases, found.beside) == asked


# ------------------------------------------------------------------------------- the halves of a curve


def test_halves_need_no_base_because_they_share_a_point() -> None:
    dots = follows(read(halves(), UNKNOWN).freqWatt).point
    assert [dot.x for dot in dots] == [49, 50, 51]


def test_an_added_point_is_taken_out_where_only_the_halves_tell_the_frequency() -> None:
    many = [(str(49 + Decimal(number) / 5 + Decimal("0.1")), str(100 - number)) for number in range(10)]
    asked = default(freqWatt=curve(0, many, "setMaxW"))
    found = [point for point in to_points(asked, FIFTY).points if "HzRef" not in point.ref]
    again = from_points(found, "Default", UNKNOWN)
    assert isinstance(again, m.Default)
    assert [dot.x for dot in follows(again.modes.freqWatt).point] == [Decimal(x) for x, _ in many]


@pytest.mark.parametrize("of", ["setMaxW", "statWAvail", "setMaxChargeRateW", "setMaxDischargeRateW"])
@pytest.mark.parametrize("frame", [True, False])
def test_ten_points_stay_ten_whatever_their_percentages_are_of(of: str, frame: bool) -> None:
    bases = replace(
        FIFTY,
        setMaxW=Decimal(7000),
        setMaxChargeRateW=Decimal(3300) if of != "statWAvail" else None,
        setMaxDischargeRateW=Decimal(6100),
        frames={"DECP1": frame},
    )
    dots = [(f"{49 + number * 2 / 9:.3f}", f"{99.9 - number * 21.37:.2f}") for number in range(10)]
    found = to_points(default(freqWatt=curve(0, dots, of)), bases).points
    assert sum(int(point.value) for point in found if point.ref.endswith(".HzWCrv.numPts")) == 12
    again = from_points(found, "Default", bases)
    assert isinstance(again, m.Default)
    assert [str(dot.x) for dot in follows(again.modes.freqWatt).point] == [
        f"{Decimal(x):f}".rstrip("0").rstrip(".") for x, _ in dots
    ]


def test_halves_that_meet_elsewhere_than_at_the_base_are_refused() -> None:
    with pytest.raises(Unrepresentable, match=r"50 Hz.*60 Hz"):
        read(without(halves(), "HzRef"), replace(BASES, hertz=Decimal(60)))


def test_halves_that_overlap_are_refused() -> None:
    with pytest.raises(Unrepresentable, match="freqWatt"):
        read(halves() | {"DHFW2.HzWCrv.crvPts(0).xVal": 49.5}, UNKNOWN)


def test_what_a_half_tells_of_the_nominal_frequency_is_kept() -> None:
    record = back(halves() | {"DHFW2.HzRef.setMag.f": 50.0}, "Default", UNKNOWN)
    assert {item.path: item.value for item in record.kept} == {
        "iec61850:DHFW2.HzRef.setMag.f[SP]": "float 50.0"
    }


@pytest.mark.parametrize("bases", [FIFTY, UNKNOWN])
def test_a_half_that_tells_another_nominal_frequency_is_refused(bases: Bases) -> None:
    with pytest.raises(Unrepresentable, match="60 Hz"):
        read(halves() | {"DHFW2.HzRef.setMag.f": 60.0}, bases)


def test_a_droop_whose_filter_is_bypassed_takes_no_time() -> None:
    bypassed = {f"{node}.OutFilByp.setVal": True for node in ("DHFW1", "DLFW1")}
    found = read(told() | bypassed, UNKNOWN).freqDroop
    assert found is not None
    assert (DROOP.openLoop, found.openLoop) == (Decimal(5), Decimal(0))

"""What has become of a schedule of ours: begun, broken off, or moved to the other one of its object."""

from __future__ import annotations

from decimal import Decimal

from bridge.iec61850.carrying import watch
from bridge.iec61850.carrying.slot import NOT_READY, RUNNING, Mark, Slot
from bridge.iec61850.carrying.survey import Arbiter
from bridge.iec61850.carrying.watch import BROKEN, STARTED, Turn

MARK, SHORTER = Mark("0A", Decimal(0), Decimal(100)), Mark("0A", Decimal(0), Decimal(50))
NOW = Decimal(10)
ARBITERS = (
    Arbiter("FSCC86", "DWMX1.WMaxSptPct", ("FSCH86", "FSCH286")),
    Arbiter("FSCC87", "DWMX1.Mod", ("FSCH87", "FSCH287")),
)


def held(node: str, state: int, mark: Mark = MARK) -> Slot:
    return Slot(node, state, mark.start, mark.end, 250, mark, f"{node}$DC$d")


def turns(*after: Slot) -> list[Turn]:
    """What is told of the first schedule, which ran, and of what is there now."""
    before = {each.node: each for each in (held("FSCH86", RUNNING), held("FSCH87", RUNNING))}
    return list(watch.found(before, {each.node: each for each in after}, NOW, ARBITERS))


def test_one_that_another_one_of_its_object_stands_for_was_not_broken_off() -> None:
    moved = held("FSCH86", NOT_READY), held("FSCH286", RUNNING, SHORTER), held("FSCH87", RUNNING)
    assert turns(*moved) == [Turn(SHORTER, STARTED)]


def test_one_of_which_only_the_mode_of_its_node_goes_on_was_broken_off() -> None:
    assert turns(held("FSCH86", NOT_READY), held("FSCH87", RUNNING)) == [Turn(MARK, BROKEN)]


def test_one_whose_place_another_record_has_was_broken_off() -> None:
    other = replace_key(held("FSCH286", RUNNING))
    assert Turn(MARK, BROKEN) in turns(held("FSCH86", NOT_READY), other, held("FSCH87", RUNNING))


def replace_key(slot: Slot) -> Slot:
    """The same, of another record."""
    return slot._replace(mark=MARK._replace(key="0B"))

"""What a restart leaves of buffered blocks: entries, numbers, settings, an overflow that was not told."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from bridge.iec61850.buffer import Entry, Memory, Unreadable
from bridge.iec61850.image import DataSet
from bridge.iec61850.rcb.moment import binary
from tests.iec61850.reporting import BRCB, HERTZ, SET, START, URCB, Scene, entry, watts


def test_after_a_restart_entries_settings_and_numbers_go_on() -> None:
    buffer = Memory()
    before = Scene(buffer)
    before.done(BRCB, RptID="mine", BufTm=0)
    before.watt(1, 2)
    after = Scene(buffer)
    assert (after.read(BRCB, "RptID"), after.read(BRCB, "EntryID")) == ("mine", entry(2))
    assert after.read(BRCB, "TimeOfEntry") == binary(START)
    after.watt(3)
    after.done(BRCB, EntryID=entry(1))
    after.done(BRCB, RptEna=True)
    reports = after.sent()
    assert [(report.EntryID, report.RptID, report.BufOvfl) for report in reports] == [
        (entry(2), "mine", False),
        (entry(3), "mine", False),
    ]


def test_an_overflow_outlives_a_restart() -> None:
    buffer = Memory()
    before = Scene(buffer, capacity=2)
    before.watt(1, 2, 3)
    after = Scene(buffer, capacity=2)
    after.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in after.sent()] == [True, False]
    again = Scene(buffer, capacity=2)
    again.done(BRCB, RptEna=True)
    assert [report.BufOvfl for report in again.sent()] == [False, False]


@pytest.mark.parametrize("again", [False, True])
def test_the_oldest_go_past_so_many_octets(*, again: bool) -> None:
    buffer = Memory()
    Scene(buffer).watt(1)
    (size,) = buffer.sizes(f"LD1/{BRCB}")
    scene = Scene(buffer, octets=3 * size + size // 2)
    scene.watt(2, 3)
    assert scene.read(BRCB, "EntryID") == entry(3)
    if again:
        scene = Scene(buffer, octets=scene.octets)
    scene.watt(4, 5)
    scene.done(BRCB, RptEna=True)
    reports = scene.sent()
    assert watts(reports) == [3, 4, 5]
    assert [report.BufOvfl for report in reports] == [True, False, False]


def test_the_last_entry_is_kept_whatever_it_takes() -> None:
    scene = Scene(octets=1)
    scene.watt(1, 2)
    scene.done(BRCB, RptEna=True)
    assert watts(scene.sent()) == [2]


def test_another_configuration_begins_with_an_empty_buffer() -> None:
    buffer = Memory()
    before = Scene(buffer)
    before.done(BRCB, BufTm=100)
    before.done(BRCB, BufTm=0)
    before.watt(1)
    after = Scene(buffer, settings={"IntgPd": 500})
    after.done(BRCB, RptEna=True)
    assert after.sent() == []
    after.watt(2)
    assert [report.EntryID for report in after.sent()] == [entry(2)]


def test_settings_whose_data_set_is_gone_or_another_are_not_taken_up() -> None:
    buffer = Memory()
    before = Scene(buffer)
    before.image.domains["LD1"].sets["LLN0$Made"] = DataSet((("LD1", HERTZ),))
    before.done(BRCB, DatSet="LD1/LLN0$Made")
    before.put(f"{HERTZ}$mag$f", 50.0)
    held = buffer.held(f"LD1/{BRCB}")
    assert held is not None
    assert json.loads(held.settings)["DatSet"] == "LD1/LLN0$Made"
    after = Scene(buffer)
    assert (after.read(BRCB, "DatSet"), after.read(BRCB, "ConfRev")) == (SET, 1)
    after.done(BRCB, RptEna=True)
    assert after.sent() == []


class Failing(Memory):
    """A store that cannot be read for a while."""

    failing = False

    def after(self, block: str, number: int, most: int) -> Sequence[Entry]:
        if self.failing:
            raise Unreadable("not now")
        return super().after(block, number, most)


def test_a_buffer_that_cannot_be_read_keeps_nobody_from_reporting() -> None:
    buffer = Failing()
    scene = Scene(buffer)
    for block in (BRCB, URCB):
        scene.done(block, RptEna=True)
    buffer.failing = True
    scene.watt(1)
    assert [unit.RptID for _, unit in scene.units()] == [f"LD1/{URCB}"]
    assert scene.due() == START + 1, "it is not tried again at once"
    scene.done(BRCB, RptEna=False)
    scene.pass_(2)
    assert (scene.units(), scene.due()) == ([], None)
    scene.done(BRCB, RptEna=True)
    assert (scene.units(), scene.due()) == ([], START + 3)
    buffer.failing = False
    assert scene.sent() == []
    scene.pass_(1)
    assert watts(scene.sent()) == [1.0]
    assert scene.due() is None


def test_a_device_that_leaves_and_comes_back_goes_on_with_its_buffer_and_settings() -> None:
    scene = Scene()
    scene.done(BRCB, RptID="mine")
    scene.watt(1)
    scene.reports.leave("LD1")
    assert scene.read(BRCB, "RptID") == ""
    scene.reports.join("LD1", scene.now)
    assert scene.read(BRCB, "RptID") == "mine"
    scene.done(BRCB, RptEna=True)
    assert watts(scene.sent()) == [1.0]

"""The page on devices and SCL names what the code makes."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from bridge.iec61850 import panel, roster
from bridge.iec61850.device import AS_RATED, IED
from bridge.iec61850.first import UNTOLD
from bridge.iec61850.scl.opening import CAPS
from tests.shape import tree

PAGE = tree.text(Path("docs/scl.md"))
METERS = ("MMXU1", "AvMMXU1", "MaxMMXU1", "MinMMXU1", "MMTR1", "MMXU2", "MMTR2")


def test_every_node_that_does_not_depend_on_a_mode_is_named() -> None:
    names = chain(roster.NODES, roster.UNIT, roster.STORES, roster.SITE, METERS)
    assert [name for name in names if name not in PAGE] == []


def test_data_sets_blocks_and_their_number_are_named() -> None:
    for name in panel.PICKS:
        assert f"`{name}`" in PAGE
        assert f"`urcb{name}01`" in PAGE
        assert f"`brcb{name}01`" in PAGE
    assert f"to `{panel.INSTANCES:02}`" in PAGE


def test_texts_and_bounds_are_those_of_the_code() -> None:
    for text in (f"`{IED}`", f"`{UNTOLD}`", f"`{AS_RATED}`", f"{CAPS.elements:,} elements"):
        assert text in PAGE
    assert f"{CAPS.bytes // 2**20} MiB" in PAGE

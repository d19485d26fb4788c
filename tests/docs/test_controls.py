"""The page on controls, journals and files, held to the causes and limits of the code."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.iec61850 import blocks, control, file, journal, logs, phases, signs
from models.mms.codes import AddCause

PAGE = (Path(__file__).parents[2] / "docs" / "controls.md").read_text("utf-8")
ROWS = [line.split("|")[1:3] for line in PAGE.splitlines() if line.startswith("| ") and line[2].isdigit()]


def test_every_cause_is_on_the_page_once() -> None:
    numbers = [int(number) for cause, _ in ROWS[5:] for number in re.findall(r"\d+", cause)]
    assert sorted([*numbers, AddCause.communication_loss, AddCause.none]) == list(AddCause)
    assert "23, communication loss" in PAGE


def test_what_the_plant_says_is_what_no_table_raises() -> None:
    plant = {
        int(number)
        for cause, why in ROWS[5:]
        if "the plant says" in why
        for number in re.findall(r"\d+", cause)
    }
    own = {cause for cause, _ in blocks.ROWS} | {cause for _, cause in blocks.CHECKS}
    own |= {row[-1] for row in phases.ROWS if row[-1] is not None}
    own |= {AddCause.select_failed, AddCause.no_access_authority}
    assert plant == set(AddCause) - own - {AddCause.none}


def test_limits() -> None:
    assert f"holds {control.MOST} objects" in PAGE
    assert f"at least {logs.SHORTEST:,} ms" in PAGE
    assert f"in memory: {journal.MOST:,} entries" in PAGE
    assert f"{file.EACH} files open at once, of {file.LARGEST // 2**20} MiB at most" in PAGE
    assert f"{signs.TIMEOUT // 1000} s where the object does not say" in PAGE

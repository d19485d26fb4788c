"""Two hundred units through a control and a stronger one in time-lapse; `make bench` does it with 10,000."""

from __future__ import annotations

from pathlib import Path

from tests.app.pump.lapse import lapsed

COUNT = 200


async def test_every_unit_follows_both_controls_and_says_so(tmp_path: Path) -> None:
    found = await lapsed(tmp_path, COUNT)
    assert found.right(COUNT), found

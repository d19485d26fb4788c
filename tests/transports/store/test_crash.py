"""Killed at random moments at full speed: what was acknowledged is there whole, and nothing is half there."""

from __future__ import annotations

from pathlib import Path

from peers import crash


async def test_a_writer_that_is_killed_loses_nothing_it_acknowledged(url: str, tmp_path: Path) -> None:
    figures = await crash.rounds(url, tmp_path / "bell", 5, 7)
    assert figures["kills"] >= 5
    assert figures["acknowledged"] > 10

"""The bell: every end hears everything once, or is told that everything has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bridge.transports.store import bell
from bridge.transports.store.bell import EVERYTHING, Bell
from tests.shape.tree import ROOT

CHILD = """
import sys
from pathlib import Path
from bridge.transports.store.bell import Bell
own = Bell(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    own.ring(frozenset({f"{sys.argv[3]}{number}"}), number)
own.close()
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Bell, Bell]]:
    one, other = Bell(tmp_path / "bell"), Bell(tmp_path / "bell")
    yield one, other
    one.close()
    other.close()


def test_both_ends_hear_what_was_rung_once(pair: tuple[Bell, Bell]) -> None:
    one, other = pair
    assert one.name == other.name
    assert all(end.silent for end in pair)
    one.ring(frozenset({"/a", "/b/"}), 7)
    other.ring(frozenset({"\u00e9"}), 5)
    for end in pair:
        assert end.listen() == {"/a", "/b/", "\u00e9"}
        assert end.listen() == frozenset()
        assert end.number == 7


def test_a_new_end_hears_only_what_comes(pair: tuple[Bell, Bell], tmp_path: Path) -> None:
    pair[0].ring(frozenset({"/a"}))
    late = Bell(tmp_path / "bell")
    assert late.silent
    pair[0].ring(frozenset({"/b"}))
    assert late.listen() == {"/b"}
    late.close()


def test_rings_go_round_and_round(pair: tuple[Bell, Bell]) -> None:
    one, other = pair
    dice = Random(5)  # noqa: S311 - it is to be the same again
    for turn in range(3_000):
        topics = frozenset(
            f"/{turn}/{each}/{'x' * dice.randrange(200)}" for each in range(dice.randrange(1, 20))
        )
        one.ring(topics, turn)
        assert other.listen() == topics
    assert one.heard == 0
    assert one.listen() == EVERYTHING
    assert one.silent


def test_whoever_was_left_behind_takes_everything_as_changed(pair: tuple[Bell, Bell]) -> None:
    one, other = pair
    for turn in range(bell.SIZE // 1_000):
        one.ring(frozenset({"x" * 1_000 + str(turn)}))
    assert other.listen() == EVERYTHING


def test_more_than_the_ring_takes_is_everything(pair: tuple[Bell, Bell]) -> None:
    one, other = pair
    one.ring(frozenset(f"{each:0100}" for each in range(bell.SIZE // 100)))
    assert other.listen() == EVERYTHING


def test_a_torn_frame_is_everything(pair: tuple[Bell, Bell], tmp_path: Path) -> None:
    one, other = pair
    one.ring(frozenset({"/abc"}))
    with (tmp_path / "bell").open("r+b") as file:
        file.seek(bell.HEADER + bell.FRAME.size)
        file.write(b"?")
    assert other.listen() == EVERYTHING


def test_another_database_is_everything(pair: tuple[Bell, Bell]) -> None:
    pair[0].ring(frozenset({"/a"}), 9)
    pair[1].listen()
    pair[0].restart(3)
    assert pair[1].listen() == EVERYTHING
    assert pair[1].number == 3


def test_a_ring_of_its_own_is_heard_by_nobody_else() -> None:
    one, other = Bell(), Bell()
    one.ring(frozenset({"/a"}))
    assert other.silent
    assert one.listen() == {"/a"}
    assert one.name != other.name
    one.close()
    other.close()


def test_processes_that_ring_at_once_lose_nothing(tmp_path: Path) -> None:
    own = Bell(tmp_path / "bell")
    command = [sys.executable, "-c", CHILD, str(tmp_path / "bell"), "2000"]
    children = [subprocess.Popen([*command, name], cwd=ROOT) for name in "ab"]
    heard: set[str] = set()
    while any(child.poll() is None for child in children) or not own.silent:
        heard |= own.listen()
    assert [child.returncode for child in children] == [0, 0]
    assert heard == {f"{name}{number}" for name in "ab" for number in range(2_000)}
    own.close()

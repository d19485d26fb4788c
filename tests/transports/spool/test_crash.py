"""kill -9 while the queue is written: what was told to be durable is there, in whole turns, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.transports.spool.file import File
from tests.app.command import ROOT
from tests.transports.spool.writer import BEHIND, OWNERS, TURN

LINES = (1, 7, 60)
"""After so many lines the writer is killed."""


@pytest.mark.parametrize("lines", LINES)
def test_kill_loses_nothing_that_was_told(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "queue.db"
    writer = [sys.executable, "-m", "tests.transports.spool.writer", str(path)]
    with subprocess.Popen(writer, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(lines)]
        process.kill()
        told += [int(line) for line in process.stdout.read().splitlines()]
    file = File(path)
    rows, (record,) = list(file.kept()), file.records()
    file.close()
    for owner in OWNERS:
        numbers = [row.kept.seq for row in rows if row.owner == owner]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert numbers[-1] >= max(told)
        assert numbers[-1] % TURN == 0
        assert numbers[0] <= max(numbers[-1] - BEHIND + 1, 1)
    assert {row.kept.stanza for row in rows} == {b"%d" % row.kept.seq for row in rows}
    assert record.heard == rows[-1].kept.seq
    assert record.acked == rows[-1].kept.seq - len([row for row in rows if row.owner == OWNERS[1]])

"""A bridge is killed while a buffered block fills: its client goes on, no entry missing, none doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.iec61850 import received, unit
from bridge.iec61850.received import Received, Reception
from models.mms import pdu
from tests.iec61850.reporting import watts

LIMIT = 120.0
"""Seconds after which a process that does not go on is ended, and the test fails."""
ROOT = Path(__file__).parents[2]


@dataclass
class Client:
    """What a client has seen, over all the lives of the bridge."""

    path: Path
    seen: list[Received] = field(default_factory=list)
    kept: int = 0
    """The highest entry that any bridge ever said is kept."""

    @property
    def entry(self) -> str:
        found = self.seen[-1].EntryID if self.seen else bytes(8)
        return (found or b"").hex()

    def live(self, more: int) -> None:
        """Go on after the last entry; kill the bridge once there are more, and hear what it still said."""
        reception, wanted = Reception(2**16), len(self.seen) + more
        with self._bridge(self.entry) as (process, lines):
            for words in lines:
                if words[0] == "unit":
                    found = unit.read(words[1].encode()).choice.value
                    assert isinstance(found, pdu.Unconfirmed_PDU)
                    if whole := reception.take(received.read(found.informationReport)):
                        self.seen.append(whole)
                if len(self.seen) >= wanted:
                    process.kill()

    def cut(self, more: int) -> None:
        """The same, but nothing of what the bridge sent is heard."""
        start = self.kept
        with self._bridge(self.entry) as (process, lines):
            for _ in lines:
                if self.kept >= start + more:
                    process.kill()

    def away(self, more: int) -> None:
        """Be away while the bridge goes on and is killed."""
        start = self.kept
        with self._bridge() as (process, lines):
            for _ in lines:
                if self.kept >= start + more:
                    process.kill()

    @contextmanager
    def _bridge(self, *entry: str) -> Iterator[tuple[subprocess.Popen[str], Iterator[list[str]]]]:
        command = [sys.executable, "-m", "tests.iec61850.filling", str(self.path), *entry]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        guard = threading.Timer(LIMIT, process.kill)
        guard.start()
        try:
            yield process, self._lines(process)
        finally:
            process.kill()
            process.communicate()
            guard.cancel()
        assert process.returncode == -signal.SIGKILL

    def _lines(self, process: subprocess.Popen[str]) -> Iterator[list[str]]:
        """What it says in whole lines, to its end; what it says is kept, a later one must have."""
        assert process.stdout is not None
        for line in process.stdout:
            if not line.endswith("\n"):
                return
            words = line.rstrip("\n").split(" ", 1)
            if words[0] == "last":
                assert int(words[1]) >= self.kept, "an entry that was kept is gone"
            if words[0] == "kept":
                self.kept = max(self.kept, int(words[1]))
            yield words


def test_a_client_goes_on_after_each_kill(tmp_path: Path) -> None:
    client = Client(tmp_path / "reports.db")
    client.away(100)
    client.live(300)
    client.live(150)
    client.away(200)
    client.cut(100)
    client.live(600)
    numbers = [int.from_bytes(report.EntryID or b"", "big") for report in client.seen]
    assert numbers == list(range(1, len(numbers) + 1))
    assert watts(client.seen) == [float(number) for number in numbers]
    assert [report for report in client.seen if report.BufOvfl or report.missed] == []
    assert len(numbers) >= 1050

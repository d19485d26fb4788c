"""The parent of workers, in a real process with real children: starts, restarts, signals, the end.

The workers here do nothing but what the test needs; what a real one does is in the tests of `derbridge run`.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.app.command import ROOT

PROGRAM = """
import os, signal, sys, time
from bridge.app.crew import LATER, Crew
def duty(post):
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    say("start", post.number, os.getpid())
    if MODE == "slow":
        time.sleep(0.5)
    signal.signal(signal.SIGHUP, lambda *_: say("hup", post.number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, LATER)
    post.report()
    if MODE == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    while not stop:
        if MODE == "orphan" and not os.read(post.life, 1):
            say("alone", post.number)
            return 0
        time.sleep(0.02)
    say("stop", post.number)
    return 3 if MODE == "bad" else 0
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
MODE = sys.argv[1]
sys.exit(Crew(2, duty, 0.2, lambda: say("ready"), lambda pid: say("buried", pid), 0.2).run())
"""


class Talk:
    """A crew in a process, and what it says."""

    def __init__(self, mode: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, mode], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self.process.stdout
        self.pipe = self.process.stdout.fileno()
        self.lines: list[str] = []
        self._rest = b""

    def until(self, word: str, count: int = 1) -> list[str]:
        """Read on until so many lines begin with a word."""
        deadline = time.monotonic() + 20
        while sum(line.split()[0] == word for line in self.lines) < count:
            assert select.select([self.pipe], [], [], deadline - time.monotonic())[0], self.lines
            data = os.read(self.pipe, 4096)
            assert data, self.lines
            *whole, self._rest = (self._rest + data).split(b"\n")
            self.lines += [line.decode() for line in whole]
        return [line for line in self.lines if line.split()[0] == word]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


@contextmanager
def crew(mode: str = "good") -> Iterator[Talk]:
    talk = Talk(mode)
    try:
        yield talk
    finally:
        if talk.process.poll() is None:
            talk.process.kill()
        talk.process.wait()
        assert talk.process.stdout
        talk.process.stdout.close()


def pids(lines: list[str]) -> dict[int, int]:
    return {int(number): int(pid) for _, number, pid in map(str.split, lines)}


def test_all_start_report_and_stop() -> None:
    with crew() as talk:
        assert set(pids(talk.until("start", 2))) == {0, 1}
        talk.until("ready")
        assert talk.end() == 0
        assert sorted(talk.until("stop", 2)) == ["stop 0", "stop 1"]


def test_interrupt_stops_too() -> None:
    with crew() as talk:
        talk.until("ready")
        assert talk.end(signal.SIGINT) == 0


def test_one_that_died_is_started_again_under_its_number() -> None:
    with crew() as talk:
        talk.until("ready")
        first = pids(talk.until("start", 2))
        os.kill(first[0], signal.SIGKILL)
        again = pids(talk.until("start", 3)[2:])
        assert list(again) == [0]
        assert again[0] != first[0]
        assert talk.until("buried") == [f"buried {first[0]}"]
        assert len(talk.until("ready")) == 1
        assert talk.end() == 0


def test_hangup_goes_to_each() -> None:
    with crew() as talk:
        talk.until("ready")
        talk.process.send_signal(signal.SIGHUP)
        assert sorted(talk.until("hup", 2)) == ["hup 0", "hup 1"]
        assert talk.end() == 0


def test_hangup_waits_for_one_that_is_still_starting() -> None:
    with crew("slow") as talk:
        talk.until("start", 2)
        talk.process.send_signal(signal.SIGHUP)
        assert sorted(talk.until("hup", 2)) == ["hup 0", "hup 1"]
        assert not any(line.startswith("buried") for line in talk.lines)
        assert talk.end() == 0


def test_bad_end_of_a_worker_is_that_of_the_crew() -> None:
    with crew("bad") as talk:
        talk.until("ready")
        assert talk.end() == 3


@pytest.mark.parametrize("mode", ["deaf"])
def test_one_that_does_not_listen_is_killed_after_the_grace(mode: str) -> None:
    with crew(mode) as talk:
        talk.until("ready")
        assert talk.end() == signal.SIGKILL


def test_workers_see_that_their_parent_is_gone() -> None:
    with crew("orphan") as talk:
        talk.until("ready")
        talk.process.kill()
        assert sorted(talk.until("alone", 2)) == ["alone 0", "alone 1"]

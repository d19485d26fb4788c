"""The parent of several workers: starts them, starts one again that died, passes signals on, ends with them.

It serves nothing, holds no lock and never waits for a worker but at the end, so it cannot be what fails. A
worker that keeps dying is started ever more slowly. A worker whose parent is gone finishes by itself: it sees
the end of a pipe.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import NoReturn

from bridge.app import journal

Duty = Callable[["Post"], int]
"""What a worker does; gives its exit status."""

PASSED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ENDING = (signal.SIGTERM, signal.SIGINT)
LATER = (signal.SIGHUP,)
"""What a worker that is still starting is told once it listens to it; until then it would die of it."""
STEADY = 10.0
"""Seconds that a worker must have lived to be started again at once."""
SLOWEST = 30.0


@dataclass(frozen=True, slots=True)
class Post:
    """A worker's place: its number, a pipe that ends with the parent, and where it says that it is ready."""

    number: int
    life: int
    ready: int

    def report(self) -> None:
        """Tell the parent that requests are taken."""
        with suppress(OSError):
            os.write(self.ready, b"1")


@dataclass(slots=True)
class Hand:
    """A worker as the parent knows it."""

    number: int
    pid: int = 0
    since: float = 0.0
    pause: float = 0.0
    due: float = 0.0
    """When it is started again."""


@dataclass(slots=True)
class Crew:
    """The workers."""

    count: int
    duty: Duty
    grace: float
    ready: Callable[[], None]
    """Called once, when every worker takes requests."""
    buried: Callable[[int], None]
    """Called with the pid of each worker that ended."""
    extra: float = 5.0
    """Seconds beyond the grace before a worker that does not end is killed."""
    hands: list[Hand] = field(default_factory=list)
    ending: float = 0.0
    """When those that are left are killed; 0 while nobody has to end."""

    def run(self) -> int:
        """Start them and watch over them; 0 when all ended as they were told."""
        log = journal.logger(pid=os.getpid())
        wake, told, life = os.pipe(), os.pipe(), os.pipe()
        for end in (*wake, *told):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake[1], warn_on_full_buffer=False)
        for one in (*PASSED, signal.SIGCHLD):
            signal.signal(one, _heard)
        self.hands = [Hand(number) for number in range(self.count)]
        worst, waited = 0, 0
        while not self.ending or any(hand.pid for hand in self.hands):
            self._start(told, life, wake)
            select.select([wake[0], told[0]], [], [], self._patience())
            waited = self._greet(told[0], waited)
            for number in _drained(wake[0]):
                self._pass(number)
            worst = max(worst, self._bury(log))
            if self.ending and monotonic() > self.ending:
                self._send(signal.SIGKILL)
        log.info("stopped", workers=self.count)
        return worst

    def _start(self, told: tuple[int, int], life: tuple[int, int], wake: tuple[int, int]) -> None:
        """Start each worker that is due."""
        for hand in self.hands:
            if hand.pid or self.ending or monotonic() < hand.due:
                continue
            hand.since = monotonic()
            signal.pthread_sigmask(signal.SIG_BLOCK, LATER)
            hand.pid = os.fork()
            if hand.pid:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, LATER)
            else:
                for end in (*wake, told[0], life[1]):
                    os.close(end)
                self._work(Post(hand.number, life[0], told[1]))

    def _work(self, post: Post) -> NoReturn:
        """Be the worker, and never come back."""
        signal.set_wakeup_fd(-1)
        for one in (*PASSED, signal.SIGCHLD):
            signal.signal(one, signal.SIG_DFL)
        status = 70
        try:
            status = self.duty(post)
        except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
            journal.logger(worker=post.number).exception("worker failed")
        finally:
            os._exit(status)

    def _patience(self) -> float | None:
        """How long there is nothing to do but wait."""
        now = monotonic()
        due = [hand.due for hand in self.hands if not hand.pid and not self.ending]
        due += [self.ending] if self.ending else []
        return max(0.0, min(due) - now) + 0.01 if due else None

    def _greet(self, told: int, waited: int) -> int:
        """Count the workers that report; the first time that all have is told on."""
        count = waited + len(_drained(told))
        if waited < self.count <= count:
            self.ready()
        return count

    def _pass(self, number: int) -> None:
        if number in ENDING and not self.ending:
            self.ending = monotonic() + self.grace + self.extra
        if number in PASSED:
            self._send(signal.SIGTERM if number in ENDING else signal.Signals(number))

    def _send(self, what: signal.Signals) -> None:
        for hand in self.hands:
            if hand.pid:
                with suppress(ProcessLookupError):
                    os.kill(hand.pid, what)

    def _bury(self, log: journal.Logger) -> int:
        """Take note of those that ended; gives the worst status while ending."""
        worst = 0
        for hand in self.hands:
            if not hand.pid or not (found := os.waitpid(hand.pid, os.WNOHANG))[0]:
                continue
            status = os.waitstatus_to_exitcode(found[1])
            self.buried(hand.pid)
            if self.ending:
                worst = max(worst, abs(status))
            else:
                steady = monotonic() - hand.since > STEADY
                hand.pause = 0.0 if steady else min(SLOWEST, 2 * hand.pause or 0.5)
                log.error("worker ended", worker=hand.number, died=hand.pid, status=status, again=hand.pause)
            hand.pid, hand.due = 0, monotonic() + hand.pause
        return worst


def _heard(_number: int, _frame: object) -> None:
    """Be woken; the number comes through the wake-up descriptor."""


def _drained(end: int) -> bytes:
    try:
        return os.read(end, 4_096)
    except BlockingIOError:
        return b""

"""What we say over a link: in one order, bounded, and said again after a cut if the server did not take it.

XEP-0198 clause 4 to 5. Everything that goes out within a session is counted, whatever it is. A new session in
the place of a lost one repeats nothing whose fate is not known. It never waits and never connects.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.transports.post import Closed, Uncertain
from bridge.xmpp.tally import Tally

if TYPE_CHECKING:
    from bridge.transports.stream import Stream

EVERY = 64
"""Stanzas that are said at once, and after which an acknowledgement is asked for."""
REQUEST = "<r xmlns='urn:xmpp:sm:3'/>"


@dataclass(eq=False, slots=True)
class Entry:
    """A stanza of ours under way."""

    text: str
    outcome: asyncio.Future[Any] | None = None
    """What its sender waits for."""
    answered: bool = False
    """Whether that is an answer; else it is that the server took the stanza over."""
    bounded: bool = False
    """Whether it holds one of the places."""

    def end(self, fault: Exception | None = None) -> None:
        """Tell its sender that the server took it over, or what happened instead."""
        if self.outcome is None or self.outcome.done():
            return
        if fault is not None:
            self.outcome.set_exception(fault)
        elif not self.answered:
            self.outcome.set_result(None)


class Outbox:
    """All that is under way, through every connection of the link."""

    def __init__(self, most: int) -> None:
        self.tally: Tally[Entry] = Tally()
        self.idle = asyncio.Event()
        """Set while nothing is under way."""
        self.idle.set()
        self._waiting: deque[Entry] = deque()
        self._places = asyncio.Semaphore(most)
        self._stream: Stream | None = None
        self._unasked, self._asking = 0, False
        self._soon = False
        """Whether what is waiting is about to be said."""

    async def place(self) -> None:
        """Wait for a place."""
        await self._places.acquire()

    def put(self, entry: Entry) -> None:
        """Say something, now or when there is a session."""
        self.idle.clear()
        self._waiting.append(entry)
        if not self._soon:
            self._soon = True
            asyncio.get_running_loop().call_soon(self._turn)

    def drop(self, entry: Entry) -> bool:
        """Take back what was not said yet; false if it was."""
        if entry not in self._waiting:
            return False
        self._waiting.remove(entry)
        self.free(entry)
        return True

    def free(self, entry: Entry) -> None:
        """Give the place of what is not under way any more to the next."""
        if entry.bounded:
            entry.bounded = False
            self._places.release()
        if not self._waiting and not self.tally.kept:
            self.idle.set()

    def flow(self) -> None:
        """Say what is waiting, as far as the server keeps up."""
        stream = self._stream
        if stream is None:
            return
        while self._waiting and stream.writable:
            group = [self._waiting.popleft() for _ in range(min(EVERY, len(self._waiting)))]
            for entry in group:
                self.tally.sent(entry)
            self._unasked += len(group)
            stream.write("".join(entry.text for entry in group))
            if self._unasked >= EVERY:
                self.ask()
        if self._unasked and not self._asking:
            self.ask()

    def ask(self) -> None:
        """Ask what the server has taken over."""
        if self._stream is not None:
            self._unasked, self._asking = 0, True
            self._stream.write(REQUEST)

    def acked(self, h: int) -> None:
        """Take what the server says it has taken over."""
        self._settle(self.tally.acked(h))
        self._asking = False
        self.flow()

    def begin(self, stream: Stream) -> None:
        """Go on in a new session; the fate of what the old one left open is not known."""
        kept, self.tally = list(self.tally.kept), Tally()
        self._settle(kept, Uncertain("the session was lost"))
        self._begin(stream)

    def resume(self, stream: Stream, h: int) -> None:
        """Go on in the same session, first with what the server did not get."""
        self._settle(self.tally.acked(h))
        stream.write("".join(entry.text for entry in self.tally.kept))
        self._unasked = len(self.tally.kept)
        self._begin(stream)

    def lost(self, h: int | None) -> None:
        """Take the end of a session; where the server tells how far it got, the rest is said again."""
        if h is not None:
            self._settle(self.tally.acked(h))
            self._waiting.extendleft(reversed(self.tally.kept))
            self.tally.kept.clear()

    def cut(self) -> None:
        """Hold back everything."""
        self._stream = None

    def close(self) -> None:
        """Give up what is left."""
        self.cut()
        kept, waiting = list(self.tally.kept), list(self._waiting)
        self.tally.kept.clear()
        self._waiting.clear()
        self._settle(kept, Uncertain("the link was closed"))
        self._settle(waiting, Closed("the link was closed"))

    def _turn(self) -> None:
        self._soon = False
        self.flow()

    def _begin(self, stream: Stream) -> None:
        self._stream, self._asking = stream, False
        self.flow()

    def _settle(self, entries: Sequence[Entry], fault: Exception | None = None) -> None:
        for entry in entries:
            entry.end(fault)
            self.free(entry)

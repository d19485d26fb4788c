"""What comes over a link, dealt with in its order: questions, answers, messages, presence, acknowledgements.

RFC 6120 8.2.3 (each get and set is answered once), RFC 6121 4 and 5, XEP-0198, 0199. A message counts as
taken over when its owner has dealt with it, an iq when it came, since its sender waits for the answer. What
nobody understands is refused in the protocol's form, and ends nothing.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import structlog

from bridge.transports.ending import CLIENT, MANAGED, Cut
from bridge.transports.outbox import Entry, Outbox
from bridge.transports.post import Bounds, Denied, Ears, Incoming
from bridge.xmpp import letter
from bridge.xmpp.letter import Letter, Malformed
from bridge.xmpp.tally import Overdrawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from bridge.transports.stream import Stream

PING = "{urn:xmpp:ping}ping"
KNOWN = 1_024
"""Messages whose recipients are remembered, should they come back."""
LOG = structlog.get_logger("derbridge.link")


class Question(NamedTuple):
    """An iq of ours that waits for its answer."""

    to: str
    answer: asyncio.Future[Letter | None]


class Hearing:
    """Takes the stanzas of every connection of a link, one connection after the other."""

    def __init__(self, ears: Ears, bounds: Bounds, outbox: Outbox) -> None:
        self.asked: dict[str, Question] = {}
        """Questions by id."""
        self.said: dict[str, Entry] = {}
        """Messages by id, the last of them."""
        self._ears, self._bounds, self._outbox = ears, bounds, outbox
        self._stream: Stream | None = None
        self._dealing: set[asyncio.Task[None]] = set()
        self._deaf = False
        self._owed = False
        """Whether the server asked, and was told less than came."""

    def begin(self, stream: Stream | None) -> None:
        """Listen to another connection; or to none."""
        self._stream, self._owed = stream, False

    def hear(self, xml: Element) -> None:
        """Take an element of a session."""
        if (acknowledgement := NONZAS.get(xml.tag)) is not None:
            acknowledgement(self, xml)
            return
        if (take := STANZAS.get(xml.tag)) is None or self._deaf:
            return
        tally = self._outbox.tally
        if (number := tally.came()) is not None:
            take(self, xml, partial(tally.done, number))

    async def quiet(self) -> None:
        """Wait until all that came is dealt with."""
        while self._dealing:
            await asyncio.wait(self._dealing)

    async def settle(self) -> None:
        """Stop dealing with what is still being dealt with."""
        for task in self._dealing:
            task.cancel()
        await asyncio.gather(*self._dealing, return_exceptions=True)

    def farewell(self) -> None:
        """Say a last time how far we got, so that the rest is kept for the next session; and hear no more."""
        self._deaf = True
        if self._stream is not None:
            self._acknowledge(self._stream)

    def remember(self, name: str, entry: Entry) -> None:
        """Remember a message by its id."""
        self.said[name] = entry
        while len(self.said) > KNOWN:
            del self.said[next(iter(self.said))]

    # ---------------------------------------------------------------- acknowledgements

    def _request(self, _: Element) -> None:
        if self._stream is not None:
            self._acknowledge(self._stream)

    def _acknowledge(self, stream: Stream) -> None:
        tally = self._outbox.tally
        stream.write(f"<a xmlns='urn:xmpp:sm:3' h='{tally.handled}'/>")
        self._owed = tally.behind

    def _acknowledged(self, xml: Element) -> None:
        try:
            self._outbox.acked(int(xml.get("h", "")))
        except (ValueError, Overdrawn) as fault:
            if self._stream is not None:
                self._stream.fail(Cut(f"the server acknowledges what was not sent: {fault}"))

    # ---------------------------------------------------------------- stanzas

    def _iq(self, xml: Element, done: Callable[[], None]) -> None:
        done()
        kind, name = xml.get("type", ""), xml.get("id", "")
        if kind in ("get", "set"):
            self._question(xml, kind, name)
        elif (question := self.asked.get(name)) and _same(xml.get("from", ""), question.to):
            del self.asked[name]
            self._answer(xml, question.answer)

    def _answer(self, xml: Element, answer: asyncio.Future[Letter | None]) -> None:
        if answer.done():
            return
        if xml.get("type") == "error":
            answer.set_exception(Denied(*letter.condition(xml)))
            return
        try:
            answer.set_result(letter.read(xml))
        except Malformed as fault:
            answer.set_exception(Denied("undefined-condition", str(fault)))

    def _question(self, xml: Element, how: str, name: str) -> None:
        sender = xml.get("from", "")
        if xml.find(PING) is not None:
            self._say(letter.iq("result", sender, name))
            return
        incoming = self._read(xml, how, name)
        if isinstance(incoming, Incoming):
            self._start(incoming, lambda: None)
        else:
            self._say(letter.error("iq", sender, name, *incoming))

    def _message(self, xml: Element, done: Callable[[], None]) -> None:
        name, sender = xml.get("id", ""), xml.get("from", "")
        if xml.get("type") == "error":
            self._bounced(sender, name, Denied(*letter.condition(xml)))
            done()
            return
        incoming = self._read(xml, "message", name)
        if isinstance(incoming, Incoming):
            self._start(incoming, done)
            return
        if incoming[0] == "bad-request":
            self._say(letter.error("message", sender, name, *incoming))
        done()

    def _read(self, xml: Element, how: str, name: str) -> Incoming | tuple[str, str]:
        """Give what came, or condition and text of its refusal."""
        try:
            found = letter.read(xml)
        except Malformed as fault:
            return "bad-request", str(fault)
        return Incoming(xml.get("from", ""), how, found, name) if found else ("service-unavailable", "")

    def _bounced(self, sender: str, name: str, why: Denied) -> None:
        entry = self.said.pop(name, None)
        if entry is not None and entry.outcome is not None and not entry.outcome.done():
            entry.end(why)
        else:
            self._ears.bounced(sender, name, why)

    def _presence(self, xml: Element, done: Callable[[], None]) -> None:
        done()
        kind = xml.get("type", "")
        if kind in ("", "unavailable", "error"):
            self._ears.presence(xml.get("from", ""), not kind)

    # ---------------------------------------------------------------- dealing with them

    def _start(self, incoming: Incoming, done: Callable[[], None]) -> None:
        task = asyncio.create_task(self._deal(incoming))
        self._dealing.add(task)
        task.add_done_callback(partial(self._dealt, done))
        if len(self._dealing) >= self._bounds.handling and self._stream is not None:
            self._stream.read(more=False)

    def _dealt(self, done: Callable[[], None], task: asyncio.Task[None]) -> None:
        self._dealing.discard(task)
        if not task.cancelled():
            done()
        stream = self._stream
        if stream is None:
            return
        if len(self._dealing) < self._bounds.handling:
            stream.read(more=True)
        if self._owed and not self._outbox.tally.behind:
            self._acknowledge(stream)

    async def _deal(self, incoming: Incoming) -> None:
        """Have the owner deal with something, and answer if it is a question."""
        answer: Letter | None = None
        refusal: tuple[str, str] | None = None
        try:
            answer = await self._ears.receive(incoming)
        except Denied as denied:
            refusal = (denied.condition, denied.text)
        except Exception:
            LOG.exception("not dealt with", sender=incoming.sender, how=incoming.how)
            refusal = ("internal-server-error", "")
        sender, name = incoming.sender, incoming.name
        stanza = "message" if incoming.how == "message" else "iq"
        if refusal is not None:
            self._say(letter.error(stanza, sender, name, *refusal))
        elif stanza == "iq":
            self._say(letter.iq("result", sender, name, answer))

    def _say(self, text: str) -> None:
        self._outbox.put(Entry(text))


def _same(sender: str, to: str) -> bool:
    """Whether an answer is from whom was asked; our server may leave itself out."""
    return not sender or not to or sender.casefold() == to.casefold()


NONZAS = {f"{MANAGED}r": Hearing._request, f"{MANAGED}a": Hearing._acknowledged}  # noqa: SLF001 - its own table
STANZAS = {
    f"{CLIENT}iq": Hearing._iq,  # noqa: SLF001 - the same
    f"{CLIENT}message": Hearing._message,  # noqa: SLF001 - the same
    f"{CLIENT}presence": Hearing._presence,  # noqa: SLF001 - the same
}

"""One request's turn: the server is asked, and the answer handed back to the line it came from.

Whatever goes wrong on the way has its own answer and leaves a word in the log. What may be given again is
kept. Who writes the answer down, and how, is not known here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import perf_counter
from typing import TYPE_CHECKING

import structlog

from bridge.sep2.talk import Answer, Ask
from bridge.transports import faults, marks
from bridge.transports.store.fault import Unavailable

if TYPE_CHECKING:
    from bridge.transports.heads import Head
    from bridge.transports.line import Line
    from bridge.transports.office import Office
    from bridge.transports.reply import Fields

LOG = structlog.get_logger("derbridge.http")
RETRY = (("Retry-After", "5"),)
"""When a client may try again while the store cannot be reached, in seconds."""

Answering = Callable[[Ask], Awaitable[Answer]]


class Turn:
    """One request of a line, from when it is taken until its answer is handed back."""

    __slots__ = ("_answer", "_began", "_draft", "_line", "_office", "head", "mark")

    def __init__(self, office: Office, line: Line, head: Head) -> None:
        self._office, self._line, self.head = office, line, head
        self._answer: Answer | None = None
        self._began = perf_counter()
        self._draft = office.pages.open() if head.plain else 0
        self.mark = head.mark or office.mark()

    async def answer(self, body: bytes) -> Answer:
        """Ask the server; what goes wrong there has its answer, too."""
        try:
            self._answer = await self._office.answer(self._ask(body))
        except Unavailable as fault:
            LOG.warning("store unavailable", reason=str(fault))
            return Answer(503, faults.body(503), headers=RETRY)
        except Exception:
            LOG.exception("request failed", id=self.mark, method=self.head.method, target=self.head.target)
            return Answer(500, faults.body(500))
        if self._line.by:
            self._answer = self._answer._replace(close=False)  # a proxy's connection is that of others, too
        return self._answer

    def spoilt(self) -> None:
        """Answer for one that cannot be written, and end the connection."""
        self._answer = None
        extra = ((marks.FIELD, self.mark),)
        self.end(500, faults.reply(500, self._office.date(), close=True, extra=extra), close=True)

    def end(self, status: int, data: bytes, *, close: bool) -> None:
        """Hand the answer back to the line; it takes the next request."""
        if self._draft:
            self._keep(data)
        reason = self._answer.reason if self._answer else ""
        took = perf_counter() - self._began
        self._line.note(self.head.method, self.head.target, status, took, reason, self.mark)
        self._line.answered(data, close=close)

    def _ask(self, body: bytes) -> Ask:
        head = self.head
        return Ask(
            "GET" if head.method == "HEAD" else head.method,
            head.path,
            self._line.peer,
            int(self._office.now()),
            head.query,
            body,
            head.media,
            head.accept,
            head.span,
            head.condition,
            self.mark,
            self._line.by,
            head.held,
        )

    def fields(self, answer: Answer) -> Fields:
        """The header fields of an answer; one that may be given again has no name of one request in it."""
        again = self._draft and _again(answer)
        return fields(answer) if again else (*fields(answer), (marks.FIELD, self.mark))

    def _keep(self, data: bytes) -> None:
        """Keep an answer that may be given again."""
        pages, answer, head = self._office.pages, self._answer, self.head
        if answer is not None and _again(answer):
            key = (self._line.peer.lfdi, head.target, head.accept)
            pages.keep(self._draft, key, data, answer.topics, answer.until)
        pages.shut(self._draft)


def _again(answer: Answer) -> bool:
    """Whether an answer to a plain request may be given again."""
    return answer.status == HTTPStatus.OK and bool(answer.topics)


def fields(answer: Answer) -> Fields:
    """The header fields that an answer has of its own."""
    location = (("Location", answer.location),) if answer.location else ()
    allow = (("Allow", ", ".join(answer.allow)),) if answer.allow else ()
    return (*location, *allow, *answer.headers)

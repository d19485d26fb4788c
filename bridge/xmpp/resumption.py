"""Stream management once a session is there: enable, request, answer. XEP-0198 3 and 4.

Counting is the board's and the custody's; here it is read and written. A counter is modulo 2^32.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.xmpp import answer as answers
from bridge.xmpp.fault import Broken
from bridge.xmpp.names import SM
from bridge.xmpp.session import WRAP, confirmed

if TYPE_CHECKING:
    from bridge.xmpp.element import Element
    from bridge.xmpp.session import Session
    from bridge.xmpp.stream import Stream

NUMBER = re.compile(r"[0-9]{1,10}")
TRUE = frozenset({"true", "1"})


def counter(text: str | None) -> int | None:
    """Read a counter."""
    if text is None or NUMBER.fullmatch(text) is None:
        return None
    found = int(text)
    return found if found < WRAP else None


def enable(stream: Stream, element: Element) -> None:
    """Begin to count, once."""
    session = _session(stream)
    if session.tracked:
        raise Broken("policy-violation", "stanzas are counted already")
    secret = stream.board.enable(session, resumable=element.attrs.get("resume") in TRUE)
    said = f" id='{secret}' resume='true' max='{stream.board.limits.resume}'" if secret else ""
    stream.write(f"<enabled xmlns='{SM}'{said}/>".encode())


def request(stream: Stream, _: Element) -> None:
    """Confirm what was taken, as soon as it is safe."""
    session = _session(stream)
    if session.tracked:
        stream.board.custody.confirm(session)
    else:
        unexpected(stream, _)


def answer(stream: Stream, element: Element) -> None:
    """Take a confirmation."""
    session = _session(stream)
    said = counter(element.attrs.get("h"))
    more = None if said is None or not session.tracked else confirmed(session, said)
    if more is None:
        extra = f"<handled-count-too-high xmlns='{SM}' h='{said or 0}' send-count='{session.sent % WRAP}'/>"
        raise Broken("undefined-condition", "more stanzas are confirmed than were sent", extra)
    stream.board.custody.confirmed(session, more, stream.now)


def unexpected(stream: Stream, _: Element) -> None:
    """Refuse what comes at the wrong time; the stream goes on."""
    stream.write(answers.failed("unexpected-request"))


def _session(stream: Stream) -> Session:
    assert stream.session is not None  # noqa: S101 - the state says so
    return stream.session

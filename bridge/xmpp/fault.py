"""What ends a stream: a condition of RFC 6120 4.9.3, with a reason in plain words.

The peer broke the protocol, or it may not go on, or we end. Every such end is a `Broken`, raised nowhere
above the stream that it concerns. Only conditions of that clause are known.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from bridge.xmpp.names import CLOSE, STREAM_ERRORS

CONDITIONS = frozenset({
    "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-unknown",
    "internal-server-error", "invalid-from", "invalid-namespace", "not-authorized", "not-well-formed",
    "policy-violation", "reset", "resource-constraint", "restricted-xml", "system-shutdown",
    "undefined-condition", "unsupported-encoding", "unsupported-stanza-type", "unsupported-version",
})  # fmt: skip


class Broken(Exception):
    """A stream has to end; `extra` is XML that goes with it."""

    def __init__(self, condition: str, reason: str = "", extra: str = "") -> None:
        super().__init__(reason or condition)
        self.condition = condition
        self.reason = reason
        self.extra = extra


def rendered(fault: Broken) -> bytes:
    """Give the error as it stands in the stream, and the stream's end."""
    assert fault.condition in CONDITIONS, fault.condition  # noqa: S101 - ours to keep
    text = escape(fault.reason)
    said = f"<text xmlns='{STREAM_ERRORS}' xml:lang='en'>{text}</text>" if text else ""
    body = f"<{fault.condition} xmlns='{STREAM_ERRORS}'/>{said}{fault.extra}"
    return f"<stream:error>{body}</stream:error>".encode() + CLOSE

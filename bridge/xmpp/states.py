"""The life of a stream: which element may come when, and who takes it. RFC 6120 4 to 7, XEP-0198 5.

A table and nothing else. What is not in it is a stream error: `not-authorized` for what comes too early,
`unsupported-stanza-type` for what never comes.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from bridge.xmpp import entry, login, resumption
from bridge.xmpp.names import BIND, IQ, SASL, SESSION, SM, STANZAS, TLS

if TYPE_CHECKING:
    from bridge.xmpp.element import Element
    from bridge.xmpp.stream import Stream


class State(Enum):
    """How far a stream is."""

    CLEAR = auto()
    """Not encrypted: nothing but STARTTLS."""
    LOGIN = auto()
    """Encrypted, certificate verified, nobody logged in."""
    BIND = auto()
    """Logged in, without a session."""
    BOUND = auto()
    """With a session; stanzas are taken, and go another, shorter way (stream.py)."""
    OVER = auto()


Step = Callable[["Stream", "Element"], None]
TABLE: dict[State, dict[str, Step]] = {
    State.CLEAR: {
        f"{TLS} starttls": login.secure,
        f"{SASL} auth": login.unencrypted,
    },
    State.LOGIN: {
        f"{SASL} auth": login.auth,
        f"{SASL} response": login.response,
        f"{SASL} abort": login.abort,
    },
    State.BIND: {
        IQ: entry.bind,
        f"{SM} resume": entry.resume,
        f"{SM} enable": resumption.unexpected,
    },
    State.BOUND: {
        f"{SM} enable": resumption.enable,
        f"{SM} r": resumption.request,
        f"{SM} a": resumption.answer,
        f"{SM} resume": resumption.unexpected,
    },
    State.OVER: {},
}
FEATURES = {
    State.CLEAR: f"<starttls xmlns='{TLS}'><required/></starttls>",
    State.LOGIN: f"<mechanisms xmlns='{SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>",
    State.BIND: f"<bind xmlns='{BIND}'/><session xmlns='{SESSION}'><optional/></session><sm xmlns='{SM}'/>",
}
"""What a stream offers as it begins."""
EARLY = frozenset(STANZAS) | {name for steps in TABLE.values() for name in steps}
"""What comes too early where it is not in the table."""

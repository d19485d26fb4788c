"""The four control models as one table: what becomes of a control object when something happens to it.

A row holds for the models named by its letters, in its states, for its events, by whom it is asked. It gives
the state that follows, what is to be done, and the cause where that is a refusal or an end (7-2, control).
What no row names cannot happen, or changes nothing. Never looks at a value, a clock or an image.

    d  direct, normal        s  select before operate, normal
    D  direct, enhanced      S  select before operate, enhanced

    idle -- select --> selected -- operate at a time --> waiting -- its time --> running --> idle, selected
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import product
from typing import Literal, NamedTuple

from models.mms.codes import AddCause


class State(Enum):
    """Where a control object is."""

    IDLE = "idle"
    SELECTED = "selected"
    WAITING = "waiting"
    RUNNING = "running"


class Event(Enum):
    """What a client asks, then what time, the plant and the association do."""

    SELECT = "select"
    SELECT_WITH = "select with value"
    OPERATE = "operate"
    CHANGE = "operate with another value than the command in hand has"
    ARM = "operate at a time"
    CANCEL = "cancel"
    TIME = "the limit or the moment has come"
    DONE = "the plant has done it"
    PENDING = "the plant does it and will tell"
    FAILED = "a check or the plant says no"
    LOST = "the association is lost"


class Deed(Enum):
    """What is to be done."""

    NOTHING = "nothing"
    REFUSE = "answer no, with the cause"
    HOLD = "keep the object for the client, answer yes"
    START = "check, hand the command to the plant; its answer is the next event"
    ACCEPT = "answer yes; enhanced and done, say so after it"
    RELEASE = "let go, answer yes if asked"
    TELL = "tell the client that the command has ended"
    ABORT = "take the command back from the plant, answer yes if asked, tell the client"
    DROP = "take the command back from the plant; nobody is left to tell"


class Who(Enum):
    """Who asks: the client that holds the object, or another one."""

    HOLDER = "holder"
    OTHER = "other"


class Step(NamedTuple):
    """The state that follows, what is to be done, and why not."""

    state: State
    deed: Deed
    cause: AddCause | None = None


KINDS: Mapping[int, str] = {1: "d", 2: "s", 3: "D", 4: "S"}
"""Letters of the values of ctlModel; 0, status only, takes no control at all."""
SELECTING, ENHANCED = "sS", "DS"

_IDLE, _SELECTED, _WAITING, _RUNNING = State
_ASKS = (Event.OPERATE, Event.CHANGE)
_ALL = "dsDS"
_BUSY = (_WAITING, _RUNNING)
_ANY = tuple(State)
_BOTH = tuple(Who)
_MINE, _OTHERS = (Who.HOLDER,), (Who.OTHER,)
_SAME = None
"""The object stays in the state it is in."""
_HOME: Literal["home"] = "home"
"""Idle; selected, where selection by value or by read is for many operates."""

_Next = State | Literal["home"] | None
_Row = tuple[str, tuple[State, ...], tuple[Event, ...], tuple[Who, ...], _Next, Deed, AddCause | None]

ROWS: tuple[_Row, ...] = (
    # -- a select that is not the model's own
    ("dDS", _ANY, (Event.SELECT,), _BOTH, _SAME, Deed.REFUSE, AddCause.not_supported),
    ("dDs", _ANY, (Event.SELECT_WITH,), _BOTH, _SAME, Deed.REFUSE, AddCause.not_supported),
    # -- nobody holds it
    ("s", (_IDLE,), (Event.SELECT,), _BOTH, _SELECTED, Deed.HOLD, None),
    ("S", (_IDLE,), (Event.SELECT_WITH,), _BOTH, _SELECTED, Deed.HOLD, None),
    ("dD", (_IDLE,), _ASKS, _BOTH, _SAME, Deed.START, None),
    ("dD", (_IDLE,), (Event.ARM,), _BOTH, _WAITING, Deed.HOLD, None),
    (SELECTING, (_IDLE,), (*_ASKS, Event.ARM), _BOTH, _SAME, Deed.REFUSE, AddCause.not_selected),
    (_ALL, (_IDLE,), (Event.CANCEL,), _BOTH, _SAME, Deed.REFUSE, AddCause.not_selected),
    # -- another client asks while it is held
    ("s", (_SELECTED, *_BUSY), (Event.SELECT,), _OTHERS, _SAME, Deed.REFUSE, AddCause.locked_by_other),
    ("S", (_SELECTED, *_BUSY), (Event.SELECT_WITH,), _OTHERS, _SAME, Deed.REFUSE, AddCause.locked_by_other),
    (
        SELECTING,
        (_SELECTED, *_BUSY),
        (*_ASKS, Event.ARM),
        _OTHERS,
        _SAME,
        Deed.REFUSE,
        AddCause.locked_by_other,
    ),
    ("dD", _BUSY, (*_ASKS, Event.ARM), _OTHERS, _SAME, Deed.REFUSE, AddCause.already_in_execution),
    (_ALL, (_SELECTED, *_BUSY), (Event.CANCEL,), _OTHERS, _SAME, Deed.REFUSE, AddCause.locked_by_other),
    # -- the client that holds it asks
    ("s", (_SELECTED,), (Event.SELECT,), _MINE, _SAME, Deed.REFUSE, AddCause.already_selected),
    ("S", (_SELECTED,), (Event.SELECT_WITH,), _MINE, _SAME, Deed.REFUSE, AddCause.already_selected),
    (SELECTING, (_SELECTED,), _ASKS, _MINE, _SAME, Deed.START, None),
    (SELECTING, (_SELECTED,), (Event.ARM,), _MINE, _WAITING, Deed.HOLD, None),
    (_ALL, (_SELECTED, _WAITING), (Event.CANCEL,), _MINE, _IDLE, Deed.RELEASE, None),
    ("s", _BUSY, (Event.SELECT,), _MINE, _SAME, Deed.REFUSE, AddCause.already_in_execution),
    ("S", _BUSY, (Event.SELECT_WITH,), _MINE, _SAME, Deed.REFUSE, AddCause.already_in_execution),
    (_ALL, _BUSY, (Event.OPERATE,), _MINE, _SAME, Deed.REFUSE, AddCause.already_in_execution),
    (_ALL, _BUSY, (Event.CHANGE, Event.ARM), _MINE, _SAME, Deed.REFUSE, AddCause.parameter_change),
    (_ALL, (_RUNNING,), (Event.CANCEL,), _MINE, _IDLE, Deed.ABORT, AddCause.abortion_by_cancel),
    # -- a check, then the plant, answers to what was asked
    (_ALL, (_IDLE,), (Event.FAILED,), _BOTH, _SAME, Deed.REFUSE, None),
    ("dD", (_IDLE,), (Event.DONE,), _BOTH, _SAME, Deed.ACCEPT, None),
    ("d", (_IDLE,), (Event.PENDING,), _BOTH, _SAME, Deed.ACCEPT, None),
    ("D", (_IDLE,), (Event.PENDING,), _BOTH, _RUNNING, Deed.ACCEPT, None),
    (SELECTING, (_SELECTED,), (Event.FAILED,), _MINE, _HOME, Deed.REFUSE, None),
    (SELECTING, (_SELECTED,), (Event.DONE,), _MINE, _HOME, Deed.ACCEPT, None),
    ("s", (_SELECTED,), (Event.PENDING,), _MINE, _HOME, Deed.ACCEPT, None),
    ("S", (_SELECTED,), (Event.PENDING,), _MINE, _RUNNING, Deed.ACCEPT, None),
    # -- the same when the moment of an armed command has come
    (_ALL, (_WAITING,), (Event.FAILED, Event.DONE), _BOTH, _HOME, Deed.TELL, None),
    ("ds", (_WAITING,), (Event.PENDING,), _BOTH, _HOME, Deed.TELL, None),
    (ENHANCED, (_WAITING,), (Event.PENDING,), _BOTH, _RUNNING, Deed.NOTHING, None),
    (_ALL, (_RUNNING,), (Event.DONE, Event.FAILED), _BOTH, _HOME, Deed.TELL, None),
    # -- time
    (SELECTING, (_SELECTED,), (Event.TIME,), _BOTH, _IDLE, Deed.RELEASE, None),
    (_ALL, (_WAITING,), (Event.TIME,), _BOTH, _SAME, Deed.START, None),
    (_ALL, (_RUNNING,), (Event.TIME,), _BOTH, _HOME, Deed.ABORT, AddCause.time_limit_over),
    # -- the holder's association is lost
    (_ALL, (_SELECTED, _WAITING), (Event.LOST,), _MINE, _IDLE, Deed.RELEASE, None),
    (_ALL, (_RUNNING,), (Event.LOST,), _MINE, _IDLE, Deed.DROP, AddCause.communication_loss),
)


class Case(NamedTuple):
    """What a row is looked up by; `many`: a selection is for many operates."""

    kind: str
    state: State
    event: Event
    who: Who
    many: bool


def _spread(row: _Row) -> Iterator[tuple[Case, Step]]:
    kinds, states, events, asking, following, deed, cause = row
    for case in map(Case._make, product(kinds, states, events, asking, (False, True))):
        home = State.SELECTED if case.many and case.kind in SELECTING else State.IDLE
        yield case, Step(home if following == "home" else following or case.state, deed, cause)


TABLE: Mapping[Case, Step] = dict(pair for row in ROWS for pair in _spread(row))


def step(case: Case) -> Step:
    """Give what follows; nothing where no row holds."""
    return TABLE.get(case, Step(case.state, Deed.NOTHING))

"""Journals: what was logged, in order, and the service that reads it (ISO 9506-2 readJournal; 7-2, logs).

An entry has a number of eight octets that only grows, also over a restart, since it is never below the
moment's microseconds. A journal keeps its latest entries and forgets the oldest. What does not fit into an
answer follows when the client asks for what comes after the last entry it was given.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bridge.iec61850 import shape, unit
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.rcb.moment import binary, seconds
from bridge.iec61850.shape import Type, Value
from models.mms import codes, names, services
from models.mms import journals as model

MOST = 1_000
"""Entries that a journal keeps."""
OCTETS = 8
PAGE = 500
"""Entries of one answer, however large it may be."""


class Variable(NamedTuple):
    """What an entry says of one thing."""

    tag: str
    type: Type
    value: Value


class Entry(NamedTuple):
    """Something that was logged."""

    number: int
    at: float
    variables: tuple[Variable, ...]

    @property
    def identity(self) -> bytes:
        """Give the entry's number as a client knows it."""
        return self.number.to_bytes(OCTETS)


class Journal:
    """The latest entries."""

    def __init__(self, most: int = MOST) -> None:
        self._entries: deque[Entry] = deque(maxlen=most)
        self._last = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def ends(self) -> tuple[Entry, Entry] | None:
        """Give the oldest and the newest entry."""
        return (self._entries[0], self._entries[-1]) if self._entries else None

    def add(self, variables: Iterable[Variable], now: float) -> Entry:
        """Log something."""
        self._last = max(self._last + 1, round(now * 1_000_000))
        entry = Entry(self._last, now, tuple(variables))
        self._entries.append(entry)
        return entry

    def chosen(self, asked: model.ReadJournal_Request) -> Iterator[Entry]:
        """Give the entries that a request means, the oldest first."""
        first, start = _start(asked)
        most, end = _stop(asked)
        for entry in self._entries:
            if most == 0:
                return
            if entry.number >= first and start <= _said(entry.at) <= end:
                most -= 1
                yield entry


def answer(
    journal: Journal, asked: model.ReadJournal_Request, room: int
) -> services.ConfirmedServiceResponse_readJournal:
    """Give the entries that a request means, as many as fit."""
    tags = set(asked.listOfVariables.VisibleString) if asked.listOfVariables else None
    left, told = room - unit.extent(_response(())), list[model.JournalEntry]()
    for entry in journal.chosen(asked):
        spoken = _entry(entry, tags)
        if spoken is None:
            continue
        left -= unit.extent(_response((spoken,))) - unit.extent(_response(()))
        if left < 0 or len(told) == PAGE:
            if not told:
                raise Refusal("service", codes.ErrorService.pdu_size)
            return _response(told)
        told.append(spoken)
    return _response(told, more=False)


def _start(asked: model.ReadJournal_Request) -> tuple[int, float]:
    """Give the lowest number and the earliest moment."""
    after = asked.entryToStartAfter
    first = int(after.entrySpecification or "0", 16) + 1 if after else 0
    if asked.rangeStartSpecification is None:
        return first, 0.0
    said = asked.rangeStartSpecification.choice
    if said.tag == "startingTime":
        return first, seconds(bytes.fromhex(said.value))
    return max(first, int(said.value or "0", 16)), 0.0


def _stop(asked: model.ReadJournal_Request) -> tuple[int, float]:
    """Give how many at most, and the latest moment."""
    if asked.rangeStopSpecification is None:
        return -1, float("inf")
    said = asked.rangeStopSpecification.choice
    if said.tag == "endingTime":
        return -1, seconds(bytes.fromhex(said.value))
    if said.value < 1:
        raise Refusal("definition", codes.ErrorDefinition.object_attribute_inconsistent)
    return int(said.value), float("inf")


def _said(at: float) -> float:
    """Give a moment as a client was told it, in whole milliseconds."""
    return seconds(binary(at))


def _entry(entry: Entry, tags: set[str] | None) -> model.JournalEntry | None:
    """Give an entry with the variables that are wanted; None where none of them is in it."""
    wanted = [one for one in entry.variables if tags is None or one.tag in tags]
    if not wanted:
        return None
    listed = model.JournalVariableList(
        SEQUENCE=tuple(
            model.JournalVariable(variableTag=tag, valueSpecification=shape.encode(of, value))
            for tag, of, value in wanted
        )
    )
    form = model.EntryForm(choice=model.EntryForm_data(value=model.JournalData(listOfVariables=listed)))
    return model.JournalEntry(
        entryIdentifier=entry.identity.hex().upper(),
        originatingApplication=names.Null(),
        entryContent=model.EntryContent(occurrenceTime=binary(entry.at).hex().upper(), entryForm=form),
    )


def _response(
    told: Sequence[model.JournalEntry], *, more: bool = True
) -> services.ConfirmedServiceResponse_readJournal:
    listed = model.JournalEntryList(JournalEntry=tuple(told))
    return services.ConfirmedServiceResponse_readJournal(
        value=model.ReadJournal_Response(listOfJournalEntry=listed, moreFollows=more)
    )

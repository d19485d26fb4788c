"""What a reading of a journal gives: by time, by entry, some variables, page by page; and what is refused."""

from __future__ import annotations

import pytest

from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.rcb.moment import binary
from models.mms import journals
from tests.iec61850.logged import NOW, ONE, ROOM, STRANGER, Scene, five, hexed, name, since, tags, until


def test_reading_by_time() -> None:
    scene, numbers = five()
    found = scene.read(rangeStartSpecification=since(NOW + 2), rangeStopSpecification=until(NOW + 4))
    assert [entry.entryIdentifier for entry in found.listOfJournalEntry.JournalEntry] == numbers[1:4]
    assert found.moreFollows is False


def test_reading_from_an_entry() -> None:
    scene, numbers = five()
    start = journals.RangeStart(choice=journals.RangeStart_startingEntry(value=numbers[1]))
    stop = journals.RangeStop(choice=journals.RangeStop_numberOfEntries(value=2))
    found = scene.read(rangeStartSpecification=start, rangeStopSpecification=stop)
    assert [entry.entryIdentifier for entry in found.listOfJournalEntry.JournalEntry] == numbers[1:3]


@pytest.mark.parametrize("place", range(5))
def test_reading_after_an_entry(place: int) -> None:
    scene, numbers = five()
    after = journals.EntryToStartAfter(
        timeSpecification=hexed(binary(NOW)), entrySpecification=numbers[place]
    )
    found = scene.read(entryToStartAfter=after)
    assert [one.entryIdentifier for one in found.listOfJournalEntry.JournalEntry] == numbers[place + 1 :]


def test_reading_some_variables() -> None:
    scene = Scene()
    scene.put(1.0)
    scene.put(50.0, leaf="Hz$f")
    wanted = journals.VariableTagList(VisibleString=("D1/MMXU1$MX$Hz",))
    assert [tags(entry) for entry in scene.entries(listOfVariables=wanted)] == [["D1/MMXU1$MX$Hz"]]


def test_what_does_not_fit_follows() -> None:
    scene, numbers = five()
    given: list[str] = []
    answers = 0
    after: journals.EntryToStartAfter | None = None
    while True:
        found = scene.read(room=2_500, entryToStartAfter=after)
        given += [one.entryIdentifier for one in found.listOfJournalEntry.JournalEntry]
        answers += 1
        if not found.moreFollows:
            break
        after = journals.EntryToStartAfter(timeSpecification=hexed(binary(NOW)), entrySpecification=given[-1])
    assert given == numbers
    assert answers > 1


@pytest.mark.parametrize("count", [0, -1])
def test_a_range_of_nothing(count: int) -> None:
    stop = journals.RangeStop(choice=journals.RangeStop_numberOfEntries(value=count))
    with pytest.raises(Refusal, match="definition"):
        five()[0].read(rangeStopSpecification=stop)


def test_an_entry_that_fits_nowhere() -> None:
    with pytest.raises(Refusal, match="service 3"):
        five()[0].read(room=500)


def test_a_journal_that_is_not_there_and_one_that_is_not_for_everybody() -> None:
    scene = Scene()
    with pytest.raises(Refusal, match="access 3"):
        scene.read(peer=STRANGER)
    for other in (name("D1", "LLN0$none"), name("D2", "LLN0$events")):
        request = journals.ReadJournal_Request(journalName=other)
        with pytest.raises(Refusal, match="access 2"):
            scene.logs.handlers["readJournal"](Call(ONE, request, NOW, ROOM))


def test_a_range_of_time_goes_by_what_was_said_though_the_clock_went_back() -> None:
    scene = Scene()
    for value, moment in enumerate((NOW + 100, NOW, NOW + 1), 1):
        scene.put(float(value), moment)
    found = scene.read(rangeStopSpecification=until(NOW + 1)).listOfJournalEntry.JournalEntry
    assert len(found) == 2

"""Kept pages: when they are given, when not, and that nobody can tell them from answers made anew."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sep2.talk import Answer, Ask
from bridge.transports.pages import DATE, START, Dates, Key, Pages
from tests.transports import site
from tests.transports.hostile import cases
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.transports.hostile.cases import Case

GOOD = [case for case in cases.load() if 200 in case.statuses and len(case.parts[0]) < 10_000]
A, B = ("A" * 40, "/a", ""), ("A" * 40, "/b", "")
WHOLE = START + b"D" * DATE + b"\r\nrest"


def keep(pages: Pages, key: Key, *topics: str, until: int | None = None, data: bytes = WHOLE) -> None:
    draft = pages.open()
    pages.keep(draft, key, data, frozenset(topics), until)
    pages.shut(draft)


def test_page_is_found_until_a_topic_changes() -> None:
    pages = Pages()
    keep(pages, A, "/a", "/x/")
    keep(pages, B, "/b", "/x/")
    assert pages.find(A, 0)
    assert pages.find(B, 0)
    pages.stale(["/a", "/other"])
    assert (pages.find(A, 0), len(pages)) == (None, 1)
    pages.stale(["/x/"])
    assert (pages.find(B, 0), len(pages), pages.taken) == (None, 0, 0)
    assert pages.hits == 2


def test_page_ends_at_its_moment() -> None:
    pages = Pages()
    keep(pages, A, "/a", until=100)
    assert pages.find(A, 99.999)
    assert pages.find(A, 100) is None


def test_page_is_not_given_while_the_store_is_ahead() -> None:
    current = [True]
    pages = Pages(lambda: current[0])
    keep(pages, A, "/a")
    current[0] = False
    assert pages.find(A, 0) is None
    current[0] = True
    assert pages.find(A, 0)


@pytest.mark.parametrize("change", [lambda pages: pages.stale(["/a"]), lambda pages: pages.clear()])
def test_answer_on_its_way_while_its_topic_changes_is_not_kept(change: Callable[[Pages], None]) -> None:
    pages = Pages()
    draft, other = pages.open(), pages.open()
    change(pages)
    pages.keep(draft, A, WHOLE, frozenset({"/a"}), None)
    pages.shut(draft)
    assert pages.find(A, 0) is None
    keep(pages, A, "/a")
    assert pages.find(A, 0)
    pages.shut(other)


def test_answer_on_its_way_while_something_else_changes_is_kept() -> None:
    pages = Pages()
    draft = pages.open()
    pages.stale(["/b"])
    pages.keep(draft, A, WHOLE, frozenset({"/a"}), None)
    assert pages.find(A, 0)


def test_answer_of_a_draft_that_was_shut_is_not_kept() -> None:
    pages = Pages()
    draft = pages.open()
    pages.shut(draft)
    pages.keep(draft, A, WHOLE, frozenset({"/a"}), None)
    assert len(pages) == 0


def test_clear_forgets_everything() -> None:
    pages = Pages()
    keep(pages, A, "/a")
    keep(pages, B, "/b")
    pages.clear()
    assert (len(pages), pages.taken) == (0, 0)


def test_only_answers_of_the_one_form_are_kept() -> None:
    pages = Pages()
    keep(pages, A, "/a", data=b"HTTP/1.1 404 Not Found\r\nDate: ")
    assert len(pages) == 0


def test_page_in_place_of_its_earlier_edition() -> None:
    pages = Pages()
    keep(pages, A, "/old", data=WHOLE + b"1")
    keep(pages, A, "/new", data=WHOLE + b"22")
    pages.stale(["/old"])
    found = pages.find(A, 0)
    assert found is not None
    assert found.back.endswith(b"22")


def test_first_kept_goes_first() -> None:
    one = Pages()
    keep(one, A, "/a")
    pages = Pages(room=2 * one.taken)
    keys = [("A" * 40, f"/{number}", "") for number in range(5)]
    for key in keys:
        keep(pages, key, key[1])
    assert [pages.find(key, 0) is not None for key in keys] == [False, False, False, True, True]
    assert pages.taken == 2 * one.taken


def test_page_larger_than_the_room_is_not_kept() -> None:
    pages = Pages(room=10_000)
    keep(pages, A, "/a")
    keep(pages, B, "/b", data=WHOLE + b"x" * 10_000)
    assert pages.find(A, 0)
    assert pages.find(B, 0) is None


STEPS = st.one_of(
    st.tuples(st.just("keep"), st.integers(0, 5), st.frozensets(st.sampled_from("pqrs"), min_size=1)),
    st.tuples(st.just("stale"), st.frozensets(st.sampled_from("pqrs"))),
)


@given(st.lists(STEPS, max_size=40))
def test_pages_are_what_a_plain_table_would_hold(steps: list[tuple[object, ...]]) -> None:
    pages, table = Pages(), dict[Key, frozenset[str]]()
    for step in steps:
        if step[0] == "keep":
            key = ("A", str(step[1]), "")
            topics = frozenset(map(str, step[2]))  # type: ignore[call-overload] # drawn as texts
            keep(pages, key, *topics)
            table[key] = topics
        else:
            changed = frozenset(map(str, step[1]))  # type: ignore[call-overload] # drawn as texts
            pages.stale(changed)
            table = {key: topics for key, topics in table.items() if topics.isdisjoint(changed)}
    found = {key for key in table if pages.find(key, 0)}
    assert found == set(table)
    assert len(pages) == len(table)
    assert (pages.taken == 0) == (not table)


def test_dates() -> None:
    dates = Dates()
    assert dates.text(1_800_000_000.9) == b"Fri, 15 Jan 2027 08:00:00 GMT"
    assert dates.text(1_800_000_000.1) is dates.text(1_800_000_000.9)
    assert dates.text(1_800_000_001) == b"Fri, 15 Jan 2027 08:00:01 GMT"
    assert len(dates.text(0)) == DATE


# ------------------------------------------------------------------------------------- over the wire


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Site, Site]]:
    with ExitStack() as stack:
        fast, slow = (stack.enter_context(each.running()) for each in (Site(), Site(pages=Pages(room=0))))
        hall = slow.listener.hall
        hall.serve = hall.office.seat
        yield fast, slow


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_no_difference_to_be_seen(both: tuple[Site, Site], case: Case) -> None:
    """Each request twice with all short ways open, once by aiohttp alone: the bytes are the same."""
    fast, slow = both
    seen = []
    for here in (fast, fast, slow):
        with here.connect() as talk:
            seen.append([one.raw for one in cases.exchange(talk, case)])
    assert seen[0] == seen[1] == seen[2]


def test_pages_were_used(both: tuple[Site, Site]) -> None:
    fast, slow = both
    with fast.connect() as talk, slow.connect() as other:
        before = fast.pages.hits
        said = [talk.get("/kept/used").raw for _ in range(3)]
        assert said == [other.get("/kept/used").raw for _ in range(3)]
    assert fast.pages.hits == before + 2
    assert slow.pages.hits == 0


class Count:
    """A server that counts what it is asked, and answers with the count."""

    def __init__(self) -> None:
        self.asked = 0
        self.until: int | None = None
        self.go = threading.Event()
        self.go.set()

    async def answer(self, ask: Ask) -> Answer:
        self.asked += 1
        number = self.asked
        await asyncio.to_thread(self.go.wait)
        status = 404 if ask.path == "/missing" else 200
        return Answer(status, f"{number}".encode(), topics=frozenset({"/kept"}), until=self.until)


def test_what_is_kept_and_for_whom() -> None:
    count = Count()
    with Site(answer=count.answer).running() as here:
        other = here.connect(site.device("device2"))
        with other, here.connect() as talk:
            assert [talk.get().body for _ in range(3)] == [b"1"] * 3
            assert other.get().body == b"2"
            assert talk.get(fields="Accept: a/b\r\n").body == b"3"
            assert talk.get("/kept?s=1").body == b"4"
            assert talk.get(fields="User-Agent: x\r\n").body == b"1"
            assert talk.get(fields="Connection: keep-alive\r\n").body == b"1"
            for field in ("Range: bytes=0-1", "If-None-Match: x", "Content-Type: a/b", "Content-Length: 0"):
                before = count.asked
                assert talk.get(fields=f"{field}\r\n").body == f"{before + 1}".encode()
            assert (
                talk.ask(b"GET /kept HTTP/1.1\r\nHost: x\r\n\r\nGET /kept HTTP/1.1\r\nHost: y\r\n\r\n").body
                == b"1"
            )
            assert talk.read().body == b"1"
            before = count.asked
            assert talk.get("/missing").status == talk.get("/missing").status == 404
            assert count.asked == before + 2


def test_head_and_last_requests_are_asked_each_time() -> None:
    count = Count()
    with Site(answer=count.answer).running() as here, here.connect() as talk:
        for _ in range(2):
            talk.ask(b"HEAD /kept HTTP/1.1\r\nHost: x\r\n\r\n", bare=True)
        assert talk.get(fields="Connection: close\r\n").body == b"3"


def test_change_is_seen_at_once() -> None:
    count = Count()
    with Site(answer=count.answer).running() as here, here.connect() as talk:
        assert talk.get().body == talk.get().body == b"1"
        here.loop.call_soon_threadsafe(here.pages.stale, ["/kept"])
        here.call(asyncio.sleep(0))
        assert talk.get().body == talk.get().body == b"2"


def test_change_while_the_answer_is_made() -> None:
    count = Count()
    with Site(answer=count.answer).running() as here, here.connect() as talk:
        count.go.clear()
        talk.send(b"GET /kept HTTP/1.1\r\nHost: x\r\n\r\n")
        while count.asked == 0:
            pass
        here.loop.call_soon_threadsafe(here.pages.stale, ["/kept"])
        here.loop.call_soon_threadsafe(count.go.set)
        assert talk.read().body == b"1"
        assert talk.get().body == talk.get().body == b"2"


def test_moment_of_an_answer_and_date_of_a_page() -> None:
    moment = [1_800_000_000.0]
    count = Count()
    count.until = 1_800_000_010
    with Site(answer=count.answer, now=lambda: moment[0]).running() as here, here.connect() as talk:
        assert talk.get().body == b"1"
        moment[0] += 9.9
        said = talk.get()
        assert (said.body, said.fields["Date"]) == (b"1", "Fri, 15 Jan 2027 08:00:09 GMT")
        moment[0] += 0.1
        assert talk.get().body == b"2"


def test_spellings_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.transports.lines.SPELLINGS", 10)
    with Site().running() as here, here.connect() as talk:
        for number in range(25):
            assert talk.get("/kept", f"User-Agent: {number}\r\n").status == 200
            assert len(here.listener.hall.plain) <= 10
        assert talk.get("/kept", f"User-Agent: {'x' * 2000}\r\n").status == 200
        assert all(len(raw) <= 1024 for raw in here.listener.hall.plain)

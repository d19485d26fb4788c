"""Controls and other events: posted, read by the clock, superseded within their list, cancelled, replaced."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.sep2 import canon, events
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Told
from tests.sep2 import scene
from tests.sep2.scene import NOW, Memory, body, commit, control, operator, read, spot, told, world

LIST = "/derp/1/derc"


async def post(shelf: Memory, made: Any, now: int = NOW, path: str = LIST) -> str:
    asked = operator(shelf, now)
    answer = await events.posted(asked, spot(path), made)
    assert answer.status == 201
    await commit(asked, shelf)
    return answer.location


async def test_a_control_is_stored_with_its_record_and_read_by_the_clock() -> None:
    shelf = await world()
    href = await post(shelf, control("ab01", NOW + 100))
    row = shelf.rows[href]
    record = canon.control(row.record)
    assert (row.mark, row.at, row.until, row.parent) == ("AB01", NOW + 100, NOW + 160, LIST)
    assert (record.mRID, record.programme, record.primacy) == ("AB01", "/derp/1", 2)
    assert record.target.group == ("/-/group/1",)
    assert await told(shelf, href, NOW) == (0, NOW - 100, False)
    assert await told(shelf, href, NOW + 100) == (1, NOW + 100, False)
    assert await told(shelf, href, NOW + 160) is None
    assert await told(shelf, href, NOW + 160, "2023") == (5, NOW + 160, True)


async def test_where_to_answer_is_put_in_where_answers_are_wanted() -> None:
    shelf = await world()
    asks = await read(shelf, await post(shelf, control("01", NOW)), NOW)
    silent = await read(shelf, await post(shelf, control("02", NOW + 900, heads="")), NOW)
    other = control("03", NOW + 1800, heads='replyTo="/rsps/7/rsp" responseRequired="01"')
    assert (asks.replyTo, silent.replyTo) == ("/rsps/1/rsp", None)
    assert (await read(shelf, await post(shelf, other), NOW)).replyTo == "/rsps/7/rsp"


async def test_an_mrid_is_taken_once_only_in_either_case() -> None:
    shelf = await world()
    await post(shelf, control("ab01", NOW))
    with pytest.raises(Told, match="AB01") as no:
        await post(shelf, control("AB01", NOW + 900))
    assert no.value.status == 409


async def test_a_spread_widens_the_window() -> None:
    shelf = await world()
    tail = "<randomizeDuration>30</randomizeDuration><randomizeStart>-20</randomizeStart>"
    early = await post(shelf, control("01", NOW + 100, tail=tail))
    assert shelf.rows[early].until == NOW + 190
    assert await told(shelf, early, NOW + 79) == (0, NOW - 100, False)
    assert await told(shelf, early, NOW + 80) == (1, NOW + 80, False)


async def test_the_newer_one_supersedes_within_one_programme_alone() -> None:
    """S-ALL-41, last part: the scheduled one is superseded by one that runs now and reaches into it."""
    shelf = await world()
    await shelf.lay(scene.program("/derp/2", "DERProgram", "E1", primacy=1))
    later = await post(shelf, control("01", NOW + 600, 300, created=NOW - 10))
    beside = await post(shelf, control("02", NOW + 600, 300, created=NOW - 10), path="/derp/2/derc")
    await post(shelf, control("03", NOW, 700, created=NOW))
    assert await told(shelf, later, NOW) == (4, NOW, True)
    assert await told(shelf, later, NOW + 800) == (4, NOW, True)
    assert await told(shelf, beside, NOW) == (0, NOW - 10, False)


async def test_a_superseded_one_stays_so_after_the_newer_one_ended() -> None:
    shelf = await world()
    whole = await post(shelf, control("01", NOW, 1000, created=NOW - 10))
    await post(shelf, control("02", NOW + 100, 50, created=NOW - 5))
    assert (await told(shelf, whole, NOW + 99) or (None,))[0] == 1
    assert (await told(shelf, whole, NOW + 500) or (None,))[0] == 4


async def test_a_reader_of_2023_never_hears_of_superseding() -> None:
    """EventStatus of 2030.5-2023: 4 shall not be used, potentiallySuperseded shall be true."""
    shelf = await world()
    old = await post(shelf, control("01", NOW, 500, created=NOW - 10))
    await post(shelf, control("02", NOW, 500, created=NOW))
    assert await told(shelf, old, NOW) == (4, NOW, True)
    assert await told(shelf, old, NOW, "2023") == (1, NOW, True)
    asked = scene.work(shelf, profile="2023")
    assert len(await events.running(asked, LIST)) == 2
    assert len(await events.running(scene.work(shelf), LIST)) == 1


async def test_the_answer_goes_stale_at_the_next_change_of_any_event_of_the_list() -> None:
    shelf = await world()
    first = await post(shelf, control("01", NOW + 600))
    await post(shelf, control("02", NOW + 300, base="<opModEnergize>true</opModEnergize>"))
    asked = scene.work(shelf)
    await events.seen(asked, spot(first), shelf.rows[first])
    assert asked.shelf.until == NOW + 300


async def test_an_event_that_is_on_its_way_into_the_store_counts() -> None:
    """A notification is made before the commit, and says what will be."""
    shelf = await world()
    old = await post(shelf, control("01", NOW, 500, created=NOW - 10))
    asked = operator(shelf)
    await events.posted(asked, spot(LIST), control("02", NOW, 500, created=NOW))
    row = await events.seen(asked, spot(old), shelf.rows[old])
    assert row is not None
    assert b"<currentStatus>4<" in row.body


async def test_a_foreign_part_of_a_kept_profile_survives_the_reply_address() -> None:
    shelf = await world()
    text = control("01", NOW).data.decode().replace("</mRID>", '</mRID><x:note xmlns:x="urn:x">hi</x:note>')
    href = await post(shelf, body(text, "csip"))
    assert b"urn:x" in shelf.rows[href].body
    assert b"/rsps/1/rsp" in shelf.rows[href].body


async def test_a_status_that_is_no_text_of_ours_is_rewritten_all_the_same() -> None:
    shelf = await world()
    text = control("01", NOW).data.decode().replace("<EventStatus>", "<EventStatus >")
    await shelf.lay(Row(f"{LIST}/7", LIST, "DERControl", text.encode(), "2018", at=NOW, until=NOW + 60))
    assert await told(shelf, f"{LIST}/7", NOW) == (1, NOW, False)


EDC = (
    "<EndDeviceControl {ns}><mRID>01</mRID><creationTime>1</creationTime>{st}{iv}"
    "<deviceCategory>01</deviceCategory><drProgramMandatory>true</drProgramMandatory>"
    "<loadShiftForward>false</loadShiftForward></EndDeviceControl>"
)
TEXT = (
    "<TextMessage {ns}><mRID>01</mRID><creationTime>1</creationTime>{st}{iv}"
    "<priority>1</priority><textMessage>storm</textMessage></TextMessage>"
)
PRICE = (
    "<TimeTariffInterval {ns}><mRID>01</mRID><creationTime>1</creationTime>{st}{iv}"
    "<touTier>1</touTier></TimeTariffInterval>"
)


@pytest.mark.parametrize(
    ("path", "text"), [("/dr/1/edc", EDC), ("/msg/1/txt", TEXT), ("/tp/1/rc/2/tti", PRICE)]
)
async def test_every_kind_of_event_goes_by_the_clock(path: str, text: str) -> None:
    shelf = await world()
    span = f"<interval><duration>60</duration><start>{NOW + 10}</start></interval>"
    made = body(text.format(ns=scene.NS, st=scene.STATUS, iv=span))
    href = await post(shelf, made, path=path)
    assert (await told(shelf, href, NOW) or (None,))[0] == 0
    assert (await told(shelf, href, NOW + 10) or (None,))[0] == 1
    assert await told(shelf, href, NOW + 70) is None
    again = text.format(ns=scene.NS, st=scene.STATUS, iv=span).replace("<mRID>01", "<mRID>02")
    await post(shelf, body(again.replace("<creationTime>1<", "<creationTime>2<")), path=path)
    state = await told(shelf, href, NOW + 10)
    assert state == ((1, NOW + 10, False) if "msg" in path else (4, NOW + 10, True))

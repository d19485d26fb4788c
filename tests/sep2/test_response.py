"""Responses: by whom, about what, which of them and in which order; and who reads them."""

from __future__ import annotations

import pytest

from bridge.sep2 import dispatch, events, response
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Policy
from models.der import messages
from tests.sep2 import scene
from tests.sep2.scene import (
    AGGREGATOR,
    ALIEN,
    HELD,
    LFDI,
    NOW,
    NS,
    Memory,
    body,
    commit,
    control,
    operator,
    spot,
)
from tests.sep2.scene import world as bare

LIST = "/rsps/1/rsp"
MARK = "AB01"
STRICT = Policy(strict=frozenset({"response-lfdi"}))


async def world(asked: str = "03") -> Memory:
    """The small world with one control that asks for answers."""
    shelf = await bare()
    made = operator(shelf)
    heads = f'responseRequired="{asked}"' if asked else ""
    await events.posted(made, spot("/derp/1/derc"), control(MARK, NOW + 60, heads=heads))
    await commit(made, shelf)
    return shelf


async def say(
    shelf: Memory,
    status: int | None,
    *,
    by: str = LFDI,
    of: str = LFDI,
    subject: str = MARK,
    created: int | None = NOW,
    type_: str = "DERControlResponse",
    policy: Policy | None = None,
    profile: str = "2018",
) -> tuple[int, str]:
    when = "" if created is None else f"<createdDateTime>{created}</createdDateTime>"
    code = "" if status is None else f"<status>{status}</status>"
    text = (
        f"<{type_} {NS}>{when}<endDeviceLFDI>{of}</endDeviceLFDI>{code}<subject>{subject}</subject></{type_}>"
    )
    role = "aggregator" if by == AGGREGATOR else "device"
    asked = scene.work(shelf, method="POST", path=LIST, lfdi=by, role=role, policy=policy)
    answer = await response.posted(asked, spot(LIST), body(text, profile))
    await commit(asked, shelf)
    return answer.status, answer.location


async def test_a_response_is_kept_under_its_subject_with_its_outcome() -> None:
    shelf = await world()
    code, place = await say(shelf, 1, subject=MARK.lower())
    row = shelf.rows[place]
    outcome = messages.Outcome.model_validate_json(row.record)
    assert code == 201
    assert (row.type, row.owner, row.grp, row.at, row.mark) == ("DERControlResponse", LFDI, MARK, NOW, "")
    assert (outcome.device, outcome.status, outcome.target.device) == (LFDI, 1, (LFDI,))


@pytest.mark.parametrize("status", [0, 11, 12, 15, 251, 255])
async def test_a_status_that_a_control_does_not_have(status: int) -> None:
    with pytest.raises(Told, match=f"status {status}") as no:
        await say(await world(), status)
    assert no.value.status == 400


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("00", ()),
        ("", ()),
        ("01", (1, 252, 253, 254)),
        ("02", (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 252, 253, 254)),
        ("04", (4, 5, 8, 9, 10)),
    ],
)
async def test_only_what_was_asked_for_is_taken(asked: str, taken: tuple[int, ...]) -> None:
    for status in sorted(response.CONTROL):
        shelf = await world(asked)
        if status in taken:
            assert (await say(shelf, status))[0] == 201
        else:
            with pytest.raises(Told, match="does not ask"):
                await say(shelf, status)


async def test_a_subject_that_nobody_knows() -> None:
    with pytest.raises(Told, match="FFFFFFFF") as no:
        await say(await world(), 1, subject="FFFFFFFF")
    assert no.value.status == 400


async def test_a_subject_that_is_not_meant_for_the_device() -> None:
    with pytest.raises(Told, match="no event for"):
        await say(await world(), 1, by=ALIEN, of=ALIEN)


async def test_nobody_answers_for_somebody_else() -> None:
    shelf = await world()
    for by, of in ((LFDI, HELD), (AGGREGATOR, LFDI), (LFDI, "0F423F"), (AGGREGATOR, "0F423F")):
        with pytest.raises(Told, match="no device of this client"):
            await say(shelf, 1, by=by, of=of)
    assert (await say(shelf, 1, by=AGGREGATOR, of=HELD))[0] == 201


async def test_an_aggregator_that_is_no_end_device_answers_unless_the_switch_is_on() -> None:
    shelf = await world()
    assert (await say(shelf, 1, by=AGGREGATOR, of=AGGREGATOR))[0] == 201
    with pytest.raises(Told, match="no device of this client"):
        await say(shelf, 2, by=AGGREGATOR, of=AGGREGATOR, policy=STRICT)
    assert (await say(shelf, 1, by=AGGREGATOR, of=HELD, policy=STRICT))[0] == 201


async def test_received_started_completed() -> None:
    shelf = await world()
    assert [(await say(shelf, status, created=NOW + status))[0] for status in (1, 2, 4, 5, 3)] == [201] * 5


@pytest.mark.parametrize("end", sorted(response.ENDS & response.CONTROL))
@pytest.mark.parametrize("after", [1, 2, 3, 4])
async def test_nothing_comes_after_an_end(end: int, after: int) -> None:
    shelf = await world()
    await say(shelf, end)
    with pytest.raises(Told, match=f"status {after} after {end}") as no:
        await say(shelf, after, created=NOW + 1)
    assert no.value.status == 400


async def test_word_from_before_the_end_may_come_late_but_no_second_end() -> None:
    shelf = await world()
    await say(shelf, 3, created=NOW + 60)
    assert (await say(shelf, 2, created=NOW + 10))[0] == 201
    with pytest.raises(Told, match="status 6 beside"):
        await say(shelf, 6, created=NOW + 20)


async def test_what_was_superseded_may_resume_in_the_words_of_2023() -> None:
    shelf = await world()
    await say(shelf, 7, created=NOW)
    for status, profile in ((15, "2018"), (2, "2023"), (251, "2018")):
        with pytest.raises(Told, match=f"status {status}"):
            await say(shelf, status, created=NOW + 5, profile=profile)
    assert (await say(shelf, 15, created=NOW + 5, profile="2023"))[0] == 201
    assert (await say(shelf, 3, created=NOW + 9, profile="2023"))[0] == 201
    with pytest.raises(Told, match="15 after 3"):
        await say(shelf, 15, created=NOW + 10, profile="2023")


async def test_the_end_of_one_device_is_not_that_of_another() -> None:
    shelf = await world()
    await say(shelf, 3)
    assert (await say(shelf, 2, by=AGGREGATOR, of=HELD))[0] == 201


async def test_the_very_same_response_is_kept_once() -> None:
    shelf = await world()
    first = await say(shelf, 1)
    assert await say(shelf, 1) == (204, first[1])
    assert (await say(shelf, 1, created=NOW + 1))[0] == 201
    assert (await say(shelf, 1, type_="Response"))[0] == 201
    end = await say(shelf, 3, created=NOW + 2)
    assert await say(shelf, 3, created=NOW + 2) == (204, end[1])


async def test_a_late_word_on_a_cancelled_control_finds_its_subject() -> None:
    """S-ALL-42, and a response that comes after the control has left its list."""
    shelf = await world()
    asked = operator(shelf)
    row = next(row for row in shelf.rows.values() if row.mark == MARK)
    await dispatch.cancel(asked, row)
    await commit(asked, shelf)
    assert (await say(shelf, 6, created=NOW + 5000))[0] == 201


async def test_a_response_may_leave_out_when_and_what() -> None:
    shelf = await world("00")
    code, place = await say(shelf, None, created=None)
    assert (code, shelf.rows[place].at) == (201, NOW)


async def test_each_type_of_response_has_its_own_subjects() -> None:
    shelf = await world()
    with pytest.raises(Told, match="no event"):
        await say(shelf, 1, type_="TextResponse")
    assert (await say(shelf, 1, type_="Response"))[0] == 201


async def test_a_text_is_acknowledged_but_not_completed() -> None:
    shelf = await world()
    asked = operator(shelf)
    facts = {"mRID": "CC", "duration": 60, "priority": 1, "textMessage": "storm", "responseRequired": "07"}
    await dispatch.create(asked, shelf.rows["/msg/1"], facts, "TextMessage")
    await commit(asked, shelf)
    assert (await say(shelf, 11, subject="CC", type_="TextResponse"))[0] == 201
    with pytest.raises(Told, match="none of a TextMessage"):
        await say(shelf, 3, subject="CC", type_="TextResponse")


async def listed(shelf: Memory, lfdi: str, role: str) -> list[str]:
    asked = scene.work(shelf, lfdi=lfdi, role=role)
    page = await response.listed(asked, spot(LIST), Cut(limit=9))
    assert page.total == len(page.rows)
    return [row.owner for row in page.rows]


async def test_everyone_reads_what_is_of_his_own() -> None:
    shelf = await world()
    _, mine = await say(shelf, 1)
    _, held = await say(shelf, 1, by=AGGREGATOR, of=HELD, created=NOW + 1)
    assert await listed(shelf, LFDI, "device") == [LFDI]
    assert await listed(shelf, AGGREGATOR, "aggregator") == [HELD]
    assert await listed(shelf, ALIEN, "device") == []
    assert await listed(shelf, "9" * 40, "operator") == [HELD, LFDI]
    asked = scene.work(shelf)
    assert await response.seen(asked, spot(mine), shelf.rows[mine]) == shelf.rows[mine]
    assert await response.seen(asked, spot(held), shelf.rows[held]) is None


async def test_the_newest_response_is_first_and_pages_go_on() -> None:
    shelf = await world()
    for at, status in enumerate((1, 2, 4)):
        await say(shelf, status, by=AGGREGATOR, of=HELD, created=NOW + at)
    asked = scene.work(shelf, lfdi=AGGREGATOR, role="aggregator")
    page = await response.listed(asked, spot(LIST), Cut(1, 1))
    assert ([row.at for row in page.rows], page.total) == ([NOW + 1], 3)


async def test_the_first_response_set_is_there_by_itself() -> None:
    shelf = await world()
    asked = scene.work(shelf)
    page = await response.sets(asked, spot("/rsps"), Cut(limit=9))
    assert ([row.href for row in page.rows], page.total) == (["/rsps/1"], 1)
    found = await response.responses(asked, spot("/rsps/1"), None)
    assert found is not None
    body(found.body.decode())
    assert await response.responses(asked, spot("/rsps/2"), None) is None
    text = f"<ResponseSet {NS}><mRID>0B</mRID></ResponseSet>".encode()
    await shelf.lay(Row("/rsps/2", "/rsps", "ResponseSet", text, "2018", mark="0B"))
    page = await response.sets(asked, spot("/rsps"), Cut(limit=9))
    assert [row.href for row in page.rows] == ["/rsps/1", "/rsps/2"]

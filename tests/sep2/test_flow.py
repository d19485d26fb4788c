"""Flow reservations: asked for, changed, cancelled, answered, and read by the clock."""

from __future__ import annotations

import pytest

from bridge.sep2 import active, canon, dispatch, events, flow
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from tests.sep2 import scene
from tests.sep2.scene import LFDI, NOW, NS, Memory, body, commit, operator, spot, world

ASKS, ANSWERS = "/edev/1/frq", "/edev/1/frp"


def request(mark: str = "0A", status: int = 0, start: int = NOW + 600) -> str:
    return (
        f"<FlowReservationRequest {NS}><mRID>{mark}</mRID><creationTime>{NOW}</creationTime>"
        "<durationRequested>900</durationRequested>"
        "<energyRequested><multiplier>0</multiplier><value>9000</value></energyRequested>"
        f"<intervalRequested><duration>3600</duration><start>{start}</start></intervalRequested>"
        "<powerRequested><multiplier>0</multiplier><value>7000</value></powerRequested>"
        f"<RequestStatus><dateTime>{NOW}</dateTime><requestStatus>{status}</requestStatus></RequestStatus>"
        "</FlowReservationRequest>"
    )


def answer(subject: str = "0A", mark: str = "F0") -> str:
    return (
        f"<FlowReservationResponse {NS}><mRID>{mark}</mRID><creationTime>{NOW}</creationTime>{scene.STATUS}"
        f"<interval><duration>900</duration><start>{NOW + 700}</start></interval>"
        "<energyAvailable><multiplier>0</multiplier><value>9000</value></energyAvailable>"
        "<powerAvailable><multiplier>0</multiplier><value>7000</value></powerAvailable>"
        f"<subject>{subject}</subject></FlowReservationResponse>"
    )


async def ask(shelf: Memory, text: str) -> tuple[int, str]:
    asked = scene.work(shelf, method="POST", path=ASKS)
    done = await flow.requested(asked, spot(ASKS), body(text))
    await commit(asked, shelf)
    return done.status, done.location


async def change(shelf: Memory, place: str, text: str) -> int:
    asked = scene.work(shelf, method="PUT", path=place)
    done = await flow.changed(asked, spot(place), body(text), shelf.rows.get(place))
    await commit(asked, shelf)
    return done.status


async def reply(shelf: Memory, text: str) -> str:
    asked = operator(shelf)
    done = await flow.answered(asked, spot(ANSWERS), body(text))
    await commit(asked, shelf)
    return done.location


async def state(shelf: Memory, place: str, now: int = NOW) -> int | None:
    row = await events.seen(scene.work(shelf, now=now), spot(place), shelf.rows[place])
    return None if row is None else int(canon.obj(row).EventStatus.currentStatus)


async def test_a_request_is_taken_and_changed_by_its_mrid() -> None:
    shelf = await world()
    code, place = await ask(shelf, request())
    assert (code, shelf.rows[place].owner, shelf.rows[place].at) == (201, LFDI, NOW + 600)
    assert await ask(shelf, request(start=NOW + 900)) == (204, place)
    assert shelf.rows[place].at == NOW + 900
    assert await change(shelf, place, request(start=NOW + 60)) == 204
    assert shelf.rows[place].at == NOW + 60


@pytest.mark.parametrize("status", [1, 2, 255])
async def test_a_request_begins_as_a_request(status: int) -> None:
    shelf = await world()
    with pytest.raises(Told, match="requestStatus") as no:
        await ask(shelf, request(status=status))
    assert no.value.status == 400


async def test_what_cannot_be_changed_of_a_request() -> None:
    shelf = await world()
    _, place = await ask(shelf, request())
    for text, code in ((request("0B"), 400), (request(status=9), 400)):
        with pytest.raises(Told) as no:
            await change(shelf, place, text)
        assert no.value.status == code
    with pytest.raises(Told) as no:
        await change(shelf, f"{ASKS}/777", request())
    assert no.value.status == 404
    await change(shelf, place, request(status=1))
    with pytest.raises(Told, match="is cancelled"):
        await change(shelf, place, request())
    with pytest.raises(Told, match="is cancelled"):
        await ask(shelf, request())


async def test_an_answer_is_an_event_of_the_device() -> None:
    shelf = await world()
    await ask(shelf, request())
    place = await reply(shelf, answer("0a"))
    assert shelf.rows[place].owner == LFDI
    assert [await state(shelf, place, NOW + at) for at in (0, 700, 1600)] == [0, 1, None]
    page = await active.listed(scene.work(shelf, now=NOW + 1600), spot(ANSWERS), Cut(limit=9))
    assert page.total == 0


@pytest.mark.parametrize("subject", ["0B", "00"])
async def test_an_answer_needs_a_request_of_that_device(subject: str) -> None:
    shelf = await world()
    await ask(shelf, request())
    with pytest.raises(Told, match="no request"):
        await reply(shelf, answer(subject))


async def test_an_answer_to_what_is_cancelled_is_refused() -> None:
    shelf = await world()
    _, place = await ask(shelf, request())
    await change(shelf, place, request(status=1))
    with pytest.raises(Told, match="is cancelled"):
        await reply(shelf, answer())


@pytest.mark.parametrize("how", ["put", "post", "delete"])
async def test_a_cancelled_request_takes_its_answers_along(how: str) -> None:
    shelf = await world()
    _, place = await ask(shelf, request())
    await ask(shelf, request("0C"))
    mine, other = await reply(shelf, answer()), await reply(shelf, answer("0C", "F1"))
    if how == "put":
        await change(shelf, place, request(status=1))
    elif how == "post":
        await ask(shelf, request(status=1))
    else:
        asked = scene.work(shelf, method="DELETE", path=place)
        await flow.withdrawn(asked, spot(place), shelf.rows[place])
        await commit(asked, shelf)
    assert (await state(shelf, mine), await state(shelf, other)) == (2, 0)
    assert (place in shelf.rows) == (how != "delete")


async def test_what_an_operator_cancelled_before_is_left_as_it_is() -> None:
    shelf = await world()
    _, place = await ask(shelf, request())
    mine = await reply(shelf, answer())
    asked = operator(shelf)
    await dispatch.cancel(asked, shelf.rows[mine], reason="first")
    await commit(asked, shelf)
    assert await change(shelf, place, request(status=1)) == 204
    assert canon.obj(shelf.rows[mine]).EventStatus.reason == "first"


async def test_an_operator_answers_from_plain_facts() -> None:
    shelf = await world()
    await ask(shelf, request())
    facts = {"subject": "0A", "duration": 60, "energyAvailable": 9000, "powerAvailable": 7000}
    asked = operator(shelf)
    row = await flow.grant(asked, shelf.rows["/edev/1"], facts)
    await commit(asked, shelf)
    assert await state(shelf, row.href) == 1
    asked = operator(shelf)
    await dispatch.cancel(asked, shelf.rows[row.href])
    await commit(asked, shelf)
    assert await state(shelf, row.href) == 2
    with pytest.raises(Told, match="no request"):
        await flow.grant(operator(shelf), shelf.rows["/edev/1"], {**facts, "subject": "0D"})


async def test_two_answers_of_one_list_supersede_each_other_by_age() -> None:
    shelf = await world()
    await ask(shelf, request())
    first = await reply(shelf, answer())
    await reply(shelf, answer(mark="F1").replace(f"<creationTime>{NOW}", f"<creationTime>{NOW + 1}"))
    assert await state(shelf, first, NOW + 700) == 4
    assert isinstance(shelf.rows[first], Row)

"""What operators do from plain facts: controls made, cancelled, replaced; defaults, curves, any document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.sep2 import canon, dispatch
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from models.der import messages
from tests.sep2.scene import NOW, Memory, commit, operator, read, told, world

LIST = "/derp/1/derc"


async def make(shelf: Memory, now: int = NOW, **facts: Any) -> Row:
    asked = operator(shelf, now)
    row = await dispatch.create(asked, shelf.rows["/derp/1"], facts)
    await commit(asked, shelf)
    return shelf.rows[row.href]


async def test_plain_facts_become_a_control_of_the_oldest_edition_that_can_say_it() -> None:
    shelf = await world()
    plain = await make(shelf, duration=60, opModTargetW=123456.0 - 456, rampTms=200, description="evening")
    australian = await make(shelf, start=NOW + 900, duration=60, opModExpLimW=5000, opModLoadLimW=1.5)
    storage = await make(shelf, start=NOW + 1800, duration=60, opModStorageTargetW=-3)
    modern = await make(shelf, start=NOW + 2700, duration=60, opModGridConnectPermit=True)
    rows = [plain, australian, storage, modern]
    assert [row.profile for row in rows] == ["2018", "csip-aus-1.2", "csip-aus-1.3", "2023"]
    made = canon.obj(plain)
    assert (made.DERControlBase.opModTargetW.multiplier, made.DERControlBase.opModTargetW.value) == (1, 12300)
    assert (made.interval.start, made.responseRequired, made.replyTo) == (NOW, "03", "/rsps/1/rsp")
    said = canon.obj(australian).DERControlBase
    assert (said.opModExpLimW.multiplier, said.opModExpLimW.value) == (0, 5000)
    assert (said.opModLoadLimW.multiplier, said.opModLoadLimW.value) == (-1, 15)
    assert canon.control(australian.record).modes.expLimW == messages.Amount(
        value=Decimal(5000), unit=messages.Unit.W, scale=0
    )
    assert len({row.mark for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"duration": 60, "opModNothing": 1}, "opModNothing"),
        ({"duration": 60, "opModExpLimW": 1, "opModTargetV": 1}, "there is no"),
        ({"duration": -1, "opModConnect": True}, "duration"),
        ({"duration": 60, "opModConnect": "yes"}, "opModConnect"),
        ({"duration": 60, "opModTargetW": 1234567}, "power"),
        ({"opModConnect": True}, "duration"),
    ],
)
async def test_wrong_facts_are_told(facts: dict[str, Any], reason: str) -> None:
    shelf = await world()
    with pytest.raises(Told, match=reason) as no:
        await make(shelf, **facts)
    assert no.value.status == 400


async def test_cancelled_ones_say_so_until_their_end_and_keep_their_reason() -> None:
    shelf = await world()
    row = await make(shelf, start=NOW + 600, duration=60, opModConnect=True)
    asked = operator(shelf, NOW + 5)
    await dispatch.cancel(asked, row, reason="storm over")
    await commit(asked, shelf)
    assert await told(shelf, row.href, NOW + 5) == (2, NOW + 5, False)
    assert await told(shelf, row.href, NOW + 659) == (2, NOW + 5, False)
    assert await told(shelf, row.href, NOW + 660) is None
    made = await read(shelf, row.href, NOW + 5)
    status = canon.control(shelf.rows[row.href].record).status
    assert made.EventStatus.reason == "storm over"
    assert status is not None
    assert (status.currentStatus, status.reason) == (2, "storm over")
    with pytest.raises(Told, match="cancelled") as no:
        await dispatch.cancel(operator(shelf, NOW + 6), shelf.rows[row.href])
    assert no.value.status == 409


async def test_cancelled_in_the_order_of_their_spread() -> None:
    shelf = await world()
    row = await make(shelf, duration=60, opModConnect=True, randomizeStart=10)
    asked = operator(shelf)
    await dispatch.cancel(asked, row, randomised=True)
    await commit(asked, shelf)
    assert await told(shelf, row.href, NOW) == (3, NOW, False)


async def test_a_cancelled_newer_one_gives_the_older_its_time_back_only_before_it_began() -> None:
    shelf = await world()
    old = await make(shelf, duration=600, opModConnect=True)
    new = await make(shelf, NOW + 1, start=NOW + 100, duration=60, opModConnect=False)
    asked = operator(shelf, NOW + 50)
    await dispatch.cancel(asked, new)
    await commit(asked, shelf)
    assert await told(shelf, old.href, NOW + 110) == (1, NOW, False)


async def test_clear_leaves_what_is_over() -> None:
    shelf = await world()
    rows = [await make(shelf, start=NOW + at, duration=60, opModConnect=True) for at in (0, 100, 200)]
    asked = operator(shelf, NOW + 70)
    done = await dispatch.clear(asked, shelf.rows["/derp/1"])
    await commit(asked, shelf)
    assert [row.href for row in done] == [row.href for row in rows[1:]]
    assert await dispatch.clear(operator(shelf, NOW + 71), shelf.rows["/derp/1"]) == []


async def test_replaced_by_what_supersedes_it_there_is_no_gap() -> None:
    shelf = await world()
    row = await make(shelf, duration=600, opModExpLimW=5000, description="noon")
    asked = operator(shelf, NOW + 100)
    fresh = await dispatch.replace(asked, row, {"opModExpLimW": 2000})
    await commit(asked, shelf)
    assert await told(shelf, row.href, NOW + 100) == (4, NOW + 100, True)
    made = canon.obj(shelf.rows[fresh.href])
    assert (made.interval.start, made.interval.duration) == (NOW + 100, 500)
    assert (made.description, made.DERControlBase.opModExpLimW.value) == ("noon", 2000)
    assert fresh.mark != row.mark


async def test_replaced_by_something_else_it_is_cancelled() -> None:
    shelf = await world()
    row = await make(shelf, duration=600, opModExpLimW=5000)
    asked = operator(shelf, NOW + 100)
    await dispatch.replace(asked, row, {"start": NOW + 200, "duration": 60})
    await commit(asked, shelf)
    assert await told(shelf, row.href, NOW + 100) == (2, NOW + 100, False)


async def test_replaced_by_other_modes_it_is_cancelled() -> None:
    shelf = await world()
    row = await make(shelf, duration=600, opModExpLimW=5000)
    asked = operator(shelf, NOW + 100)
    await dispatch.replace(asked, row, {"opModImpLimW": 1})
    await commit(asked, shelf)
    assert await told(shelf, row.href, NOW + 100) == (2, NOW + 100, False)


async def test_a_default_keeps_its_mrid_and_counts_its_versions() -> None:
    shelf = await world()
    for limit in (3000, 4000):
        asked = operator(shelf)
        await dispatch.default(asked, shelf.rows["/derp/1"], {"opModExpLimW": limit, "setGradW": 100})
        await commit(asked, shelf)
    row = shelf.rows["/derp/1/dderc"]
    made, record = canon.obj(row), messages.Default.model_validate_json(row.record)
    assert (made.version, made.setGradW, made.DERControlBase.opModExpLimW.value) == (1, 100, 4000)
    assert (record.programme, record.primacy, row.version) == ("/derp/1", 2, 2)


async def test_a_curve_from_points() -> None:
    shelf = await world()
    facts = {"curveType": 11, "CurveData": [[92, 44], [98, 0]], "yRefType": 2}
    asked = operator(shelf)
    row = await dispatch.curve(asked, shelf.rows["/derp/1"], facts)
    await commit(asked, shelf)
    asked = operator(shelf)
    again = await dispatch.curve(
        asked, shelf.rows["/derp/1"], {**facts, "CurveData": [[90, 1]]}, shelf.rows[row.href]
    )
    await commit(asked, shelf)
    made = canon.obj(shelf.rows[row.href])
    assert (again.href, made.version, [point.xvalue for point in made.CurveData]) == (row.href, 1, [90])
    assert messages.Curve.model_validate_json(shelf.rows[row.href].record).kind == 11
    asked = operator(shelf)
    with pytest.raises(Told, match="CurveData"):
        await dispatch.curve(
            asked, shelf.rows["/derp/1"], {**facts, "CurveData": [[n, n] for n in range(11)]}
        )


async def test_a_curve_is_pointed_at_by_its_address() -> None:
    shelf = await world()
    row = await make(shelf, duration=60, opModVoltVar="/derp/1/dc/5")
    assert canon.obj(row).DERControlBase.opModVoltVar.href == "/derp/1/dc/5"


async def test_the_list_is_in_the_order_of_the_standard() -> None:
    shelf = await world()
    later = await make(shelf, start=NOW + 200, duration=60, opModConnect=True)
    older = await make(shelf, start=NOW + 100, duration=60, opModConnect=True)
    newer = await make(shelf, NOW + 1, start=NOW + 100, duration=60, opModConnect=True)
    page = await shelf.children(LIST, Cut(limit=9))
    assert [row.href for row in page.rows] == [newer.href, older.href, later.href]


async def test_any_document_may_be_laid_where_it_belongs() -> None:
    shelf = await world()
    for name in ("Grid", "Grid & Co"):
        asked = operator(shelf)
        facts = {"mRID": "0A", "description": name, "phone": "1"}
        await dispatch.lay(asked, "/bill/1/ss", "ServiceSupplier", facts)
        await commit(asked, shelf)
    row = shelf.rows["/bill/1/ss"]
    assert (canon.obj(row).description, row.version, row.parent) == ("Grid & Co", 2, "/bill/1")
    for href, type_ in (("/bill/1/ss", "File"), ("/bill", "CustomerAccount"), ("/nowhere", "File")):
        with pytest.raises(Told, match="stands at"):
            await dispatch.lay(operator(shelf), href, type_, {})


async def test_of_two_that_are_made_in_one_second_the_later_one_is_newer() -> None:
    shelf = await world()
    rows = [await make(shelf, duration=600, opModConnect=bool(turn % 2)) for turn in range(6)]
    apart = await make(shelf, start=NOW + 600, duration=600, opModConnect=True)
    assert [canon.obj(row).creationTime - NOW for row in rows] == [0, 1, 2, 3, 4, 5]
    assert canon.obj(apart).creationTime == NOW

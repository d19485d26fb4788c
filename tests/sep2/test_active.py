"""Lists by the clock: what is active, what is no longer in its list, and when the answer goes stale."""

from __future__ import annotations

from bridge.sep2 import active, dispatch, events
from bridge.sep2.shelf import Cut, Page, Row
from tests.sep2 import scene
from tests.sep2.scene import NOW, Memory, commit, control, operator, spot, world


async def laid(shelf: Memory, *spans: tuple[int, int]) -> list[str]:
    asked = operator(shelf)
    made = [control(f"{at:04X}", NOW + at, last) for at, last in spans]
    rows = [await events.stored(asked, spot("/derp/1/derc"), each) for each in made]
    await commit(asked, shelf)
    return [row.href for row in rows]


async def shown(shelf: Memory, path: str, now: int, cut: Cut | None = None) -> tuple[Page, int | None]:
    asked = scene.work(shelf, now=now)
    page = await active.listed(asked, spot(path), cut or Cut(limit=100))
    return page, asked.shelf.until


async def test_what_is_over_leaves_the_list() -> None:
    shelf = await world()
    first, second = await laid(shelf, (0, 60), (60, 60))
    page, until = await shown(shelf, "/derp/1/derc", NOW + 59)
    assert ([row.href for row in page.rows], page.total, until) == ([first, second], 2, NOW + 60)
    page, until = await shown(shelf, "/derp/1/derc", NOW + 60)
    assert ([row.href for row in page.rows], page.total, until) == ([second], 1, NOW + 120)
    page, until = await shown(shelf, "/derp/1/derc", NOW + 120)
    assert (page.total, until) == (0, None)


async def test_the_active_list_holds_what_runs_now() -> None:
    shelf = await world()
    first, second, _ = await laid(shelf, (0, 60), (60, 60), (120, 60))
    page, until = await shown(shelf, "/derp/1/actderc", NOW + 59)
    assert ([row.href for row in page.rows], until) == ([first], NOW + 60)
    page, _ = await shown(shelf, "/derp/1/actderc", NOW + 60)
    assert [row.href for row in page.rows] == [second]


async def test_pages_and_times_of_an_active_list() -> None:
    shelf = await world()
    asked = operator(shelf)
    for mark, name in (("01", "opModConnect"), ("02", "opModEnergize")):
        base = f"<{name}>true</{name}>"
        await events.posted(asked, spot("/derp/1/derc"), control(mark, NOW - int(mark), 90, base=base))
    await commit(asked, shelf)
    page, _ = await shown(shelf, "/derp/1/actderc", NOW, Cut(1, 1))
    assert (len(page.rows), page.total) == (1, 2)
    page, _ = await shown(shelf, "/derp/1/actderc", NOW, Cut(0, 9, after=NOW - 2))
    assert [row.mark for row in page.rows] == ["01"]
    page, _ = await shown(shelf, "/derp/1/actderc", NOW, Cut(limit=0))
    assert (page.rows, page.total) == ((), 2)


async def test_cancelled_and_superseded_ones_are_listed_but_not_active() -> None:
    shelf = await world()
    (gone,) = await laid(shelf, (0, 600))
    asked = operator(shelf, NOW + 5)
    await dispatch.cancel(asked, shelf.rows[gone])
    await commit(asked, shelf)
    assert (await shown(shelf, "/derp/1/derc", NOW + 5))[0].total == 1
    assert (await shown(shelf, "/derp/1/actderc", NOW + 5))[0].total == 0


async def test_a_window_without_a_status_decides_by_itself() -> None:
    shelf = await world()
    rows = [
        Row(f"/ppy/1/si/{at}", "/ppy/1/si", "SupplyInterruptionOverride", at=NOW + at, until=NOW + at + 60)
        for at in (0, 60)
    ]
    await shelf.lay(*rows)
    page, until = await shown(shelf, "/ppy/1/actsi", NOW + 30)
    assert ([row.href for row in page.rows], until) == (["/ppy/1/si/0"], NOW + 60)
    page, until = await shown(shelf, "/ppy/1/actsi", NOW + 60)
    assert ([row.href for row in page.rows], until) == (["/ppy/1/si/60"], NOW + 120)


async def test_a_list_that_holds_no_events_keeps_what_is_over() -> None:
    shelf = await world()
    await shelf.lay(Row("/bill/1/ca/2/bp/3", "/bill/1/ca/2/bp", "BillingPeriod", at=NOW - 90, until=NOW - 30))
    assert (await shown(shelf, "/bill/1/ca/2/bp", NOW))[0].total == 1
    assert (await shown(shelf, "/bill/1/ca/2/actbp", NOW))[0].total == 0


async def test_a_day_of_controls_is_read_at_once() -> None:
    shelf = await world()
    await laid(shelf, *[(60 * at, 60) for at in range(24)])
    page, _ = await shown(shelf, "/derp/1/derc", NOW, Cut(0, 10))
    assert (len(page.rows), page.total) == (10, 24)
    assert [row.at for row in page.rows] == [NOW + 60 * at for at in range(10)]

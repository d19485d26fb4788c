"""Pages and cursors: everything once, whatever happens between two pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.app.office import cursor
from tests.app.office.bureau import Bureau, bureau


async def numbered(office: Bureau, count: int) -> None:
    for number in range(count):
        await office.post("/access", {"lfdi": f"{number:040X}"})


async def test_pages_hold_everything_once_whatever_happens_between_them(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await numbered(office, 9)
        page = await office.get("/access", limit=3)
        assert (page["total"], len(page["items"])) == (9, 3)
        for each in page["items"]:
            await office.ask("DELETE", f"/access/{each['lfdi']}")
        await office.post("/access", {"lfdi": f"{4:039X}F"})
        rest = await office.get("/access", limit=100, cursor=page["next"])
        found = [int(each["lfdi"], 16) for each in rest["items"]]
        assert found == [3, 4, 5, 6, 7, 8, 0x4F]
        assert rest["next"] is None


async def test_a_filter_that_the_shelf_does_not_know_still_fills_pages(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await numbered(office, 7)
        await office.post(f"/access/{5:040X}/revoke", status=200)
        page = await office.get("/access", granted="false", limit=2)
        assert ([int(each["lfdi"], 16) for each in page["items"]], page["next"], page["total"]) == (
            [5],
            None,
            None,
        )


async def test_a_page_looks_at_a_bounded_number_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursor, "LOOKED", 3)
    async with bureau(tmp_path) as office:
        await numbered(office, 7)
        await office.post(f"/access/{6:040X}/revoke", status=200)
        seen, after, pages = [], "", 0
        while True:
            page = await office.get("/access", granted="false", **({"cursor": after} if after else {}))
            seen += page["items"]
            pages += 1
            if not (after := page["next"]):
                break
        assert ([int(each["lfdi"], 16) for each in seen], pages) == ([6], 3)


def test_a_cursor_reads_as_it_was_written() -> None:
    made = cursor.Cursor(cursor.Place(3, "r", "/a"), "/l", cursor.Place(1, "", "/b"))
    assert cursor.read(cursor.text(made)) == made

"""Files: described, stored in pieces, given whole or in part, to whom they are for."""

from __future__ import annotations

import pytest

from bridge.sep2 import canon, file, span
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Answer, Told
from tests.sep2 import scene
from tests.sep2.scene import ALIEN, GROUP, LFDI, NOW, NS, Memory, body, commit, operator, spot, world

FACTS = {"mfID": 37244, "mfModel": "M1", "mfVer": "1.0"}
OCTETS = bytes(range(256)) * 3000
"""Three pieces, the last one not full."""


async def store(
    shelf: Memory, octets: bytes = OCTETS, grp: str = "", was: Row | None = None, **more: object
) -> str:
    asked = operator(shelf)
    row = await file.store(asked, {**FACTS, **more}, octets, grp=grp, was=was)
    await commit(asked, shelf)
    return row.href


async def get(shelf: Memory, href: str, wanted: str = "", condition: str = "", lfdi: str = LFDI) -> Answer:
    asked = scene.work(shelf, path=f"{href}/content", lfdi=lfdi)
    asked.ask = asked.ask._replace(span=wanted, condition=condition)
    place = spot(href)._replace(href=f"{href}/content")
    return await file.content(asked, place)


async def test_a_file_says_where_its_octets_are_and_how_many() -> None:
    shelf = await world()
    href = await store(shelf)
    made = canon.obj(shelf.rows[href])
    assert (made.fileURI, made.size, made.activateTime) == (f"{href}/content", len(OCTETS), NOW)
    assert len([row for row in shelf.rows.values() if row.type == "Octets"]) == 3


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=0-99", slice(0, 100)),
        ("bytes=262143-262144", slice(262143, 262145)),
        ("bytes=262144-", slice(262144, None)),
        ("bytes=-5", slice(-5, None)),
        ("bytes=-9999999", slice(0, None)),
        ("bytes=10-99999999", slice(10, None)),
        ("Bytes = 100 - 600000", slice(100, 600001)),
    ],
)
async def test_a_part_of_a_file(wanted: str, part: slice) -> None:
    shelf = await world()
    href = await store(shelf)
    made = await get(shelf, href, wanted)
    first, last, _ = part.indices(len(OCTETS))
    heads = dict(made.headers)
    assert (made.status, made.body) == (206, OCTETS[part])
    assert heads["Content-Range"] == f"bytes {first}-{last - 1}/{len(OCTETS)}"
    assert made.until == 0


@pytest.mark.parametrize("wanted", ["", "lines=0-5", "bytes=5-2", "bytes=-", "bytes=0-1,4-5", "bytes=x-"])
async def test_what_is_no_range_gives_the_whole(wanted: str) -> None:
    shelf = await world()
    made = await get(shelf, await store(shelf), wanted)
    assert (made.status, made.body, made.media) == (200, OCTETS, "application/octet-stream")
    assert dict(made.headers)["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize("wanted", [f"bytes={len(OCTETS)}-", "bytes=9999999-", "bytes=-0"])
async def test_a_range_beyond_the_end(wanted: str) -> None:
    shelf = await world()
    made = await get(shelf, await store(shelf), wanted)
    assert (made.status, made.body) == (416, b"")
    assert dict(made.headers)["Content-Range"] == f"bytes */{len(OCTETS)}"


async def test_a_resumed_download_of_a_file_that_changed_starts_again() -> None:
    shelf = await world()
    href = await store(shelf)
    tag = dict((await get(shelf, href)).headers)["ETag"]
    assert (await get(shelf, href, "bytes=5-", tag)).status == 206
    await store(shelf, OCTETS[::-1], was=shelf.rows[href])
    made = await get(shelf, href, "bytes=5-", tag)
    assert (made.status, made.body) == (200, OCTETS[::-1])


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ('"a"', True),
        ('"b" , W/"a"', True),
        ("*", True),
        ('"b"', False),
        ("", False),
        ("a", False),
        ('"b""a"', False),
    ],
)
async def test_what_the_caller_has_is_not_given_again(said: str, held: bool) -> None:
    assert span.held(said, '"a"') is held


async def test_a_file_that_the_caller_has_is_not_given_again() -> None:
    shelf = await world()
    href = await store(shelf)
    tag = dict((await get(shelf, href)).headers)["ETag"]
    asked = scene.work(shelf, path=f"{href}/content")
    asked.ask = asked.ask._replace(held=tag)
    assert (await file.content(asked, spot(href)._replace(href=f"{href}/content"))).status == 304


async def test_only_the_pieces_that_are_needed_are_read() -> None:
    shelf = await world()
    href = await store(shelf)
    gone = next(
        row for row in shelf.rows.values() if row.type == "Octets" and row.rank.endswith("000000000000")
    )
    del shelf.rows[gone.href]
    await shelf.lay(gone._replace(body=b""))
    assert (await get(shelf, href, "bytes=262144-262150")).body == OCTETS[262144:262151]


async def test_an_empty_file() -> None:
    shelf = await world()
    href = await store(shelf, b"")
    assert ((await get(shelf, href)).status, (await get(shelf, href, "bytes=0-")).status) == (200, 416)


async def listed(shelf: Memory, lfdi: str = LFDI, **query: str) -> list[str]:
    asked = scene.work(shelf, lfdi=lfdi, query=tuple(query.items()))
    return [row.href for row in (await file.listed(asked, spot("/file"), Cut(limit=9))).rows]


async def test_a_file_is_for_everyone_for_a_group_or_for_one_device() -> None:
    shelf = await world()
    public = await store(shelf, b"1")
    grouped = await store(shelf, b"2", grp=GROUP)
    mine = await store(shelf, b"3", lFDI=LFDI)
    assert await listed(shelf) == [public, grouped, mine]
    assert await listed(shelf, ALIEN) == [public]
    for href in (grouped, mine):
        with pytest.raises(Told) as no:
            await get(shelf, href, lfdi=ALIEN)
        assert no.value.status == 404
        assert await file.seen(scene.work(shelf, lfdi=ALIEN), spot(href), shelf.rows[href]) is None
    assert (await get(shelf, public, lfdi=ALIEN)).body == b"1"


async def test_the_query_of_a_list_filters_it() -> None:
    shelf = await world()
    image = await store(shelf, b"1")
    config = await store(shelf, b"2", type="02", mfModel="M2")
    assert await listed(shelf, type="02") == [config]
    assert await listed(shelf, type="0") == [image]
    assert await listed(shelf, mfModel="m2", mfID="37244") == [config]
    assert await listed(shelf, mfSerNum="7") == []
    assert len(await listed(shelf, other="7")) == 2


async def test_a_file_elsewhere_has_no_octets_here() -> None:
    shelf = await world()
    text = f"<File {NS}><fileURI>https://example.org/f</fileURI><mfID>1</mfID><mfModel>M</mfModel><mfVer>1</mfVer>"
    text += "<size>5</size><type>{0}</type></File>"
    asked = operator(shelf)
    answer = await file.posted(asked, spot("/file"), body(text.format("8000")))
    await commit(asked, shelf)
    with pytest.raises(Told) as no:
        await get(shelf, answer.location)
    assert (answer.status, no.value.status) == (201, 404)
    with pytest.raises(Told, match="0004 is reserved"):
        await file.posted(operator(shelf), spot("/file"), body(text.format("0004")))
    asked = operator(shelf)
    again = await file.replaced(
        asked, spot(answer.location), body(text.format("03")), shelf.rows[answer.location]
    )
    assert again.status == 204


async def test_a_removed_file_leaves_nothing_behind() -> None:
    shelf = await world()
    before = set(shelf.rows)
    href = await store(shelf)
    asked = operator(shelf)
    assert (await file.removed(asked, spot(href), shelf.rows[href])).status == 204
    await commit(asked, shelf)
    assert set(shelf.rows) == before


@pytest.mark.parametrize(("percent", "status", "taken"), [(100, 8, True), (101, 1, False), (5, 9, False)])
async def test_how_far_a_device_is(percent: int, status: int, taken: bool) -> None:
    shelf = await world()
    made = body(
        f"<FileStatus {NS}><loadPercent>{percent}</loadPercent><nextRequestAttempt>1</nextRequestAttempt>"
        f"<request503Count>0</request503Count><requestFailCount>0</requestFailCount><status>{status}</status>"
        "<statusTime>1</statusTime></FileStatus>"
    )
    asked = scene.work(shelf, method="PUT", path="/edev/1/fs")
    if taken:
        assert (await file.reported(asked, spot("/edev/1/fs"), made, None)).status == 201
        assert asked.changes[0].row is not None
        assert asked.changes[0].row.owner == LFDI
    else:
        with pytest.raises(Told):
            await file.reported(asked, spot("/edev/1/fs"), made, None)


def test_a_range_is_read_as_the_rfc_says() -> None:
    assert span.of("bytes=2-4", 10) == range(2, 5)
    assert span.of("bytes=2-4", 3) == range(2, 3)
    assert span.of("bytes=3-4", 3) == range(0)

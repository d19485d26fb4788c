"""Function set assignments: one a group, with that group's programmes, the same at every reading."""

from __future__ import annotations

from dataclasses import replace

from bridge.sep2 import groups
from tests.sep2.client import HEAD, IN_BAND, NS, OTHER, Client, document, done, hrefs, programme, text

LEVELS = ("system", "subtransmission", "substation", "feeder", "segment", "transformer", "point")


async def levels(client: Client, count: int) -> tuple[str, list[str]]:
    """Register a device in the lowest of so many groups."""
    made: list[str] = []
    for number in range(count):
        parent = made[-1] if made else ""
        fields = {"name": f"level {number}", "fsa": {"description": f"FSA {number}"}}
        row = await done(client.shelf, lambda work, p=parent, f=fields: groups.make(work, f, p))  # type: ignore[misc]
        made.append(row.href)
    edev = await client.register()
    await done(client.shelf, lambda work: groups.join(work, made[-1], client.shelf.rows[edev]))
    return edev, made


async def hang(client: Client, mrid: str, group: str) -> str:
    head = client.another(HEAD, "operator")
    location = (await head.ask("POST", "/derp", programme(mrid))).location
    await client.shelf.lay(client.shelf.rows[location]._replace(grp=group))
    return location


async def test_there_is_one_for_each_level_and_the_links_lead_on() -> None:
    client = Client()
    edev, made = await levels(client, 7)
    location = await hang(client, "AB01", made[0])
    found = await client.get(f"{edev}/fsa?l=20")
    assert (found.get("all"), found.get("results")) == ("7", "7")
    assert set(hrefs(found)) == {f"{edev}/fsa/{href.rpartition('/')[2]}" for href in made}
    marks = [text(each, "mRID") or "" for each in found]
    assert marks == sorted(marks, reverse=True)
    assert len(set(marks)) == 7
    for each in found:
        href = each.get("href") or ""
        link = each.find(f"{{{NS}}}DERProgramListLink")
        assert link is not None
        assert link.get("href") == f"{href}/derp"
        programmes = await client.get(f"{href}/derp?l=5")
        assert link.get("all") == programmes.get("all") == str(len(hrefs(programmes)))
        assert hrefs(programmes) == ([location] if made[0].endswith(href.rpartition("/fsa")[2]) else [])
        assert each.find(f"{{{NS}}}TimeLink") is not None
        single = await client.get(href)
        assert text(single, "mRID") == text(each, "mRID")


async def test_fifteen_are_paged_in_one_order() -> None:
    client = Client()
    edev, _ = await levels(client, 15)
    whole = hrefs(await client.get(f"{edev}/fsa?l=99"))
    paged = [href for at in range(0, 15, 4) for href in hrefs(await client.get(f"{edev}/fsa?s={at}&l=4"))]
    assert whole == paged
    assert len(set(whole)) == 15
    assert len(hrefs(await client.get(f"{edev}/fsa"))) == 1


async def test_mrids_stay_and_end_in_our_enterprise_number() -> None:
    client = Client(policy=replace(IN_BAND, pen=40_732, pen_decimal=True))
    edev, made = await levels(client, 1)
    first = text((await client.get(f"{edev}/fsa?l=1"))[0], "mRID") or ""
    await done(client.shelf, lambda work: groups.change(work, made[0], {"description": "else"}))
    second = await client.get(f"{edev}/fsa?l=1")
    assert text(second[0], "mRID") == first
    assert text(second[0], "version") == "2"
    assert first == first.upper()
    assert first.endswith("00040732")


async def test_an_assignment_of_another_group_is_not_there() -> None:
    client = Client()
    edev, _ = await levels(client, 2)
    other = await done(client.shelf, lambda work: groups.make(work, {"name": "else"}))
    number = other.href.rpartition("/")[2]
    await hang(client, "AB01", other.href)
    for path in (f"/fsa/{number}", f"/fsa/{number}/derp", "/fsa/9999", "/fsa/9999/derp"):
        assert await client.status("GET", f"{edev}{path}") == 404
    assert await client.another(OTHER).status("GET", f"{edev}/fsa") == 404


async def test_what_was_read_turns_stale_when_the_groups_change() -> None:
    client = Client()
    edev, made = await levels(client, 2)
    read = await client.ask("GET", f"{edev}/fsa", query=(("l", "9"),))
    await hang(client, "AB01", made[0])
    assert client.shelf.commits[-1].topics & read.topics
    read = await client.ask("GET", f"{edev}/fsa", query=(("l", "9"),))
    await done(client.shelf, lambda work: groups.move(work, made[1], ""))
    assert client.shelf.commits[-1].topics & read.topics
    assert (await client.get(f"{edev}/fsa?l=9")).get("all") == "1"


async def test_other_lists_appear_when_they_hold_something() -> None:
    client = Client()
    edev, made = await levels(client, 1)
    number = made[0].rpartition("/")[2]
    assert (await client.get(f"{edev}/fsa/{number}")).find(f"{{{NS}}}MessagingProgramListLink") is None
    assert (await client.get(f"{edev}/fsa/{number}/msg")).get("all") == "0"
    head = client.another(HEAD, "operator")
    body = document("MessagingProgram", "<mRID>AB</mRID><locale>en</locale><primacy>1</primacy>")
    location = (await head.ask("POST", "/msg", body)).location
    await client.shelf.lay(client.shelf.rows[location]._replace(grp=made[0]))
    link = (await client.get(f"{edev}/fsa/{number}")).find(f"{{{NS}}}MessagingProgramListLink")
    assert link is not None
    assert link.get("all") == "1"
    assert hrefs(await client.get(link.get("href") or "")) == [location]


async def test_a_head_end_posts_a_programme_to_the_group_of_an_assignment() -> None:
    client = Client()
    edev, made = await levels(client, 2)
    other = await client.another(OTHER).register()
    head = client.another(HEAD, "operator")
    place = f"{edev}/fsa/{made[0].rpartition('/')[2]}/derp"
    answer = await head.ask("POST", place, programme("AB01"))
    assert answer.status == 201
    assert answer.location.startswith("/derp/")
    assert client.shelf.rows[answer.location].grp == made[0]
    assert (
        hrefs(await client.get(f"{place}?l=9")) == hrefs(await client.get("/derp?l=9")) == [answer.location]
    )
    assert await client.another(OTHER).status("GET", answer.location) == 404
    again = await head.ask("POST", place, programme("AB01", 4))
    assert (again.status, again.location) == (204, answer.location)
    assert await client.status("POST", place, programme("AB02")) == 403
    assert await head.status("POST", f"{other}/fsa/77/derp", programme("AB03")) == 404
    assert await head.status("POST", f"{place.removesuffix('derp')}upt", programme("AB03")) == 405

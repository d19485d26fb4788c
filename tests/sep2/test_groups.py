"""Groups: chains, members, moves, what hangs from them, and what an aggregator reaches."""

from __future__ import annotations

import pytest

from bridge.sep2 import groups, ours
from bridge.sep2.shelf import Conflict, Cut, Row, Who
from bridge.sep2.talk import Told
from tests.sep2.client import DEVICE, HEAD, HOLDER, OTHER, THIRD, done
from tests.sep2.memory import NOW, Memory, work


async def tree(shelf: Memory, *names: str) -> list[Row]:
    """Make groups one below the other."""
    made: list[Row] = []
    for name in names:
        parent = made[-1].href if made else ""
        made.append(await done(shelf, lambda work, p=parent, n=name: groups.make(work, {"name": n}, p)))  # type: ignore[misc]
    return made


async def edev(shelf: Memory, number: int, lfdi: str, holder: str = "") -> Row:
    await shelf.lay(Row(f"/edev/{number}", "/edev", "EndDevice", owner=lfdi, mark=lfdi, grp=holder))
    return shelf.rows[f"/edev/{number}"]


async def join(shelf: Memory, group: Row, device: Row) -> None:
    await done(shelf, lambda work: groups.join(work, group.href, device))


async def names(shelf: Memory, lfdi: str) -> list[str]:
    return [ours.read(row)["name"] for row in await groups.groups(shelf, lfdi)]


async def test_a_device_is_in_its_groups_and_those_above_nearest_first() -> None:
    shelf = Memory()
    levels = ["system", "subtransmission", "substation", "feeder", "segment", "transformer", "point"]
    made = await tree(shelf, *levels)
    device = await edev(shelf, 1, DEVICE)
    await join(shelf, made[-1], device)
    assert await names(shelf, DEVICE) == levels[::-1]
    beside = await done(shelf, lambda work: groups.make(work, {"name": "beside"}, made[2].href))
    await join(shelf, beside, device)
    assert await names(shelf, DEVICE) == [*levels[:3:-1], "feeder", "beside", *levels[2::-1]]
    assert await names(shelf, OTHER) == []


async def test_joining_twice_is_being_in_once_and_leaving_ends_it() -> None:
    shelf = Memory()
    (group,) = await tree(shelf, "all")
    device = await edev(shelf, 1, DEVICE)
    await join(shelf, group, device)
    await join(shelf, group, device)
    assert await groups.members(shelf, group.href) == (DEVICE,)
    await done(shelf, lambda work: groups.leave(work, group.href, device))
    assert await groups.members(shelf, group.href) == ()
    with pytest.raises(Told) as told:
        await done(shelf, lambda work: groups.leave(work, group.href, device))
    assert told.value.status == 404


async def test_members_are_those_of_the_groups_below_too() -> None:
    shelf = Memory()
    system, feeder = await tree(shelf, "system", "feeder")
    await join(shelf, feeder, await edev(shelf, 1, DEVICE))
    await join(shelf, system, await edev(shelf, 2, OTHER))
    assert await groups.members(shelf, system.href) == (OTHER, DEVICE)
    assert await groups.members(shelf, system.href, deep=False) == (OTHER,)
    assert await groups.members(shelf, feeder.href) == (DEVICE,)


async def test_a_moved_group_takes_its_devices_along() -> None:
    shelf = Memory()
    west, feeder = await tree(shelf, "west", "feeder")
    (east,) = await tree(shelf, "east")
    await join(shelf, feeder, await edev(shelf, 1, DEVICE))
    await shelf.lay(
        Row("/derp/1", "/derp", "DERProgram", grp=west.href),
        Row("/derp/2", "/derp", "DERProgram", grp=east.href),
    )
    assert [row.href for row in await groups.programmes(shelf, DEVICE)] == ["/derp/1"]
    await done(shelf, lambda work: groups.move(work, feeder.href, east.href))
    assert await names(shelf, DEVICE) == ["feeder", "east"]
    assert [row.href for row in await groups.programmes(shelf, DEVICE)] == ["/derp/2"]
    await done(shelf, lambda work: groups.move(work, feeder.href, ""))
    assert await names(shelf, DEVICE) == ["feeder"]


async def test_a_circle_is_refused_even_when_two_close_it_at_once() -> None:
    shelf = Memory()
    one, two = await tree(shelf, "one", "two")
    for target in (one, two):
        with pytest.raises(Told) as told:
            await done(shelf, lambda work, target=target: groups.move(work, one.href, target.href))  # type: ignore[misc]
        assert told.value.status == 409
    (three,) = await tree(shelf, "three")
    first, second = work(shelf, role="operator"), work(shelf, role="operator")
    await groups.move(first, one.href, three.href)
    await groups.move(second, three.href, two.href)
    await shelf.commit(first.changes, Who(HEAD, "admin", NOW))
    with pytest.raises(Conflict):
        await shelf.commit(second.changes, Who(HEAD, "admin", NOW))


async def test_programmes_come_by_rank_whatever_their_group() -> None:
    shelf = Memory()
    system, feeder = await tree(shelf, "system", "feeder")
    await join(shelf, feeder, await edev(shelf, 1, DEVICE))
    await shelf.lay(
        Row("/derp/1", "/derp", "DERProgram", grp=feeder.href, rank="2"),
        Row("/derp/2", "/derp", "DERProgram", grp=system.href, rank="1"),
        Row("/derp/3", "/derp", "DERProgram", grp="", rank="0"),
        Row("/tp/1", "/tp", "TariffProfile", grp=system.href),
    )
    assert [row.href for row in await groups.programmes(shelf, DEVICE)] == ["/derp/2", "/derp/1"]
    assert [row.href for row in await groups.programmes(shelf, DEVICE, "TariffProfile")] == ["/tp/1"]


async def test_a_group_that_is_not_empty_is_removed_only_with_all_of_it() -> None:
    shelf = Memory()
    system, feeder = await tree(shelf, "system", "feeder")
    await join(shelf, feeder, await edev(shelf, 1, DEVICE, HOLDER))
    await shelf.lay(
        Row("/derp/1", "/derp", "DERProgram", grp=feeder.href),
        Row("/derp/1/derc/1", "/derp/1/derc", "DERControl"),
    )
    for each in (system, feeder):
        with pytest.raises(Told) as told:
            await done(shelf, lambda work, each=each: groups.remove(work, each.href))  # type: ignore[misc]
        assert told.value.status == 409
    await done(shelf, lambda work: groups.remove(work, system.href, deep=True))
    assert list(shelf.rows) == ["/edev/1"]


async def test_an_aggregator_reaches_the_groups_of_its_devices_while_they_are_in() -> None:
    shelf = Memory()
    system, feeder = await tree(shelf, "system", "feeder")
    mine = [await edev(shelf, number, lfdi, HOLDER) for number, lfdi in ((1, DEVICE), (2, OTHER))]
    await edev(shelf, 3, THIRD)
    for device in (*mine, shelf.rows["/edev/3"]):
        await join(shelf, feeder, device)
    assert await names(shelf, HOLDER) == ["feeder", "system"]
    await done(shelf, lambda work: groups.leave(work, feeder.href, mine[0]))
    assert await names(shelf, HOLDER) == ["feeder", "system"]
    await done(shelf, lambda work: groups.leave(work, feeder.href, mine[1]))
    assert await names(shelf, HOLDER) == []
    assert await names(shelf, THIRD) == ["feeder", "system"]
    assert system.href in shelf.rows


async def test_a_last_one_leaving_finds_out_that_another_has_joined_meanwhile() -> None:
    shelf = Memory()
    (group,) = await tree(shelf, "all")
    mine = [await edev(shelf, number, lfdi, HOLDER) for number, lfdi in ((1, DEVICE), (2, OTHER))]
    await join(shelf, group, mine[0])
    leaving = work(shelf, role="operator")
    await groups.leave(leaving, group.href, mine[0])
    await join(shelf, group, mine[1])
    with pytest.raises(Conflict):
        await shelf.commit(leaving.changes, Who(HEAD, "admin", NOW))
    await done(shelf, lambda work: groups.leave(work, group.href, mine[0]))
    assert await names(shelf, HOLDER) == ["all"]


async def test_two_that_join_at_once_do_not_hinder_each_other() -> None:
    shelf = Memory()
    (group,) = await tree(shelf, "all")
    mine = [await edev(shelf, number, lfdi, HOLDER) for number, lfdi in ((1, DEVICE), (2, OTHER))]
    works = [work(shelf, role="operator") for _ in mine]
    for each, device in zip(works, mine, strict=True):
        await groups.join(each, group.href, device)
    for each in works:
        await shelf.commit(each.changes, Who(HEAD, "admin", NOW))
    assert await groups.members(shelf, group.href) == (DEVICE, OTHER)


async def test_what_is_no_group_is_refused_and_fields_are_held() -> None:
    shelf = Memory()
    await edev(shelf, 1, DEVICE)
    for wrong in ("/edev/1", "/-/group/9"):
        with pytest.raises(Told):
            await done(shelf, lambda work, wrong=wrong: groups.make(work, {"name": "x"}, wrong))  # type: ignore[misc]
    with pytest.raises(Told):
        await done(shelf, lambda work: groups.make(work, {"nome": "x"}))
    (group,) = await tree(shelf, "all")
    row = await done(shelf, lambda work: groups.change(work, group.href, {"description": "everyone"}))
    assert ours.read(row) == {"name": "all", "description": "everyone"}
    assert (await groups.listed(shelf, Cut(limit=9))).total == 1


async def test_groups_are_not_nested_without_end() -> None:
    shelf = Memory()
    made = await tree(shelf, *[str(number) for number in range(groups.DEEPEST)])
    with pytest.raises(Told):
        await done(shelf, lambda work: groups.make(work, {"name": "x"}, made[-1].href))
    await join(shelf, made[-1], await edev(shelf, 1, DEVICE))
    assert len(await names(shelf, DEVICE)) == groups.DEEPEST
    await shelf.lay(made[0]._replace(grp=made[-1].href))
    assert len(await names(shelf, DEVICE)) == groups.DEEPEST

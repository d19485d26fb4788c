"""CORE-001 in full: every entry of the standard's WADL, each of its methods, over real mutual TLS.

What is mandatory works, with a body that the official schema accepts; what is optional or discouraged works
or is refused as a method (405); an error method is refused with the methods that there are; an invented one
gets 501. The figures are printed at the end of the run.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.served import Reply, served
from tests.standards import world
from tests.standards.conftest import TALLY
from tests.standards.world import MIRROR_LIST, READING, Entry, World, entries

REFUSED = frozenset({405, 501})
UNKNOWN = "FROBNICATE"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with one of everything."""
    with served(tmp_path_factory.mktemp("wadl"), rules={"profile": "2018"}) as site:
        yield asyncio.run(world.founded(site))


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Counter[str]:
    """The figures of this run."""
    return pytestconfig.stash[TALLY]


def test_the_table_is_whole() -> None:
    modes = Counter(letter for entry in entries() for letter in entry.modes.values())
    assert (len(entries()), len({entry.path for entry in entries()})) == (126, 121)
    assert modes == {"M": 258, "O": 79, "D": 58, "E": 235}


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: f"{entry.resource} {entry.path}")
async def test_entry_of_the_wadl(there: World, tally: Counter[str], entry: Entry) -> None:
    there.device.profile = there.head.profile = "2018"
    async with there.device, there.head:
        for method, letter in entry.modes.items():
            if letter == "E":
                assert (await there.head.request(method, there.at(entry))).status == 405
                assert (await there.device.request(method, there.at(entry))).status == 405
                tally["E"] += 1
                continue
            done = await CHECKS[method](there, entry)
            assert done or letter in "OD", f"{method} {entry.path} is mandatory"
            tally[letter if done else f"{letter} none"] += 1
        assert (await there.device.request(UNKNOWN, there.at(entry))).status == 501
    if entry.path not in SEEN:
        SEEN.add(entry.path)
        tally["paths"] += 1
        tally["501"] += 1


SEEN: set[str] = set()


def works(reply: Reply, *statuses: int) -> bool:
    """Whether a method is there: if so, it does what it should."""
    if reply.status in REFUSED:
        return False
    assert reply.status in statuses, reply
    return True


async def gets(there: World, entry: Entry) -> bool:
    """GET: what is there, under its own address, and a list of things with some members."""
    reply = await there.reader(entry).get(there.at(entry) + ("?l=255" if entry.lists else ""))
    if works(reply, 200) and entry.lists:
        assert b'results="0"' not in reply.body, reply
    return reply.status == 200


async def heads(there: World, entry: Entry) -> bool:
    """HEAD: the header of what GET gives."""
    reply = await there.reader(entry).request("HEAD", there.at(entry))
    return works(reply, 200)


async def puts(there: World, entry: Entry) -> bool:
    """PUT: what was read may be written again, and reads the same."""
    who, place = there.writer(entry, "PUT"), there.at(entry)
    was = await there.reader(entry).get(place)
    if not works(await who.put(place, was.body), 201, 204):
        return False
    assert (await there.reader(entry).get(place)).status == 200
    return True


async def posts(there: World, entry: Entry) -> bool:
    """POST: a new thing has an address, where it is read."""
    who = there.writer(entry, "POST")
    if entry.resource == "MirrorUsagePoint":
        body = MIRROR_LIST.format(READING.format(mrid=f"{there.count:08X}FF", open=1))
        return works(await who.post(there.at(entry), body), 201)
    members = [each.resource for each in entries() if each.above == entry.path and each.member]
    name = next(iter(members), entry.resource.removesuffix("List"))
    reply = await who.post(there.at(entry), there.write(name))
    if not works(reply, 201):
        return False
    assert (await there.head.get(reply.headers["Location"])).status == 200
    return True


async def deletes(there: World, entry: Entry) -> bool:
    """DELETE: what was there is no more."""
    who, place = there.writer(entry, "DELETE"), there.at(entry)
    if entry.member and entry.resource != "FunctionSetAssignments":
        place = await there.another(entry, next(each for each in entries() if each.path == entry.above))
    if not works(await who.delete(place), 204):
        return False
    assert (await there.head.get(place)).status == 404
    if not entry.member:
        await there.restore(entry)
    return True


CHECKS = {"GET": gets, "HEAD": heads, "PUT": puts, "POST": posts, "DELETE": deletes}

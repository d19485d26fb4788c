"""One request in, one answer out: status, headers, what is committed, what an answer was made from."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge.sep2 import doors, tree
from bridge.sep2.shelf import Change, Conflict, Parcel, Row, Who
from bridge.sep2.work import Policy
from tests.sep2.client import (
    DEVICE,
    HEAD,
    HOLDER,
    NS,
    OTHER,
    Client,
    device,
    document,
    hrefs,
    programme,
    text,
)
from tests.sep2.memory import NOW, Memory

STATUS = document("DeviceStatus", "<changedTime>5</changedTime>")


class Contested(Memory):
    """A shelf where another writer is always first, so many times."""

    losses = 0

    async def commit(self, changes: Sequence[Change], who: Who, parcels: Sequence[Parcel] = ()) -> None:
        if self.losses:
            self.losses -= 1
            raise Conflict("another was first")
        await super().commit(changes, who, parcels)


async def test_a_stranger_finds_the_entry_and_lists_that_hold_nothing_of_others() -> None:
    client = Client()
    await client.another(OTHER).register()
    dcap = await client.get("/dcap")
    assert dcap.get("href") == "/dcap"
    assert dcap.find(f"{{{NS}}}EndDeviceListLink") is not None
    for path in ("/edev", "/mup", "/derp"):
        assert (await client.get(path)).get("all") == "0"


@pytest.mark.parametrize("path", ["/nope", "/edev/x", "/edev/1/derx", "/-/permit", "/dcap/1", ""])
async def test_an_address_that_is_none_is_not_found(path: str) -> None:
    answer = await Client().ask("GET", path)
    assert answer.status == 404
    assert b"<reasonCode>" in answer.body
    assert answer.until == 0


@pytest.mark.parametrize("node", tree.nodes().values(), ids=lambda node: node.template)
async def test_methods_that_are_errors_get_405_and_allow(node: tree.Node) -> None:
    path = node.template.replace("{}", "7")
    allowed = doors.allowed(node)
    for method in tree.METHODS:
        answer = await Client().ask(method, path)
        if method in allowed:
            assert answer.status != 405
        else:
            assert (answer.status, answer.allow) == (405, allowed)
    assert {method for method, mode in node.modes.items() if mode == "M"} <= set(allowed)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "FOO", "get", "TRACE"])
async def test_an_invented_method_is_not_implemented(method: str) -> None:
    assert await Client().status(method, "/dcap") == 501
    assert await Client().status(method, "/nope") == 501


async def test_head_is_get_without_its_body() -> None:
    client = Client()
    got, headed = await client.ask("GET", "/dcap"), await client.ask("HEAD", "/dcap")
    assert headed == got._replace(body=b"")


async def test_put_makes_then_replaces_and_reads_back_at_once() -> None:
    client = Client()
    edev = await client.register()
    assert await client.status("GET", f"{edev}/dstat") == 404
    first = await client.ask("PUT", f"{edev}/dstat", STATUS)
    assert (first.status, first.location) == (201, f"{edev}/dstat")
    assert await client.status("PUT", f"{edev}/dstat", STATUS.replace(">5<", ">6<")) == 204
    assert text(await client.get(f"{edev}/dstat"), "changedTime") == "6"


async def test_post_makes_a_member_and_the_same_mrid_takes_its_place() -> None:
    head = Client(roles=frozenset({"operator"}), lfdi=HEAD)
    first = await head.ask("POST", "/derp", programme("ab01", 3))
    assert first.status == 201
    again = await head.ask("POST", "/derp", programme("AB01", 2))
    assert (again.status, again.location) == (204, first.location)
    assert (await head.get("/derp")).get("all") == "1"
    assert text(await head.get(first.location), "primacy") == "2"
    other = await head.ask("POST", "/derp", programme("AB02", 1))
    assert hrefs(await head.get("/derp?l=5")) == [other.location, first.location]
    assert await head.status("DELETE", first.location) == 204
    assert await head.status("GET", first.location) == 404


async def test_a_body_that_is_wrong_changes_nothing() -> None:
    client = Client()
    edev = await client.register()
    before = len(client.shelf.commits)
    for body, status in (
        ("<x/>", 400),
        (document("PowerStatus", ""), 400),
        (STATUS.replace("changedTime", "changed"), 400),
    ):
        assert await client.status("PUT", f"{edev}/dstat", body) == status
    answer = await client.ask("PUT", f"{edev}/dstat", STATUS, media="application/json")
    assert answer.status == 415
    assert len(client.shelf.commits) == before


async def test_what_stands_below_nothing_is_nothing() -> None:
    head = Client(roles=frozenset({"operator"}), lfdi=HEAD)
    await head.register(DEVICE)
    for path in ("/edev/99/dstat", "/upt/9/mr/9/rs", "/derp/9/derc", "/edev/1/ns/5/addr"):
        assert await head.status("GET", path) == 404
    assert await head.status("PUT", "/edev/99/dstat", STATUS) == 404
    assert await head.status("POST", "/derp/9/derc", programme("AB")) == 404


async def test_a_conflict_is_tried_again_and_given_up_with_retry_after() -> None:
    shelf = Contested()
    client = Client(shelf)
    shelf.losses = 4
    edev = await client.register()
    shelf.losses = 5
    answer = await client.ask("PUT", f"{edev}/dstat", STATUS)
    assert (answer.status, dict(answer.headers)) == (503, {"Retry-After": "1"})
    assert await client.status("GET", f"{edev}/dstat") == 404
    assert await client.status("PUT", f"{edev}/dstat", STATUS) == 201


async def test_each_commit_says_who_by_which_door_and_when() -> None:
    client = Client()
    await client.register()
    assert [commit.who for commit in client.shelf.commits] == [Who(DEVICE, "sep2", NOW)]


async def test_an_answer_names_what_it_was_made_from() -> None:
    client = Client()
    edev = await client.register()
    seen = await client.ask("GET", f"{edev}/dstat")
    assert seen.status == 404
    await client.ask("PUT", f"{edev}/dstat", STATUS)
    read = await client.ask("GET", f"{edev}/dstat")
    assert read.until is None
    await client.ask("PUT", f"{edev}/dstat", STATUS)
    assert client.shelf.commits[-1].topics & read.topics
    await client.another(OTHER).register()
    assert not client.shelf.commits[-1].topics & read.topics


async def test_withdrawing_access_makes_what_was_kept_stale() -> None:
    client = Client()
    read = await client.ask("GET", "/dcap")
    await client.shelf.lay(
        Row(f"/-/permit/{DEVICE}", "/-/permit", "Permit", b'{"granted":false}', mark=DEVICE)
    )
    assert client.shelf.commits[-1].topics & read.topics
    for path in ("/dcap", "/nope", "/edev", "/tm"):
        assert await client.status("GET", path) == 403
    assert await client.status("POST", "/edev", device(DEVICE)) == 403


async def test_an_aggregator_is_entered_when_it_first_comes() -> None:
    client = Client(lfdi=HOLDER)
    await client.shelf.lay(
        Row(f"/-/permit/{HOLDER}", "/-/permit", "Permit", b'{"role":"aggregator"}', mark=HOLDER)
    )
    found = await client.get("/edev?l=9")
    assert found.get("all") == "1"
    assert text(found[0], "lFDI") == HOLDER
    await client.get("/edev")
    assert len(client.shelf.commits) == 2


async def test_an_unlucky_first_visit_of_an_aggregator_is_still_answered() -> None:
    shelf = Contested()
    await shelf.lay(Row(f"/-/permit/{HOLDER}", "/-/permit", "Permit", b'{"role":"aggregator"}', mark=HOLDER))
    shelf.losses = 1
    assert await Client(shelf, HOLDER).status("GET", "/dcap") == 200


async def test_errors_are_written_in_the_callers_generation() -> None:
    client = Client(policy=Policy(profile="2013"))
    assert b'xmlns="http://ieee.org/2030.5"' in (await client.ask("GET", "/nope")).body

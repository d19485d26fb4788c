"""The decision log by the administration API: found by what it says, shown, exported as it is chained."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.core.access import again, book, rules
from bridge.sep2.work import unrecorded
from bridge.transports.store.decisions import Wish
from bridge.trust import log, review, roll
from bridge.trust.proof import Proof
from tests.app.office.bureau import ADMIN, LFDI, Bureau, bureau
from tests.transports.store.logged import AT, Sealer, decision, signer
from tests.transports.store.test_upgrade import execute

DENIED = rules.read("""
[[rule]]
name = "nobody-sets-up"
roles = ["ENGINEER"]
functions = ["topology"]
actions = ["create"]
effect = "deny"
""")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Bureau]:
    async with bureau(tmp_path) as made:
        yield made


def silent(office: Bureau) -> None:
    """Have reading the log leave no record of its own."""
    office.policy = replace(office.policy, access=replace(office.policy.access, record=unrecorded))


async def numbers(office: Bureau, **query: Any) -> list[int]:
    return [each["number"] for each in (await office.get("/audit", **query))["items"]]


async def test_a_write_is_allowed_by_a_record_that_lies_beside_it(office: Bureau) -> None:
    await office.post("/groups", {"name": "feeder"})
    assert office.store.figures().commits == 1
    (said,) = (await office.get("/audit", action="create"))["items"]
    assert (said["subject"], said["role"], said["source"]) == (ADMIN, "ENGINEER", "certificate")
    assert (said["function"], said["action"], said["target"]) == ("topology", "create", "/api/v1/groups")
    assert (said["allowed"], said["rule"], said["hop"]) == (True, "engineer-sets-up", "admin")
    assert said["policy"] == f"{office.policy.access.engine.version}-0"
    assert (await office.get(f"/audit/{said['number']}")) == said


async def test_what_was_decided_is_decided_so_again_by_the_policy_of_its_time(office: Bureau) -> None:
    await office.post("/groups", {"name": "feeder"})
    office.roles, office.caller = frozenset(), LFDI
    assert (await office.ask("POST", "/groups", {"name": "other"})).status == 403
    kept, other = again.kept(office.policy.access.engine), again.kept(book.engine(DENIED))
    await office.store.decisions.flush()
    entries = await office.store.decisions.find(Wish(), 9)
    records = [log.read(entry.body) for entry in entries]
    assert [one.decision.allowed for one in records] == [False, True]
    assert [review.review(one, kept, again.decide) for one in records] == [(), ()]
    fields = {each.field for each in review.review(records[1], other, again.decide)}
    assert fields == {"allowed", "rule"}


async def test_a_refusal_is_told_each_time(office: Bureau) -> None:
    office.roles, office.caller = frozenset(), LFDI
    for _ in range(2):
        assert (await office.ask("GET", "/groups")).status == 403
    office.roles, office.caller = frozenset({"operator"}), ADMIN
    items = (await office.get("/audit", allowed="false"))["items"]
    assert [(each["subject"], each["action"], each["rule"]) for each in items] == [(LFDI, "read", "")] * 2


async def test_a_plain_read_is_told_once(office: Bureau) -> None:
    for _ in range(3):
        await office.get("/groups")
    assert len(await numbers(office, function="topology")) == 1
    assert (await office.ask("GET", "/audit/9")).status == 404


async def test_records_are_found_by_what_they_say(office: Bureau) -> None:
    silent(office)
    for number in range(1, 8):
        fields: dict[str, object] = {"hop": "sep2", "function": "derp", "rule": "x y"} if number == 3 else {}
        office.store.decisions.note(decision(number * 1_000_000, **fields))
    for query in ({"hop": "sep2"}, {"function": "derp"}, {"rule": "x y"}):
        assert await numbers(office, **query) == [3]
    second = AT // 1_000_000
    assert await numbers(office, since=second + 5, until=second + 7) == [6, 5]
    assert await numbers(office, subject="ab" * 20, action="create", limit=2) == [7, 6]
    page = await office.get("/audit", limit=3)
    assert await numbers(office, limit=3, cursor=page["next"]) == [4, 3, 2]
    assert (await office.get("/audit", limit=7))["next"] is None


async def test_a_broken_record_is_shown_as_one(office: Bureau, tmp_path: Path) -> None:
    silent(office)
    url = f"sqlite:///{tmp_path / 'office.db'}"
    office.store.decisions.note(decision(1))
    office.store.decisions.note(decision(2))
    assert [each["sound"] for each in (await office.get("/audit"))["items"]] == [True, True]
    await execute(url, "UPDATE decisions SET body = X'00' WHERE number = 1")
    await execute(url, "UPDATE decisions SET rule = 'x' WHERE number = 2")
    shown = (await office.get("/audit"))["items"]
    assert [(each["number"], each["sound"], each["hop"]) for each in shown] == [
        (2, False, "admin"),
        (1, False, "admin"),
    ]


async def test_an_export_is_proved_by_who_has_it(office: Bureau) -> None:
    silent(office)
    by, after = signer(), 0
    await office.store.decisions.keep(f"signer/{by.lfdi}", by.certificate, 1)
    sealer = Sealer(by)
    for number in range(1, 8):
        office.store.decisions.note(decision(number))
        await office.store.decisions.flush(sealer if number % 3 == 0 else None)
    lines: list[roll.Line] = []
    while text := await (
        await office.ask("GET", "/audit/export", params={"after": after, "limit": 2})
    ).text():
        lines += map(roll.read, text.splitlines())
        after = next(line.entry.number for line in reversed(lines) if line.entry)
    keys = roll.keys([line.signer for line in lines if line.signer])
    proof = Proof([line.seal for line in lines if line.seal], keys)
    for line in lines:
        if line.entry:
            proof.take(line.entry)
    assert proof.end() == []
    assert (proof.count, proof.sealed, list(keys)) == (7, 6, [by.lfdi])

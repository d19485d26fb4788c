"""The decision log changed behind the back of the server, on both databases: each change is found."""

from __future__ import annotations

import json

import pytest

from bridge.transports.store import opening
from bridge.transports.store.decisions import Wish
from bridge.transports.store.tables import DECISIONS
from bridge.trust import log
from bridge.trust.log import Note
from tests.transports.store.logged import BY, COUNT, decision, fill, proved
from tests.transports.store.test_upgrade import execute

FOUND_BY = ("subject", "function", "action", "rule", "hop", "digest")
TAMPERINGS = [
    "UPDATE decisions SET at = at + 1 WHERE number = {0}",
    *(f"UPDATE decisions SET {name} = 'x' WHERE number = {{0}}" for name in FOUND_BY),  # noqa: S608 - a test
    "UPDATE decisions SET allowed = NOT allowed WHERE number = {0}",
    "UPDATE decisions SET number = 1000 + number WHERE number = {0}",
    "UPDATE decisions SET number = -number WHERE number = {0}",
    "DELETE FROM decisions WHERE number = {0}",
    "DELETE FROM decisions WHERE number >= {0}",
    "DELETE FROM decisions WHERE number <= {0}",
]


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_with_a_record_is_found(url: str, tampering: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        assert await proved(store, BY) == []
        kept = await store.decisions.find(Wish(after=0), 10)
        for number in range(1, COUNT + 1):
            await execute(url, tampering.format(number))
            faults = await proved(store, BY)
            assert faults, number
            assert abs(abs(faults[0].number) - number) <= 1 or faults[0].kind == "truncated"
            await _again(url, kept)
        assert await proved(store, BY) == []


async def test_a_record_put_in_is_found(url: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        rest = ", ".join(column.name for column in DECISIONS.c if column.name != "number")
        copied = f"SELECT number + 6, {rest} FROM decisions WHERE number = 1"  # noqa: S608 - our own names
        await execute(url, f"INSERT INTO decisions (number, {rest}) {copied}")
        assert [fault[:2] for fault in await proved(store, BY)] == [(7, "fork"), (7, "order")]


async def _again(url: str, kept: list[log.Entry]) -> None:
    """Put the records back as they were."""
    await execute(url, "DELETE FROM decisions")
    rows = [(entry.number, *(entry.beside or ()), entry.body, entry.digest) for entry in kept]
    names = [column.name for column in DECISIONS.c]
    for row in rows:
        said = dict(zip(names, row, strict=True))
        values = ", ".join(_literal(said[name], url) for name in names)
        await execute(url, f"INSERT INTO decisions ({', '.join(names)}) VALUES ({values})")  # noqa: S608 - a test


def _literal(value: object, url: str) -> str:
    if isinstance(value, bytes):
        return f"X'{value.hex()}'" if url.startswith("sqlite") else f"'\\x{value.hex()}'::bytea"
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else f"'{value}'"


async def _set_body(url: str, entry: log.Entry, body: bytes) -> None:
    await execute(url, f"UPDATE decisions SET body = {_literal(body, url)} WHERE number = {entry.number}")  # noqa: S608 - a test


@pytest.mark.parametrize("field", json.loads(log.entry(1, "", Note(decision(), {"W": 1})).body)["decision"])
async def test_a_word_changed_in_the_body_is_found(url: str, field: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        kept = await store.decisions.find(Wish(after=0), 10)
        for entry in kept:
            said = json.loads(entry.body)
            said["decision"][field] = {str: "y", int: 7, bool: False, list: ["y"]}[
                type(said["decision"][field])
            ]
            body = json.dumps(said, separators=(",", ":")).encode()
            assert body != entry.body
            await _set_body(url, entry, body)
            assert (await proved(store, BY))[0][:2] == (entry.number, "edited")
            await _set_body(url, entry, entry.body)


async def test_bodies_swapped_are_found(url: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        await execute(url, "UPDATE decisions SET number = -3 WHERE number = 3")
        await execute(url, "UPDATE decisions SET number = 3 WHERE number = 4")
        await execute(url, "UPDATE decisions SET number = 4 WHERE number = -3")
        assert {(fault.number, fault.kind) for fault in await proved(store, BY)} >= {
            (3, "order"),
            (4, "order"),
        }


@pytest.mark.parametrize(
    ("tampering", "kind"),
    [
        ("UPDATE checkpoints SET number = 5 WHERE number = 4", "checkpoint"),
        ("UPDATE checkpoints SET at = at + 1 WHERE number = 4", "checkpoint"),
        ("UPDATE checkpoints SET signer = 'x' WHERE number = 4", "checkpoint"),
        ("UPDATE checkpoints SET token = (SELECT min(token) FROM checkpoints)", "checkpoint"),
        ("UPDATE checkpoints SET token = token || 'A' WHERE number = 4", "signer"),
        ("DELETE FROM checkpoints WHERE number = 4", "checkpoint"),
        ("DELETE FROM checkpoints WHERE number = 2", "checkpoint"),
        ("DELETE FROM decisions WHERE number = 6", "truncated"),
    ],
)
async def test_tampering_with_a_checkpoint_is_found(url: str, tampering: str, kind: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        await execute(url, tampering)
        assert kind in {fault.kind for fault in await proved(store, BY)}


async def test_a_tail_cut_off_and_grown_anew_is_a_fork(url: str) -> None:
    async with opening.open(url) as store:
        await fill(store)
        known = {entry.number: entry.digest for entry in await store.decisions.find(Wish(after=0), 10)}
        await execute(url, "DELETE FROM decisions WHERE number > 3")
        for number in range(4, 8):
            store.decisions.note(decision(number, rule="forged"))
        await store.decisions.flush()
        assert ("fork", 4) in {(fault.kind, fault.number) for fault in await proved(store, BY)}
        await execute(url, "DELETE FROM checkpoints WHERE number > 2")
        assert await proved(store, BY) == []
        assert [fault[:2] for fault in await proved(store, BY, known)] == [
            (4, "fork"),
            (5, "fork"),
            (6, "fork"),
        ]

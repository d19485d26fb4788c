"""The link at the embedded relay: the acceptance suite that Prosody and ejabberd go through as well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.relays import embedded, pki
from peers.relays.cases import log_in
from peers.relays.expected import CASES, Case
from peers.relays.place import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The relay, for all cases one after the other."""
    folder: Path = tmp_path_factory.mktemp("relay")
    made = pki.make(folder)
    with embedded.embedded(folder, made) as server:
        yield Place(server, made, embedded.revoke)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_case(case: Case, place: Place) -> None:
    assert await case.run(place) == case.differs.get("embedded", case.shows)


@pytest.mark.parametrize("turns", range(5))
async def test_a_refusal_is_heard_however_late_the_handshake_is_noticed(
    place: Place, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    loop = asyncio.get_running_loop()
    shake = loop.start_tls

    async def late(*given: Any, **named: Any) -> Any:
        found = await shake(*given, **named)
        time.sleep(0.1)  # noqa: ASYNC251 - the refusal comes while nobody looks
        for _ in range(turns):
            await asyncio.sleep(0)
        return found

    monkeypatch.setattr(loop, "start_tls", late)
    async with asyncio.timeout(20):
        assert await log_in(place, "rogue", direct=False) == "refused"

"""The link at the embedded relay: the acceptance suite that Prosody and ejabberd go through as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.relays import embedded, pki
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

"""The four flows of the bridge, and what it refuses, as transcripts that are played at a real bridge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conversations import stage
from tests.served import Served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with stage.house(tmp_path_factory.mktemp("flows")) as found:
        yield found


@pytest.mark.parametrize("script", stage.SCRIPTS)
async def test_all_is_said_as_it_is_written(site: Served, tmp_path: Path, script: str) -> None:
    await stage.play(script, site, tmp_path)

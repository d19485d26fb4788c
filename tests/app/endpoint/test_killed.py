"""`derbridge run` is killed while a buffered block fills: no entry is missing, none is doubled."""

from __future__ import annotations

from pathlib import Path

from tests.app.endpoint.filling import Reader, away, filled, judged, lanes, life, rest


async def test_a_client_goes_on_after_each_kill(tmp_path: Path) -> None:
    with filled(tmp_path) as site:
        reader, posting = Reader(site), await lanes(site)
        await life(posting, reader, 20)
        await away(posting, reader, 5)
        await rest(posting, reader)
        judged(reader)
        assert len(reader.seen) > 20

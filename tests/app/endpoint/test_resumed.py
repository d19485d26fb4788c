"""A client goes on with a buffered block that holds more than the link takes at once: none is missing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bridge.app.endpoint import dispatch
from bridge.iec61850 import received
from bridge.iec61850.shape import Basic
from models.mms import names
from tests.app.endpoint import asks
from tests.app.endpoint.hostile import DEVICE, DOMAIN, Relay, Stanza, stage
from tests.app.endpoint.test_endpoint import results

BLOCK = "LLN0$BR$brcbOutcomes01"
VALUE = "DWMX1$MX$WMaxSptPct$mxVal$f"
COUNT = 60


async def test_what_is_buffered_waits_for_a_slow_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MANY", 8)
    monkeypatch.setattr(dispatch, "MOST", 50)
    let, waiting = asyncio.Event(), asyncio.Event()

    async def slow(stanza: Stanza, _: Relay) -> Stanza:
        if stanza.how == "message":
            waiting.set()
            await let.wait()
        return stanza

    async with stage(tmp_path) as (relay, boss, _):
        estate = relay.station.fleet.estate
        for number in range(1, COUNT + 1):
            estate.put(DEVICE, {VALUE: float(number)}, float(number))
        relay.route = slow
        said = await boss.ask(asks.write(DOMAIN, f"{BLOCK}$RptEna", Basic("boolean"), value=True))
        assert isinstance(results(said)[0], names.Null)
        await asks.soon(waiting.wait())
        assert await boss.ask(asks.IDENTIFY)  # it is served while much is under way to it
        let.set()
        events = await boss.until(COUNT)
        entries = [received.read(event.content.informationReport).EntryID for event in events]
        assert [int.from_bytes(each or b"", "big") for each in entries] == list(range(1, COUNT + 1))

"""Outages at a real bridge, by the command line: set, seen over mutual TLS, ended by the clock, kept."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.app.office.test_outage import CAPABILITY, STATUS
from tests.app.test_operator import read
from tests.served import Served, served

PATIENCE = 60.0


async def until(site: Served, path: str, name: str, wanted: object) -> Any:
    """Wait until an answer says something."""
    end = time.monotonic() + PATIENCE
    while True:
        _, found = await site.admin.get(path)
        if found[name] == wanted:
            return found
        assert time.monotonic() < end, found
        await asyncio.sleep(0.05)


async def test_an_outage_is_declared_ends_by_the_clock_and_outlives_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        site.pki.client("operator", "operator")
        device = site.client("roof")
        group = read(site, "groups create --name feeder")["id"]
        number = read(site, f"devices create --lfdi {device.lfdi} --groups {group}")["id"]
        home = f"/edev/{number}/der/1"
        assert (await device.put(f"{home}/dercap", CAPABILITY)).status == 204
        now = int(time.time())
        window = {"device": str(number), "state": "planned", "start": now + 5, "end": now + 7}
        assert (await site.admin.post("/api/v1/outages/entries", window))[0] == 201
        await until(site, f"/api/v1/outages/history?device={number}", "total", 2)
        body = STATUS.format(now=now, connect="10", inverter=7)
        assert (await device.put(f"{home}/ders", body)).status == 204
        site.restart()
        (out,) = read(site, "outage list")["items"]
        assert (out["lfdi"], out["state"], out["source"]) == (device.lfdi, "forced", "unit")
        whole = await until(site, f"/api/v1/groups/{group}", "outage", {
            "state": "forced", "members": 1, "serving": 0, "planned": 0, "forced": 1, "derated": 0,
            "left": 0, "rated": 5000,
        })  # fmt: skip
        assert whole["id"] == group
        entry = read(site, f"outage set --device {number} --state restored --reason 'sensor is wrong'")["id"]
        assert read(site, f"outage device {number}")["state"] == "none"
        assert read(site, f"outage clear {entry}")["phase"] == "over"
        told = read(site, f"outage history --device {number}")["items"]
        assert [each["state"] for each in told] == ["planned", "restored", "forced", "restored", "forced"]
        power = await device.get(f"/edev/{number}/ps")
        assert power.status == 200
        assert b"<currentPowerSource>5</currentPowerSource>" in power.body

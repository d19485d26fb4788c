"""One control to many: half of them 2030.5 devices that subscribed, half 61850 units behind the relay.

A real bridge with its store on disk, mutual TLS and its relay, on one core; everybody else on the other. The
head-end posts a DERControl for the group, waits until all have started, cancels it, and waits until every
outcome is a Response. Where the bridge's time goes is its own account (bench/sampled.py). Alone:
`python -m bench.fanout 200`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from bench import crowd
from bench.crowd import Device, Heard, Plant
from bench.ground import CORE, OPEN, OTHER, alone
from bench.quiet import quiet
from bridge.trust.folder import Client, Folder
from tests.served import DOMAIN, RELAY, Admin, Served, certified, served

SIZES = (50, 1_000)
"""How many are told; more are an argument. Most of the time is spent getting them ready."""
PATIENCE = 1_800.0
LIMIT, DURATION = 40, 86_400
STATUSES = {crowd.RECEIVED: "received", crowd.STARTED: "started", crowd.CANCELLED: "cancelled"}
SAID: Mapping[str, Any] = {"enabled": True, "refresh": 3_600.0, "poll": 3_600.0, "patience": 120.0, "lost": 0}
SAMPLED = (sys.executable, "-m", "bench.sampled")
Moments = dict[tuple[str, int], list[float]]
"""Seconds since 1970 at which an outcome was a Response, by side and status."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everybody."""

    site: Served
    admin: Admin
    devices: list[Device]
    units: list[Plant]
    heard: Heard
    programme: int

    @property
    def count(self) -> int:
        """How many are to be told."""
        return len(self.devices) + len(self.units)


def measure(sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Figures by the number of those who are told."""
    found = {}
    quiet()
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            found[str(size)] = _measured(Path(name), size)
    return found


def _measured(place: Path, size: int) -> dict[str, Any]:
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    clients = [made.client(f"party-{number:04}", "device") for number in range(size)]
    half = clients[: size // 2]
    for one in half:
        shutil.copy(one.certificate, place / "parties" / one.certificate.name)
    with alone(CORE), served(place, relay=RELAY, iec61850=SAID, **OPEN) as site:
        site.stop()
        site.command = SAMPLED
        site.environment["SAMPLES"] = str(place / "samples.json")
        site.start()
        with alone(OTHER):
            return uvloop.run(_run(site, half, clients[size // 2 :]))


# ---------------------------------------------------------------------------------------------- getting ready


@asynccontextmanager
async def scene(site: Served, half: Sequence[Client], rest: Sequence[Client]) -> AsyncIterator[Scene]:
    """Everybody registered, linked, associated and subscribed."""
    async with AsyncExitStack() as stack:
        admin = site.admin
        await stack.enter_async_context(admin.client)
        group = (await _made(admin, "groups", {"name": "all"}))["id"]
        programme = await _made(admin, "programmes", {"group": group, "primacy": 1})
        numbers = {}
        for one in (*half, *rest):
            numbers[one.lfdi] = (await _made(admin, "devices", {"lfdi": one.lfdi, "groups": [group]}))["id"]
        pki: Folder = site.pki
        units = await stack.enter_async_context(crowd.plants(pki.path, half, site.ports["direct"]))
        for unit in units:
            said = {"address": f"{unit.lfdi.lower()}@{DOMAIN}/IEC", "device": unit.outstation.domain}
            status, value = await admin.put(f"/api/v1/facilities/{unit.lfdi}", said)
            if status >= 300:  # noqa: PLR2004 - whatever is no success
                raise RuntimeError(f"{status} {value}")
        mine = [(one, numbers[one.lfdi]) for one in rest]
        devices, heard = await stack.enter_async_context(
            crowd.devices(pki, site.url, programme["href"], mine)
        )
        found = Scene(site, admin, devices, units, heard, programme["id"])
        await _until(lambda: _known(found), "units are known")
        yield found


async def _made(admin: Admin, path: str, said: object) -> dict[str, Any]:
    status, value = await admin.post(f"/api/v1/{path}", said)
    if status >= 300:  # noqa: PLR2004 - whatever is no success
        raise RuntimeError(f"{path}: {status} {value}")
    return dict(value)


def _known(found: Scene) -> bool:
    """Whether each unit was looked at, and what it tells is followed."""
    lines = [line for line in found.site.lines() if line.get("event") in {"unit known", "telemetry"}]
    told = {
        name: {line["lfdi"] for line in lines if line["event"] == name}
        for name in ("unit known", "telemetry")
    }
    return all(len(each) == len(found.units) for each in told.values())


async def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(0.5)


# -------------------------------------------------------------------------------------------------- measuring


async def _run(site: Served, half: Sequence[Client], rest: Sequence[Client]) -> dict[str, Any]:
    began, started = time.monotonic(), await _account(site)
    async with scene(site, half, rest) as found:
        ready = time.monotonic() - began
        before, own, posted = await _account(site), time.process_time(), time.time()
        place = f"programmes/{found.programme}/controls"
        control = await _made(found.admin, place, {"modes": {"opModMaxLimW": LIMIT}, "duration": DURATION})
        moments: Moments = {}
        begun = partial(_over, found, control["mrid"], moments, (crowd.RECEIVED, crowd.STARTED))
        await _until(begun, "all have started")
        called = time.time()
        await _made(found.admin, f"{place}/{control['id']}/cancel", {})
        await _until(partial(_over, found, control["mrid"], moments, STATUSES), "all outcomes are there")
        after, load = await _account(site), time.process_time() - own
        await _right(found, control["mrid"])
        bare = await _bare(found)
    since = {crowd.CANCELLED: called}
    return {
        "ready": {"seconds": ready, **_between(started, before)},
        "waits": {
            f"{STATUSES[status]}, {side}": _waits(at, since.get(status, posted))
            for (side, status), at in sorted(moments.items(), key=lambda row: row[0][::-1])
        },
        "whole": _last(moments, crowd.STARTED) - posted + _last(moments, crowd.CANCELLED) - called,
        "load": load,
        "bare": bare,
        **_between(before, after),
    }


async def _bare(found: Scene) -> float:
    """Seconds of processor for as many bare requests of the devices as there were outcomes."""
    before, rounds = await _account(found.site), len(STATUSES) * found.count // len(found.devices)

    async def ask(device: Device) -> None:
        for _ in range(rounds):
            await device.ask("GET", "/dcap")

    await crowd.several([partial(ask, each) for each in found.devices])
    after = await _account(found.site)
    return float(after["at"] - before["at"])


def _last(moments: Moments, status: int) -> float:
    return max(max(at) for (_, one), at in moments.items() if one == status)


def _between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds of processor between two accounts, in all and by stage, the greatest first."""
    spent = {part: at - before["spent"].get(part, 0.0) for part, at in after["spent"].items()}
    ranked = dict(sorted(spent.items(), key=lambda row: -row[1]))
    return {"processor": after["at"] - before["at"], "spent": ranked}


def _over(found: Scene, mark: str, moments: Moments, wanted: Iterable[int]) -> bool:
    """Whether every outcome of some statuses is there; notes when each was."""
    if found.heard.failed:
        raise RuntimeError(found.heard.failed[0])
    for status in STATUSES:
        moments["2030.5", status] = found.heard.moments.get((mark, status), [])
        moments["61850", status] = []
    for line in found.site.lines("outcome"):
        if line["subject"] == mark and line["status"] not in STATUSES:
            raise RuntimeError(f"{line['unit']}: {line['status']} {line['reason']}")
        if line["subject"] == mark:
            moments["61850", line["status"]].append(datetime.fromisoformat(line["timestamp"]).timestamp())
    counts = {"2030.5": len(found.devices), "61850": len(found.units)}
    return all(len(moments[side, status]) == counts[side] for side in counts for status in wanted)


async def _right(found: Scene, mark: str) -> None:
    """See that the head-end reads each outcome of everybody, and no other."""
    rows: list[Any] = []
    after = ""
    while True:
        status, page = await found.admin.get(f"/api/v1/responses?subject={mark}&limit=500{after}")
        rows += page["items"]
        if not (cursor := page.get("next")):
            break
        after = f"&cursor={cursor}"
    told = sorted((one["device"], one["status"]) for one in rows)
    everybody = [*(one.files.lfdi for one in found.devices), *(one.lfdi for one in found.units)]
    if told != sorted((lfdi, status) for lfdi in everybody for status in STATUSES):
        raise RuntimeError(f"{len(told)} responses for {found.count}: {status}")


def _waits(moments: Sequence[float], since: float) -> dict[str, float]:
    waits = sorted(at - since for at in moments)
    return {"first": waits[0], "median": median(waits), "last": waits[-1]}


async def _account(site: Served) -> dict[str, Any]:
    """The bridge's own account of its processor time."""
    target = Path(site.environment["SAMPLES"])
    before = _read(target)
    if site.process is None:
        raise RuntimeError("the bridge does not run")
    site.process.send_signal(signal.SIGUSR2)
    await _until(lambda: _read(target) != before, "the account is written")
    return _read(target)


def _read(target: Path) -> dict[str, Any]:
    return dict(json.loads(target.read_text("utf-8"))) if target.exists() else {}


# ---------------------------------------------------------------------------------------------------- showing


def show(console: Console, figures: Mapping[str, Any]) -> None:
    """Print the figures."""
    for size, row in figures.items():
        title = f"one control to {size}: {row['whole']:.1f} s, {row['processor']:.1f} s of processor"
        table = Table(title=f"{title}, and {row['load']:.1f} s of theirs")
        for column in ("seconds after the posting, or its cancellation", "first", "median", "last"):
            table.add_column(column, justify="left" if "seconds" in column else "right")
        for name, waits in row["waits"].items():
            table.add_row(name, *(f"{waits[key]:.2f}" for key in ("first", "median", "last")))
        console.print(table)
        console.print(f"  of the bridge's processor time: {_shares(row['spent'])}")
        bare = f"{row['processor'] / row['bare']:.0f} x as many bare GETs of /dcap over the same connections"
        console.print(f"  an outcome: {1000 * row['processor'] / len(STATUSES) / int(size):.1f} ms; {bare}")
        ready = row["ready"]
        console.print(f"  made ready in {ready['seconds']:.0f} s, {ready['processor']:.1f} s of processor:")
        console.print(f"  {_shares(ready['spent'])}")


def _shares(spent: Mapping[str, float]) -> str:
    whole = sum(spent.values()) or 1.0
    return ", ".join(f"{part} {100 * share / whole:.0f} %" for part, share in spent.items())


if __name__ == "__main__":
    found_ = measure([int(word) for word in sys.argv[1:]] or SIZES)
    show(Console(), found_)

"""The verb `sim inverter`: options turned into a fleet, its tale to standard output, a summary at the end.

What cannot be used is a Fault before anything is begun. Ends by itself after `seconds`, and otherwise at the
first signal to stop. The exit code is 1 where no server ever took one of them in.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bridge.app.fault import Fault
from bridge.app.sim.inverter import faults, fleet, identity
from bridge.app.sim.inverter.identity import Identity
from bridge.mapping.profile import available
from bridge.sep2.client.plant import Options
from bridge.trust import identity as names


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line."""

    server: str
    certificate: Path | None = None
    key: Path | None = None
    root: tuple[Path, ...] = ()
    pki: Path | None = None
    name: str = "inverter"
    count: int = 1
    aggregator: bool = False
    profile: str = "csip"
    pin: str = ""
    notify: str = ""
    most: float = 0.0
    seed: str = ""
    silence: tuple[str, ...] = ()
    refuse: tuple[str, ...] = ()
    bad_readings: tuple[str, ...] = ()
    drift: float = 0.0
    seconds: float = 0.0
    nameless: bool = False
    as_json: bool = False


def given(options: Mapping[str, Any]) -> Given:
    """Take the options of the command by their names."""
    known = {each.name for each in fields(Given)}
    pairs: dict[str, Any] = {
        name: value for name, value in options.items() if name in known and value is not None
    }
    return Given(**_tuples(pairs))


def _tuples(pairs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in pairs.items()}


def run(given: Given) -> int:
    """Do it; give the exit code."""
    wish = _wish(given)
    tale = fleet.Tale(lambda name, said: _print(fleet.line(name, said, as_json=given.as_json)))
    asyncio.run(_until(wish, tale, given.seconds))
    told = {"inverters": max(len(wish.held), len(wish.whos)), **dict(sorted(tale.counts.items()))}
    _print(json.dumps({"summary": told}) if given.as_json else f"summary {told}")
    return 0 if tale.counts["reporting"] else 1


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def _until(wish: fleet.Wish, tale: fleet.Tale, seconds: float) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    if seconds:
        loop.call_later(seconds, stop.set)
    await fleet.run(wish, tale, stop)


def _wish(given: Given) -> fleet.Wish:
    """Turn options into a fleet."""
    parts = urlsplit(given.server)
    if parts.scheme != "https" or not parts.hostname:
        raise Fault("--server", f"{given.server!r} is no address of https")
    if given.profile not in set(available()) - {"der", "mms", "meter"}:
        raise Fault("--profile", f"there is no profile {given.profile!r} of 2030.5")
    url = given.server if parts.path.strip("/") else f"{given.server.rstrip('/')}/dcap"
    whos, held = _whos(given)
    notify = _notify(given.notify)
    ear = fleet.ear(given.pki, notify[0]) if notify and given.pki else None
    options = Options(profile=given.profile, seed=given.seed, most=given.most or float("inf"))
    wrong = faults.said(given.silence, given.refuse, given.bad_readings, given.drift)
    return fleet.Wish(
        url, whos, fleet.sunny, time.time, options, wrong, held,
        pin=_pin(given.pin), notify=notify, ear=ear, named=not given.nameless,
    )  # fmt: skip


def _whos(given: Given) -> tuple[tuple[Identity, ...], tuple[str, ...]]:
    """Give the certificates, and whom an aggregator speaks for."""
    if given.pki is None:
        if given.certificate is None or given.key is None or not given.root:
            raise Fault("sim inverter", "give --certificate, --key and --root, or --pki")
        if given.count > 1 or given.aggregator:
            raise Fault("--count", "several inverters need --pki, where their certificates are or are issued")
        return (identity.read(given.certificate, given.key, *given.root),), ()
    found = fleet.whos(given.pki, given.name, given.count)
    if not given.aggregator:
        return found, ()
    held = tuple(each.lfdi for each in found)
    return fleet.whos(given.pki, f"{given.name}-aggregator", 1, "aggregator"), held


def _pin(text: str) -> int | None:
    try:
        return names.pin(text) if text else None
    except ValueError as error:
        raise Fault("--pin", str(error)) from error


def _notify(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise Fault("--notify", f"{text!r} is no HOST:PORT")
    return host, int(port)

"""`derbridge sim check` and `sim run`: a scenario read, played, shown as a table or as JSON, and recorded.

On a terminal a long run has a bar. A recording is CSV: a row for each look at each unit. What cannot be used
is a Fault.
"""

from __future__ import annotations

import asyncio
import csv
import signal
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from bridge.app import contact, journal, screen
from bridge.app.config import Log
from bridge.app.fault import Fault
from bridge.app.sim import ending, script, stage, venue, way
from bridge.app.sim.scene import Scene
from bridge.app.sim.stage import Played, Seen
from bridge.app.sim.troupe import Place
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import stamp
from bridge.app.sim.way import Asked
from bridge.mapping.profile import available
from bridge.sdk.client import Client

COLUMNS = ("time", "device", "w", "var", "v", "hz", "soc", "connected", "operating", "alarms")


def check(file: Path, *, as_json: bool) -> None:
    """Say what is in a scenario."""
    scene = script.read(file)
    units = sum(kind.count for kind in scene.inverters)
    said = {
        "name": scene.name,
        "inverters": units,
        "story": len(scene.story),
        "expectations": len(scene.expect),
    }
    if as_json:
        screen.record({**said, "seconds": scene.lasts})
        return
    told = ", ".join(f"{count} {what}" for what, count in list(said.items())[1:])
    screen.say(f"{scene.name}: {told}, {stamp(scene.lasts)}")


def run(
    file: Path,
    record: Path | None,
    *,
    as_json: bool,
    place: Place | None = None,
    operator: Mapping[str, str] | None = None,
) -> int:
    """Play a scenario, at a server where one is named; 1 where an expectation failed."""
    scene = script.read(file)
    kinds = [kind.name for kind in scene.inverters if kind.protocol != "none"]
    if kinds and place is None:
        raise Fault(str(file), f"{kinds[0]} speak a protocol: name a server with --server")
    begun = perf_counter()
    with _recorded(record) as recorder, ending.bar(scene.name, scene.lasts) as bar:

        def seen(t: float, outputs: Mapping[str, Output]) -> None:
            recorder(t, outputs)
            bar(t)

        if place is None:
            played = stage.play(scene, file.parent, seen)
        else:
            played = _stopped(_there(scene, file.parent, (place, operator), seen))
    _show(scene, played, perf_counter() - begun, as_json=as_json)
    return 0 if played.passed else 1


def place(server: str, asked: Asked, *, profile: str, poll: float, named: bool) -> Place:
    """Where a scenario is to be played: at a server, with the certificates of a folder."""
    parts = urlsplit(server)
    if parts.scheme != "https" or not parts.hostname:
        raise Fault("--server", f"{server!r} is no address of https")
    if profile not in set(available()) - {"der", "mms", "meter"}:
        raise Fault("--profile", f"there is no profile {profile!r} of 2030.5")
    url = server if parts.path.strip("/") else f"{server.rstrip('/')}/dcap"
    return Place(url, asked.folder, profile, poll, named, cache(partial(way.find, asked)), screen.warn)


def _stopped(work: Coroutine[None, None, Played]) -> Played:
    """Do it; whoever stops it finds the server left as it was."""
    try:
        return asyncio.run(work)
    except (asyncio.CancelledError, KeyboardInterrupt) as error:
        raise Fault("sim run", "was stopped before its end") from error


async def _there(
    scene: Scene, folder: Path, where: tuple[Place, Mapping[str, str] | None], seen: Seen
) -> Played:
    """Play at a server, as its operator."""
    place, operator = where
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    journal.begin(Log(level="error"))
    found = contact.find(operator or {})
    async with Client(found.url, found.context()) as site:
        return await venue.play(scene, folder, place, site, seen)


@contextmanager
def _recorded(place: Path | None) -> Iterator[Seen]:
    """Where a recording goes."""
    if place is None:
        yield lambda _t, _outputs: None
        return
    try:
        stream = place.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise Fault(str(place), f"cannot be written: {error.strerror}") from error
    with stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        yield lambda t, outputs: writer.writerows(_rows(t, outputs))


def _rows(t: float, outputs: Mapping[str, Output]) -> Iterator[tuple[object, ...]]:
    for name, out in outputs.items():
        soc = "" if out.soc is None else round(out.soc, 3)
        figures = (round(out.w, 2), round(out.var, 2), round(out.v, 3), round(out.hz, 4), soc)
        yield (round(t, 3), name, *figures, int(out.connected), int(out.operating), out.alarms)


def _show(scene: Scene, played: Played, took: float, *, as_json: bool) -> None:
    names = {script.mrid(one.name): one.name for one in scene.story if one.name}
    if as_json:
        screen.record(
            {
                "scenario": scene.name,
                "passed": played.passed,
                "seconds": scene.lasts,
                "took": round(took, 3),
                "expectations": [row._asdict() for row in played.rows],
                "responses": {names.get(key, key): value for key, value in played.responses.items()},
                "units": {name: out._asdict() for name, out in played.outputs.items()},
            }
        )
        return
    rows = [("yes" if row.passed else "NO", row.text, f"{row.took:g} s", row.told) for row in played.rows]
    screen.table(("as expected", "expectation", "took", "found"), rows, scene.name)
    good = sum(row.passed for row in played.rows)
    units = len(played.outputs)
    screen.say(f"{good} of {len(rows)} as expected; {units} units, {stamp(scene.lasts)} in {took:.1f} s")

"""Peer adapter: the SunSpec example in an environment of its own, with pysunspec2, against its own inverter.

The bridge's wheel, the example's wheel and pysunspec2 are installed there; the example's tests are run; then
that bridge serves the simulated inverter over Modbus/TCP: a head-end's control, its registers, responses and
readings; refused before the agreement, and after its end.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from hatchling.build import build_wheel

from bridge.app import loading, sample
from peers.wheel import build
from tests.app.adapter import lab
from tests.served import PLAIN, Client, Served

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "sunspec"
BEFORE, LIMIT, AFTER = (f"A{number}" * 16 for number in range(1, 4))
KEEP = 4
"""Seconds that the inverter holds a limit without being asked."""


class Inverter:
    """The simulated inverter, in a process of its own."""

    def __init__(self, python: Path) -> None:
        command = [str(python), "-m", "derbridge_sunspec.simulator"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        return self.process.stdout.readline()

    def registers(self) -> dict[str, Any]:
        """What its model 704 says now."""
        assert self.process.stdin is not None  # noqa: S101
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self._line())
        return found


def environment() -> Path:
    """Make the environment; give its interpreter."""
    folder = ROOT / "build" / "adapter"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bridge = build(folder)
    with chdir(EXAMPLE):
        example = folder / build_wheel(str(folder))
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "lock" / "run.txt")], check=True)
    subprocess.run([*pip, "pysunspec2>=1.3"], check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", str(bridge), str(example)], check=True)
    return python


def tested(python: Path) -> int:
    """Run the example's own tests; how many there are."""
    command = [str(python), "-m", "unittest", "discover", "tests"]
    done = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-600:])
    return int(done.stderr.split("Ran ")[1].split()[0])


@contextmanager
def running(python: Path, folder: Path) -> Iterator[tuple[Served, Inverter]]:
    """Have a bridge of that environment, with the adapter and its inverter."""
    plant = Inverter(python)
    owner = lab.owner(folder)
    place = {"host": "127.0.0.1", "port": plant.port}
    adapter = {"poll": 1.0, "settings": {"keep": KEEP, "units": {owner.lfdi: place}}}
    said = {**PLAIN, "adapters": {"sunspec": adapter}}
    (folder / loading.NAME).write_text(sample.text(said), "utf-8")
    site = Served(folder, command=(python.with_name("derbridge"),))
    try:
        site.start()
        yield site, plant
    finally:
        if site.process is not None and site.process.poll() is None:
            site.kill()
        plant.process.kill()
        plant.process.communicate()


async def _heard(site: Served, mrid: str, wanted: list[int]) -> None:
    async def heard() -> bool:
        return await lab.responses(site, mrid) == wanted

    await lab.until(heard, f"{wanted} of {mrid}")


async def _registers(plant: Inverter, **wanted: object) -> dict[str, Any]:
    async def there() -> dict[str, Any]:
        found = await asyncio.to_thread(plant.registers)
        return found if all(found[name.replace("__", ".")] == each for name, each in wanted.items()) else {}

    made: dict[str, Any] = await lab.until(there, f"{wanted}")
    return made


async def _told(site: Served, unit: Client, der: str) -> int:
    """Wait for what the inverter tells; how many readings there are."""

    async def told() -> int:
        _, page = await site.admin.get(f"/api/v1/readings?device={unit.lfdi}")
        able = (await unit.get(f"{der}/dercap")).body
        known = b"<modesSupported>009000F4</modesSupported>" in able and b"<value>5000</value>" in able
        return len(page["items"]) if known and (38, 4_000) in {_figure(each) for each in page["items"]} else 0

    return int(await lab.until(told, "what it tells"))


def _figure(reading: dict[str, Any]) -> tuple[int, float]:
    return reading["uom"], reading["value"]


async def _others(site: Served, plant: Inverter, programme: str) -> dict[str, object]:
    """Disconnected by model 123 and on a volt-var curve by model 705, for as long as a control lasts."""
    usual, points = (await _registers(plant, Conn=1))["curve"], [[92, 30], [98, 0], [102, 0], [108, -30]]
    place = f"/api/v1/programmes/{programme}"
    said = {"type": 11, "y_reference": "setMaxVar", "points": [{"x": x, "y": y} for x, y in points]}
    _, curve = await site.admin.post(f"{place}/curves", said)
    modes = {"opModVoltVar": curve["href"], "opModConnect": False}
    await site.admin.post(f"{place}/controls", {"start": lab.site_now(), "duration": 6, "modes": modes})
    taken = await _registers(plant, Conn=0, curve=points)
    await _registers(plant, Conn=1, curve=usual)
    return {"disconnected": taken["Conn"] == 0, "curve": taken["curve"]}


async def _story(site: Served, plant: Inverter) -> dict[str, object]:
    unit = site.client("owner")
    programme, der = await lab.settled(site, unit)
    await lab.control(site, programme, BEFORE, 30)
    await _heard(site, BEFORE, [252])
    untouched = (await _registers(plant))["writes"]
    number = await lab.agree(site, "sunspec", unit)
    await lab.control(site, programme, LIMIT, 60)
    await _heard(site, LIMIT, [1, 2])
    taken = await _registers(plant, WMaxLimPct=60.0, WMaxLimPctEna=1, WMaxLimPctRvrtTms=KEEP)
    readings = await _told(site, unit, der)
    await asyncio.sleep(KEEP + 2)  # longer than it holds a limit by itself: it is renewed
    held = (await _registers(plant))["WMaxLimPctEna"]
    others = await _others(site, plant, programme)
    await lab.agree(site, "sunspec", unit, "withdraw", number)
    await _heard(site, LIMIT, [1, 2, 10])
    await _registers(plant, WMaxLimPctEna=0)
    writes = (await _registers(plant))["writes"]
    await lab.control(site, programme, AFTER, 20)
    await _heard(site, AFTER, [252])
    after = (await _registers(plant))["writes"]
    return {
        "ok": untouched == 0 and held == 1 and after == writes,
        "limit": taken["WMaxLimPct"], **others, "readings": readings, "writes_before_agreement": untouched,
        "writes_while_agreed": writes, "writes_after_its_end": after - writes,
    }  # fmt: skip


def run() -> dict[str, object]:
    """Install, test, and tell the story."""
    python = environment()
    count = tested(python)
    folder = ROOT / "build" / "adapter" / "site"
    folder.mkdir()
    with running(python, folder) as (site, plant):
        return {**asyncio.run(_story(site, plant)), "tests": count}

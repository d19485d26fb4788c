"""`python -m bench`: speed as ratios to references measured in the same run; writes build/bench.json.

Absolute figures move with the machine, ratios less so. Goals are shown beside the figures and decide nothing:
a slow machine must not fail a build. The hostile documents' goal is 50 ms of processor time each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import access, fanout, lapse, reads, relay, sample, seal, server, slow, wsse, xml

TARGET = Path(__file__).resolve().parent.parent / "build" / "bench.json"
LIMIT = 50.0
_ALL_OF_DER = """
from importlib import import_module
from models.der import index
for place in {value.rpartition(".")[0] for value in index.ELEMENTS.values()}:
    import_module(place if place.startswith("models.") else f"models.der.{place}")
"""
IMPORTS = (
    ("nothing", "pass"),
    ("models.kit (pydantic itself)", "import models.kit"),
    ("models.der, all modules", _ALL_OF_DER),
    ("models.sep2.y2018.der", "import models.sep2.y2018.der"),
    ("bridge.mapping.xml", "import bridge.mapping.xml"),
)


def imports(rounds: int = 5) -> dict[str, float]:
    """Processor milliseconds of a fresh interpreter that imports one thing."""
    clock = "import resource as r; u = r.getrusage(r.RUSAGE_SELF); print(u.ru_utime + u.ru_stime)"
    found = {}
    for name, code in IMPORTS:
        command = [sys.executable, "-c", f"{code}\n{clock}"]
        runs = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(rounds)
        ]
        found[name] = 1000 * min(map(float, runs))
    return found


def compared(title: str, figures: dict[str, float], kilobytes: float) -> Table:
    """Milliseconds, microseconds per kilobyte, and how many times our own."""
    table = Table(title=title)
    for column in ("", "ms", "us/kB", "x derbridge"):
        table.add_column(column, justify="left" if not column else "right")
    for name, spent in figures.items():
        ratio = spent / figures["derbridge"]
        table.add_row(name, f"{spent:.2f}", f"{1000 * spent / kilobytes:.1f}", f"{ratio:.2f}")
    return table


def listed(title: str, figures: dict[str, float], most: int = 8) -> Table:
    """The greatest of many figures."""
    table = Table(title=title)
    table.add_column("")
    table.add_column("ms", justify="right")
    for name, spent in sorted(figures.items(), key=lambda row: -row[1])[:most]:
        table.add_row(name, f"{spent:.2f}")
    return table


def beside(figures: Mapping[str, Any], others: Mapping[str, Any]) -> Table:
    """The server's figures beside the reference's."""
    table = Table(title="the server, one worker on one core")
    for column, side in (("", "left"), ("derbridge", "right"), ("reference", "right"), ("ratio", "right")):
        table.add_column(column, justify="left" if side == "left" else "right")
    for row in (*server.told(figures), *slow.told(others)):
        table.add_row(*row)
    return table


def xml_figures(console: Console) -> dict[str, Any]:
    """Parse, render, validate; imports; hostile documents."""
    kilobytes = len(sample.document()) / 1000
    speed, attacks, cost = xml.speed(), xml.attacks(), imports()
    console.print(f"A DERControlList of {sample.CONTROLS} controls, {kilobytes:.0f} kB")
    console.print(f"Best processor time of {xml.ROUNDS} rounds")
    for name, figures in speed.items():
        console.print(compared(name, figures, kilobytes))
    others = [spent for name, spent in speed["parse"].items() if name != "derbridge"]
    ratio = min(others) / speed["parse"]["derbridge"]
    console.print(f"parse: {ratio:.2f} x the faster of the two references (goal 3)")
    console.print(listed("import in a fresh interpreter", cost))
    console.print(
        listed(f"hostile documents: the dearest of {len(attacks)} (goal: {LIMIT:.0f} ms each)", attacks)
    )
    slowest = max(attacks, key=lambda name: attacks[name])
    console.print(f"slowest attack: {slowest}, {attacks[slowest]:.1f} ms of {LIMIT:.0f}")
    return {**speed, "parse_ratio": ratio, "import": cost, "attacks": attacks, "kilobytes": kilobytes}


def main() -> None:
    """Measure, print and write everything."""
    console = Console()
    figures = xml_figures(console)
    figures["seal"] = seal.measure()
    console.print(seal.told(figures["seal"]))
    figures["wsse"] = wsse.measure()
    wsse.show(console, figures["wsse"])
    figures["access"] = access.measure()
    console.print(access.table(figures["access"]))
    figures["relay"] = relay.measure()
    console.print(relay.told(figures["relay"]))
    figures["reads"] = reads.measure()
    console.print(reads.told(figures["reads"]))
    figures["lapse"] = lapse.measure()
    console.print(lapse.told(figures["lapse"]))
    figures["server"] = server.measure()
    figures["slow"] = slow.measure()
    console.print(beside(figures["server"], figures["slow"]))
    keep(figures)
    figures["fanout"] = fanout.measure()  # the longest of all: what was measured before is kept by then
    fanout.show(console, figures["fanout"])
    keep(figures)


def keep(figures: Mapping[str, Any]) -> None:
    """Write what was measured so far."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""A process that fills a buffered block at 1,000 values a second, to be killed by test_report_killed.py.

`python -m tests.iec61850.filling FILE [ENTRY]`: with an entry in hexadecimal a client is there, which goes on
after it. Each value is the number of its entry. It prints what is kept, and each unit that is sent.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

from bridge.iec61850 import unit
from bridge.transports.buffer import Disk
from tests.iec61850.reporting import BRCB, Scene

AT_ONCE = 10
PAUSE = 0.01


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main(path: Path, entry: str) -> None:
    with closing(Disk(path)) as disk:
        scene = Scene(disk, capacity=1_000_000)
        held = disk.held(f"LD1/{BRCB}")
        value = held.last if held else 0
        say("last", value)
        if entry:
            scene.done(BRCB, EntryID=bytes.fromhex(entry))
            scene.done(BRCB, RptEna=True)
        due = time.monotonic()
        while True:
            for _ in range(AT_ONCE):
                value += 1
                scene.watt(value)
            for report in scene.reports.tick(scene.now):
                say("unit", unit.write(report.peer.assoc, "unconfirmed-PDU", report.unit).decode())
            say("kept", disk.kept(f"LD1/{BRCB}"))
            sys.stdout.flush()
            due += PAUSE
            time.sleep(max(due - time.monotonic(), 0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:] or [""])

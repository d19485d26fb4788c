"""`python -m bench.sampled run DIR`: derbridge, with an account of where its processor time goes.

Each few milliseconds of processor time a signal has every thread's own time added to the part of derbridge
that is innermost on its stack, by the table below; what other libraries do counts for whoever called them.
SIGUSR2 has the account written to the file that SAMPLES names. Beside that it is the command itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import FrameType

import bridge
from bridge.app import cli

ROOT = str(Path(bridge.__file__).parents[1])
EVERY = 0.005
STAGES = (
    ("bridge/transports/store", "store"),
    ("bridge/trust", "seals"),
    ("bridge/app/endpoint/seals", "seals"),
    ("bridge/iec61850/sealing", "seals"),
    ("bridge/transports/http", "HTTP and TLS"),
    ("bridge/transports/wire", "HTTP and TLS"),
    ("bridge/transports/line", "HTTP and TLS"),
    ("bridge/transports/stream", "relay and link"),
    ("bridge/transports/relay", "relay and link"),
    ("bridge/transports/calls", "notifications"),
    ("bridge/app/courier", "notifications"),
    ("bridge/sep2/notify", "notifications"),
    ("bridge/sep2/teller", "notifications"),
    ("bridge/sep2/concern", "notifications"),
    ("bridge/transports", "relay and link"),
    ("bridge/xmpp", "relay and link"),
    *(
        (f"bridge/mapping/{name}", "XML and XER")
        for name in (
            "xml",
            "express",
            "instance",
            "guard",
            "scanner",
            "reading.",
            "writing",
            "lexical",
            "plan",
            "wire",
            "form",
        )
    ),
    ("bridge/iec61850/unit", "XML and XER"),
    ("models", "XML and XER"),
    ("bridge/mapping", "translating"),
    ("bridge/iec61850/carrying", "translating"),
    ("bridge/iec61850", "61850 services"),
    ("bridge/app/facility", "61850 services"),
    ("bridge/app/endpoint", "61850 services"),
    ("bridge/core", "deciding"),
    ("bridge/app/pump", "deciding"),
    ("bridge/sep2", "2030.5 resources"),
    ("bridge/app/journal", "log"),
)
"""The part of a file, the first row that fits."""
REST = "loop and rest"
SPENT: defaultdict[str, float] = defaultdict(float)
_BEFORE: dict[int, float] = {}


@cache
def stage(file: str) -> str:
    """The part that a file belongs to, if it is one of ours."""
    name = file.removeprefix(f"{ROOT}/") if file.startswith(ROOT) else ""
    return next((part for start, part in STAGES if name.startswith(start)), "")


def innermost(frame: FrameType | None) -> str:
    """The innermost part on a stack."""
    while frame is not None:
        if found := stage(frame.f_code.co_filename):
            return found
        frame = frame.f_back
    return REST


def look(_number: int, frame: FrameType | None) -> None:
    """Add what each thread has spent since the last look."""
    frames = sys._current_frames()  # noqa: SLF001 - there is no other way to see them
    own = threading.get_ident()
    for thread in threading.enumerate():
        if thread.ident is None:
            continue
        now = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        used = now - _BEFORE.get(thread.ident, 0.0)
        _BEFORE[thread.ident] = now
        SPENT[innermost(frame if thread.ident == own else frames.get(thread.ident))] += used


def write(*_: object) -> None:
    """Write the account, whole or not at all."""
    target = Path(os.environ["SAMPLES"])
    made = target.with_suffix(".new")
    made.write_text(json.dumps({"at": time.process_time(), "spent": dict(SPENT)}), "utf-8")
    made.replace(target)


def main() -> None:
    """Have the account kept, and be the command."""
    signal.signal(signal.SIGPROF, look)
    signal.signal(signal.SIGUSR2, write)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    cli.main()


if __name__ == "__main__":
    main()

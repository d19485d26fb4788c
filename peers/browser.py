"""A real browser at the page of the demonstration: Debian's Chromium, driven while the story runs.

It sees the fleet change without being loaded again, one inverter, one control on both sides, and the story
come to its end. Its pictures lie in build/browser; the ones in docs/pictures are taken from there. What it
looks at is in `looking`, which runs in an environment of its own, with playwright.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peers.cactus import environment
from peers.port import free, reachable
from peers.relays.servers import apt

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "build" / "browser"
PACKAGES = ("chromium", "fonts-dejavu-core")
WANTED = ("playwright==1.65.2",)
LOOKER = Path(__file__).with_name("looking.py")
PATIENCE = 1_200.0
ENDING = 60.0


def run() -> dict[str, object]:
    """What the browser saw."""
    if not shutil.which("chromium"):
        apt("chromium", PACKAGES)
    python = environment(sys.executable, WANTED)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as url:
        command = [str(python), str(LOOKER), url, str(PICTURES)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-600:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"ok": not found["wrong"], **found}


@contextmanager
def demo() -> Iterator[str]:
    """The demonstration as a user starts it; gives the address of its page."""
    port = free()
    command = [str(Path(sys.executable).with_name("derbridge")), "demo", "--port", str(port)]
    log = (PICTURES / "demo.log").open("wb")
    with log, subprocess.Popen(command, cwd=PICTURES, stdout=log, stderr=log) as process:
        try:
            reachable(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(ENDING)

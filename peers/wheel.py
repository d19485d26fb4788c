"""Peers wheel311, wheel312, wheel313: the built wheel, alone in an empty environment of another Python.

The environment gets the wheel and what lock/run.txt names, nothing else, and runs away from this folder,
so that a file which is only in the checkout, or a dependency which is only in the development group,
shows as a failure. What the commands print there must be, byte for byte, what they print from the
checkout, where each run has keys, moments and names of its own as much as where it has not.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from hatchling.build import build_wheel

from peers.table import Missing

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "control.xml"
COMMANDS = (("map", "check"), ("map", "check", "--json"), ("map", "convert", str(EXAMPLE)), ("life",))

FRESH = {
    r"\b[0-9A-F]{40}\b": "LFDI",
    r"\b[0-9A-F]{32}\b": "mRID",
    r"\b1[0-9]{9}\b": "moment",
    r"\b1-[0-9a-f]{12}\b": "edition",
}
"""What is new in each run of `life`, whose server is a real one with certificates of its own."""


def build(folder: Path) -> Path:
    """The wheel of this checkout, built into a folder."""
    with chdir(ROOT):
        return folder / build_wheel(str(folder))


def python(version: str) -> str:
    """A working interpreter of this version: from the path, or from pyenv, whose shims may refuse."""
    shims = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = [shutil.which(f"python{version}"), *shims.glob(f"versions/{version}.*/bin/python{version}")]
    for candidate in filter(None, found):
        test = [str(candidate), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        answer = subprocess.run(test, capture_output=True, text=True, check=False)
        if answer.stdout.strip() == version:
            return str(candidate)
    message = f"Python {version} is not on this machine"
    raise Missing(message)


def output(program: Path, command: tuple[str, ...], folder: Path) -> str:
    """What a command prints, run in an empty folder with a plain environment; it must succeed."""
    plain = {"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "200"}
    done = subprocess.run(
        [str(program), *command], cwd=folder, env=plain, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        message = f"derbridge {' '.join(command)} ended with {done.returncode}: {''.join(last)}"
        raise RuntimeError(message)
    said = done.stdout
    for pattern, name in FRESH.items():
        said = re.sub(pattern, name, said)
    return said


def alone(version: str) -> dict[str, object]:
    """Install the wheel alone under this Python; compare what its commands print with the checkout."""
    interpreter = python(version)
    folder = ROOT / "build" / f"wheel-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    empty = folder / "empty"
    empty.mkdir(parents=True)
    wheel = build(folder)
    subprocess.run([interpreter, "-m", "venv", str(folder / "env")], check=True)
    pip = [str(folder / "env/bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / "lock" / "run.txt")], check=True)
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True)
    there = [output(folder / "env/bin/derbridge", command, empty) for command in COMMANDS]
    here = [output(Path(sys.executable).with_name("derbridge"), command, empty) for command in COMMANDS]
    differing = [" ".join(command) for command, a, b in zip(COMMANDS, there, here, strict=True) if a != b]
    digest = hashlib.sha256("".join(there).encode()).hexdigest()
    shutil.rmtree(folder / "env")
    return {
        "ok": not differing and all(there),
        "wheel_bytes": wheel.stat().st_size,
        "commands": len(COMMANDS),
        "differing": differing,
        "sha256": digest[:16],
    }

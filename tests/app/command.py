"""The real command for the tests beside this file: in a process of its own, or its entry point in this one.

A process proves that what was installed works; the entry point takes the same words through the same code
and is ten times faster, so most tests use it. Both see the same arguments, input, output and status.
Nothing is imitated.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from bridge.app import cli

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
COMMAND = Path(sys.executable).with_name("derbridge")


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def spawned(*arguments: str | Path, given: str = "") -> Done:
    """Run the installed command from the examples folder, in a process of its own."""
    line = [str(COMMAND), *map(str, arguments)]
    done = subprocess.run(line, cwd=EXAMPLES, input=given, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


def derbridge(*arguments: str | Path, given: str = "") -> Done:
    """Run the entry point from the examples folder, in this process."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    with (
        contextlib.chdir(EXAMPLES),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", ["derbridge", *map(str, arguments)]),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8")),
    ):
        try:
            cli.main()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
    return Done(status, out.getvalue(), err.getvalue())


def refused(*arguments: str | Path, given: str = "") -> str:
    """Run a command that must refuse its input: status 2, nothing on standard output, one line of error."""
    return line_of(derbridge(*arguments, given=given))


def line_of(done: Done) -> str:
    """The one line of a refusal."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("derbridge: ")
    return done.stderr.removeprefix("derbridge: ").rstrip("\n")

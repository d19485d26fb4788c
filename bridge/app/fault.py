"""The one error a user can cause: a place, perhaps a line and a path, and the reason.

Every command turns what went wrong in its input into a Fault; `cli.main` prints it as one line on standard
error and leaves with status 2. It never wraps our own failures: those keep their traceback, because they
are ours to fix.
"""

from __future__ import annotations

import re

ECHO = 200
"""So much of what was given is repeated at most."""
LONG = re.compile(rf"\S{{{ECHO + 1},}}")


def clipped(text: str) -> str:
    """Text as part of one line: control characters escaped, a long end left out."""
    line = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:ECHO])
    return line + "..." if len(text) > ECHO else line


class Gone(Exception):
    """Standard output takes no more."""


class Fault(Exception):
    """Something the user gave cannot be used."""

    def __init__(self, place: str, reason: str, *, line: int | None = None, path: str = "") -> None:
        super().__init__(place, reason, line, path)
        self.place = clipped(place)
        self.reason = LONG.sub(lambda found: found[0][:ECHO] + "...", " ".join(reason.split()))
        self.line = line
        self.path = clipped(path)

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        parts = [where, self.path, self.reason]
        return ": ".join(part for part in parts if part)

    def shown(self) -> dict[str, dict[str, str | int | None]]:
        """The same for programs."""
        said = {"file": self.place, "path": self.path, "line": self.line, "reason": self.reason}
        return {"error": said}

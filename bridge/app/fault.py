"""The one error a user can cause: a place, perhaps a line and a path, and the reason.

Every command turns what went wrong in its input into a Fault; `cli.main` prints it as one line on standard
error and leaves with status 2. It never wraps our own failures: those keep their traceback, because they
are ours to fix.
"""

from __future__ import annotations

import re

NAMED = 200
"""So much of a file's name, or of a path in it, is repeated at most."""
ECHO = 80
"""So much of a value that was given is repeated at most."""
LONG = re.compile(rf"""(?<!\w)(['"])(?:(?!\1).){{{ECHO + 1},}}\1|\S{{{ECHO + 1},}}""")
"""A quotation that is too long, or a word."""
STEP = re.compile(rf"()[^/.]{{{ECHO + 1},}}")
"""A step of a path that is too long; the empty group says that it has no quotation mark."""


def clipped(text: str) -> str:
    """Text as part of one line: control characters escaped, a long end left out."""
    return visible(text[:NAMED]) + ("..." if len(text) > NAMED else "")


def trail(path: str) -> str:
    """A path as part of one line: a step that is long is cut, and so is the whole."""
    return clipped(STEP.sub(_cut, path))


def sentence(text: str) -> str:
    """Words as part of one line: what they quote, and any word, is cut where it is long."""
    return LONG.sub(_cut, visible(" ".join(text.split())))


def _cut(found: re.Match[str]) -> str:
    quote = found[1] or ""
    return f"{found[0][: ECHO + len(quote)]}...{quote}"


def visible(text: str) -> str:
    """Text with its control characters escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


class Gone(Exception):
    """Standard output takes no more."""


class Fault(Exception):
    """Something the user gave cannot be used."""

    def __init__(self, place: str, reason: str, *, line: int | None = None, path: str = "") -> None:
        super().__init__(place, reason, line, path)
        self.place = clipped(place)
        self.reason = sentence(reason)
        self.line = line
        self.path = trail(path)

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        parts = [where, self.path, self.reason]
        return ": ".join(part for part in parts if part)

    def shown(self) -> dict[str, dict[str, str | int | None]]:
        """The same for programs."""
        said = {"file": self.place, "path": self.path, "line": self.line, "reason": self.reason}
        return {"error": said}

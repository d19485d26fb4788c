"""The log: one line for each thing that happened, as JSON for programs or in columns for a person.

What other libraries say goes the same way. A line for a request is put together without ceremony, since
there are many, and written with others in one go. No line ever carries a body, a key, a PIN or a password.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

import structlog

from bridge.app.config import Log

SECRET = re.compile(r"pin|password|secret|token|authorization|private_key", re.IGNORECASE)
LOGIN = re.compile(r"(?<=//)[^/@\s:]*:[^/@\s]*(?=@)")
"""User and password in an address."""
QUIET = {"aiohttp.access": "warning", "asyncio": "warning", "alembic": "warning", "sqlalchemy": "warning"}
"""Libraries that have more to say than an operator wants to read."""
Event = MutableMapping[str, Any]
Logger = structlog.typing.FilteringBoundLogger


def begin(log: Log, stream: TextIO | None = None) -> None:
    """Send everything that is logged, by us and by libraries, to one stream."""
    out = stream or sys.stderr
    level = logging.getLevelNamesMapping()[log.level.upper()]
    before = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.contextvars.merge_contextvars,
        hidden,
    ]
    person = personal(log, out)
    chain = [*before, *((_console(out),) if person else (TRACES, RENDERER))]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _foreign(chain, level, out)


RENDERER = structlog.processors.JSONRenderer(sort_keys=False, default=str)
TRACES = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
)
"""Without what the variables held: there may be a PIN or a body among them."""


def _console(out: TextIO) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _foreign(chain: list[Any], level: int, out: TextIO) -> None:
    """The standard library's loggers, written by the same processors."""
    shown = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *chain[:-1]],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, chain[-1]],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(shown)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(level, logging.getLevelNamesMapping()[least.upper()]))


def personal(log: Log, out: TextIO) -> bool:
    """Whether a person reads it."""
    return log.format == "console" or (log.format == "auto" and out.isatty())


def hidden(_logger: object, _method: str, event: Event) -> Event:
    """The same without what nobody may read."""
    for key, value in event.items():
        if SECRET.search(key):
            event[key] = "..."
        elif isinstance(value, str) and "@" in value:
            event[key] = LOGIN.sub("...", value)
    return event


def logger(**bound: object) -> Logger:
    """A logger with something said in each of its lines."""
    made: Logger = structlog.get_logger(**bound)
    return made


class Seen(NamedTuple):
    """A request that was answered."""

    method: str
    target: str
    status: int
    lfdi: str
    seconds: float
    reason: str = ""
    """Why the answer was what it was."""
    correlation: str = ""
    """What the request is called."""


class Requests:
    """Lines of requests: kept for a moment, then written together."""

    def __init__(self, log: Log, out: TextIO, later: Callable[[float, Callable[[], None]], object]) -> None:
        self._out = out
        self._later = later
        self._kept: list[str] = []
        self._shown = _column if personal(log, out) else _record

    def note(self, seen: Seen) -> None:
        """Note an answer."""
        if not self._kept:
            self._later(DELAY, self.write)
        self._kept.append(self._shown(datetime.now(UTC).isoformat(timespec="milliseconds"), seen))

    def write(self) -> None:
        """Write what was noted."""
        kept, self._kept = self._kept, []
        if kept:
            self._out.write("".join(kept))
            self._out.flush()


DELAY = 0.05
"""Seconds that a line may wait."""


quoted = lru_cache(maxsize=1024)(json.dumps)
"""What devices ask for is the same again and again."""


def _record(at: str, seen: Seen) -> str:
    """A line as JSON; only what the peer chose is escaped, the rest cannot need it."""
    method, target = quoted(seen.method), quoted(seen.target)
    why = f', "reason": {json.dumps(seen.reason)}' if seen.reason else ""
    name = f', "correlation": "{seen.correlation}"' if seen.correlation else ""
    return (
        f'{{"event": "request", "level": "info", "timestamp": "{at}", "method": {method}, "path": {target}, '
        f'"status": {seen.status}, "lfdi": "{seen.lfdi}", "ms": {seen.seconds * 1000:.2f}{why}{name}}}\n'
    )


def _column(at: str, seen: Seen) -> str:
    """A line for a person."""
    what = f"{seen.method:<6} {seen.target} {seen.seconds * 1000:.2f} ms"
    said = f"{at[11:23]} {seen.status} {what} {seen.lfdi[:8] or 'nobody'} {seen.reason}".rstrip()
    return said.encode("unicode_escape").decode("ascii") + "\n"

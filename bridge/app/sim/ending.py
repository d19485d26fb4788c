"""How a simulated party runs until it is told to stop: by a signal, after some seconds, or when it is done.

Lines go to standard output at once, each a document for programs where that is wanted. A bar for a person
stands on standard error. Nothing here knows who runs.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
Tell = Callable[..., None]


async def until_told(work: Coroutine[Any, Any, T], seconds: float) -> T | None:
    """Do it to its end, or until a signal or the time ends it; nothing where it was ended so."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    handle = loop.call_later(seconds, stop.set) if seconds else None
    task, told = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, told), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        return None
    finally:
        if handle is not None:
            handle.cancel()
        task.cancel()
        told.cancel()
        await asyncio.gather(task, told, return_exceptions=True)
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sign)


def teller(*, as_json: bool) -> Tell:
    """What writes a line for each thing that happens."""

    def tell(event: str, **said: Any) -> None:  # noqa: ANN401 - whatever is said
        rest = " ".join(f"{key}={value}" for key, value in said.items())
        line = json.dumps({"event": event, **said}, default=str) if as_json else f"{event} {rest}".rstrip()
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return tell


@contextmanager
def bar(title: str, total: float) -> Iterator[Callable[[float], None]]:
    """A bar for a person who looks at standard error; called with how far it is."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a person
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done: progress.update(task, completed=done)

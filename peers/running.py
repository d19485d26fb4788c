"""Running one peer: here, or in a process of its own, so that one that breaks breaks no other.

A process that is started anew finds these functions by the name of this module, as it could not find those of
a main module. Nothing is printed here, and nothing is decided about a peer.
"""

from __future__ import annotations

import logging
import time
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection

import structlog

from peers.table import Missing, Peer


def quiet() -> None:
    """Have this process log nothing but what is wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def run(peer: Peer) -> dict[str, object]:
    """A peer's figures, with its `state`: agrees, differs or missing; and the `seconds` that it took."""
    began = time.monotonic()
    return {**_run(peer), "seconds": round(time.monotonic() - began)}


def _run(peer: Peer) -> dict[str, object]:
    try:
        figures = getattr(import_module(peer.module), peer.function)(*peer.arguments)
        return {"state": "agrees" if figures["ok"] is True else "differs", **figures}
    except Missing as gap:
        return {"state": "missing", "ok": False, "missing": str(gap)}
    except Exception as error:  # noqa: BLE001 - whatever a foreign program does to us is that peer's result
        return {"state": "differs", "ok": False, "error": f"{type(error).__name__}: {error}"}


def apart(peer: Peer) -> dict[str, object]:
    """What `run` gives, of a process of its own; one that ends without a word differs."""
    spawned = get_context("spawn")
    hears, says = spawned.Pipe(duplex=False)
    process = spawned.Process(target=_say, args=(peer, says))
    process.start()
    says.close()
    try:
        found: dict[str, object] = hears.recv()
    except EOFError:
        process.join()
        found = {"state": "differs", "ok": False, "error": f"its process ended with {process.exitcode}"}
    process.join()
    return found


def _say(peer: Peer, says: Connection) -> None:
    quiet()
    says.send(run(peer))

"""`derbridge backup` and `derbridge restore`: the whole store in one file, and back.

A backup is made while the server runs and shows one moment; the file is complete once it has its name. A
restore wants a server that is stopped, and a store that is empty unless it is to be replaced. Certificates
and configuration are files of their own, and stay out of it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from bridge.app import loading, screen, sockets
from bridge.app.config import Config
from bridge.app.fault import Fault
from bridge.transports.store import opening
from bridge.transports.store.fault import Unavailable, Unusable


def backup(file: Path, place: Path | None) -> None:
    """Save the store."""
    config = configured(place)
    if file.exists():
        raise Fault(str(file), "is there already; nothing was changed")
    if not file.parent.is_dir():
        raise Fault(str(file.parent), "is no folder")
    asyncio.run(_save(config.store.url, file.absolute()))
    screen.say(f"{file}: {file.stat().st_size} bytes, complete")


async def _save(url: str, file: Path) -> None:
    try:
        async with opening.open(url) as store:
            await store.backup(file)
    except (OSError, Unavailable, Unusable) as error:
        raise Fault(shown(url), str(error)) from error


def restore(file: Path, place: Path | None, *, replace: bool) -> None:
    """Put a saved store in place."""
    config = configured(place)
    if not file.is_file():
        raise Fault(str(file), "is no file")
    for door in sockets.doors(config):
        for host, error in sockets.free(door) if door.port else ():
            raise Fault(f"{host} port {door.port}", f"{error.strerror}; stop the server before restoring")
    try:
        asyncio.run(opening.restore(file.absolute(), config.store.url, replace=replace))
    except (OSError, Unavailable, Unusable) as error:
        raise Fault(shown(config.store.url), f"{error}; --replace replaces what is there") from error
    screen.say(f"{shown(config.store.url)}: restored from {file}")


def configured(place: Path | None) -> Config:
    """The configuration, or a fault that names the first of its problems."""
    loaded = loading.load(place, os.environ)
    if loaded.config is None:
        first = loaded.problems[0]
        raise Fault(first.place, f"{first.what}. {first.remedy}", line=first.line, path=first.key)
    return loaded.config


def shown(url: str) -> str:
    """An address without what is secret in it."""
    return url.partition("@")[2] or url

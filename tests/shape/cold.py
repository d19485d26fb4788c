"""Import each module alone: `python cold.py MODULE ...`, for tests/shape/test_imports.py.

The interpreter is fresh and knows none of our modules. It loads the libraries once, which are the same for
all, and then gives each module a process of its own to be imported in. It prints one JSON object, from
each module that failed to the last line of its failure.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from importlib import import_module

LIBRARIES = (
    "pydantic.main", "pydantic.type_adapter", "pydantic_settings", "lxml.etree", "xmlschema", "rich.live",
    "typer.main", "aiohttp.web", "slixmpp", "structlog", "prometheus_client", "jinja2", "joserfc.jwt",
    "sqlalchemy.dialects.sqlite.pysqlite", "cryptography.x509",
)  # fmt: skip


def attempt(module: str) -> int:
    """Start a process that imports one module; its failure, if any, comes from the descriptor returned."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        return reader
    try:
        import_module(module)
    except BaseException:  # noqa: BLE001 - whatever an import raises is the result
        os.write(writer, traceback.format_exc().strip().splitlines()[-1].encode()[:4000])
    os._exit(0)


def failure(reader: int) -> str:
    """What the process at the other end of this descriptor had to say."""
    with os.fdopen(reader, errors="replace") as stream:
        said = stream.read()
    os.wait()
    return said


def failures(modules: list[str], width: int) -> dict[str, str]:
    """From module to failure, with so many processes at a time."""
    found: dict[str, str] = {}
    running: dict[str, int] = {}
    for module in modules:
        running[module] = attempt(module)
        if len(running) == width:
            oldest = next(iter(running))
            found[oldest] = failure(running.pop(oldest))
    found |= {module: failure(reader) for module, reader in running.items()}
    return {module: said for module, said in found.items() if said}


if __name__ == "__main__":
    for library in LIBRARIES:
        import_module(library)
    gc.disable()  # each process ends before there is anything to collect
    sys.path[0] = os.getcwd()  # noqa: PTH109 - nothing but the system module is loaded here
    sys.stdout.write(json.dumps(failures(sys.argv[1:], 2 * (os.cpu_count() or 1))))

"""Import modules in fresh processes: `python cold.py MODULE,MODULE MODULE ...`, for test_imports.py.

The interpreter is fresh and knows none of our modules. It loads the libraries once, which are the same for
all, and then gives each argument a process of its own, where its modules are imported one after the other.
It prints one JSON object, from each module that failed to the last line of its failure.
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


def attempt(modules: list[str]) -> int:
    """Start a process that imports some modules; their failures come from the descriptor returned."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        return reader
    found = {}
    for module in modules:
        try:
            import_module(module)
        except BaseException:  # noqa: BLE001 - whatever an import raises is the result
            found[module] = traceback.format_exc().strip().splitlines()[-1]
    with os.fdopen(writer, "w") as stream:
        stream.write(json.dumps(found))
    os._exit(0)


def failures(reader: int) -> dict[str, str]:
    """What the process at the other end of this descriptor had to say."""
    with os.fdopen(reader) as stream:
        found: dict[str, str] = json.load(stream)
    os.wait()
    return found


if __name__ == "__main__":
    for library in LIBRARIES:
        import_module(library)
    gc.disable()  # each process ends before there is anything to collect
    sys.path[0] = os.getcwd()  # noqa: PTH109 - nothing but the system module is loaded here
    begun = [attempt(argument.split(",")) for argument in sys.argv[1:]]
    sys.stdout.write(json.dumps({module: why for one in begun for module, why in failures(one).items()}))

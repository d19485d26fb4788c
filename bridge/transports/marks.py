"""What a request is called: the same name in the log of requests, the decision log and the response.

A client may bring one (X-Request-Id) if it is short and plain; whatever else it sends is passed over, and the
request is given a name of ours, which nobody can guess. A name proves nothing: beside it stands whose it is.
"""

from __future__ import annotations

import re
from secrets import token_hex

from aiohttp import web

FIELD = "X-Request-Id"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
MARK = web.RequestKey("mark", str)
"""Where a request of aiohttp's has it."""


def fresh() -> str:
    """Make one."""
    return token_hex(16)


def brought(said: str) -> str:
    """Give what a client calls its request, '' if that is no name."""
    return said if NAME.fullmatch(said) else ""

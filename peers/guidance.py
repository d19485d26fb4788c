"""What schemathesis is told so that its requests meet something: names that exist, keys that are fresh.

It is loaded by schemathesis itself (peers.openapi says so in the environment). A path's parameter of the
right form becomes, mostly, one of a thing that is there; an idempotency key of the right form is never used
twice; a condition or a cursor is left out of most requests. What is of the wrong form on purpose stays so.
"""

from __future__ import annotations

import json
import os
import re
from itertools import count
from typing import Any

import schemathesis

from bridge.app.office.reading import TAGS
from bridge.sdk.operation import CRL, OCTETS, PEM, SHAPES

KNOWN: dict[str, list[str]] = json.loads(os.environ.get("DERBRIDGE_KNOWN", "{}"))
KEY = re.compile("[!-~]{1,255}")
CONDITIONS = ("If-Match", "If-None-Match")
MOSTLY = 4
"""Of so many requests one stays as it was written."""
_number = count()
schemathesis.serializer.alias([CRL, PEM], OCTETS)


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext,  # noqa: ARG001 - the library calls it by these names
    case: schemathesis.Case[Any],
    kwargs: dict[str, object],  # noqa: ARG001 - the same
) -> None:
    """Lead a request to something that is there."""
    turn = next(_number)
    headers = case.headers
    for name in list(headers):
        value = str(headers[name])
        if name.lower() == "idempotency-key" and KEY.fullmatch(value):
            headers[name] = f"{value[:200]}-{turn}"
        if turn % MOSTLY and name.title() in CONDITIONS and re.fullmatch(TAGS, value):
            del headers[name]
    if turn % MOSTLY and (case.query or {}).get("cursor"):
        del case.query["cursor"]
    for name, value in (case.path_parameters or {}).items():
        if turn % MOSTLY and name in KNOWN and re.fullmatch(SHAPES[name][0], str(value)):
            case.path_parameters[name] = KNOWN[name][turn % len(KNOWN[name])]

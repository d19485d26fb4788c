"""The administration API's own version and its life: told in each answer, and 410 once it is retired.

RFC 9745, RFC 8594. Health and the life of interfaces are answered also after that, so that an operator can
take it back. Every request counts as a use of its party.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bridge.app import doorway
from bridge.app.office.call import Context, Wrong
from bridge.app.office.routes import Found
from bridge.core import lifecycle
from bridge.core.lifecycle import ALIVE, Life

NAME = "api-v1"
ALWAYS = frozenset({"interface", "health"})
"""Families that are served for ever."""
LIFE = web.RequestKey("life", Life)


async def admitted(request: web.Request, context: Context, rows: Mapping[str, Found], lfdi: str) -> None:
    """Count a use; Wrong (410) where the version is retired."""
    life = await doorway.used(context, NAME, lfdi)
    if life.retired(context.now()) and not {each.operation.family for each in rows.values()} & ALWAYS:
        raise Wrong(410, lifecycle.gone(NAME, life), headers=dict(lifecycle.fields(life)))
    request[LIFE] = life


def marked(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """An answer that tells of its version's end."""
    response.headers.update(lifecycle.fields(request.get(LIFE, ALIVE)))
    return response

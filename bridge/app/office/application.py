"""The administration API as an aiohttp application: who may come in, which row it is, what is answered.

A request is let in by its certificate, read into the forms of its row, done in one commit with its effects
and with its idempotency key, and answered with the edition of what it is about. Two writers that meet are run
again, as in `bridge.sep2.server`. Whatever is refused is refused as a problem document (RFC 9457).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import structlog
from aiohttp import web

from bridge.app.office import description, desk, life, reading, routes
from bridge.app.office.call import UNSAID, Context, Terms, Wrong
from bridge.sdk.forms.problem import MEDIA as PROBLEM
from bridge.sdk.forms.problem import Problem
from bridge.sdk.operation import MEDIA, ROOT
from bridge.sep2.talk import Peer, Told
from bridge.transports.store.fault import Unavailable
from bridge.trust import identity

Known = Callable[[web.Request], Peer | None]
OPENAPI = f"{ROOT}/openapi.json"
log = structlog.get_logger()


def presented(request: web.Request) -> Peer | None:
    """Who the certificate of the connection speaks for: this listener trusts operators' roots only."""
    tls = request.transport and request.transport.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls else None
    if not der:
        return None
    lfdi = identity.lfdi(der)
    return Peer(lfdi, identity.sfdi(lfdi), frozenset({"operator"}))


def application(context: Context, *, known: Known = presented, terms: Terms = UNSAID) -> web.Application:
    """The application; `known` says who is at the other end of a connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        """Answer a request, whatever it is."""
        try:
            return life.marked(request, await _answered(request, context, known, terms))
        except Wrong as no:
            return refusal(request, no)
        except Told as no:
            return refusal(request, Wrong(no.status, no.reason))
        except web.HTTPException as no:
            return refusal(request, Wrong(no.status, no.reason))
        except Unavailable as no:
            return refusal(request, Wrong(503, str(no), headers={"Retry-After": "1"}))
        except ConnectionError:
            raise
        except Exception:
            log.exception("office failed", method=request.method, path=request.path)
            return refusal(request, Wrong(500, "the server failed; its log says how"))

    made = web.Application(client_max_size=reading.LARGE)
    made.router.add_route("*", "/{rest:(?s:.*)}", answer)  # a path may hold a line feed
    return made


async def _answered(request: web.Request, context: Context, known: Known, terms: Terms) -> web.StreamResponse:
    """Find the row, let the caller in, do what is asked."""
    peer = known(request)
    if peer is None:
        raise Wrong(401, "a client certificate is needed")
    if request.path == OPENAPI:
        return _described(request)
    rows = routes.rows(request.path)
    await life.admitted(request, context, rows, peer.lfdi)
    if not rows:
        raise Wrong(404, "there is no such path")
    allow = routes.methods(rows)
    if request.method == "OPTIONS":
        return web.Response(status=204, headers={"Allow": allow})
    found = rows.get("GET" if request.method == "HEAD" else request.method)
    if found is None:
        raise Wrong(405, f"this path has {allow}", headers={"Allow": allow})
    return await desk.serve(request, context, found, peer, terms)


def _described(request: web.Request) -> web.Response:
    """The description of it all."""
    if request.method == "OPTIONS":
        return web.Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})
    if request.method not in {"GET", "HEAD"}:
        raise Wrong(405, "this path has GET, HEAD, OPTIONS", headers={"Allow": "GET, HEAD, OPTIONS"})
    reading.accepted(request.headers.get("Accept", ""), (MEDIA,))
    return web.Response(body=description.written(), content_type=MEDIA)


def refusal(request: web.BaseRequest, no: Wrong) -> web.Response:
    """A problem document."""
    problem = Problem(
        title=HTTPStatus(no.status).phrase,
        status=no.status,
        detail=no.detail,
        instance=request.rel_url.raw_path[:400],
        errors=no.faults,
    )
    data = problem.model_dump_json(exclude_none=True).encode("utf-8", "backslashreplace")
    made = web.Response(status=no.status, body=data, content_type=PROBLEM, headers=dict(no.headers))
    if no.headers.get("Connection") == "close":
        made.force_close()
    return made

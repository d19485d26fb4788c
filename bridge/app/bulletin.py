"""What is revoked, told to anyone over plain HTTP: the lists as they came, what changed, an OCSP responder.

Lists and OCSP answers are signed by their authorities, so no trust in this port is needed; what the operator
said is our word alone, and stands apart. A company that only connects outwards asks `/revoked` with `wait`,
and is answered when something changes. RFC 5280, RFC 6960 A.1; nothing is changed here.

    GET  /crl                        which lists there are
    GET  /crl/NAME                   one of them, in DER
    GET  /revoked?since=N&wait=S     what changed after edition N; waits up to S seconds for a change
    GET  /ocsp/BASE64, POST /ocsp    OCSP
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from aiohttp import web

from bridge.app.entries import Listed
from bridge.app.roll import Notice, Roll
from bridge.transports.store.fault import Unavailable
from bridge.trust import ocsp
from bridge.trust.ocsp import Answered, Responder
from bridge.trust.revoked import NONE, Change, Index

CRL, ASKED, TOLD = "application/pkix-crl", "application/ocsp-request", "application/ocsp-response"
LONGEST = 300
"""Seconds that a request may wait at most."""
WAITING = 2_000
"""Requests that may wait at once; more are answered at once."""
UNKNOWN = -1
"""Stands for every edition that changes cannot be told from."""
FRESH = {"Cache-Control": "no-store"}


@dataclass(slots=True)
class Bulletin:
    """What is told of a roll."""

    roll: Roll
    responder: Responder
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    of: Index | None = None
    texts: dict[int, str] = field(default_factory=dict)
    """What is told of an index, by the edition that is asked from."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    closed: bool = False

    def application(self) -> web.Application:
        """What a listener serves."""
        self.roll.listeners.append(self.hear)
        made = web.Application(client_max_size=ocsp.LARGE)
        made.router.add_get("/crl", self.lists)
        made.router.add_get("/crl/{name}", self.crl)
        made.router.add_get("/revoked", self.revoked)
        if self.responder.signers:
            made.router.add_post("/ocsp", self.post)
            made.router.add_get("/ocsp/{request:.+}", self.get)
        return made

    async def hear(self, notice: Notice | None = None) -> None:
        """Answer whoever waits."""
        del notice
        before, self.changed = self.changed, asyncio.Event()
        before.set()

    async def close(self) -> None:
        """Answer whoever waits, and let nobody wait any more."""
        self.closed = True
        await self.hear()

    async def _fresh(self) -> None:
        """Be up to date; while the store cannot be reached, what is known is told, with its age."""
        with suppress(Unavailable):
            await self.roll.fresh()

    # ------------------------------------------------------------------------------------- lists

    async def lists(self, _: web.Request) -> web.Response:
        """Which lists there are."""
        await self._fresh()
        return web.json_response({"lists": self._lists()}, headers=FRESH)

    async def crl(self, request: web.Request) -> web.Response:
        """One list, as it came."""
        await self._fresh()
        found = self.roll.lists.get(request.match_info["name"].removesuffix(".crl"))
        if found is None:
            raise web.HTTPNotFound
        left = max(found.until - self.roll.now(), 0)
        headers = {"ETag": f'"{found.digest}"', "Cache-Control": f"public, max-age={left}"}
        tags = request.if_none_match or ()
        if any(tag.value in {"*", found.digest} for tag in tags):
            return web.Response(status=304, headers=headers)
        return web.Response(body=found.der, content_type=CRL, headers=headers)

    # ----------------------------------------------------------------------------------- changes

    async def revoked(self, request: web.Request) -> web.Response:
        """What changed after an edition."""
        since, wait = (_number(request, name) for name in ("since", "wait"))
        await self._fresh()
        if wait and self.waiting < WAITING:
            self.waiting += 1
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._beyond(since), min(wait, LONGEST))
            finally:
                self.waiting -= 1
        index = self.roll.index
        text = await self._told(index, since)
        now = json.dumps({"age": self.roll.age(), "lists": self._lists()})
        return web.Response(text=f"{text[:-1]}, {now[1:]}", content_type="application/json", headers=FRESH)

    async def _beyond(self, since: int) -> None:
        """Wait for an edition after one, which another worker may know of sooner than this one."""
        while self.roll.index.edition <= since and not self.closed:
            await self.changed.wait()
            await self._fresh()

    async def _told(self, index: Index, since: int) -> str:
        """What changed, as text: made once for each edition that is asked from, since it may be long."""
        async with self.lock:
            if index is not self.of:
                self.of, self.texts = index, {}
            found = index.changed(since)
            key = since if found else UNKNOWN
            if key not in self.texts:
                self.texts[key] = await asyncio.to_thread(_text, index, found)
            return self.texts[key]

    def _lists(self) -> list[dict[str, Any]]:
        return [_shown(one) for one in self.roll.listed.values()]

    # -------------------------------------------------------------------------------------- OCSP

    async def post(self, request: web.Request) -> web.Response:
        """Answer an OCSP request in a body."""
        if request.content_type != ASKED:
            raise web.HTTPUnsupportedMediaType(text=f"a body is {ASKED}")
        return _answered(await self._answer(await request.read()), FRESH)

    async def get(self, request: web.Request) -> web.Response:
        """Answer an OCSP request in a path."""
        text = request.rel_url.raw_path.removeprefix("/ocsp/")
        try:
            asked = b64decode(unquote_to_bytes(text), validate=True)
        except ValueError:
            asked = b""
        answered = await self._answer(asked)
        left = max(answered.until - self.roll.now(), 0)
        return _answered(answered, {"Cache-Control": f"public, max-age={left}"} if left else FRESH)

    async def _answer(self, asked: bytes) -> Answered:
        await self._fresh()
        roll = self.roll
        return self.responder.answer(asked, roll.verdict, roll.index, roll.now())


def _text(index: Index, found: Change | None) -> str:
    """A change as JSON, or all there is."""
    added = found.added if found else index.everything()
    removed = found.removed if found else NONE
    return json.dumps({
        "edition": index.edition,
        "since": found.before if found else 0,
        "whole": found is None,
        "added": added.plain(),
        "removed": removed.plain(),
    })  # fmt: skip


def _answered(answered: Answered, headers: dict[str, str]) -> web.Response:
    return web.Response(body=answered.der, content_type=TOLD, headers=headers)


def _shown(one: Listed) -> dict[str, Any]:
    """What anyone may know of a list."""
    said = {name: getattr(one, name) for name in ("name", "issuer", "title", "number", "since", "until")}
    return {**said, "count": one.count, "digest": one.digest, "href": f"/crl/{one.name}"}


def _number(request: web.Request, name: str) -> int:
    """A number of the query; 0 where it is not there."""
    text = request.query.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):  # noqa: PLR2004 - digits of a JSON number
        raise web.HTTPBadRequest(text=f"{name} is a number")
    return int(text)

"""A client of the administration API: typed, asynchronous, one method for each operation, by family.

`async with Client(url, ssl) as site: await site.devices.create(DeviceNew(...))`. What is sent and answered
are the forms of `bridge.sdk.forms`. Everything that changes something has an idempotency key, so that it is
tried again safely when a connection fails or the server is busy. A refusal is `Refused`, with the problem.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from io import BytesIO
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
from pydantic import BaseModel, ValidationError

from bridge.sdk.agreement import Adapter, Agreement
from bridge.sdk.audit import Audit
from bridge.sdk.entity import Entity
from bridge.sdk.facility import Facility
from bridge.sdk.fleet import Access, Aggregators, Devices, Groups
from bridge.sdk.forms.problem import MEDIA as PROBLEM
from bridge.sdk.forms.problem import Problem
from bridge.sdk.grid import Controls, Curves, Defaults, Polls, Programmes
from bridge.sdk.house import Archive, Files, Health, Outbox, Resources, Server
from bridge.sdk.interface import Interface
from bridge.sdk.market import Meters, Notices, Prices, Requests
from bridge.sdk.operation import MEDIA, Operation
from bridge.sdk.orders import Orders
from bridge.sdk.outage import Outage
from bridge.sdk.push import Accounts, Bulletins, Endpoints, Push
from bridge.sdk.records import Logs, Mirrors, Readings, Responses, Subscriptions
from bridge.sdk.revocation import Revocation
from bridge.sdk.sending import Refused, Request, Unanswered
from bridge.sdk.table import NAMED

BUSY = frozenset({429, 502, 503, 504})
"""Statuses after which the same is tried again."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class Client:
    """A connection to one server; open it with `async with`, or with `open` and `close`."""

    def __init__(
        self, url: str, ssl: SSLContext | None = None, *, timeout: float = 30.0, tries: int = 4
    ) -> None:
        self._url = url.rstrip("/")
        self._ssl: SSLContext | bool = True if ssl is None else ssl
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._tries = max(tries, 1)
        self._session: aiohttp.ClientSession | None = None
        self.access, self.aggregators, self.devices = Access(self), Aggregators(self), Devices(self)
        self.groups, self.programmes, self.controls = Groups(self), Programmes(self), Controls(self)
        self.defaults, self.curves, self.polls = Defaults(self), Curves(self), Polls(self)
        self.mirrors, self.readings, self.responses = Mirrors(self), Readings(self), Responses(self)
        self.logs, self.subscriptions, self.outbox = Logs(self), Subscriptions(self), Outbox(self)
        self.files, self.resources, self.archive = Files(self), Resources(self), Archive(self)
        self.revocation, self.audit = Revocation(self), Audit(self)
        self.orders, self.facility = Orders(self), Facility(self)
        self.agreement, self.adapter = Agreement(self), Adapter(self)
        self.outage, self.interface = Outage(self), Interface(self)
        self.endpoints, self.accounts = Endpoints(self), Accounts(self)
        self.push, self.bulletins = Push(self), Bulletins(self)
        self.meters, self.requests = Meters(self), Requests(self)
        self.prices, self.notices = Prices(self), Notices(self)
        self.entity = Entity(self)
        self.health, self.server = Health(self), Server(self)

    async def open(self) -> Self:
        """Get ready to ask."""
        self._ready()
        return self

    def _ready(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(ssl=self._ssl)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def call(self, name: str, request: Request) -> Any:  # noqa: ANN401 - the form that the row names
        """Do an operation of the table, and give what it answers."""
        row = NAMED[name]
        headers = _headers(row, request)
        pause = FIRST_PAUSE
        for left in reversed(range(self._tries)):
            try:
                status, media, data = await self._once(row, request, headers)
            except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as error:
                if not left:
                    raise Unanswered(
                        f"{row.method} {self._url}{_path(row, request)}: {_told(error)}"
                    ) from error
            else:
                if status not in BUSY or not left:
                    return _read(row, status, media, data)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        raise AssertionError("the last try returns or raises")

    async def _once(
        self, row: Operation, request: Request, headers: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        place, query = self._url + _path(row, request), _query(request.query)
        octets = request.data if request.body is None else _sent(request.body)
        data = None if octets is None else BytesIO(octets)
        async with self._ready().request(
            row.method, place, params=query, data=data, headers=headers
        ) as response:
            return response.status, response.content_type, await response.read()


def _path(row: Operation, request: Request) -> str:
    return row.place(**request.path)


def _query(form: BaseModel | None) -> dict[str, str]:
    """A query's form as text; what was not set is left out."""
    said = form.model_dump(mode="json", exclude_unset=True, exclude_none=True) if form else {}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in said.items()
    }


def _sent(form: BaseModel) -> bytes:
    """A body's form as JSON; what was not set is left out, so that null takes away."""
    return form.model_dump_json(exclude_unset=True).encode()


def _headers(row: Operation, request: Request) -> dict[str, str]:
    headers = {"Accept": f"{request.accept or MEDIA}, {PROBLEM}"}
    if request.body is not None:
        headers["Content-Type"] = MEDIA
    elif request.data is not None:
        headers["Content-Type"] = request.media
    if not row.safe:
        headers["Idempotency-Key"] = request.key or str(uuid4())
    if request.match:
        headers["If-Match"] = f'"{request.match}"'
    return headers


def _read(row: Operation, status: int, media: str, data: bytes) -> Any:  # noqa: ANN401 - see call
    """What was answered: a form, bytes, or nothing."""
    if status >= 400:  # noqa: PLR2004 - where refusals begin
        raise Refused(_problem(status, media, data))
    if row.gives is not None and media == MEDIA:
        return row.gives.model_validate_json(data)
    return data or None


def _problem(status: int, media: str, data: bytes) -> Problem:
    if media == PROBLEM:
        try:
            return Problem.model_validate_json(data)
        except ValidationError:
            pass
    return Problem(title="refused", status=status, detail=data[:200].decode("utf-8", "replace"))


def _told(error: BaseException) -> str:
    return str(error) or type(error).__name__

"""What the methods of the client are made of: a request, pages that are walked through, refusals.

A family's method fills in a `Request` and names its row; `Client.call` sends it. Nothing here opens a
connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypedDict, TypeVar, Unpack

from pydantic import BaseModel

from bridge.sdk.forms.kinds import Asked, Given, Page
from bridge.sdk.forms.problem import Problem

T = TypeVar("T")


class Refused(Exception):
    """The server says no; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        faults = "; ".join(
            f"{fault.pointer or fault.parameter or ''}: {fault.detail}" for fault in problem.errors
        )
        text = (
            problem.detail if not faults or faults.endswith(problem.detail) else f"{problem.detail}: {faults}"
        )
        super().__init__(f"{problem.status} {problem.title}: {text}")
        self.problem = problem

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return self.problem.status


class Unanswered(Exception):
    """No answer came, however often it was tried."""


class Options(TypedDict, total=False):
    """What may be said with anything that changes something."""

    key: str
    """Idempotency key of your own; one is made where none is given."""
    match: str
    """Only if it is still at this `version`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    path: Mapping[str, Any] = field(default_factory=dict)
    query: BaseModel | None = None
    body: Given | None = None
    data: bytes | None = None
    media: str = ""
    accept: str = ""
    key: str = ""
    match: str = ""


class Caller(Protocol):
    """Whoever sends a request."""

    async def call(self, name: str, request: Request) -> Any:  # noqa: ANN401 - the form that the row names
        """Do an operation of the table."""
        ...


class Pages(Generic[T]):
    """What a list holds: `async for` goes through all of it, `first` gives one page."""

    def __init__(self, caller: Caller, name: str, query: Asked | None, path: Mapping[str, Any]) -> None:
        self._caller, self._name, self._query, self._path = caller, name, query, path

    async def first(self) -> Page[T]:
        """The page that the query asks for."""
        return await self._page(self._query)

    async def _page(self, query: Asked | None) -> Page[T]:
        found: Page[T] = await self._caller.call(self._name, Request(self._path, query))
        return found

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Page after page."""
        query = self._query
        while True:
            page = await self._page(query)
            yield page
            if page.next is None or query is None:
                return
            query = query.model_validate(
                {**query.model_dump(exclude_unset=True), "cursor": page.next}, strict=False
            )

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def all(self) -> tuple[T, ...]:
        """All of it at once."""
        return tuple([item async for item in self])


@dataclass(frozen=True, slots=True)
class Family:
    """The operations of one family, by their verbs."""

    caller: Caller
    name: str

    async def ask(self, verb: str, **path: object) -> Any:  # noqa: ANN401 - the form that the row names
        """Ask for something."""
        return await self.caller.call(f"{self.name}.{verb}", Request(path))

    async def send(self, verb: str, request: Request) -> Any:  # noqa: ANN401 - the form that the row names
        """Send a request that was put together already."""
        return await self.caller.call(f"{self.name}.{verb}", request)

    async def do(
        self,
        verb: str,
        body: Given | None = None,
        path: Mapping[str, Any] | None = None,
        query: Given | None = None,
        **options: Unpack[Options],
    ) -> Any:  # noqa: ANN401 - the form that the row names
        """Change something."""
        return await self.send(verb, Request(path or {}, query, body, **options))

    def list(self, verb: str, query: Asked | None, **path: object) -> Pages[Any]:
        """Go through something."""
        return Pages(self.caller, f"{self.name}.{verb}", query, path)

"""What the functions of the administration API work with: a call, what it may ask of the process, a reply.

`Context` is what the process gives the office, `Call` is one request once it was let in and read, `Reply` is
an answer with more to it than a form. Nothing here decides or does anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel

from bridge.app.census import Census
from bridge.app.lives import Lives
from bridge.app.market.section import Market
from bridge.app.roll import Roll
from bridge.sdk.forms.problem import Fault
from bridge.sdk.operation import Operation
from bridge.sep2.shelf import Shelf
from bridge.sep2.work import Policy, Work
from bridge.transports import exchange


class Context(Protocol):
    """What the process gives the office."""

    @property
    def shelf(self) -> Shelf:
        """Where everything is read and committed."""
        ...

    @property
    def store(self) -> Any:  # noqa: ANN401 - see bridge.app.office.vault for what is asked of it
        """What it can do beyond a shelf: archive, outbox, backup."""
        ...

    @property
    def policy(self) -> Policy:
        """How the protocol is served."""
        ...

    @property
    def revoked(self) -> Roll:
        """What is known of revoked certificates."""
        ...

    @property
    def census(self) -> Census:
        """Who counts what uses which version of an interface."""
        ...

    @property
    def lives(self) -> Lives:
        """Who keeps the lives of versions of interfaces."""
        ...

    @property
    def market(self) -> Market:
        """How prices and messages to many meters are read."""
        ...

    def now(self) -> int:
        """Seconds since 1970."""
        ...


class Terms(NamedTuple):
    """How the office is set up."""

    kept: int = 172_800
    """Seconds that what was answered is remembered by its idempotency key."""
    backups: Path | None = None
    """The folder that backups go to."""
    doors: exchange.Terms = exchange.Terms()
    """Where the endpoints of others may be."""
    second: bool = False
    """Whether another administrator than the one who registered an endpoint or an account activates it."""


UNSAID = Terms()


@dataclass(frozen=True, slots=True)
class Call:
    """One request, let in and read."""

    operation: Operation
    work: Work
    context: Context
    path: Mapping[str, str]
    query: Any = None
    """The query's form, where the row has one."""
    data: bytes = b""
    """The body as it came, where the row takes one that is no form."""
    media: str = ""
    """Its media type."""
    accept: str = ""
    """The media type that is answered with."""
    terms: Terms = UNSAID

    def number(self, name: str) -> int:
        """A number that stands in the path."""
        return int(self.path[name])

    def given(self, form: BaseModel | None) -> tuple[Any, ...]:
        """What a function is given besides the call: the body's form, else the query's."""
        if self.operation.takes:
            return (form,)
        return (self.query,) if self.operation.query else ()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer."""

    form: BaseModel | None = None
    location: str = ""
    """Address of what was made, below the root."""
    data: bytes = b""
    """In place of a form."""
    media: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    after: Callable[[Work], Awaitable[BaseModel]] | None = None
    """Makes the form once all is committed."""


Function = Callable[..., Awaitable[BaseModel | Reply | None]]


class Wrong(Exception):
    """The caller is told no."""

    def __init__(
        self, status: int, detail: str, *faults: Fault, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}


def wrong(pointer: str, detail: str, status: int = 422) -> Wrong:
    """One field of the body is wrong."""
    return Wrong(status, detail, Fault(detail=detail, pointer=pointer))

"""The server itself: health, backups, files, raw documents, the archive, what is on its way.

Each method is one row of `bridge.sdk.table`, under the same name; a test holds that none is missing. Pages
are walked through with `async for`. Nothing is decided here.
"""

from __future__ import annotations

from typing import Unpack

from bridge.sdk.forms import house, records
from bridge.sdk.operation import OCTETS, SEP
from bridge.sdk.sending import Caller, Family, Options, Pages, Request


class Health:
    """Operations of the family `health`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "health")

    async def show(self) -> house.Health:
        """Whether the server works."""
        found: house.Health = await self._family.ask("show")
        return found


class Server:
    """Operations of the family `server`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "server")

    async def show(self) -> house.Server:
        """What the server is and how it is set up."""
        found: house.Server = await self._family.ask("show")
        return found

    async def backup(self, body: house.BackupNew, **options: Unpack[Options]) -> house.Backup:
        """Save the store to a file, while running."""
        found: house.Backup = await self._family.do("backup", body, **options)
        return found


class Files:
    """Operations of the family `files`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "files")

    def list(self, query: house.FileQuery | None = None) -> Pages[house.File]:
        """The files that devices may fetch."""
        return self._family.list("list", query or house.FileQuery())

    async def create(self, about: house.FileNew, content: bytes, **options: Unpack[Options]) -> house.File:
        """Offer a file."""
        request = Request({}, about, data=content, media=OCTETS, **options)
        found: house.File = await self._family.send("create", request)
        return found

    async def show(self, file: int) -> house.File:
        """One file."""
        found: house.File = await self._family.ask("show", file=file)
        return found

    async def content(self, file: int) -> bytes:
        """What is in it."""
        found = await self._family.send("content", Request({"file": file}, accept=OCTETS))
        return bytes(found or b"")

    async def delete(self, file: int, **options: Unpack[Options]) -> None:
        """Take a file away."""
        await self._family.do("delete", None, {"file": file}, **options)


class Resources:
    """Operations of the family `resources`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "resources")

    async def show(self, href: str, query: house.ResourceQuery | None = None) -> house.Resource:
        """A resource as its document, a list with members."""
        found: house.Resource = await self._family.send("show", Request(_href(href), query))
        return found

    async def read(self, href: str, query: house.ResourceQuery | None = None) -> bytes:
        """The same as XML."""
        return bytes(await self._family.send("show", Request(_href(href), query, accept=SEP)))

    async def set(
        self,
        href: str,
        document: house.ResourceSet | bytes,
        group: int | None = None,
        **options: Unpack[Options],
    ) -> house.Resource:
        """Put a document in place."""
        found: house.Resource = await self._family.send("set", _written(href, document, group, options))
        return found

    async def create(
        self,
        href: str,
        document: house.ResourceSet | bytes,
        group: int | None = None,
        **options: Unpack[Options],
    ) -> house.Resource:
        """Put a document into a list."""
        found: house.Resource = await self._family.send("create", _written(href, document, group, options))
        return found

    async def delete(self, href: str, **options: Unpack[Options]) -> None:
        """Remove a resource with all below it."""
        await self._family.do("delete", None, {"href": href}, **options)


class Archive:
    """Operations of the family `archive`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "archive")

    def list(self, query: records.ArchiveQuery | None = None) -> Pages[records.Entry]:
        """Every change ever made, by whom and when; newest first."""
        return self._family.list("list", query or records.ArchiveQuery())


class Outbox:
    """Operations of the family `outbox`."""

    def __init__(self, caller: Caller) -> None:
        self._family = Family(caller, "outbox")

    def list(self, query: records.WaitingQuery | None = None) -> Pages[records.Waiting]:
        """The first notification of each subscription that has any; total is all."""
        return self._family.list("list", query or records.WaitingQuery())


def _href(href: str) -> dict[str, str]:
    return {"href": href.lstrip("/")}


def _written(href: str, document: house.ResourceSet | bytes, group: int | None, options: Options) -> Request:
    """A document as a form, or as XML."""
    query = house.ResourceWrite(group=group) if group is not None else None
    if isinstance(document, bytes):
        return Request(_href(href), query, data=document, media=SEP, **options)
    return Request(_href(href), query, document, **options)

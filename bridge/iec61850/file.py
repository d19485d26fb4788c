"""Files of a server by reference: list, open, read in pieces, close (ISO 9506-2 file services; 7-2, file).

What there is and what it holds is a provider's matter; a file that is open is read as it was when it was
opened. A handle belongs to its association and ends with it. Names are paths of plain components: nothing
goes up, nothing hidden is asked for. Nothing is written or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from bridge.iec61850 import unit
from bridge.iec61850.hooks import Access, Call, Handler, Refusal
from bridge.iec61850.peer import Peer, Report
from models.mms import codes, files, names, services

EACH = 8
"""Files that one association has open at once, and that are listed at once: to list one may be dear."""
LARGEST = 16 * 2**20
"""Octets of a file that is opened; a larger one is not served."""
HANDLES = 2**31 - 1


class Facts(NamedTuple):
    """What a list says of a file: octets, and when it was last changed."""

    size: int
    modified: float


class Provider(Protocol):
    """Where the files are; names have components joined by `/`."""

    def names(self) -> Iterable[str]:
        """All files by name."""

    def facts(self, name: str) -> Facts:
        """What a list says of one; KeyError where it has gone."""

    def content(self, name: str) -> bytes:
        """What a file holds; KeyError where it has gone."""


@dataclass(slots=True)
class Open:
    """A file that is being read."""

    peer: Peer
    content: bytes
    place: int


class Files:
    """The files of a server, and what is open."""

    def __init__(self, provider: Provider, allowed: Access) -> None:
        """Who may have which file is asked of `allowed`, with the name of the service and of the file."""
        self._provider, self._allowed = provider, allowed
        self._open: dict[int, Open] = {}
        self._last = 0

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Give the services by the name of their element."""
        return {
            "fileDirectory": self._directory,
            "fileOpen": self._opened,
            "fileRead": self._read,
            "fileClose": self._closed,
        }

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""
        return None

    def tick(self, now: float) -> list[Report]:
        """Do nothing: a file does not act by itself."""
        del now
        return []

    def gone(self, peer: Peer, now: float) -> None:
        """Close what an association has left open."""
        del now
        for handle in [handle for handle, held in self._open.items() if held.peer == peer]:
            del self._open[handle]

    def _directory(self, call: Call) -> services.ConfirmedServiceResponse_fileDirectory:
        """List the files below a name, or all; as many as fit."""
        asked: files.FileDirectory_Request = call.request
        below = _name(asked.fileSpecification) if asked.fileSpecification else ""
        found = self._seen(call.peer, below)
        if below and not found:
            raise _refused(codes.ErrorFile.file_non_existent)
        if asked.continueAfter:
            found = [name for name in found if name > _name(asked.continueAfter)]
        fitting = _fitting([_listed(name, self._provider.facts(name)) for name in found[:EACH]], call.room)
        return _list(fitting, more=len(fitting) < len(found))

    def _opened(self, call: Call) -> services.ConfirmedServiceResponse_fileOpen:
        asked: files.FileOpen_Request = call.request
        name = _name(asked.fileName)
        if name not in self._provider.names():
            raise _refused(codes.ErrorFile.file_non_existent)
        if not self._allowed(call.peer, "fileOpen", name, None):
            raise _refused(codes.ErrorFile.file_access_denied)
        if sum(held.peer == call.peer for held in self._open.values()) >= EACH:
            raise _refused(codes.ErrorFile.file_busy)
        content, modified = self._content(name)
        if asked.initialPosition > len(content):
            raise _refused(codes.ErrorFile.position_invalid)
        handle = self._handle()
        self._open[handle] = Open(call.peer, content, asked.initialPosition)
        told = files.FileOpen_Response(
            frsmID=handle, fileAttributes=_attributes(Facts(len(content), modified))
        )
        return services.ConfirmedServiceResponse_fileOpen(value=told)

    def _content(self, name: str) -> tuple[bytes, float]:
        """What a file holds, and since when."""
        try:
            facts = self._provider.facts(name)
            content = self._provider.content(name) if facts.size <= LARGEST else b""
        except KeyError:
            raise _refused(codes.ErrorFile.file_non_existent) from None
        if max(facts.size, len(content)) > LARGEST:
            raise _refused(codes.ErrorFile.other)
        return content, facts.modified

    def _read(self, call: Call) -> services.ConfirmedServiceResponse_fileRead:
        """Give the next piece: two digits an octet, as many as fit."""
        held = self._held(call)
        room = (call.room - unit.extent(_piece(b"\0", more=False))) // 2 + 1
        if room < 1:
            raise Refusal("service", codes.ErrorService.pdu_size)
        piece = held.content[held.place : held.place + room]
        held.place += len(piece)
        return _piece(piece, more=held.place < len(held.content))

    def _closed(self, call: Call) -> services.ConfirmedServiceResponse_fileClose:
        self._held(call)
        del self._open[call.request]
        return services.ConfirmedServiceResponse_fileClose(value=names.Null())

    def _held(self, call: Call) -> Open:
        """Give an open file by its handle; another association's is as good as none."""
        held = self._open.get(call.request)
        if held is None or held.peer != call.peer:
            raise _refused(codes.ErrorFile.other)
        return held

    def _handle(self) -> int:
        """Give a handle that is not in use, and was not lately."""
        self._last = self._last % HANDLES + 1
        while self._last in self._open:
            self._last = self._last % HANDLES + 1
        return self._last

    def _seen(self, peer: Peer, below: str) -> list[str]:
        """Give the files at a name or below it, as far as a peer may know of them, in order."""
        return [
            name
            for name in sorted(self._provider.names())
            if name.isascii()
            and name.isprintable()
            and (not below or name == below or name.startswith(f"{below}/"))
            and self._allowed(peer, "fileDirectory", name, None)
        ]


def _name(said: files.FileName) -> str:
    """Give a name; a component that leads elsewhere is none."""
    parts = [part for text in said.GraphicString for part in text.strip("/").split("/")]
    if any(not part or part.startswith(".") or "\\" in part for part in parts):
        raise _refused(codes.ErrorFile.filename_syntax_error)
    return "/".join(parts)


def _refused(code: codes.ErrorFile) -> Refusal:
    return Refusal("file", code)


def _fitting(listed: Sequence[files.DirectoryEntry], room: int) -> Sequence[files.DirectoryEntry]:
    """Give as many of the first entries as fit, one at least."""
    empty, taken = unit.extent(_list((), more=False)), 0
    left = room - empty
    for entry in listed:
        left -= unit.extent(_list((entry,), more=False)) - empty
        if left < 0:
            break
        taken += 1
    if listed and not taken:
        raise Refusal("service", codes.ErrorService.pdu_size)
    return listed[:taken]


def _list(
    listed: Sequence[files.DirectoryEntry], *, more: bool
) -> services.ConfirmedServiceResponse_fileDirectory:
    told = files.FileDirectory_Response(
        listOfDirectoryEntry=files.DirectoryEntryList(DirectoryEntry=tuple(listed)), moreFollows=more
    )
    return services.ConfirmedServiceResponse_fileDirectory(value=told)


def _listed(name: str, facts: Facts) -> files.DirectoryEntry:
    return files.DirectoryEntry(
        fileName=files.FileName(GraphicString=(name,)), fileAttributes=_attributes(facts)
    )


def _attributes(facts: Facts) -> files.FileAttributes:
    moment = datetime.fromtimestamp(facts.modified, UTC)
    return files.FileAttributes(sizeOfFile=facts.size, lastModified=moment.strftime("%Y%m%d%H%M%SZ"))


def _piece(content: bytes, *, more: bool) -> services.ConfirmedServiceResponse_fileRead:
    told = files.FileRead_Response(fileData=content.hex().upper(), moreFollows=more)
    return services.ConfirmedServiceResponse_fileRead(value=told)

"""Files by reference: lists in pages, reading in pieces, whose handle is whose, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.iec61850 import unit
from bridge.iec61850.file import EACH, LARGEST, Facts, Files
from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.peer import Peer
from bridge.iec61850.shape import Value
from models.mms import files

NOW = 1_700_000_000.0
ONE, TWO, STRANGER = (Peer(f"{name}@dso/IEC", name, "1:1") for name in ("one", "two", "stranger"))
HELD = {
    "COMTRADE/fault1.cfg": b"station,1,1999\n",
    "COMTRADE/fault1.dat": bytes(range(256)) * 40,
    "LD/DER1.cid": b"<SCL/>",
    "empty": b"",
}


class Shelf:
    """Files in memory."""

    def __init__(self, held: Mapping[str, bytes]) -> None:
        self.held = dict(held)
        self.sizes: dict[str, int] = {}

    def names(self) -> Iterable[str]:
        return self.held

    def facts(self, name: str) -> Facts:
        return Facts(self.sizes.get(name, len(self.held[name])), NOW)

    def content(self, name: str) -> bytes:
        return self.held[name]


def allowed(peer: Peer, service: str, reference: str, value: Value | None) -> bool:
    """A stranger may know of no file; the others open all but one."""
    assert value is None
    return peer != STRANGER and (service == "fileDirectory" or not reference.endswith(".cid"))


class Scene:
    """A server's files."""

    def __init__(self, held: Mapping[str, bytes] = HELD) -> None:
        self.shelf = Shelf(held)
        self.files = Files(self.shelf, allowed)

    def ask(self, service: str, request: Any, peer: Peer = ONE, room: int = 65_000) -> Any:
        return self.files.handlers[service](Call(peer, request, NOW, room)).value

    def open(self, *name: str, peer: Peer = ONE, place: int = 0) -> files.FileOpen_Response:
        request = files.FileOpen_Request(fileName=path(*name), initialPosition=place)
        told: files.FileOpen_Response = self.ask("fileOpen", request, peer)
        return told

    def list(
        self, *below: str, after: str = "", peer: Peer = ONE, room: int = 65_000
    ) -> tuple[list[str], bool]:
        request = files.FileDirectory_Request(
            fileSpecification=path(*below) if below else None, continueAfter=path(after) if after else None
        )
        told: files.FileDirectory_Response = self.ask("fileDirectory", request, peer, room)
        entries = told.listOfDirectoryEntry.DirectoryEntry
        return ["/".join(entry.fileName.GraphicString) for entry in entries], bool(told.moreFollows)

    def whole(self, handle: int, room: int = 65_000) -> tuple[bytes, int]:
        """Read to the end; give what was read and in how many pieces."""
        found, count = b"", 0
        while True:
            told: files.FileRead_Response = self.ask("fileRead", handle, room=room)
            found, count = found + bytes.fromhex(told.fileData), count + 1
            if not told.moreFollows:
                return found, count


def path(*parts: str) -> files.FileName:
    return files.FileName(GraphicString=parts)


def test_all_files_and_those_below_a_name() -> None:
    scene = Scene()
    assert scene.list() == (sorted(HELD), False)
    assert scene.list("COMTRADE") == (["COMTRADE/fault1.cfg", "COMTRADE/fault1.dat"], False)
    assert scene.list("COMTRADE", "fault1.cfg") == (["COMTRADE/fault1.cfg"], False)
    assert scene.list("/COMTRADE/")[0] == scene.list("COMTRADE")[0]
    assert scene.list(peer=STRANGER) == ([], False)


def test_a_list_in_pages() -> None:
    scene = Scene({f"log/{number:03d}": b"" for number in range(40)})
    found: list[str] = []
    pages = 0
    more = True
    while more:
        names, more = scene.list(after=found[-1] if found else "", room=4_096)
        found, pages = found + names, pages + 1
    assert found == sorted(scene.shelf.held)
    assert pages > 1


def test_what_a_list_says_of_a_file() -> None:
    request = files.FileDirectory_Request(fileSpecification=path("LD"))
    (entry,) = Scene().ask("fileDirectory", request).listOfDirectoryEntry.DirectoryEntry
    assert entry.fileAttributes.sizeOfFile == 6
    assert entry.fileAttributes.lastModified == "20231114221320Z"


@pytest.mark.parametrize("name", ["COMTRADE/fault1.cfg", "COMTRADE/fault1.dat", "empty"])
def test_a_file_is_read_in_pieces_that_fit(name: str) -> None:
    scene = Scene()
    told = scene.open(name)
    assert told.fileAttributes.sizeOfFile == len(HELD[name])
    content, pieces = scene.whole(told.frsmID, room=1_024)
    assert content == HELD[name]
    assert (pieces > 1) == (len(HELD[name]) > 1_024)


@given(room=st.integers(1_024, 65_000), size=st.integers(0, 5_000))
def test_no_piece_is_larger_than_the_room(room: int, size: int) -> None:
    scene = Scene({"one": b"\x5a" * size})
    handle, read, more = scene.open("one").frsmID, 0, True
    while more:
        answer = scene.files.handlers["fileRead"](Call(ONE, handle, NOW, room))
        assert unit.extent(answer) <= room
        told: Any = answer.value
        read, more = read + len(told.fileData) // 2, bool(told.moreFollows)
    assert read == size


def test_reading_from_a_place() -> None:
    scene = Scene()
    assert (
        scene.whole(scene.open("COMTRADE/fault1.cfg", place=8).frsmID)[0] == HELD["COMTRADE/fault1.cfg"][8:]
    )


def test_a_file_that_is_open_stays_as_it_was() -> None:
    scene = Scene()
    handle = scene.open("empty").frsmID
    scene.shelf.held["empty"] = b"changed"
    assert scene.whole(handle)[0] == b""


def test_a_handle_belongs_to_its_association() -> None:
    scene = Scene()
    handle = scene.open("empty").frsmID
    for service in ("fileRead", "fileClose"):
        with pytest.raises(Refusal, match="file 0"):
            scene.ask(service, handle, TWO)
    scene.ask("fileClose", handle)
    with pytest.raises(Refusal, match="file 0"):
        scene.ask("fileRead", handle)


def test_what_is_left_open_is_closed_by_the_end_of_the_association() -> None:
    scene = Scene()
    mine, others = scene.open("empty").frsmID, scene.open("empty", peer=TWO).frsmID
    scene.files.gone(ONE, NOW)
    with pytest.raises(Refusal):
        scene.ask("fileRead", mine)
    assert scene.ask("fileRead", others, TWO).moreFollows is False


def test_only_so_many_are_open_at_once() -> None:
    scene = Scene()
    handles = {scene.open("empty").frsmID for _ in range(EACH)}
    assert len(handles) == EACH
    with pytest.raises(Refusal, match="file 2"):
        scene.open("empty")
    scene.open("empty", peer=TWO)
    scene.ask("fileClose", handles.pop())
    assert scene.open("empty").frsmID not in handles


@pytest.mark.parametrize(
    ("name", "place", "code"),
    [
        ("none", 0, 7), ("LD/DER1.cid", 0, 6), ("../secret", 0, 3), ("COMTRADE/../LD/DER1.cid", 0, 3),
        (".hidden", 0, 3), ("a\\b", 0, 3), ("//", 0, 3), ("empty", 1, 5),
    ],
)  # fmt: skip
def test_what_is_refused(name: str, place: int, code: int) -> None:
    with pytest.raises(Refusal, match=f"file {code}"):
        Scene().open(name, place=place)


def test_a_list_below_what_is_not_there() -> None:
    with pytest.raises(Refusal, match="file 7"):
        Scene().list("none")
    with pytest.raises(Refusal, match="file 3"):
        Scene().list("..")


def test_a_file_that_goes_while_it_is_opened_and_one_that_is_too_large() -> None:
    scene = Scene()
    scene.shelf.sizes["empty"] = LARGEST + 1
    with pytest.raises(Refusal, match="file 0"):
        scene.open("empty")
    scene = Scene()
    names = scene.shelf.names()
    scene.shelf.names = lambda: names  # type: ignore[method-assign]
    del scene.shelf.held["empty"]
    with pytest.raises(Refusal, match="file 7"):
        scene.open("empty")


def test_a_name_that_cannot_be_spelt_is_not_listed() -> None:
    assert Scene({"straße": b"", "plain": b""}).list() == (["plain"], False)


def test_files_do_not_act_by_themselves() -> None:
    scene = Scene()
    assert scene.files.deadline is None
    assert scene.files.tick(NOW) == []

"""Transcripts of journals and files."""

from __future__ import annotations

import pytest

from bridge.iec61850.file import Files
from bridge.iec61850.floor import Floor
from bridge.iec61850.peer import Peer
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Value
from tests.iec61850 import conversation, logged
from tests.iec61850.test_file import Shelf

HELD = {"reports/today.csv": b"time,watts\n" + b"12:00,4410\n" * 4, "site.cid": b"<SCL/>"}


def allowed(peer: Peer, service: str, _reference: str, _value: Value | None) -> bool:
    """A reader lists, and reads neither journals nor files."""
    return not (peer.jid.startswith("reader@") and service in {"readJournal", "fileOpen"})


def stage() -> tuple[Server]:
    """Give a server with a meter whose data set can be logged, and with two files."""
    scene = logged.Scene(LogEna=False, allowed=allowed)
    files = Files(Shelf(HELD), allowed)
    floor = Floor(
        scene.image,
        allowed,
        logs=scene.logs,
        journals=scene.logs.journals,
        services={**scene.logs.handlers, **files.handlers},
        parties=(files,),
    )
    return (Server(floor),)


@pytest.mark.parametrize("name", ["journal", "file"])
def test_a_conversation_goes_as_its_transcript_says(name: str) -> None:
    conversation.play(conversation.HERE / f"{name}.txt", *stage())

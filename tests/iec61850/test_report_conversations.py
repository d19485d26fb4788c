"""Transcripts of reports: what a client writes to a block and is sent, word by word."""

from __future__ import annotations

import pytest

from bridge.iec61850.buffer import Memory
from bridge.iec61850.floor import Floor
from bridge.iec61850.image import Image
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Value
from tests.iec61850 import conversation
from tests.iec61850.reporting import domain, options, trigger

SHORT = options("sequence-number", "reason-for-inclusion", "buffer-overflow", "entryID")
NAMES = ("unbuffered", "integrity", "buffered", "overflow", "segments", "reservation")
CAPACITY = 3


def server() -> Server:
    """A server of one device with a buffered and an unbuffered block, whose buffer holds three entries."""
    given: dict[str, Value] = {"OptFlds": SHORT, "TrgOps": trigger("dchg", "qchg", "gi")}
    image = Image({"LD1": domain(settings=given)})
    reports = Reports(image, Memory(), lambda peer: made.room(peer), CAPACITY)  # noqa: PLW0108 - made below
    made = Server(Floor(image, lambda *_: True, reports=reports))
    reports.join("LD1", 0.0)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_conversation_goes_as_its_transcript_says(name: str) -> None:
    conversation.play(conversation.HERE / f"report-{name}.txt", server())

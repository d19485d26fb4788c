"""Transcripts of the services that every server has, played word by word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from tests.iec61850 import conversation, scene

NAMES = ("association", "browse", "datasets", "read", "refusals", "small", "write")


@pytest.mark.parametrize("name", NAMES)
def test_a_conversation_goes_as_its_transcript_says(name: str) -> None:
    conversation.play(conversation.HERE / f"{name}.txt", scene.server())


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<vendorName>Example", "<vendorName>Other", "told is"),
        ("<- result 001:001", "<- message 001:001", "sent was"),
        ("utility <-", "harness <-", "sent was"),
        (r"(?s)\nutility <- result 007:003.*", "", "not told"),
        ("<identify/>", "<identify>1</identify>", "identify"),
    ],
)
def test_a_transcript_that_tells_anything_else_fails(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = (conversation.HERE / "association.txt").read_text("utf-8")
    changed = tmp_path / "changed.txt"
    changed.write_text(re.sub(old, new, text, count=1), "utf-8")
    with pytest.raises((AssertionError, etree.DocumentInvalid), match=why):
        conversation.play(changed, scene.server())


def test_a_record_of_a_transcript_is_the_transcript() -> None:
    path = conversation.HERE / "association.txt"
    assert conversation.recorded(path, scene.server()) == path.read_text("utf-8")

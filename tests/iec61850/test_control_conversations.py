"""Transcripts of controls: each model, operating at a time, loss, and every cause that is ever told."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bridge.iec61850.floor import Floor
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import PENDING, Pending
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Value
from models.mms.codes import AddCause
from tests.iec61850 import conversation
from tests.iec61850.controlled import Scene
from tests.iec61850.conversation import HERE, Stage, Verb

MODELS = {
    "control-direct": 1,
    "control-select": 2,
    "control-enhanced": 3,
    "control-both": 4,
    "control-time": 4,
    "control-refused": 1,
}
ANSWERS: Mapping[str, AddCause | Pending | None] = {"done": None, "pending": PENDING, **AddCause.__members__}
RAISED = set(AddCause) - {AddCause.none, AddCause.select_failed, AddCause.communication_loss}
"""Causes that a client can be told here: a loss has nobody to tell, a limit of selections its own test."""


def allowed(peer: Peer, service: str, _reference: str, _value: Value | None) -> bool:
    """A reader writes nothing."""
    return not (peer.jid.startswith("reader@") and service == "write")


def stage(model: int) -> tuple[Server, Mapping[str, Verb]]:
    """Give a server of control objects, and the verbs of its plant."""
    scene = Scene(model)

    def plant(_stage: Stage, words: str) -> None:
        """The plant answers from now on: done, pending, or a cause by its name."""
        scene.plant.answer = ANSWERS[words]

    def against(_stage: Stage, words: str) -> None:
        """Something stands against every command from now on: a cause, a bit of Check, or nothing."""
        scene.plant.checks = {int(words)} if words.isdigit() else set()
        scene.plant.against = None if words == "nothing" or words.isdigit() else AddCause[words]

    def ended(stage: Stage, words: str) -> None:
        """The command that was handed over last has ended: well, or by a cause."""
        cause = None if words == "well" else AddCause[words]
        scene.controls.done(scene.plant.done[-1], cause, stage.now)
        stage.outs += stage.server.tick(stage.now)

    floor = Floor(scene.image, allowed, controls=scene.controls)
    return Server(floor), {"plant": plant, "against": against, "ended": ended}


@pytest.mark.parametrize("name", MODELS)
def test_a_conversation_goes_as_its_transcript_says(name: str) -> None:
    conversation.play(HERE / f"{name}.txt", *stage(MODELS[name]))


def test_every_cause_is_told_in_a_conversation() -> None:
    text = "".join((HERE / f"{name}.txt").read_text("utf-8") for name in MODELS)
    told = re.findall(r"<Data>\s*<integer>(\d+)</integer>\s*</Data>\s*</structure>\s*</success>", text)
    assert {AddCause(int(number)) for number in told} == RAISED

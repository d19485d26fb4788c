"""The story of the demonstration: its chapters in order, each told even where the one before went wrong.

What a chapter does is in `usual`, `curve` and `trouble`; here stands only which there are, and what becomes
of one that does not come out: it has failed, and says why. Waits for nobody itself.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bridge.app.demo import curve, trouble, usual
from bridge.app.demo.board import Chapter
from bridge.app.demo.scene import Late, Scene
from bridge.sdk.sending import Refused

Telling = Callable[[Scene, Chapter], Awaitable[None]]


class Part(NamedTuple):
    """A chapter to be told."""

    name: str
    title: str
    tell: Telling


PARTS = (
    Part("gather", "Six inverters log in and tell what they are", usual.gather),
    Part("limit", "The head-end limits all of them to half", usual.limit),
    Part("curve", "The aggregator has all of them follow a volt-var curve, over IEC 61850", curve.curve),
    Part("surge", "A surge trips one, and both sides see it", trouble.surge),
    Part("silence", "Two lines are cut during a control, and mended", trouble.silence),
    Part("stolen", "A key is stolen, and its certificate revoked", trouble.stolen),
)


async def tell(scene: Scene, parts: Sequence[Part] = PARTS) -> None:
    """Tell chapters, one after the other."""
    for part in parts:
        scene.board.chapters[part.name] = Chapter(part.name, part.title)
    for part in parts:
        chapter, began = scene.board.chapters[part.name], time.monotonic()
        chapter.state = "running"
        scene.say("story", part.title)
        try:
            await part.tell(scene, chapter)
        except (Late, Refused) as error:
            chapter.wrong.append(str(error))
        chapter.seconds = time.monotonic() - began
        chapter.state = "failed" if chapter.wrong else "passed"

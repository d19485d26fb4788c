"""Clients that count their stanzas by XEP-0198, for the tests of it."""

from __future__ import annotations

import re

from tests.transports.xmpp import message, resume
from tests.xmpp.stage import Later, Player, Stage

BOB = "bob@relay.example"
ENABLE = b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>"


def ack(h: int) -> bytes:
    return f"<a xmlns='urn:xmpp:sm:3' h='{h}'/>".encode()


def enabled(player: Player) -> str:
    """Have stanzas counted, and give the secret."""
    said = player.feed(ENABLE)
    if isinstance(player.stage.queue, Later):
        player.stage.queue.commit()
    found = re.search(rb"<enabled [^>]*id='([^']*)' resume='true' max='300'", said)
    assert found, said
    return found[1].decode()


def back(stage: Stage, user: str, secret: str, h: int, *, lfdi: str = "") -> tuple[Player, bytes]:
    """Log in again, and ask to go on."""
    player = Player(stage, user, lfdi=lfdi)
    player.login()
    return player, player.feed(resume(secret, h))


def numbers(said: bytes) -> list[int]:
    """Which messages are in what was said."""
    return [int(one) for one in re.findall(rb"<body>(\d+)</body>", said)]


def body(number: int) -> bytes:
    return message(f"{BOB}/r", f"<body>{number}</body>")

"""Cases of the suite about what has to come through: octets, elements, and messages across hard cuts.

A cut is a reset of the TCP connection between client and server (tests/transports/cutter.py), while messages
are under way. Elements are compared octet by octet, and as exclusive canonical XML has them. What ought to be
seen stands in expected.py.
"""

from __future__ import annotations

import asyncio
from functools import partial

from lxml import etree

from bridge.xmpp.letter import Letter
from peers.relays.place import Box, Place
from peers.relays.raw import Raw
from tests.transports.cutter import Cutter
from tests.transports.shapes import SHAPES

CUTS, BATCH, AT = 10, 50, 20
"""Cuts, messages for each, and after how many of these it happens."""


async def octets(place: Place) -> str:
    """Every shape as octets, through both links."""
    box = Box()
    async with place.link("bridge", Box()) as bridge, place.link("site", box):
        for shape in SHAPES.values():
            await bridge.send(place.address("site"), "message", Letter(shape))
        await box.until(lambda: len(box.came) == len(SHAPES))
    same = [one.letter.octets for one in box.came] == list(SHAPES.values())
    return f"{len(SHAPES)} of {len(SHAPES)}" if same else "changed"


async def inline(place: Place) -> str:
    """Every shape as an element of the stanza, from a raw client to another."""
    whole = alike = 0
    async with (
        Raw.session(place.address("bridge"), place.server.direct, place.context("bridge")) as bridge,
        Raw.session(place.address("site"), place.server.direct, place.context("site")) as site,
    ):
        for shape in SHAPES.values():
            bridge.writer.write(f"<message to='{place.address('site')}'>".encode() + shape + b"</message>")
            _, inside = await site.message()
            whole += inside == shape
            alike += canonical(inside) == canonical(shape)
    return f"{whole} identical, {alike} equal"


def canonical(element: bytes) -> bytes:
    """What a signature is made over."""
    return etree.tostring(etree.fromstring(element), method="c14n", exclusive=True)


async def cuts(place: Place, *, sender: bool, receiver: bool) -> str:
    """500 messages over ten hard cuts."""
    ours, theirs = Box(), Box()
    async with Cutter(place.server.port) as near, Cutter(place.server.port) as far:
        cutters = [one for one, wanted in ((near, sender), (far, receiver)) if wanted]
        async with (
            place.link("bridge", ours, port=near.port) as bridge,
            place.link("site", theirs, port=far.port),
        ):
            for turn in range(CUTS):
                theirs.upon = partial(_cut, theirs, turn * BATCH + AT, cutters)
                first = turn * BATCH
                sent = [
                    bridge.send(place.address("site"), "message", Letter(str(number).encode()))
                    for number in range(first, first + BATCH)
                ]
                await asyncio.gather(*sent)
                await theirs.until(lambda last=first + BATCH: len(theirs.came) >= last)  # type: ignore[misc]
                for box, wanted in ((ours, sender), (theirs, receiver)):
                    if wanted:
                        await box.until(partial(_back, box, turn + 1))
    got = [int(one.letter.octets) for one in theirs.came]
    new = (ours.told + theirs.told).count("begun") - 2
    if sorted(got) != list(range(CUTS * BATCH)) or new:
        return f"{len(got)} came, {len(set(got))} different, {new} sessions lost"
    return f"{len(got)} of {CUTS * BATCH}, {'' if got == sorted(got) else 'not '}in order"


def _back(box: Box, times: int) -> bool:
    return box.told.count("resumed") == times


def _cut(box: Box, at: int, cutters: list[Cutter]) -> None:
    if len(box.came) == at:
        for one in cutters:
            one.cut()

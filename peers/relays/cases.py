"""One acceptance suite for all servers between derbridge and its peers: who gets in, who is heard by whom.

Each case drives the server with our own link (bridge/transports/link.py) or a raw client, over real TLS, and
says what it saw; expected.py says what ought to be seen, and where a server is known to differ. No case waits
for time to pass: each waits for what has to happen.
"""

from __future__ import annotations

import asyncio

from bridge.transports.ending import Refused
from bridge.transports.post import Denied
from bridge.xmpp.letter import Letter
from peers.relays.pki import DOMAIN
from peers.relays.place import LIMIT, Box, Place
from peers.relays.raw import Raw

THROW = {"embedded", "ejabberd"}
"""Servers that can end a session; at the other one nothing of it is believed any more, see expected.py."""


# -------------------------------------------------------------------- log-in


async def log_in(place: Place, name: str, *, direct: bool, identity: str = "") -> str:
    """Whether somebody gets a session."""
    try:
        async with place.link(name, Box(), direct=direct, identity=identity):
            return "in"
    except Refused:
        return "refused"


async def both(place: Place, name: str, identity: str = "") -> str:
    """The same by STARTTLS and by direct TLS."""
    found = {await log_in(place, name, direct=direct, identity=identity) for direct in (False, True)}
    return " and ".join(sorted(found))


# -------------------------------------------------------------------- talk


async def messages(place: Place) -> str:
    """A message each way, with its sender's address."""
    ours, theirs = Box(), Box()
    async with place.link("bridge", ours) as bridge, place.link("site", theirs, direct=True) as site:
        await bridge.send(place.address("site"), "message", Letter(b"down"))
        await site.send(place.address("bridge"), "message", Letter(b"up"))
        await ours.until(lambda: ours.came)
        await theirs.until(lambda: theirs.came)
    seen = [(one.sender, one.how, one.letter.octets) for one in (*theirs.came, *ours.came)]
    wanted = [(place.address("bridge"), "message", b"down"), (place.address("site"), "message", b"up")]
    return "both" if seen == wanted else str(seen)


async def questions(place: Place) -> str:
    """A get and a set each way, with their answers."""
    async with place.link("bridge", Box()) as bridge, place.link("site", Box(), direct=True) as site:
        found = [
            await one.send(place.address(to), how, Letter(how.encode()))
            for one, to in ((bridge, "site"), (site, "bridge"))
            for how in ("get", "set")
        ]
    right = [Letter(b"heard get"), Letter(b"heard set")] * 2
    return "answered" if found == right else str(found)


async def clear(place: Place) -> str:
    """An element with default namespaces, as PDUs in clear have them, there and back."""
    pdu = b'<ctx xmlns="urn:derbridge:mms" assoc="1:2"><read xmlns="urn:pdu" all="true"><i>3</i></read></ctx>'
    box = Box()
    async with place.link("bridge", Box()) as bridge, place.link("site", box):
        await bridge.send(place.address("site"), "get", Letter(pdu, opaque=False))
    return "same" if [one.letter for one in box.came] == [Letter(pdu, opaque=False)] else str(box.came)


async def absent(place: Place) -> str:
    """What becomes of a question to somebody who is not there."""
    async with place.link("bridge", Box()) as bridge:
        try:
            await bridge.send(place.address("ems"), "get", Letter(b"?"))
        except Denied as denied:
            return denied.condition
    return "answered"


async def left(place: Place) -> str:
    """What becomes of a message to an account whose owner comes later."""
    ours, theirs = Box(), Box()
    async with place.link("bridge", ours) as bridge:
        try:
            await bridge.send(f"ems@{DOMAIN}", "message", Letter(b"later"))
        except Denied as denied:
            return denied.condition
        async with place.link("ems", theirs):
            waiting = [asyncio.create_task(ours.until(lambda: ours.bounced))]
            waiting.append(asyncio.create_task(theirs.until(lambda: theirs.came)))
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
    return "kept" if theirs.came else (ours.bounced or ["lost"])[0]


async def presence(place: Place) -> str:
    """A peer that greeted us is seen to come and to go."""
    box = Box()
    async with place.link("bridge", box):
        async with place.link("site", Box()) as site:
            site.greet(place.address("bridge"))
            await box.until(lambda: (place.address("site"), True) in box.presence)
        await box.until(lambda: (place.address("site"), False) in box.presence)
    return "came and went"


async def forged(place: Place) -> str:
    """What becomes of a message with somebody else's address on it."""
    box = Box()
    text = "<octets xmlns='urn:derbridge:link'>QUJD</octets></message>"
    message = f"<message from='{{}}' to='{place.address('bridge')}' id='1'>{text}"
    async with (
        place.link("bridge", box),
        Raw.session(place.address("site"), place.server.direct, place.context("site")) as raw,
    ):
        raw.writer.write(message.format(place.address("ems")).encode())
        raw.writer.write(message.format(place.address("site")).encode())
        closed = asyncio.create_task(raw.reader.readuntil(b"</stream:stream>"))
        came = asyncio.create_task(box.until(lambda: len(box.came) > 1))
        await asyncio.wait({closed, came}, return_when=asyncio.FIRST_COMPLETED, timeout=LIMIT)
        for one in (closed, came):
            one.cancel()
        await asyncio.gather(closed, came, return_exceptions=True)
    if any(one.sender != place.address("site") for one in box.came):
        return "delivered"
    return "closed" if not box.came else "stamped"


# -------------------------------------------------------------------- shutting out


async def shut_out(place: Place) -> str:
    """Somebody who has a session is shut out: whether he is thrown out at once, and whether he comes back."""
    box = Box()
    async with place.link("ems", box):
        await asyncio.to_thread(place.revoke, place.server, place.pki, "ems")
        thrown = place.server.name in THROW
        if thrown:
            await box.until(lambda: len(box.told) > 1)
    async with asyncio.timeout(LIMIT):
        while await log_in(place, "ems", direct=True) != "refused":  # noqa: ASYNC110 - a server tells nobody that it has read its lists
            await asyncio.sleep(0.1)
    return "thrown out, then refused" if thrown else "refused from then on"

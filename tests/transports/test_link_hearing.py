"""What the link makes of what comes: answers, refusals, pings, acknowledgements that wait for the work."""

from __future__ import annotations

import asyncio

import pytest

from bridge.transports.post import Bounds, Denied, Ears, Incoming
from bridge.transports.stream import Stream
from bridge.xmpp import letter
from bridge.xmpp.letter import Letter
from tests.transports.scripted import PATIENCE, Script, Talk, called, link, serving, session

BOB = "bob@relay.example/IEC"
FROM = f"from='{BOB}' to='alice@relay.example/IEC'"
OCTETS = "<octets xmlns='urn:derbridge:link'>{}</octets>"
WORD = OCTETS.format("d29yZA==")


async def receive(incoming: Incoming) -> Letter | None:
    """Answer, refuse, or fail, as the octets say."""
    said = incoming.letter.octets
    if said == b"no":
        raise Denied("not-allowed", "not by you")
    if said == b"fail":
        raise RuntimeError("by our own fault")
    return Letter(said) if said == b"word" else None


EARS = Ears(receive)
SHORT = Bounds(linger=0.1)
ASKED = {
    "answered": (WORD, "type='result'", WORD),
    "answered with nothing": (OCTETS.format("eA=="), "type='result'", "></iq>"),
    "refused": (OCTETS.format("bm8="), "type='cancel'", "not-allowed"),
    "failed": (OCTETS.format("ZmFpbA=="), "type='cancel'", "internal-server-error"),
    "malformed": (OCTETS.format("%"), "type='modify'", "bad-request"),
    "unknown": ("<query xmlns='urn:other'/>", "type='cancel'", "service-unavailable"),
    "empty": ("", "type='cancel'", "service-unavailable"),
    "ping": ("<ping xmlns='urn:xmpp:ping'/>", "type='result'", "></iq>"),
}


async def over(script: Script, ears: Ears = EARS, bounds: Bounds = SHORT) -> None:
    """Have a link until a script is through."""
    through = asyncio.Event()

    async def whole(talk: Talk) -> None:
        try:
            await session(talk)
            await script(talk)
        finally:
            through.set()
        await talk.stay()

    async with serving(whole) as port, link(port, ears, bounds):
        await through.wait()


@pytest.mark.parametrize("case", ASKED)
@pytest.mark.parametrize("how", ["get", "set"])
async def test_each_question_has_one_answer(case: str, how: str) -> None:
    inside, kind, contains = ASKED[case]

    async def ask(talk: Talk) -> None:
        talk.say(f"<iq type='{how}' id='q1' {FROM}>{inside}</iq><r xmlns='urn:xmpp:sm:3'/>")
        talk.say(f"<iq type='get' id='q2' {FROM}>{WORD}</iq>")
        answers = await talk.read('id="q2"')
        assert "<a xmlns='urn:xmpp:sm:3' h='1'/>" in answers
        answer = answers.partition("<iq")[2].rpartition("<iq")[0]
        assert "<iq" not in answer
        assert f'to="{BOB}" id="q1"' in answer
        assert kind in answer
        assert contains in answer

    await over(ask)


async def test_a_message_is_taken_over_once_it_is_dealt_with() -> None:
    go_on = asyncio.Event()

    async def wait(incoming: Incoming) -> None:
        if incoming.letter.octets == b"word":
            await go_on.wait()

    async def send(talk: Talk) -> None:
        talk.say(f"<message id='m1' {FROM}>{WORD}</message>")
        talk.say(f"<message id='m2' {FROM}>{OCTETS.format('eA==')}</message>")
        talk.say("<r xmlns='urn:xmpp:sm:3'/>")
        await talk.read("<a xmlns='urn:xmpp:sm:3' h='0'/>")
        go_on.set()
        await talk.read("<a xmlns='urn:xmpp:sm:3' h='2'/>")

    await over(send, Ears(wait))


async def test_no_more_is_read_than_is_dealt_with(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = asyncio.Event()
    reading: list[bool] = []
    paused = asyncio.Event()
    real = Stream.read

    def read(self: Stream, *, more: bool) -> None:
        real(self, more=more)
        reading.append(more)
        paused.set()

    async def wait(_: Incoming) -> None:
        await go_on.wait()

    async def send(talk: Talk) -> None:
        talk.say(f"<message id='m1' {FROM}>{WORD}</message>")
        await asyncio.wait_for(paused.wait(), PATIENCE)
        talk.say("<r xmlns='urn:xmpp:sm:3'/>")
        go_on.set()
        await talk.read("<a xmlns='urn:xmpp:sm:3' h='1'/>")

    monkeypatch.setattr(Stream, "read", read)
    await over(send, Ears(wait), Bounds(handling=1, linger=0.1))
    assert reading == [False, True]


async def test_a_message_that_cannot_be_read_comes_back() -> None:
    async def send(talk: Talk) -> None:
        talk.say(f"<message id='m1' {FROM}>{OCTETS.format('%')}</message>")
        assert "<bad-request" in await talk.read("</message>")
        talk.say(
            f"<message id='m2' type='chat' {FROM}><body>hello</body></message><r xmlns='urn:xmpp:sm:3'/>"
        )
        assert "<message" not in await talk.read("h='2'/>")

    await over(send)


async def test_an_answer_of_somebody_else_is_none() -> None:
    async def answer(talk: Talk) -> None:
        await session(talk)
        name = called(await talk.read("</iq>"))
        for sender, word in (("eve@relay.example/IEC", "ZXZl"), (BOB, "Ym9i")):
            inside = OCTETS.format(word)
            talk.say(f"<iq type='result' id='{name}' from='{sender}'>{inside}</iq>")
        await talk.stay()

    async with serving(answer) as port, link(port, EARS, SHORT) as one:
        assert await one.send(BOB, "get", Letter(b"?")) == Letter(b"bob")


@pytest.mark.parametrize("early", [True, False])
async def test_a_message_comes_back(early: bool) -> None:
    """Before the server acknowledged it, its sender is told; after that, the link's owner."""
    bounced: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()

    async def back(talk: Talk) -> None:
        await session(talk)
        name = called(await talk.read("</message>"))
        error = letter.error("message", "", name, "service-unavailable").replace(
            "<message", f"<message from='{BOB}'"
        )
        acknowledged = "<a xmlns='urn:xmpp:sm:3' h='2'/>"
        talk.say(error + acknowledged if early else acknowledged + error)
        await talk.stay()

    ears = EARS._replace(bounced=lambda to, _name, why: bounced.set_result((to, why.condition)))
    async with serving(back) as port, link(port, ears, SHORT) as one:
        if early:
            with pytest.raises(Denied, match="service-unavailable"):
                await one.send(BOB, "message", Letter(b"x"))
        else:
            assert await one.send(BOB, "message", Letter(b"x")) is None
            assert await asyncio.wait_for(bounced, PATIENCE) == (BOB, "service-unavailable")


async def test_presence_of_peers() -> None:
    seen: list[tuple[str, bool]] = []

    async def come_and_go(talk: Talk) -> None:
        for kind in ("", " type='unavailable'", " type='subscribe'", " type='error'"):
            talk.say(f"<presence from='{BOB}'{kind}/>")
        talk.say("<r xmlns='urn:xmpp:sm:3'/>")
        await talk.read("h='4'/>")

    await over(come_and_go, EARS._replace(presence=lambda who, there: seen.append((who, there))))
    assert seen == [(BOB, True), (BOB, False), (BOB, False)]


async def test_farewell_tells_how_far_we_got() -> None:
    """What came before is dealt with, what comes after it is left to the next session."""
    came: list[bytes] = []
    begun = asyncio.Event()

    async def slow(incoming: Incoming) -> None:
        begun.set()
        await asyncio.sleep(0)
        came.append(incoming.letter.octets)

    async def leave(talk: Talk) -> None:
        await session(talk)
        talk.say(f"<message id='m1' {FROM}>{WORD}</message>")
        assert (await talk.read("</stream:stream>")).endswith(
            "<a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>"
        )
        talk.say(f"<message id='m2' {FROM}>{WORD}</message></stream:stream>")

    async with serving(leave) as port, link(port, Ears(slow)):
        await asyncio.wait_for(begun.wait(), PATIENCE)
    assert came == [b"word"]

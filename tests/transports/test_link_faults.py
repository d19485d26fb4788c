"""What the link does when its server is away, refuses it, forgets it, or says what it should not."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bridge.transports.ending import Cut, Refused, Replaced
from bridge.transports.post import Bounds, Closed, Ears, Incoming, Late, Uncertain
from bridge.xmpp.letter import Letter
from tests.transports.scripted import FEATURES, PATIENCE, Script, Talk, link, serving, session, steady

BOB = "bob@relay.example/IEC"
QUICK = Bounds(shortest=0.01, longest=0.05)
WORD = Letter(b"word")


async def nothing(_: Incoming) -> None:
    """Somebody who never answers anything."""


EARS = Ears(nothing)


class Told:
    """The events of a link."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._changed = asyncio.Event()

    def __call__(self, event: str, _why: str) -> None:
        self.events.append(event)
        self._changed.set()

    async def until(self, event: str, times: int = 1) -> None:
        """Wait for an event."""
        async with asyncio.timeout(PATIENCE):
            while self.events.count(event) < times:
                self._changed.clear()
                await self._changed.wait()


# -------------------------------------------------------------------- log-in


async def only(talk: Talk, inside: str) -> None:
    await talk.features(inside)
    await talk.stay()


async def unbound(talk: Talk) -> None:
    await talk.login()
    await talk.bind("somebody@relay.example/else")
    await talk.stay()


async def unmanaged(talk: Talk) -> None:
    await talk.login("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
    await talk.bind()
    await talk.stay()


async def unwilling(talk: Talk) -> None:
    await talk.login()
    await talk.bind()
    await talk.read("resume='true'/>")
    talk.say("<failed xmlns='urn:xmpp:sm:3'/>")
    await talk.stay()


async def unknown(talk: Talk) -> None:
    await talk.features(FEATURES["login"])
    await talk.read("</auth>")
    talk.say("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
    await talk.stay()


async def gone(talk: Talk) -> None:
    await talk.login()
    talk.say("<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
    await talk.stay()


PLAIN = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
REFUSALS: dict[str, tuple[Script, str]] = {
    "no EXTERNAL": (partial(only, inside=PLAIN), "EXTERNAL"),
    "refused by SASL": (unknown, "not-authorized"),
    "another address": (unbound, "somebody"),
    "no management": (unmanaged, "XEP-0198"),
    "management refused": (unwilling, "manage"),
    "ended by an error": (gone, "policy-violation"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_refusals_are_told_at_once(case: str) -> None:
    script, reason = REFUSALS[case]
    async with serving(script) as port:
        with pytest.raises(Refused, match=reason):
            async with link(port, EARS):
                pass


async def test_nothing_is_said_in_clear() -> None:
    async with serving(partial(only, inside=FEATURES["login"]), clear=True) as port:
        with pytest.raises(Refused, match="no TLS"):
            async with link(port, EARS, direct=False):
                pass


async def test_nobody_there() -> None:
    told = Told()
    with pytest.raises(Cut):
        async with link(1, Ears(nothing, told=told), Bounds(shortest=0.01, attempts=3)):
            pass
    assert told.events == ["failed", "failed", "ended"]


async def test_silence_before_the_session() -> None:
    with pytest.raises(Cut, match="in time"):
        async with serving(Talk.stay) as port, link(port, EARS, Bounds(login=0.1, attempts=1)):
            pass


# -------------------------------------------------------------------- lost sessions


async def heard_then_cut(talk: Talk) -> None:
    await session(talk)
    await talk.read("</message>")
    talk.cut()


async def forgotten(talk: Talk, failed: str = "") -> None:
    await talk.asked_to_resume()
    talk.say(f"<failed xmlns='urn:xmpp:sm:3'{failed}/>")
    await talk.begin()
    await talk.stay()


async def test_fate_unknown() -> None:
    async with serving(heard_then_cut, forgotten) as port, link(port, EARS, QUICK) as one:
        with pytest.raises(Uncertain):
            await one.send(BOB, "message", WORD)


async def test_question_in_a_lost_session() -> None:
    async def cut(talk: Talk) -> None:
        await session(talk)
        await talk.read("</iq>")
        talk.cut()

    async with serving(cut, forgotten) as port, link(port, EARS, QUICK) as one:
        with pytest.raises(Uncertain):
            await one.send(BOB, "get", WORD)


async def test_taken_over_before_the_session_was_lost() -> None:
    told = Told()
    async with (
        serving(heard_then_cut, partial(forgotten, failed=" h='2'")) as port,
        link(port, Ears(nothing, told=told), QUICK) as one,
    ):
        assert await one.send(BOB, "message", WORD) is None
        await told.until("begun", 2)


async def test_said_again_in_a_new_session() -> None:
    async def again(talk: Talk) -> None:
        await talk.asked_to_resume()
        talk.say("<failed xmlns='urn:xmpp:sm:3' h='1'/>")
        await talk.bind()
        await talk.read("resume='true'/>")
        talk.say("<enabled xmlns='urn:xmpp:sm:3'/>")
        await talk.read("</message>")
        talk.say("<a xmlns='urn:xmpp:sm:3' h='1'/>")
        await talk.stay()

    async with serving(heard_then_cut, again) as port, link(port, EARS, QUICK) as one:
        assert await one.send(BOB, "message", WORD) is None


@pytest.mark.parametrize("h", ["3", "-1", "", "x"])
async def test_wrong_counts_end_the_session(h: str) -> None:
    async def wrong(talk: Talk) -> None:
        await talk.asked_to_resume()
        talk.say(f"<resumed xmlns='urn:xmpp:sm:3' previd='again' h='{h}'/>")
        await talk.stay()

    async with serving(heard_then_cut, wrong, steady) as port, link(port, EARS, QUICK) as one:
        with pytest.raises(Uncertain):
            await one.send(BOB, "message", WORD)


async def test_more_acknowledged_than_was_sent() -> None:
    async def wrong(talk: Talk) -> None:
        await session(talk)
        talk.say("<a xmlns='urn:xmpp:sm:3' h='9'/>")
        await talk.stay()

    async def right(talk: Talk) -> None:
        assert "h='0'" in await talk.asked_to_resume()
        talk.say("<resumed xmlns='urn:xmpp:sm:3' previd='again' h='1'/>")
        await talk.stay()

    told = Told()
    async with serving(wrong, right) as port, link(port, Ears(nothing, told=told), QUICK):
        await told.until("resumed")


async def test_another_in_our_place() -> None:
    async def replaced(talk: Talk) -> None:
        await session(talk)
        talk.say("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
        await talk.stay()

    async with serving(replaced) as port, link(port, EARS, QUICK) as one:
        async with asyncio.timeout(PATIENCE):
            assert isinstance(await asyncio.shield(one.ended), Replaced)
        with pytest.raises(Closed):
            await one.send(BOB, "message", WORD)


async def test_a_silent_server_is_left() -> None:
    async def back(talk: Talk) -> None:
        await talk.asked_to_resume()
        talk.say("<resumed xmlns='urn:xmpp:sm:3' previd='again' h='1'/>")
        while (said := await talk.read(">")) != "</stream:stream>":
            if said.startswith("<r "):
                talk.say("<a xmlns='urn:xmpp:sm:3' h='1'/>")

    told = Told()
    short = Bounds(shortest=0.01, idle=0.2, stall=0.2)
    async with serving(steady, back) as port, link(port, Ears(nothing, told=told), short):
        await told.until("resumed")


# -------------------------------------------------------------------- the outbox


async def test_never_acknowledged() -> None:
    async with serving(steady) as port, link(port, EARS, Bounds(outbox=1, linger=0.1)) as one:
        with pytest.raises(Late) as first:
            await one.send(BOB, "message", WORD, within=0.1)
        with pytest.raises(Late) as second:
            await one.send(BOB, "message", WORD, within=0.1)
    assert (first.value.sent, second.value.sent) == (True, False)


async def test_one_after_the_other() -> None:
    seen: list[str] = []

    async def slow(talk: Talk) -> None:
        await session(talk)
        for count in range(3):
            seen.append(await talk.read("</message>"))
            await talk.read("<r xmlns='urn:xmpp:sm:3'/>")
            talk.say(f"<a xmlns='urn:xmpp:sm:3' h='{count + 2}'/>")
        await talk.stay()

    async with serving(slow) as port, link(port, EARS, Bounds(outbox=1)) as one:
        words = [Letter(text.encode()) for text in ("one", "two", "three")]
        await asyncio.gather(*(one.send(BOB, "message", word) for word in words))
    assert [text.partition("link'>")[2].partition("<")[0] for text in seen] == ["b25l", "dHdv", "dGhyZWU="]

"""A simulated inverter at a real server over mutual TLS: it registers, obeys, answers, tells of itself."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.inverter.inverter import Inverter, Member
from bridge.app.sim.inverter.listener import listening
from bridge.transports import tls
from tests.app.sim.lab import PATIENCE, QUICK, Actor, Lab, Recorder, lab, running
from tests.sep2.official import faults

LIMIT = {"opModMaxLimW": 30}
LOW = {"opModMaxLimW": 10}
SHORT = 8
"""Seconds of a control that is to be seen through: long enough to be noticed on a busy machine."""


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("site")) as made:
        yield made


@asynccontextmanager
async def ready(there: Lab, name: str, **more: Any) -> AsyncIterator[tuple[Actor, Any]]:
    """An inverter that has taken the default of its programme; and the programme."""
    programme = await there.programme(default={"opModMaxLimW": 90})
    form = {"lfdi": there.who(name).lfdi, "pin": 111115, "groups": [programme["group"]]}
    await there.ask("POST", "/access", form)
    async with running(there, name, **{"pin": 111115, **more}) as one:
        await one.noted.until(lambda: one.unit.demands)
        yield one, programme
    for call, _ in one.noted.calls:
        assert not call.body or not faults(call.body, one.inverter.options.profile), call.body


async def through(one: Actor, mrid: str, *statuses: int) -> None:
    """Wait until it has come so far with a control."""
    await one.noted.until(lambda: one.noted.statuses(mrid) == list(statuses))


@pytest.mark.parametrize("profile", ["2018", "2023", "csip-aus-1.2"])
async def test_it_registers_follows_a_control_and_tells_of_itself(there: Lab, profile: str) -> None:
    options = replace(QUICK, profile=profile)
    async with ready(there, f"inverter-{profile}", options=options) as (one, programme):
        control = await there.control(programme, LIMIT, duration=SHORT)
        await through(one, control["mrid"], 1, 2, 3)
        await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) == 3)
        await one.noted.until(lambda: one.noted.answered("POST", "/mup"))
        await one.noted.until(lambda: len(one.noted.answered("PUT")) >= 4)
        limits = [each.maxLimW and float(each.maxLimW.value) for each in one.unit.demands]
        assert limits == [90, 30, 90]
    said = sorted((await there.responses(control["mrid"])), key=lambda each: int(each["status"]))
    assert [each["status"] for each in said] == [1, 2, 3]
    lfdi = one.inverter.identity.lfdi
    (der,) = (await there.ask("GET", f"/devices/{lfdi}/ders"))["items"]
    assert (
        der["capability"]["document"]["rtgMaxW"]["value"]
        * 10 ** der["capability"]["document"]["rtgMaxW"]["multiplier"]
        == 10_000
    )
    assert all(der[name] for name in ("settings", "status", "availability"))
    refused = [reply.status for _, reply in one.noted.calls if reply and reply.status >= 400]
    assert set(refused) <= {404}  # its list, before it was there


async def test_a_control_is_cancelled_and_another_supersedes(there: Lab) -> None:
    async with ready(there, "switched") as (one, programme):
        first = await there.control(programme, LIMIT)
        await through(one, first["mrid"], 1, 2)
        second = await there.control(programme, LOW)
        await through(one, first["mrid"], 1, 2, 7)
        await through(one, second["mrid"], 1, 2)
        await there.cancel(programme, second)
        await through(one, second["mrid"], 1, 2, 6)
        assert one.unit.demands[-1].maxLimW is not None
        assert float(one.unit.demands[-1].maxLimW.value) == 90
        await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) == 6)
        assert {reply.status for reply in one.noted.answered("POST", "/rsp")} == {201}


async def test_a_stronger_programme_takes_over(there: Lab) -> None:
    async with ready(there, "ruled") as (one, weak):
        first = await there.control(weak, LIMIT)
        await through(one, first["mrid"], 1, 2)
        strong = await there.programme(group=weak["group"], primacy=0)
        second = await there.control(strong, LOW)
        await through(one, first["mrid"], 1, 2, 14)
        await there.cancel(strong, second)
        await through(one, second["mrid"], 1, 2, 6)
        await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) == 6)
        assert {reply.status for reply in one.noted.answered("POST", "/rsp")} == {201}


async def test_it_is_told_by_notification_where_it_listens(there: Lab) -> None:
    files = there.site.pki.client("listening")
    who = there.who("listening")
    async with listening(who, "127.0.0.1") as listener:
        listener.host = "localhost"
        options = replace(QUICK, notify=listener.url(files.lfdi), most=600.0)
        async with ready(there, "listening", options=options) as (one, programme):
            listener.takers[files.lfdi] = one.inverter.notified
            await one.noted.until(lambda: len(one.noted.all("subscribed")) == 5)
            control = await there.control(programme, LIMIT, duration=SHORT)
            await through(one, control["mrid"], 1, 2, 3)
            assert one.noted.all("notified")


async def test_a_listener_that_ends_leaves_no_connection_open(there: Lab) -> None:
    """The caller keeps its connection, and says nothing to the end of TLS."""

    def opened(port: int) -> ssl.SSLSocket:
        end = socket.create_connection(("localhost", port), timeout=PATIENCE)
        files = there.site.pki.client("caller")
        made = tls.client((files.root,), files.certificate, files.key)
        made.check_hostname = False
        found = made.wrap_socket(end, server_hostname="localhost")
        found.sendall(b"GET /nobody HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"404" in found.recv(100)
        return found

    async with listening(there.who("listening")) as listener:
        caller = await asyncio.to_thread(opened, listener.port)
    with socket.socket(fileno=caller.detach()) as bare:
        bare.settimeout(20)  # the end of TLS would be waited for longer
        with suppress(ConnectionResetError):
            while await asyncio.to_thread(bare.recv, 4096):
                pass


async def test_it_outlives_the_server_and_comes_back(there: Lab) -> None:
    options = replace(QUICK, patience=1.0)
    async with ready(there, "patient", options=options) as (one, programme):
        control = await there.control(programme, LIMIT, duration=SHORT)
        await through(one, control["mrid"], 1, 2)
        await asyncio.to_thread(there.site.stop)
        await one.noted.until(lambda: one.noted.all("lost"))
        await through(one, control["mrid"], 1, 2, 3)
        await asyncio.to_thread(there.site.start)
        await one.noted.until(lambda: one.noted.all("returned"))
        await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) >= 3)
    assert sorted(each["status"] for each in await there.responses(control["mrid"])) == [1, 2, 3]


async def test_a_user_opts_out_and_alarms_are_logged(there: Lab) -> None:
    async with ready(there, "moody", faults=Faults(refusals=((0, 1e9),))) as (one, programme):
        control = await there.control(programme, LIMIT, duration=SHORT)
        await through(one, control["mrid"], 1, 4, 10)
        assert len(one.unit.demands) == 1
        one.unit.output = one.unit.output._replace(alarms=0b1010)
        lfdi = one.inverter.identity.lfdi
        await one.noted.until(lambda: len(one.noted.answered("POST", "/lel")) == 2)
        one.unit.output = one.unit.output._replace(alarms=0)
        await one.noted.until(lambda: len(one.noted.answered("POST", "/lel")) == 4)
    logged = (await there.ask("GET", f"/logs?device={lfdi}"))["items"]
    assert sorted(each["code"] for each in logged) == [2, 3, 6, 7]


async def test_a_wrong_pin_is_noticed(there: Lab) -> None:
    await there.ask("POST", "/access", {"lfdi": there.who("cheated").lfdi, "pin": 111115})
    async with running(there, "cheated", pin=222222) as one:
        await one.noted.until(lambda: one.noted.all("stranger"))
        assert not one.noted.answered("PUT")
        assert not one.unit.demands


async def test_an_aggregator_speaks_for_its_devices(there: Lab) -> None:
    boss = there.who("boss", "aggregator")
    held = [there.who(f"held-{number}").lfdi for number in range(5)]
    programme = await there.programme()
    await there.ask("POST", "/access", {"lfdi": boss.lfdi, "role": "aggregator"})
    for lfdi in held:
        await there.ask(
            "POST", "/access", {"lfdi": lfdi, "aggregator": boss.lfdi, "groups": [programme["group"]]}
        )
    members = [Member(Recorder(), lfdi) for lfdi in held]
    async with running(there, who=boss, unit=members) as one:
        await one.noted.until(lambda: len(one.noted.all("reporting")) == 5)
        control = await there.control(programme, LIMIT, duration=SHORT)
        await one.noted.until(lambda: Counter(one.noted.statuses(control["mrid"])) == {1: 5, 2: 5, 3: 5})
        await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) == 15)
    assert {each["device"] for each in await there.responses(control["mrid"])} == set(held)


async def test_fifty_at_once(there: Lab) -> None:
    programme = await there.programme()
    names = [f"crowd-{number}" for number in range(50)]
    for name in names:
        form = {"lfdi": there.who(name).lfdi, "groups": [programme["group"]]}
        await there.ask("POST", "/access", form)
    options = replace(QUICK, most=30.0, post_rate=60, rates={"DERControlList": 3.0})
    control: dict[str, Any] = {}

    async def follow(name: str, begun: asyncio.Event, all_: asyncio.Queue[str]) -> None:
        async with running(there, name, options) as one:
            await one.noted.until(lambda: one.noted.all("reporting"))
            all_.put_nowait(name)
            await begun.wait()
            await through(one, control["mrid"], 1, 2, 3)
            await one.noted.until(lambda: len(one.noted.answered("POST", "/rsp")) == 3)

    begun, reporting = asyncio.Event(), asyncio.Queue[str]()
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(follow(name, begun, reporting))
        for _ in names:
            await reporting.get()
        control |= await there.control(programme, LIMIT, duration=15)
        begun.set()
    said = Counter(each["status"] for each in await there.responses(control["mrid"]))
    assert said == {1: 50, 2: 50, 3: 50}


def test_the_command_says_what_cannot_be_used(tmp_path: Path) -> None:
    from tests.app.command import derbridge  # noqa: PLC0415

    for arguments, word in (
        (("--server", "http://x"), "https"),
        (("--server", "https://x"), "--certificate"),
        (("--server", "https://x", "--pki", str(tmp_path)), "no folder of certificates"),
        (("--server", "https://x", "--profile", "2017"), "2017"),
    ):
        done = derbridge("sim", "inverter", *arguments)
        assert done.returncode == 2
        assert word in done.stderr


async def test_who_is_told_to_end_while_waking_ends(there: Lab) -> None:
    async def slow(_seconds: float) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.1)

    one = Inverter(Recorder(), time.time, there.who("waking"), there.site.url, sleep=slow)
    pausing = asyncio.create_task(one._pause(1))  # noqa: SLF001 - the moment is hit only here
    await asyncio.sleep(0)
    one._woken.set()  # noqa: SLF001
    await asyncio.sleep(0.01)
    pausing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pausing

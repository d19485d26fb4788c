"""A text that was sent is read by the devices it was for; their answers come back for each address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from bridge.app.market import asked, result
from tests.app.market.stall import NOW, Stall, esiid, lfdi, price, said, stall, text
from tests.sep2.official import faults


async def lines(site: Stall, number: int = 0) -> list[tuple[str, str]]:
    """What became of each address."""
    state = await site.state(number)
    row = await site.store.get(state.request)
    assert row
    found = await result.lines(site.store, asked.read(row).to, state)
    return [(one.verdict, one.reason) for one in found]


def response(device: int, message: Element, status: int, at: int = NOW) -> str:
    return (
        f'<TextResponse xmlns="urn:ieee:std:2030.5:ns"><createdDateTime>{at}</createdDateTime>'
        f"<endDeviceLFDI>{lfdi(device)}</endDeviceLFDI><status>{status}</status>"
        f"<subject>{said(message, 'mRID')}</subject></TextResponse>"
    )


async def test_a_text_is_read_as_a_message(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(text((1, 2), MCPriority=3, MCConfirmation=1, DurationTime=5))
        (programme,) = await site.items("/msg")
        assert (said(programme, "primacy"), said(programme, "locale")) == ("1", "en-US")
        (message,) = await site.texts()
        assert said(message, "textMessage") == "Simple Message TEST"
        assert said(message, "priority") == "3"
        assert said(message, "originator") == "REPAAdmin1"
        assert message.get("responseRequired") == "05"
        assert message.get("replyTo") == "/rsps/1/rsp"
        assert said(message, "interval", "duration") == "300"
        assert len(await site.texts(2)) == 1
        assert await site.texts(3) == []


@pytest.mark.parametrize("profile", ["2018", "2023"])
async def test_both_editions_of_the_schema_take_both(tmp_path: Path, profile: str) -> None:
    block: dict[str, Any] = {
        "AlternateCostDelivered": 1111,
        "AlternateCostUnit": 1,
        "AlternateCostTrailingDigit": 2,
    }
    async with stall(tmp_path) as site:
        site.policy = replace(site.policy, profile=profile)
        await site.send(text(MCConfirmation=1))
        await site.send(price(GenerationPrice=1, **block))
        paths = [row.href for top in ("/msg", "/tp") for row in await site.store.beneath(top)]
        assert len(paths) == 11
        for path in ("/msg", "/tp", "/edev/1/fsa", *paths, *{path.rpartition("/")[0] for path in paths}):
            answer = await site.ask(path)
            assert answer.status == 200, path
            assert faults(answer.body, profile) == "", (path, answer.body)


async def test_answers_of_devices_are_the_results_of_addresses(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(text((1, 2, 3, 9), MCConfirmation=1))
        unknown = ("unknown", "no such meter is registered")
        assert await lines(site) == [("accepted", "")] * 3 + [unknown]
        (message,) = await site.texts()
        for device, status in ((1, 1), (2, 1), (2, 11), (3, 254)):
            answer = await site.ask("/rsps/1/rsp", device, "POST", response(device, message, status))
            assert answer.status == 201, answer
        refused = ("failed", "the device says 254")
        assert await lines(site) == [("delivered", ""), ("confirmed", ""), refused, unknown]


async def test_a_device_that_was_not_addressed_cannot_answer(tmp_path: Path) -> None:
    async with stall(tmp_path) as site:
        await site.send(text((1,)))
        await site.send(text((2,), MessageID=2))
        (message,) = await site.texts(1)
        assert (await site.ask("/rsps/1/rsp", 2, "POST", response(2, message, 1))).status == 400


async def test_the_sender_is_told_when_it_is_served_and_when_devices_answer(tmp_path: Path) -> None:
    async with stall(tmp_path, report=0.001) as site:
        request = text((1, 9), {"CallbackUri": "https://rep.example/report", "RequestID": "A-1"})
        await site.send(request)
        site.store.listen(site.counter.topics)
        await site.counter.tell()
        ((entity, uri, report),) = site.told
        assert (entity, uri) == ("REP", "https://rep.example/report")
        (one,) = report.SMTxPProgressReport.AddressResult
        assert (one.Address.ESIID, one.Verdict) == (esiid(9), "unknown")
        (message,) = await site.texts()
        await site.ask("/rsps/1/rsp", 1, "POST", response(1, message, 1))
        await site.counter.tell()
        await site.counter.tell()
        results = site.told[-1][2].SMTxPProgressReport.AddressResult
        assert [each.Verdict for each in results] == ["delivered", "unknown"]
        assert len(site.told) == 2


async def test_a_sender_that_asked_for_no_word_gets_none(tmp_path: Path) -> None:
    async with stall(tmp_path, report=0.001) as site:
        await site.send(text())
        await site.counter.tell()
        assert site.told == []


async def test_a_duration_of_nought_cancels_where_that_is_what_it_means(tmp_path: Path) -> None:
    async with stall(tmp_path, endless="cancel") as site:
        await site.send(text((1, 2), DurationTime=60))
        site.moment += 10
        await site.send(text((1, 2), DurationTime=0))
        (message,) = await site.texts()
        assert said(message, "EventStatus", "currentStatus") == "2"
        assert await lines(site, 1) == [("accepted", "taken back")] * 2


async def test_it_cancels_for_those_alone_that_it_is_for(tmp_path: Path) -> None:
    async with stall(tmp_path, endless="cancel") as site:
        await site.send(text((1, 2), DurationTime=60))
        await site.send(text((2, 3), DurationTime=0))
        assert [said(one, "EventStatus", "currentStatus") for one in await site.texts(1)] == ["1"]
        assert await site.texts(2) == []
        gone, never = await lines(site, 1)
        assert gone == ("accepted", "taken back")
        assert never == ("failed", "the device has nothing of that number")


async def test_what_never_was_cannot_be_cancelled(tmp_path: Path) -> None:
    async with stall(tmp_path, endless="cancel") as site:
        await site.send(text(DurationTime=0))
        assert await lines(site) == [("failed", "there is nothing of that number")]


async def test_a_duration_of_nought_holds_until_the_next_one(tmp_path: Path) -> None:
    async with stall(tmp_path, endless="until-changed") as site:
        await site.send(text((1, 2), DurationTime=0))
        site.moment += 86_400 * 400
        assert len(await site.texts(1)) == 1
        await site.send(text((1,), MessageID=2, DurationTime=0, Message="next"))
        assert [said(one, "textMessage") for one in await site.texts(1)] == ["next"]
        assert [said(one, "textMessage") for one in await site.texts(2)] == ["Simple Message TEST"]

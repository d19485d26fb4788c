"""Subscriptions: made, renewed, changed, ended, and those that cannot be."""

from __future__ import annotations

import pytest

from bridge.sep2 import subscription
from bridge.sep2.shelf import Row
from tests.sep2 import metered, official
from tests.sep2.client import DEVICE, NS, hrefs, text
from tests.sep2.subscribed import URI, town, wanted

CONDITION = (
    "<Condition><attributeIdentifier>{}</attributeIdentifier><lowerThreshold>{}</lowerThreshold>"
    "<upperThreshold>{}</upperThreshold></Condition>"
)


async def test_a_subscription_is_made_and_read_back() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev")
    answer = await made.holder.ask("GET", href)
    assert official.faults(answer.body, "2018") == ""
    found = await made.holder.get(href)
    assert found.get("href") == href
    names = ("subscribedResource", "encoding", "level", "limit", "notificationURI")
    assert [text(found, name) for name in names] == ["/edev", "0", "+S1", "100", URI]
    listed = await made.holder.get(f"{href.rpartition('/')[0]}?l=9")
    assert (hrefs(listed), listed.get("all")) == ([href], "1")


async def test_the_same_again_renews_and_doubles_nothing() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev", limit=5)
    place = href.rpartition("/")[0]
    made.holder.now += 60
    again = await made.holder.ask("POST", place, wanted("/edev", limit=7))
    assert (again.status, again.location) == (204, href)
    assert (await made.holder.get(place)).get("all") == "1"
    assert text(await made.holder.get(href), "limit") == "7"
    assert made.row(href).at == made.holder.now
    other = await made.holder.ask("POST", place, wanted("/edev", f"{URI}/2"))
    assert (other.status, other.location == href) == (201, False)


async def test_a_subscription_is_put_anew_and_follows_to_its_new_resource() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "/edev")
    lists = f"{made.programme}/derc"
    assert await made.holder.status("PUT", href, wanted(lists)) == 204
    assert [each.subscription for each in await made.controlled("C1")] == [href]
    assert [row.href for row in made.shelf.rows.values() if row.type == "Watch"] == [
        f"/-/watch/DERControlList/{href.rpartition('/')[2]}"
    ]
    assert await made.holder.status("PUT", href, wanted(f"{made.programme}/actderc")) == 204
    assert await made.holder.status("PUT", href, wanted(lists)) == 204
    second = await made.subscribe(made.holder, "/edev")
    assert await made.holder.status("PUT", second, wanted(lists)) == 400
    assert await made.holder.status("PUT", f"{href}9", wanted("/edev")) == 404


async def test_a_client_that_ends_its_subscription_is_told_nothing_more() -> None:
    made = await town()
    href = await made.subscribe(made.holder, f"{made.programme}/derc")
    assert await made.said(made.holder, "DELETE", href) == []
    assert await made.holder.status("GET", href) == 404
    assert await made.controlled("C1") == []
    assert [row.href for row in made.shelf.rows.values() if row.type in {"Subscription", "Watch"}] == []
    assert await made.subscribe(made.holder, f"{made.programme}/derc") != href


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (wanted("/nothing"), 400, "no resource"),
        (wanted("/edev?l=5"), 400, "no resource"),
        (wanted("/derp/999/derc"), 404, "nothing"),
        (wanted("/dcap"), 400, "cannot be subscribed to without"),
        (wanted("/-/permit"), 400, "no resource"),
        (wanted("/edev", encoding=1), 400, "encoding 0"),
        (wanted("/edev", "https://10.0.0.1/"), 400, "no public"),
        (wanted("/edev", condition=CONDITION.format(0, 1, 2)), 400, "cannot be subscribed to with a"),
    ],
)
async def test_what_cannot_be_had_is_refused(body: str, status: int, reason: str) -> None:
    made = await town()
    answer = await made.holder.ask("POST", f"{await made.own(made.holder)}/sub", body)
    assert (answer.status, reason in answer.reason) == (status, True), answer.reason
    assert await made.shelf.grouped(subscription.TYPE, "/edev") == ()


async def test_nobody_subscribes_to_what_it_may_not_read_or_below_anothers_device() -> None:
    made = await town()
    own = await made.own(made.other)
    assert await made.other.status("POST", f"{own}/sub", wanted(f"{made.edev}/fsa")) == 404
    assert await made.other.status("POST", f"{own}/sub", wanted(f"{made.programme}/derc")) == 404
    assert await made.other.status("POST", f"{made.edev}/sub", wanted("/edev")) == 404
    assert await made.holder.status("POST", f"{made.edev}/sub", wanted("/edev")) == 403
    assert (
        await made.holder.status("POST", f"{await made.own(made.holder)}/sub", wanted(f"{made.edev}/fsa"))
        == 201
    )
    href = await made.subscribe(made.holder, "/edev")
    assert await made.other.status("GET", href) == 404
    assert await made.other.status("DELETE", href) == 404


async def test_a_list_that_says_otherwise_cannot_be_subscribed_to() -> None:
    made = await town()
    lists = f"{made.programme}/derc"
    row = f'<DERControlList xmlns="{NS}" subscribable="0" all="0" results="0"/>'
    await made.shelf.lay(Row(lists, made.programme, "DERControlList", row.encode(), "2018"))
    answer = await made.holder.ask("POST", f"{await made.own(made.holder)}/sub", wanted(lists))
    assert answer.status == 400


async def test_an_absolute_address_of_a_resource_is_taken_for_its_path() -> None:
    made = await town()
    href = await made.subscribe(made.holder, "https://example.org/edev/")
    assert text(await made.holder.get(href), "subscribedResource") == "/edev"


@pytest.mark.parametrize(("attribute", "low", "high"), [(1, 0, 1), (0, 5, 4)])
async def test_a_condition_that_says_nothing_is_refused(attribute: int, low: int, high: int) -> None:
    made = await town()
    place = await metered.made(made.device)
    await made.device.ask("POST", place, metered.reading(metered.WATTS, metered.value(1)))
    latest = f"{await metered.upt(made.device, place)}/r"
    body = wanted(latest, condition=CONDITION.format(attribute, low, high))
    own = await made.own(made.device)
    assert await made.device.status("POST", f"{own}/sub", body) == 400
    assert await made.device.status("POST", f"{own}/sub", wanted(latest)) == 201
    assert made.device.lfdi == DEVICE

"""ConnectionPoint of CSIP-AUS, and the check digit of a National Metering Identifier."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.sep2 import connection
from tests.sep2.client import IN_BAND, Client

AUS = replace(IN_BAND, profile="csip-aus-1.2")
NS12 = "https://csipaus.org/ns"
NS13 = "https://csipaus.org/ns/v1.3-beta/storage"


def point(text: str, ns: str = NS12) -> str:
    return f'<ConnectionPoint xmlns="{ns}"><connectionPointId>{text}</connectionPointId></ConnectionPoint>'


@pytest.mark.parametrize("text", [
    "20019857328", "20019857336", "30756218758", "NAAAMYS5826", "NBBBX111100", "QAAAVZZZZZ3", "VAAA0000657",
    "VKTS8765108", "2001985732", "naaamys5826",
])  # fmt: skip
def test_published_identifiers_are_taken(text: str) -> None:
    assert connection.nmi(text)


@pytest.mark.parametrize("text", [
    "NOTAVALIDID", "20019857329", "200198573", "200198573288", "OAAAMYS582", "IAAAMYS582", "", "2001 98573",
    "20019857\uff132",
])  # fmt: skip
def test_others_are_not(text: str) -> None:
    assert not connection.nmi(text)


async def test_it_reads_empty_then_as_it_was_said_and_each_answer_says_where() -> None:
    client = Client(policy=AUS)
    edev = await client.register()
    answer = await client.ask("GET", f"{edev}/cp")
    assert answer.status == 200
    assert f'href="{edev}/cp"'.encode() in answer.body
    first = await client.ask("PUT", f"{edev}/cp", point("20019857328"))
    assert (first.status, first.location) == (201, f"{edev}/cp")
    second = await client.ask("PUT", f"{edev}/cp", point("20019857336"))
    assert (second.status, second.location) == (204, f"{edev}/cp")
    assert b">20019857336<" in (await client.ask("GET", f"{edev}/cp")).body
    assert await client.status("POST", f"{edev}/cp", point("30756218758")) == 204
    assert b">30756218758<" in (await client.ask("GET", f"{edev}/cp")).body


@pytest.mark.parametrize(("strict", "status"), [(frozenset({"nmi"}), 400), (frozenset(), 201)])
async def test_a_bad_identifier_is_refused_where_the_switch_says_so(
    strict: frozenset[str], status: int
) -> None:
    client = Client(policy=replace(AUS, strict=strict))
    edev = await client.register()
    assert await client.status("PUT", f"{edev}/cp", point("NOTAVALIDID")) == status
    assert (f"{edev}/cp" in client.shelf.rows) == (status == 201)


async def test_each_generation_reads_it_in_its_own_namespace() -> None:
    client = Client(policy=AUS)
    edev = await client.register()
    assert await client.status("PUT", f"{edev}/cp", point("20019857328", NS13)) == 201
    assert NS12.encode() in (await client.ask("GET", f"{edev}/cp")).body
    client.policy = replace(AUS, profile="csip-aus-1.3")
    assert NS13.encode() in (await client.ask("GET", f"{edev}/cp")).body
    client.policy = replace(AUS, profile="2018")
    assert await client.status("GET", f"{edev}/cp") == 404

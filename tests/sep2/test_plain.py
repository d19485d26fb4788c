"""What is stored where no function set says more: numbers, marks, owners, times, and what stays in place."""

from __future__ import annotations

from tests.sep2.client import DEVICE, HEAD, Client, document, hrefs, programme


def message(mrid: str, program: str = "x") -> str:
    return document(
        "MessagingProgram",
        f"<mRID>{mrid}</mRID><description>{program}</description><locale>en</locale><primacy>1</primacy>",
    )


def component(mrid: str) -> str:
    return document(
        "RateComponent",
        f"<mRID>{mrid}</mRID><ReadingTypeLink href='/x'/><roleFlags>00</roleFlags>"
        "<TimeTariffIntervalListLink href='/x'/>",
    )


async def test_what_takes_the_place_of_another_hangs_where_that_hung() -> None:
    head = Client(lfdi=HEAD, roles=frozenset({"operator"}))
    location = (await head.ask("POST", "/derp", programme("AB01"))).location
    await head.shelf.lay(head.shelf.rows[location]._replace(grp="/-/group/5", owner=DEVICE))
    assert await head.status("POST", "/derp", programme("AB01", 7)) == 204
    row = head.shelf.rows[location]
    assert (row.grp, row.owner, b"<primacy>7<" in row.body) == ("/-/group/5", DEVICE, True)


async def test_an_mrid_counts_within_its_own_list_only() -> None:
    head = Client(lfdi=HEAD, roles=frozenset({"operator"}))
    tariff = document(
        "TariffProfile", "<mRID>{}</mRID><primacy>1</primacy><serviceCategoryKind>0</serviceCategoryKind>"
    )
    one, two = [(await head.ask("POST", "/tp", tariff.format(mrid))).location for mrid in ("01", "02")]
    first = await head.ask("POST", f"{one}/rc", component("AA"))
    second = await head.ask("POST", f"{two}/rc", component("AA"))
    assert (first.status, second.status) == (201, 201), first.reason
    assert hrefs(await head.get(f"{two}/rc?l=9")) == [second.location]


async def test_a_member_belongs_to_whom_the_top_of_its_address_belongs() -> None:
    client = Client()
    edev = await client.register()
    locale = document("SupportedLocale", "<locale>en-AU</locale>")
    info = document(
        "DeviceInformation",
        f"<lFDI>{DEVICE}</lFDI><mfDate>0</mfDate><mfHwVer>1</mfHwVer><mfID>1</mfID><mfModel>m</mfModel>"
        "<mfSerNum>s</mfSerNum><primaryPower>1</primaryPower><secondaryPower>0</secondaryPower>"
        "<swActTime>0</swActTime><swVer>1</swVer>",
    )
    assert await client.status("POST", f"{edev}/di/loc", locale) == 404
    assert await client.status("PUT", f"{edev}/di", info) == 201
    places = [
        (await client.ask("POST", f"{edev}/di/loc", locale.replace("AU", name))).location
        for name in ("US", "AU")
    ]
    assert all(client.shelf.rows[place].owner == DEVICE for place in places)
    assert hrefs(await client.get(f"{edev}/di/loc?l=9")) == places[::-1]
    assert await client.status("PUT", places[0], locale) == 204
    assert client.shelf.rows[places[0]].owner == DEVICE
    assert await client.status("DELETE", f"{edev}/di") == 204
    assert await client.status("GET", places[0]) == 404
    assert f"{edev}/di/loc" not in {row.parent for row in client.shelf.rows.values()}


async def test_an_mrid_that_cannot_be_one_is_refused() -> None:
    head = Client(lfdi=HEAD, roles=frozenset({"operator"}))
    assert await head.status("POST", "/msg", message("A")) == 400
    assert await head.status("POST", "/msg", message("")) == 400
    assert head.shelf.rows == {}


async def test_numbers_are_never_given_twice() -> None:
    head = Client(lfdi=HEAD, roles=frozenset({"operator"}))
    first = (await head.ask("POST", "/msg", message("AA"))).location
    assert await head.status("DELETE", first) == 204
    assert (await head.ask("POST", "/msg", message("AA"))).location != first

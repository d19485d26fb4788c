"""What a DER tells of itself, its place in the tree, and the programmes and meter that it is led to."""

from __future__ import annotations

import pytest

from bridge.sep2 import canon, der, dispatch
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Body, Policy
from models.der import messages
from tests.sep2 import scene
from tests.sep2.scene import LFDI, NOW, NS, Memory, body, commit, operator, spot, world

HOME = "/edev/1/der/1"
SETTINGS = (
    f"<DERSettings {NS}><setGradW>100</setGradW>"
    "<setMaxW><multiplier>0</multiplier><value>5000</value></setMaxW>"
    f"<updatedTime>{NOW}</updatedTime></DERSettings>"
)
CAPABILITY = (
    f"<DERCapability {NS}><modesSupported>03</modesSupported>"
    "<rtgMaxW><multiplier>3</multiplier><value>5</value></rtgMaxW><type>4</type></DERCapability>"
)
STATUS = f"<DERStatus {NS}><genConnectStatus><dateTime>{NOW}</dateTime><value>07</value></genConnectStatus>"
STATUS += f"<readingTime>{NOW}</readingTime></DERStatus>"
AVAILABILITY = f"<DERAvailability {NS}><readingTime>{NOW}</readingTime></DERAvailability>"


async def put(shelf: Memory, path: str, made: Body, policy: Policy | None = None) -> int:
    asked = scene.work(shelf, method="PUT", path=path, policy=policy)
    answer = await der.told(asked, spot(path), made, shelf.rows.get(path))
    await commit(asked, shelf)
    return answer.status


@pytest.mark.parametrize(
    ("last", "text", "kind"),
    [
        ("derg", SETTINGS, messages.Setting),
        ("dercap", CAPABILITY, messages.Capability),
        ("ders", STATUS, messages.Status),
        ("dera", AVAILABILITY, messages.Status),
    ],
)
async def test_what_is_told_is_there_at_once_with_its_record(
    last: str, text: str, kind: type[messages.Message]
) -> None:
    shelf = await world()
    path = f"{HOME}/{last}"
    assert [await put(shelf, path, body(text)) for _ in range(2)] == [204, 204]
    row = shelf.rows[path]
    record = kind.model_validate_json(row.record)
    assert (row.parent, row.owner, row.version, row.body) == (HOME, LFDI, 2, text.encode())
    assert (record.target.device, record.origin.party) == ((LFDI,), LFDI)


async def test_what_an_australian_client_tells() -> None:
    shelf = await world()
    extra = '<c:doeModesEnabled xmlns:c="https://csipaus.org/ns">03</c:doeModesEnabled></DERSettings>'
    await put(shelf, f"{HOME}/derg", body(SETTINGS.replace("</DERSettings>", extra), "csip-aus-1.2"))
    record = messages.Setting.model_validate_json(shelf.rows[f"{HOME}/derg"].record)
    assert record.doeModesEnabled == "03"


@pytest.mark.parametrize("power", [-10, 10, 127])
async def test_a_reserved_power_of_ten_is_told(power: int) -> None:
    shelf = await world()
    made = body(CAPABILITY.replace("<multiplier>3<", f"<multiplier>{power}<"))
    with pytest.raises(Told, match=r"rtgMaxW\.multiplier") as no:
        await put(shelf, f"{HOME}/dercap", made)
    assert (no.value.status, f"{HOME}/dercap" in shelf.rows) == (400, False)


@pytest.mark.parametrize("power", [-9, 9])
async def test_the_outermost_powers_of_ten_are_taken(power: int) -> None:
    shelf = await world()
    made = body(CAPABILITY.replace("<multiplier>3<", f"<multiplier>{power}<"))
    assert await put(shelf, f"{HOME}/dercap", made) == 204


async def test_a_clock_that_is_ahead_is_told_only_where_the_switch_asks() -> None:
    shelf = await world()
    ahead = body(STATUS.replace(f"<readingTime>{NOW}", f"<readingTime>{NOW + 301}"))
    assert await put(shelf, f"{HOME}/ders", ahead) == 204
    with pytest.raises(Told, match="301 s ahead"):
        await put(shelf, f"{HOME}/ders", ahead, Policy(strict=frozenset({"der-clock"})))


async def test_nothing_is_taken_for_a_der_that_is_not_there() -> None:
    shelf = await world()
    with pytest.raises(Told) as no:
        await put(shelf, "/edev/1/der/2/ders", body(STATUS))
    with pytest.raises(Told) as nobody:
        await put(shelf, "/edev/77/der/1/ders", body(STATUS))
    assert (no.value.status, nobody.value.status) == (404, 404)


async def test_the_first_der_is_there_without_a_row_until_it_is_removed() -> None:
    shelf = await world()
    await put(shelf, f"{HOME}/ders", body(STATUS))
    asked = scene.work(shelf)
    first = await der.seen(asked, spot(HOME), None)
    assert first is not None
    assert (first.type, first.owner) == ("DER", LFDI)
    assert await der.seen(asked, spot("/edev/1/der/2"), None) is None
    answer = await der.removed(asked, spot(HOME), first)
    await commit(asked, shelf)
    assert (answer.status, f"{HOME}/ders" in shelf.rows) == (204, False)
    asked = scene.work(shelf)
    assert await der.seen(asked, spot(HOME), shelf.rows[HOME]) is None
    assert (await der.ders(asked, spot("/edev/1/der"), Cut(limit=9))).total == 0
    with pytest.raises(Told):
        await put(shelf, f"{HOME}/ders", body(STATUS))


async def test_ders_that_were_posted_come_behind_the_first() -> None:
    shelf = await world()
    await shelf.lay(Row("/edev/1/der/5", "/edev/1/der", "DER", body(f"<DER {NS}/>").data, "2018", owner=LFDI))
    page = await der.ders(scene.work(shelf), spot("/edev/1/der"), Cut(limit=9))
    assert ([row.href for row in page.rows], page.total) == ([HOME, "/edev/1/der/5"], 2)
    page = await der.ders(scene.work(shelf), spot("/edev/1/der"), Cut(1, 9))
    assert ([row.href for row in page.rows], page.total) == (["/edev/1/der/5"], 2)
    assert await put(shelf, "/edev/1/der/5/ders", body(STATUS)) == 204


async def test_a_der_that_was_put_is_stored_and_listed_once() -> None:
    shelf = await world()
    asked = scene.work(shelf)
    answer = await der.replaced(asked, spot(HOME), body(f"<DER {NS}/>"), None)
    await commit(asked, shelf)
    asked = scene.work(shelf)
    assert answer.status == 204
    assert (await der.replaced(asked, spot(HOME), body(f"<DER {NS}/>"), shelf.rows[HOME])).status == 204
    await commit(asked, shelf)
    page = await der.ders(scene.work(shelf), spot("/edev/1/der"), Cut(limit=9))
    assert ([row.href for row in page.rows], page.total) == ([HOME], 1)


async def test_the_programmes_of_a_der_are_those_of_its_groups() -> None:
    shelf = await world()
    await shelf.lay(scene.program("/derp/2", "DERProgram", "E1", primacy=1))
    page = await der.programmes(scene.work(shelf), spot(f"{HOME}/derp"), Cut(limit=9))
    assert ([row.href for row in page.rows], page.total) == (["/derp/2", "/derp/1"], 2)
    stranger = await der.programmes(scene.work(shelf), spot("/edev/3/der/1/derp"), Cut(limit=9))
    assert stranger.total == 0


async def test_the_current_programme_is_the_one_that_rules_now() -> None:
    shelf = await world()
    await shelf.lay(scene.program("/derp/2", "DERProgram", "E1", primacy=1))
    place = spot(f"{HOME}/cdp")
    assert await der.current(scene.work(shelf), place, None) is None
    asked = operator(shelf)
    await dispatch.default(asked, shelf.rows["/derp/1"], {})
    await commit(asked, shelf)
    row = await der.current(scene.work(shelf), place, None)
    assert row is not None
    assert row.href == "/derp/1"
    asked = operator(shelf)
    await dispatch.create(asked, shelf.rows["/derp/2"], {"duration": 60, "opModConnect": True})
    await commit(asked, shelf)
    asked = scene.work(shelf)
    row = await der.current(asked, place, None)
    assert row is not None
    assert (row.href, asked.shelf.until) == ("/derp/2", NOW + 60)
    row = await der.current(scene.work(shelf, now=NOW + 60), place, None)
    assert row is not None
    assert row.href == "/derp/1"


async def test_the_meter_of_a_der_is_one_for_der() -> None:
    shelf = await world()
    text = f"<UsagePoint {NS}><mRID>0{{0}}</mRID><roleFlags>{{1}}</roleFlags>"
    text += "<serviceCategoryKind>0</serviceCategoryKind><status>1</status></UsagePoint>"
    rows = [
        Row(f"/upt/{n}", "/upt", "UsagePoint", text.format(n, flags).encode(), "2018", owner=LFDI)
        for n, flags in ((1, "03"), (2, "49"))
    ]
    place = spot(f"{HOME}/upt")
    assert await der.metered(scene.work(shelf), place, None) is None
    for row in rows:
        await shelf.lay(row)
        found = await der.metered(scene.work(shelf), place, None)
        assert found is not None
        assert found.href == row.href


def test_every_record_says_who_told_it() -> None:
    asked = scene.work(Memory())
    about = canon.envelope(asked, "/x", (LFDI,))
    assert (about.origin.door, int(about.issued)) == (messages.Door.sep2, NOW)
    assert canon.envelope(operator(Memory()), "/x").origin.door is messages.Door.operator

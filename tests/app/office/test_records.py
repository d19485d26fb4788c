"""What clients have told, asked for by an operator: readings, responses, logs, subscriptions, archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bridge.sep2.work import Policy
from tests.app.office.bureau import ADMIN, LFDI, NOW, OTHER, THIRD, Bureau, bureau, seen

NS = 'xmlns="urn:ieee:std:2030.5:ns"'
MIRROR = """
<MirrorUsagePoint {ns}><mRID>{mrid}</mRID><description>site</description><roleFlags>49</roleFlags>
<serviceCategoryKind>0</serviceCategoryKind><status>1</status><deviceLFDI>{lfdi}</deviceLFDI>
<MirrorMeterReading><mRID>{mrid}01</mRID><description>W</description><ReadingType><dataQualifier>2</dataQualifier>
<flowDirection>19</flowDirection><intervalLength>300</intervalLength><kind>37</kind>
<powerOfTenMultiplier>1</powerOfTenMultiplier><uom>38</uom></ReadingType></MirrorMeterReading></MirrorUsagePoint>"""
READING = """
<MirrorMeterReading {ns}><mRID>{mrid}01</mRID><Reading>
<timePeriod><duration>300</duration><start>{start}</start></timePeriod><value>{value}</value></Reading></MirrorMeterReading>"""


async def mirrored(office: Bureau, lfdi: str, mrid: str, values: dict[int, int]) -> str:
    """A mirror of a device with readings; its address."""
    body = MIRROR.format(ns=NS, mrid=mrid, lfdi=lfdi).strip()
    made = await seen(office, "/mup", lfdi, "POST", body)
    assert made.status == 201, made.reason
    for start, value in values.items():
        body = READING.format(ns=NS, mrid=mrid, start=start, value=value).strip()
        answer = await seen(office, made.location, lfdi, "POST", body)
        assert answer.status in {201, 204}, answer.reason
    return made.location


async def test_readings_are_found_by_device_time_and_kind(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        await office.device()
        await office.device(OTHER)
        day = NOW - NOW % 86_400
        await mirrored(office, LFDI, "AA01", {day: 1, day + 300: 2, day - 86_400: 3})
        await mirrored(office, OTHER, "BB01", {day: 9})

        async def found(**query: Any) -> list[tuple[int, int]]:
            page = await office.get("/readings", **query)
            return [(each["start"] - day, each["raw"]) for each in page["items"]]

        assert await found(device=LFDI) == [(-86_400, 3), (0, 1), (300, 2)]
        assert await found(device=LFDI, since=day, until=day + 300) == [(0, 1)]
        assert await found(uom=38, kind=37, flow=19, device=OTHER) == [(0, 9)]
        assert await found(uom=63) == []
        one = (await office.get("/readings", device=OTHER))["items"][0]
        assert (one["value"], one["uom"], one["device"], one["series"]) == (90, 38, OTHER, "BB0101")
        first = await office.get("/readings", limit=3)
        rest = await office.get("/readings", limit=3, cursor=first["next"])
        assert len(first["items"]) == 3
        assert len({each["href"] for each in (*first["items"], *rest["items"])}) == 4


async def test_mirrors_are_shown_rated_and_removed(tmp_path: Path) -> None:
    async with bureau(tmp_path, Policy(post_rate=300)) as office:
        await office.device()
        await office.device(OTHER)
        await office.ask("PUT", "/polls/post-rate", {"seconds": 77})
        mine = await mirrored(office, LFDI, "AA01", {NOW: 5})
        await mirrored(office, OTHER, "BB01", {})
        shown = (await office.get("/mirrors", device=LFDI))["items"]
        assert [(each["href"], each["mrid"], each["client"]) for each in shown] == [(mine, "AA01", LFDI)]
        assert shown[0]["post_rate"] == 77
        assert shown[0]["series"][0]["uom"] == 38
        assert await office.post("/mirrors/rate", {"client": LFDI, "seconds": 5}, 200) == {"rated": 1}
        assert b"<postRate>5</postRate>" in (await seen(office, mine)).body
        assert (await office.get("/mirrors", mrid="AA01"))["items"][0]["post_rate"] == 5
        assert await office.post("/mirrors/empty", {"client": OTHER}, 200) == {"removed": 1}
        assert (await office.get("/mirrors"))["total"] == 1
        assert (await office.ask("DELETE", f"/mirrors/{shown[0]['id']}")).status == 204
        assert (await office.get("/readings"))["items"] == []
        assert (await office.ask("GET", f"/mirrors/{shown[0]['id']}")).status == 404
        assert (await office.get("/polls/post-rate"))["source"] == "operator"
        assert (await office.ask("DELETE", "/polls/post-rate")).status == 204
        assert (await office.get("/polls/post-rate"))["seconds"] == 300


async def test_responses_are_found_by_subject_device_and_status(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        programme = await office.programme()
        await office.device(groups=[programme["group"]])
        said = {"modes": {"opModConnect": True}, "duration": 60, "response_required": 3}
        control = await office.post(f"/programmes/{programme['id']}/controls", said)
        for status in (1, 2):
            body = (
                f"<DERControlResponse {NS}><createdDateTime>{NOW}</createdDateTime><endDeviceLFDI>{LFDI}"
                f"</endDeviceLFDI><status>{status}</status><subject>{control['mrid']}</subject></DERControlResponse>"
            )
            answer = await seen(office, "/rsps/1/rsp", LFDI, "POST", body)
            assert answer.status == 201, answer.reason
        page = await office.get("/responses", subject=control["mrid"], device=LFDI)
        assert sorted(each["meaning"] for each in page["items"]) == ["received", "started"]
        assert [each["status"] for each in (await office.get("/responses", status=2))["items"]] == [2]
        assert (await office.get("/responses", since=NOW + 1))["items"] == []
        assert (await office.get("/responses", subject="AB"))["items"] == []


async def test_log_events_are_found_by_device_and_time(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = [await office.device(), await office.device(OTHER)]
        for each, moment in zip(made, (NOW, NOW + 60), strict=True):
            body = (
                f"<LogEvent {NS}><createdDateTime>{moment}</createdDateTime><details>over voltage</details>"
                "<functionSet>11</functionSet><logEventCode>2</logEventCode><logEventID>7</logEventID>"
                "<logEventPEN>37250</logEventPEN><profileID>2</profileID></LogEvent>"
            )
            answer = await seen(office, f"{each['href']}/lel", each["lfdi"], "POST", body)
            assert answer.status == 201, answer.reason
        everyone = await office.get("/logs")
        assert sorted(each["device"] for each in everyone["items"]) == sorted([LFDI, OTHER])
        assert [each["code"] for each in (await office.get("/logs", device=LFDI))["items"]] == [2]
        assert [each["device"] for each in (await office.get("/logs", since=NOW + 1))["items"]] == [OTHER]


async def test_subscriptions_are_shown_and_ended_and_their_notices_seen(tmp_path: Path) -> None:
    policy = Policy(hosts=frozenset({"localhost"}), plain_http=True)
    async with bureau(tmp_path, policy) as office:
        programme = await office.programme()
        await office.post("/aggregators", {"lfdi": THIRD})
        await office.device(aggregator=THIRD, groups=[programme["group"]])
        own = (await office.get(f"/devices/{THIRD}"))["href"]
        body = (
            f"<Subscription {NS}><subscribedResource>{programme['href']}/derc</subscribedResource>"
            "<encoding>0</encoding><level>-S1</level><limit>5</limit>"
            "<notificationURI>http://localhost:9/n</notificationURI></Subscription>"
        )
        answer = await seen(office, f"{own}/sub", THIRD, "POST", body)
        assert answer.status == 201, answer.reason
        listed = (await office.get("/subscriptions"))["items"]
        assert [(each["client"], each["resource"], each["waiting"]) for each in listed] == [
            (THIRD, f"{programme['href']}/derc", False)
        ]
        said = {"modes": {"opModConnect": True}, "duration": 60}
        await office.post(f"/programmes/{programme['id']}/controls", said)
        outbox = await office.get("/outbox")
        assert (outbox["total"], outbox["items"][0]["subscription"]) == (1, answer.location)
        assert (await office.get("/subscriptions", client=THIRD))["items"][0]["waiting"] is True
        assert (await office.get("/health"))["outbox"] == 1
        path = f"/devices/{THIRD}/subscriptions/{listed[0]['id']}"
        assert (await office.ask("DELETE", path)).status == 204
        assert (await office.get("/subscriptions"))["items"] == []
        assert (await office.get(f"/aggregators/{THIRD}"))["subscriptions"] == 0


async def test_every_change_is_in_the_archive_with_its_author(tmp_path: Path) -> None:
    async with bureau(tmp_path) as office:
        made = await office.device(name="roof")
        office.moment += 60
        await office.ask("PATCH", f"/devices/{LFDI}", {"post_rate": 60})
        await office.ask("DELETE", f"/devices/{LFDI}")
        entries = (await office.get("/archive", href=made["href"]))["items"]
        assert [(each["gone"], each["version"], each["at"] - NOW) for each in entries] == [
            (True, 2, 60), (False, 2, 60), (False, 1, 0),
        ]  # fmt: skip
        assert {(each["party"], each["door"]) for each in entries} == {(ADMIN, "admin")}
        assert "<postRate>60</postRate>" in entries[1]["body"]
        first = await office.get("/archive", limit=2, party=ADMIN)
        rest = await office.get("/archive", limit=100, party=ADMIN, cursor=first["next"])
        numbers = [each["number"] for each in (*first["items"], *rest["items"])]
        assert numbers == sorted(set(numbers), reverse=True)
        assert {each["type"] for each in (await office.get("/archive", type="Permit"))["items"]} == {"Permit"}
        below = await office.get("/archive", href=made["href"], below="true")
        assert len(below["items"]) > len(entries)
        assert (await office.ask("GET", "/archive", params={"below": "true"})).status == 400


async def test_a_backup_is_made_while_the_server_runs(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    async with bureau(tmp_path, backups=tmp_path / "kept") as office:
        await office.device()
        made = await office.post("/server/backups", {"name": "today"})
        assert (tmp_path / "kept" / "today").stat().st_size == made["size"] > 0
        assert (await office.ask("POST", "/server/backups", {"name": "today"})).status == 409
        assert (await office.ask("POST", "/server/backups", {"name": "../x"})).status == 422
    async with bureau(tmp_path) as office:
        assert (await office.ask("POST", "/server/backups", {})).status == 409

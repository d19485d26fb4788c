"""The client machine at a scripted server: what it asks for and when, and what it tells."""

from __future__ import annotations

from bridge.app.sim.inverter.face import Face
from bridge.sep2.client.call import Reply
from bridge.sep2.client.plant import Options
from tests.app.sim.lab import Recorder
from tests.sep2.stage import LFDI, NOW, ROOT, Stage, control, doc, listed

EDEV = f"/edev/{LFDI[:4]}"


def test_it_finds_everything_by_links_and_tells_of_itself_once() -> None:
    stage = Stage()
    stage.default()
    stage.play(5)
    assert [call.url for call in stage.sent[:3]] == [
        f"{ROOT}/dcap", f"{ROOT}/tm", f"{ROOT}/edev?s=0&l=255",
    ]  # fmt: skip
    puts = sorted(call.url.rpartition("/")[2] for call in stage.sent if call.method == "PUT")
    assert puts == ["Availability", "Availability", "Capability", "Settings", "Status", "Status"]
    assert stage.limit() == 90
    assert len(stage.asked("POST", "/mup")) == len(stage.asked("POST", "/mup/1")) == 1


def test_resources_are_read_at_the_rates_that_are_said() -> None:
    stage = Stage()
    stage.play(1000)
    assert len(stage.asked("GET", "/dcap")) == 2
    assert len(stage.asked("GET", "/derp")) == len(stage.asked("GET", "/derp/1/derc")) == 17
    assert len(stage.asked("POST", "/mup/1")) == 9  # the postRate of the mirror as it reads: 120 s
    puts = stage.asked("PUT", f"{EDEV}/der/1/Status")  # after 300 s, then at the postRate that was learnt
    assert len(puts) == 7
    assert len(stage.asked("PUT", f"{EDEV}/der/1/Capability")) == 1


def test_a_missing_device_is_registered_unless_that_is_switched_off() -> None:
    for enrol, posts in ((True, 1), (False, 0)):
        stage = Stage(Options(profile="2018", enrol=enrol), docs={"/edev": listed("EndDeviceList")})
        stage.replies["POST", "/edev"] = [Reply(403)] * 9
        stage.play(60)
        assert len(stage.asked("POST", "/edev")) == posts
        assert [each["status"] for each in stage.said("refused")] == [403] * posts


def test_a_wrong_pin_stops_it_and_a_right_one_does_not() -> None:
    wrong, right = Stage(pin=123455), Stage(pin=111115)
    for each in (wrong, right):
        each.play(10)
    assert not wrong.asked("GET", "/derp")
    assert not [call for call in wrong.sent if call.method != "GET"]
    assert wrong.said("stranger")
    assert right.asked("GET", "/derp")


def test_a_long_list_is_read_page_by_page_and_counts_when_it_is_whole() -> None:
    stage = Stage(Options(profile="2018", page=2))
    items = [control(f"A{number}", NOW + 5000 + number, asks="01") for number in range(5)]
    pages = [Reply(200, listed("DERControlList", *items[at : at + 2], all_=5).encode()) for at in (0, 2, 4)]
    stage.replies["GET", "/derp/1/derc"] = list(pages)
    stage.play(5)
    queries = [call.url.partition("?")[2] for call in stage.asked("GET", "/derp/1/derc")]
    assert queries == ["s=0&l=2", "s=2&l=2", "s=4&l=2"]
    assert [stage.statuses(f"A{number}") for number in range(5)] == [[1]] * 5


def test_a_redirect_is_followed_to_https_alone() -> None:
    stage = Stage(docs={"/moved": Stage().docs["/dcap"]})
    stage.replies["GET", "/dcap"] = [Reply(301, location=f"{ROOT}/moved")]
    stage.play(5)
    assert stage.asked("GET", "/moved")
    assert stage.asked("GET", "/derp")
    other = Stage()
    other.replies["GET", "/dcap"] = [Reply(301, location="http://server.example/dcap")]
    other.play(0.4)
    assert not [call for call in other.sent if call.url.startswith("http:")]
    assert other.said("failed")


def test_failures_are_paused_after_longer_each_time_and_nothing_is_lost() -> None:
    stage = Stage(Options(profile="2018", first=1, longest=8))
    stage.replies["GET", "/dcap"] = [None, Reply(503), None, Reply(500), Reply(429, wait=30)]
    stage.play(60)
    pauses = [each["pause"] for each in stage.said("failed")]
    assert [low <= pause <= high for pause, (low, high) in zip(
        pauses, ((0.5, 1), (1, 2), (2, 4), (4, 8), (8, 8)), strict=True
    )] == [True] * 5  # fmt: skip
    assert stage.asked("GET", "/derp")


def test_responses_wait_for_the_server_and_keep_their_order_and_times() -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 100, 50))
    stage.play(90)
    stage.replies["POST", "/rsp"] = [None, Reply(503), None]
    stage.play(400)
    assert stage.statuses("A1")[-1] == 3
    assert sorted(set(stage.statuses("A1"))) == [1, 2, 3]
    assert sorted(set(stage.times("A1"))) == [0, 100, 150]


def test_the_servers_clock_is_followed() -> None:
    stage = Stage(ahead=500.0)
    stage.controls(control("A1", NOW + 700, 100))
    stage.play(199)
    assert stage.statuses("A1") == [1]
    stage.play(201.5)
    assert stage.statuses("A1") == [1, 2]


def test_what_is_the_same_is_not_read_twice_where_the_server_says_so() -> None:
    stage = Stage()
    stage.default()
    stage.replies["GET", "/dcap"] = [Reply(200, stage.docs["/dcap"].encode(), tag='"1"'), Reply(304)]
    stage.play(1000)
    assert [call.tag for call in stage.asked("GET", "/dcap")] == ["", '"1"']
    assert not stage.said("missing")


def test_nonsense_is_told_and_asked_for_again() -> None:
    stage = Stage()
    stage.replies["GET", "/derp/1/derc"] = [Reply(200, b"<html/>"), Reply(200, doc("DERControl").encode())]
    stage.controls(control("A1", NOW + 10_000))
    stage.play(130)
    assert len(stage.said("unreadable")) == 2
    assert stage.statuses("A1") == [1]


def test_alarms_go_to_the_log_of_the_device() -> None:
    stage = Stage()
    stage.play(5)
    alarm = Face(Recorder(), LFDI).alarm(3, gone=False, number=1, now=int(NOW))
    assert stage.client.alarm(LFDI, alarm, stage.now)
    stage.play(6)
    (call,) = stage.asked("POST", f"{EDEV}/lel")
    assert b"<logEventCode>6</logEventCode>" in call.body

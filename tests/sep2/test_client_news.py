"""The client machine and its subscriptions at a scripted server: begun, renewed, ended; news is followed."""

from __future__ import annotations

from bridge.sep2.client.plant import Options
from tests.sep2.stage import LFDI, NOW, Stage, control, device, doc, listed

EDEV = f"/edev/{LFDI[:4]}"


def news(path: str, status: int = 0) -> bytes:
    return doc(
        "Notification",
        f"<subscribedResource>{path}</subscribedResource><status>{status}</status>"
        "<subscriptionURI>/edev/3E4F/sub/1</subscriptionURI>",
    ).encode()


def subscribing() -> Stage:
    stage = Stage(Options(profile="2018", notify="https://me.example/n"))
    stage.play(5)
    return stage


def test_what_may_be_subscribed_to_is_and_then_read_seldom() -> None:
    stage = subscribing()
    stage.play(1000)
    wanted = {"/edev", f"{EDEV}/fsa", "/derp", "/derp/1/derc"}
    posted = [call.body.decode() for call in stage.asked("POST", f"{EDEV}/sub")]
    assert {each for each in wanted if any(f">{each}<" in body for body in posted)} == wanted
    assert len(posted) == len(wanted)
    assert len(stage.asked("GET", "/derp/1/derc")) == 2
    stage.play(86_500)
    assert len(stage.asked("POST", f"{EDEV}/sub")) == 2 * len(wanted)


def test_a_notification_has_the_resource_read_at_once() -> None:
    stage = subscribing()
    stage.controls(control("A1", NOW + 20, 60))
    assert stage.client.notified(news("/derp/1/derc"), stage.now) == 204
    stage.play(6)
    assert stage.statuses("A1") == [1]


def test_stray_news_is_refused_and_an_ended_subscription_begun_anew() -> None:
    stage = subscribing()
    assert stage.client.notified(news("/elsewhere"), stage.now) == 400
    assert stage.client.notified(b"<nonsense", stage.now) == 400
    assert stage.client.notified(doc("DERCurve").encode(), stage.now) == 400
    before = len(stage.asked("POST", f"{EDEV}/sub"))
    assert stage.client.notified(news("/derp", status=1), stage.now) == 204
    stage.play(6)
    assert len(stage.asked("POST", f"{EDEV}/sub")) == before + 1


def test_a_device_of_somebody_else_is_left_alone() -> None:
    other = "AB" * 20
    stage = Stage(docs={"/edev": listed("EndDeviceList", device(), device(other), pollRate=900)})
    stage.play(5)
    assert not [call for call in stage.sent if f"/edev/{other[:4]}" in call.url]

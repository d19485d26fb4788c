"""What may vary between two answers is bound by name, and everything else is a deviation, with its place."""

from __future__ import annotations

import pytest

from bridge.app.record.same import Bound

OLD, NEW = "0A" * 16, "0B" * 16


def control(mark: str, href: str = "/derp/3/derc/5", limit: int = 5000, start: int = 1_700_000_000) -> str:
    return (
        f'<DERControl xmlns="urn:ieee:std:2030.5:ns" href="{href}"><mRID>{mark}</mRID>'
        f"<interval><start>{start}</start></interval><limit>{limit}</limit></DERControl>"
    )


def test_names_are_bound_when_they_are_met_and_stay_so() -> None:
    bound = Bound()
    assert bound.differs(control(OLD), control(NEW, "/derp/7/derc/9", start=1_800_000_000)) == ""
    assert bound.filled(f"/derp/3/derc?l=1 /derp/3/derc/5 /derp/33 {OLD}") == (
        f"/derp/7/derc?l=1 /derp/7/derc/9 /derp/33 {NEW}"
    )
    assert bound.differs(control(OLD), control("0C" * 16)).startswith("/DERControl/")
    assert bound.differs(control(OLD), control(NEW, "/derp/8/derc/9")).startswith("/DERControl/@href was")


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (control(OLD, limit=4000), "/DERControl/limit was 5000, is 4000"),
        (control(OLD, href="/derp/3/dc/5"), "/DERControl/@href was /derp/3/derc/5, is /derp/3/dc/5"),
        (control(OLD).replace("<limit>5000</limit>", ""), "/DERControl/limit is not there any more"),
        (control(OLD).replace("</limit>", "</limit><more/>"), "/DERControl/more was not there"),
        ("", "now there is nothing"),
    ],
)
def test_a_deviation_is_named(now: str, wanted: str) -> None:
    assert wanted in Bound().differs(control(OLD), now)


def test_a_request_goes_out_with_the_names_and_moments_of_now() -> None:
    bound = Bound(shift=60)
    bound.bind("AA" * 20, "BB" * 20)
    assert bound.asked(f"<x><lFDI>{'AA' * 20}</lFDI><start>1700000000</start></x>") == (
        f"<x><lFDI>{'BB' * 20}</lFDI><start>1700000060</start></x>"
    )
    assert bound.asked("<utc-time>6553F10000000A00</utc-time>") == "<utc-time>6553F13C00000A00</utc-time>"
    assert bound.asked("<utc-time>0000000000000000</utc-time>") == "<utc-time>0000000000000000</utc-time>"
    assert bound.filled(f"derbridgeD{'AA' * 20}") == f"derbridgeD{'BB' * 20}"

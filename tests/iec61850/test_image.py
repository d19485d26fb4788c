"""The picture: items found by name, gathered and scattered along the type, watchers told of each leaf."""

from __future__ import annotations

import pytest

from bridge.iec61850 import image
from bridge.iec61850.image import Change, Domain, Image, Unknown
from bridge.iec61850.shape import Array, Basic, Mismatch, OutOfRange, Structure

REAL = Basic("floating-point")
TOTAL = Structure(
    (("mag", Structure((("f", REAL),))), ("q", Basic("bit-string", -13)), ("t", Basic("utc-time")))
)
CURVE = Structure((
    ("numPts", Basic("unsigned", 16)), ("crvPts", Array(3, Structure((("xVal", REAL), ("yVal", REAL))))),
))  # fmt: skip
TYPE = Structure((
    ("MMXU1", Structure((("MX", Structure((("TotW", TOTAL),))),))),
    ("DVVR1", Structure((("SP", Structure((("VVArCrv", CURVE),))),))),
))  # fmt: skip
GOOD = "0" * 13
NOON = bytes(8)


def made() -> Image:
    return Image({"D1": Domain("D1", TYPE, {"MMXU1$MX$TotW$mag$f": 5.0})})


def test_items_are_read_along_their_type() -> None:
    picture = made()
    assert picture.read("D1", "MMXU1$MX$TotW$mag$f") == 5.0
    assert picture.read("D1", "MMXU1$MX$TotW") == ((5.0,), GOOD, NOON)
    assert picture.read("D1", "MMXU1") == ((((5.0,), GOOD, NOON),),)
    assert picture.read("D1", "DVVR1$SP$VVArCrv$crvPts(2)") == (0.0, 0.0)
    assert picture.type("D1", "DVVR1$SP$VVArCrv$crvPts(2)$xVal") == REAL


@pytest.mark.parametrize(
    ("domain", "item"),
    [
        ("D2", "MMXU1"), ("D1", "MMXU2"), ("D1", ""), ("D1", "MMXU1$"), ("D1", "$MMXU1"),
        ("D1", "MMXU1$MX$TotW$mag$f$x"), ("D1", "DVVR1$SP$VVArCrv$crvPts(3)"),
        ("D1", "DVVR1$SP$VVArCrv$crvPts(-1)"), ("D1", "DVVR1$SP$VVArCrv(0)"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_unknown(domain: str, item: str) -> None:
    with pytest.raises(Unknown):
        made().read(domain, item)


def test_a_put_tells_each_leaf_once_and_in_one_call() -> None:
    picture = made()
    heard: list[tuple[tuple[Change, ...], float]] = []
    picture.watchers.append(lambda changes, now: heard.append((changes, now)))
    changes = picture.put("D1", "MMXU1$MX$TotW", ((7.0,), GOOD, b"12345678"), 9.0)
    assert heard == [(changes, 9.0)]
    assert changes == (
        Change("D1", "MMXU1$MX$TotW$mag$f", 5.0, 7.0),
        Change("D1", "MMXU1$MX$TotW$q", GOOD, GOOD),
        Change("D1", "MMXU1$MX$TotW$t", NOON, b"12345678"),
    )
    assert picture.read("D1", "MMXU1$MX$TotW") == ((7.0,), GOOD, b"12345678")


def test_an_update_is_taken_whole_or_not_at_all() -> None:
    picture = made()
    heard: list[object] = []
    picture.watchers.append(lambda changes, _: heard.append(changes))
    for wrong, fault in (("x", Mismatch), (1e40, OutOfRange)):
        with pytest.raises(fault):
            picture.update("D1", {"MMXU1$MX$TotW$mag$f": 1.0, "DVVR1$SP$VVArCrv$crvPts(0)$xVal": wrong}, 1.0)
    with pytest.raises(Unknown):
        picture.update("D1", {"MMXU1$MX$TotW$mag$f": 1.0, "nothing": 1.0}, 1.0)
    assert (picture.read("D1", "MMXU1$MX$TotW$mag$f"), heard) == (5.0, [])


def test_a_domain_is_refused_whose_values_are_not_of_its_type() -> None:
    with pytest.raises(Mismatch):
        Domain("D1", TYPE, {"MMXU1$MX$TotW$mag$f": "5"})
    with pytest.raises(Unknown):
        Domain("D1", TYPE, {"MMXU1$MX$TotW": 5.0})


def test_names_are_sorted_and_have_no_elements_of_arrays() -> None:
    names = made().domains["D1"].index.names
    assert list(names) == sorted(names)
    assert "DVVR1$SP$VVArCrv$crvPts" in names
    assert not [name for name in names if "(" in name]
    assert names[0] == "DVVR1"


def test_devices_of_one_type_share_what_is_laid_flat() -> None:
    assert Domain("D1", TYPE).index is Domain("D2", TYPE).index


def test_triggers_are_the_domains_or_follow_from_the_name() -> None:
    picture = Image({"D1": Domain("D1", TYPE, triggers={"MMXU1$MX$TotW$mag$f": ("dchg", "dupd")})})
    assert picture.triggers("D1", "MMXU1$MX$TotW$mag$f") == ("dchg", "dupd")
    assert picture.triggers("D1", "MMXU1$MX$TotW$q") == ("qchg",)
    assert picture.triggers("D1", "MMXU1$MX$TotW$t") == ()
    assert picture.triggers("D1", "DVVR1$SP$VVArCrv$numPts") == ("dchg",)


@pytest.mark.parametrize(
    ("item", "above", "verdict"),
    [
        ("A$MX$B$c", "A$MX$B", True),
        ("A$MX$B", "A$MX$B", True),
        ("A$MX$Bc", "A$MX$B", False),
        ("A$MX$B(2)$c", "A$MX$B", True),
    ],
)
def test_a_part_is_within_what_is_above(item: str, above: str, *, verdict: bool) -> None:
    assert image.within(item, above) is verdict
    assert image.constraint(item) == "MX"

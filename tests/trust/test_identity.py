"""LFDI, SFDI and PIN: the figures of the standard's own example, and the rules of check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import identity, issue

EXAMPLE = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"


def test_example_of_the_standard() -> None:
    assert identity.sfdi(EXAMPLE) == 167_261_211_391
    assert identity.sum_ok(167_261_211_391)


def test_lfdi_of_octets() -> None:
    assert identity.lfdi(b"abc") == "BA7816BF8F01CFEA414140DE5DAE2223B00361A3"


def test_lfdi_of_a_certificate() -> None:
    made = issue.device(None, b"1")
    assert made.lfdi == identity.lfdi(made.der)
    assert identity.lfdi_ok(made.lfdi)


@pytest.mark.parametrize(
    "text", ["", EXAMPLE[1:], EXAMPLE + "0", EXAMPLE.lower(), "G" * 40, " " * 40, "-" * 40]
)
def test_what_is_no_lfdi(text: str) -> None:
    assert not identity.lfdi_ok(text)


@given(st.integers(0, 16**40 - 1))
def test_sfdi_has_the_first_36_bits_and_a_sum(number: int) -> None:
    lfdi = f"{number:040X}"
    sfdi = identity.sfdi(lfdi)
    assert sfdi // 10 == number >> 124
    assert identity.sum_ok(sfdi)
    assert sum(identity.sum_ok(sfdi // 10 * 10 + last) for last in range(10)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [("111115", 111_115), ("11111", 111_115), ("000000", 0), ("12340", 123_400), ("00001", 19)],
)
def test_pins(text: str, number: int) -> None:
    assert identity.pin(text) == number
    assert identity.pin(identity.pin_text(number)) == number
    assert len(identity.pin_text(number)) == 6


@pytest.mark.parametrize(
    "text",
    ["", "1111", "1111111", "111114", "11111x", "-11115", "\u0661\u0661\u0661\u0661\u0661\u0665", " 11115"],
)
def test_what_is_no_pin(text: str) -> None:
    with pytest.raises(ValueError, match="PIN"):
        identity.pin(text)
    assert not identity.sum_ok(-10)

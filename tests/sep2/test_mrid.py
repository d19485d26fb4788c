"""mRIDs: what may be one, the number at its end, and those that we make."""

from __future__ import annotations

import pytest

from bridge.sep2 import mrid
from bridge.sep2.talk import Told
from bridge.sep2.work import Policy

STRICT = Policy(strict=frozenset({"pen"}))


@pytest.mark.parametrize(
    ("text", "found"), [("0a", "0A"), ("AB" * 16, "AB" * 16), ("0600006cc8", "0600006CC8")]
)
def test_an_mrid_is_whole_bytes_in_upper_case(text: str, found: str) -> None:
    assert mrid.mark(text, Policy()) == found


@pytest.mark.parametrize("text", ["", "A", "ABC", "AB" * 17])
def test_what_is_no_mrid_is_refused(text: str) -> None:
    with pytest.raises(Told) as told:
        mrid.mark(text, Policy())
    assert told.value.status == 400


def test_the_number_at_the_end_reads_in_either_way() -> None:
    text = "0" * 24 + "00028547"
    assert mrid.pen(text, decimal=True) == 28547
    assert mrid.pen(text, decimal=False) == 0x28547
    assert mrid.pen("B" * 32, decimal=True) is None
    assert mrid.pen("0A", decimal=False) is None


def test_a_strict_server_wants_a_number_at_the_end() -> None:
    assert mrid.mark("0A", Policy()) == "0A"
    for text in ("0A", "AB" * 12 + "00000000"):
        with pytest.raises(Told):
            mrid.mark(text, STRICT)
    assert mrid.mark("AB" * 12 + "0000D17E", STRICT)
    with pytest.raises(Told):
        mrid.mark("AB" * 12 + "0000D17E", Policy(strict=STRICT.strict, pen_decimal=True))


@pytest.mark.parametrize(("decimal", "tail"), [(True, "00028547"), (False, "00006F83")])
def test_ours_end_in_our_number_and_stay_the_same_for_the_same_seed(decimal: bool, tail: str) -> None:
    policy = Policy(pen=28547, pen_decimal=decimal)
    made = mrid.made("a seed", policy)
    assert made == mrid.made("a seed", policy) != mrid.made("another", policy)
    assert (len(made), made.upper(), made[-8:]) == (32, made, tail)
    assert mrid.pen(made, decimal=decimal) == 28547


def test_two_servers_of_one_number_do_not_make_the_same() -> None:
    one, other = (Policy(pen=40732, lfdi=lfdi) for lfdi in ("AA" * 20, "BB" * 20))
    assert mrid.kept("event 1", one) == mrid.kept("event 1", one) != mrid.kept("event 1", other)
    assert mrid.made("fsa 1", one) == mrid.made("fsa 1", other)

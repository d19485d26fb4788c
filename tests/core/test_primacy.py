"""Who wins, rule by rule; and which edition of a record counts.

IEEE 2030.5-2018 10.2 (event rules), and our own rule for what it leaves open.
"""

from __future__ import annotations

from typing import Any

import pytest

from bridge.core import primacy
from models.der import messages
from tests.core.records import cancelled, control, default

RANKED = [
    ("the lower primacy, though it is older", {"primacy": 1, "issued": 1}, {"primacy": 2, "issued": 9}),
    ("any primacy before none", {"primacy": 254}, {"primacy": None}),
    ("the newer of two", {"primacy": 1, "issued": 9}, {"primacy": 1, "issued": 8}),
    ("zero before one", {"primacy": 0}, {"primacy": 1}),
]


@pytest.mark.parametrize(("why", "strong", "weak"), RANKED, ids=[row[0] for row in RANKED])
def test_the_stronger(why: str, strong: dict[str, Any], weak: dict[str, Any]) -> None:
    assert primacy.rank(control("01", **strong)) > primacy.rank(control("FF", **weak)), why


def test_the_higher_mrid_decides_a_tie_by_its_number() -> None:
    assert primacy.rank(control("0100")) > primacy.rank(control("FF"))
    assert primacy.rank(control("0b")) > primacy.rank(control("0A"))


def test_a_record_without_mrid_goes_by_its_message() -> None:
    nameless = control("0A").model_copy(update={"mRID": None, "id": "one"})
    assert primacy.key(nameless) == b"one".hex().upper()
    assert primacy.key(control("0a")) == primacy.key(control("0A")) == "0A"


EDITIONS = [
    ("the higher version", control("0A", version=2, issued=1), control("0A", version=1, issued=9)),
    ("a cancel of the same version", cancelled(control("0A", version=1)), control("0A", version=1)),
    (
        "a cancel of the same moment",
        cancelled(control("0A"), 900).model_copy(update={"issued": control("0A").issued - 1}),
        control("0A"),
    ),
    ("a later cancel", cancelled(control("0A"), 951), cancelled(control("0A"), 950)),
    ("a new version after a cancel", control("0A", version=2), cancelled(control("0A", version=1))),
]


@pytest.mark.parametrize(("why", "counts", "other"), EDITIONS, ids=[row[0] for row in EDITIONS])
def test_the_edition_that_counts(why: str, counts: messages.Control, other: messages.Control) -> None:
    assert primacy.newest([counts, other]) == primacy.newest([other, counts]) == (counts,), why


def test_a_default_is_never_withdrawn() -> None:
    assert not primacy.withdrawn(default("DD"))
    assert primacy.withdrawn(cancelled(control("0A")))

"""Every hostile document is refused once, with path, line and reason, by the rule that is meant to.

The rows are those of `tests/mapping/attacks/table.py`. How long each takes is a figure of `make bench`, not a
test here. What is refused must be refused whole: no object, no entity, no connection; the sentence must quote
no more than a little.
"""

from __future__ import annotations

import pytest

from bridge.mapping.profile import load
from bridge.mapping.xml import Refused, read
from models.sep2.y2018.time import Time
from tests.mapping.attacks.making import GOOD, Attack
from tests.mapping.attacks.table import ATTACKS

PROFILE = load("2018")


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])
def test_refused(attack: Attack) -> None:
    with pytest.raises(Refused) as caught:
        read(attack.data(), load(attack.profile))
    refused = caught.value
    assert (refused.kind, refused.path) == (attack.kind, attack.path)
    assert attack.reason in refused.reason
    assert refused.line >= 1
    assert len(str(refused)) < 1000


def test_names_are_unique() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_the_document_they_change_is_accepted() -> None:
    assert isinstance(read(GOOD.encode(), PROFILE), Time)

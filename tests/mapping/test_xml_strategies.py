"""The strategies draw what the models allow, and all of it: bounds, optional fields, cases and extensions.

A test that uses them is worth no more than they are, so each promise of `tests/strategies.py` is held here.
Each draws some hundreds of examples once, from a fixed seed, and looks at the whole of them.
"""

from __future__ import annotations

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bridge.mapping import form
from bridge.mapping.profile import load
from models import kit
from models.mms import data
from models.sep2.y2018 import common, der, pubsub, time
from models.sep2.y2023 import der as later
from tests import strategies

M = TypeVar("M", bound=kit.Model)


def drawn(strategy: SearchStrategy[M], count: int = 300) -> list[M]:
    found: list[M] = []

    @seed(20305)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def gather(made: M) -> None:
        found.append(made)

    gather()
    return found


def test_every_optional_field_is_drawn_and_left_out() -> None:
    found = [made.model_fields_set for made in drawn(strategies.model(der.DERControlBase))]
    assert set.union(*found) == {part.field for part in form.parts(der.DERControlBase)}
    assert set.intersection(*found) == set()


def test_bounds_are_drawn() -> None:
    found = {
        made.opModMaxLimW for made in drawn(strategies.model(der.DERControlBase, opModMaxLimW=percent()))
    }
    assert {0, 65535} <= found
    assert len(found) > 50


def percent() -> SearchStrategy[int]:
    (held,) = (part.item for part in form.parts(der.DERControlBase) if part.field == "opModMaxLimW")
    assert isinstance(held, form.Scalar)
    return strategies.scalar(held)


def test_extensions_are_drawn_with_a_profile_only() -> None:
    within = [
        made.Resource for made in drawn(strategies.model(pubsub.Notification, profile=load("2018")), 100)
    ]
    without = [made.Resource for made in drawn(strategies.model(pubsub.Notification), 100)]
    assert len({type(held) for held in within}) > 3
    assert {type(held) for held in without} == {type(None), common.Resource}


def test_cases_and_recursion() -> None:
    tags = {made.choice.tag for made in drawn(strategies.model(data.Data))}
    assert tags == {form.tag(case) for part in form.parts(data.Data) for case in part.cases}


def test_wildcards_are_drawn() -> None:
    found = drawn(strategies.model(later.DERControl))
    assert any(made.any for made in found)
    assert any(made.anyAttribute for made in found)


@settings(max_examples=20, deadline=None)
@given(made=strategies.model(time.Time, quality=st.just(7)))
def test_a_field_may_be_fixed(made: time.Time) -> None:
    assert made.quality == 7

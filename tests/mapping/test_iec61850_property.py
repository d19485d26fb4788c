"""Any record to points and back: equal with what was kept, and without where carried."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.mapping import fitting
from tests.mapping.rounds import KINDS, alone, there_and_back, wild, wires

EXAMPLES = int(os.environ.get("DERBRIDGE_EXAMPLES", "12"))
few = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("kind", KINDS)
@few
@given(data=st.data())
def test_a_record_comes_back_equal_with_what_was_kept(kind: str, data: DataObject) -> None:
    there_and_back(data.draw(fitting.record(kind)), fitting.BASES)


@pytest.mark.parametrize("kind", ["Control", "Default", "Capability", "Setting", "Status", "Curve"])
@few
@given(data=st.data())
def test_without_what_was_kept_the_carried_leaves_are_equal(kind: str, data: DataObject) -> None:
    alone(data.draw(fitting.record(kind)), fitting.BASES)


@pytest.mark.parametrize("kind", KINDS)
@few
@given(data=st.data())
def test_whatever_is_drawn_is_equal_or_refused(kind: str, data: DataObject) -> None:
    wild(data.draw(fitting.anything(kind)), fitting.BASES)


@pytest.mark.parametrize("case", wires(), ids=str)
@few
@given(data=st.data())
def test_a_2030_5_object_comes_back_equal(case: Any, data: DataObject) -> None:
    case.check(data.draw(case.strategy()), fitting.BASES)

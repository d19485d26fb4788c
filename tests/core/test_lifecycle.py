"""The life of an interface version: its stages, the fields that tell it, what cannot be announced."""

from __future__ import annotations

import pytest

from bridge.core import lifecycle
from bridge.core.lifecycle import ALIVE, TABLE, Life

NOW = 1_700_000_000
DAY = 86_400


@pytest.mark.parametrize(
    ("life", "stage"),
    [
        (ALIVE, "served"),
        (Life(NOW + 1), "announced"),
        (Life(NOW), "deprecated"),
        (Life(NOW - 1, NOW + 1), "deprecated"),
        (Life(NOW - 1, NOW), "retired"),
    ],
)
def test_stages(life: Life, stage: str) -> None:
    assert life.stage(NOW) == stage
    assert life.retired(NOW) is (stage == "retired")


def test_nothing_is_told_of_what_is_served() -> None:
    assert lifecycle.fields(ALIVE) == ()


def test_fields_are_those_of_the_rfcs() -> None:
    life = Life(NOW, NOW + DAY, "sep2-2023", "/dcap", "https://example.org/end")
    assert dict(lifecycle.fields(life)) == {
        "Deprecation": "@1700000000",
        "Sunset": "Wed, 15 Nov 2023 22:13:20 GMT",
        "Link": '</dcap>; rel="successor-version"; title="sep2-2023", '
        '<https://example.org/end>; rel="deprecation", <https://example.org/end>; rel="sunset"',
    }
    assert [name for name, _ in lifecycle.fields(Life(NOW))] == ["Deprecation"]


@pytest.mark.parametrize(
    ("life", "field"),
    [
        (Life(NOW, NOW - 1, "sep2-2023"), "at"),
        (Life(NOW, 0, "sep2-2018"), "successor"),
        (Life(NOW, 0, "sep3"), "successor"),
        (Life(NOW, NOW + 1), "successor"),
        (Life(NOW, NOW + 9, "sep2-2023"), "successor"),
    ],
)
def test_what_cannot_be_meant(life: Life, field: str) -> None:
    others = {"sep2-2023": Life(NOW, NOW + 9, "", "/later")}
    found = lifecycle.wrong("sep2-2018", life, others)
    assert found is not None
    assert found[0] == field


def test_what_can_be_meant() -> None:
    assert lifecycle.wrong("sep2-2018", Life(NOW, NOW + 9, "sep2-2023", "/dcap"), {}) is None
    assert lifecycle.wrong("api-v1", Life(NOW, NOW + 9, "", "https://other.example/"), {}) is None


def test_every_usual_successor_is_there() -> None:
    assert {one.successor for one in TABLE.values()} - {""} <= TABLE.keys()


def test_who_is_gone_says_where_to_go() -> None:
    life = Life(1, 2, "sep2-2023", "/dcap")
    assert lifecycle.gone("sep2-2018", life) == "sep2-2018 is retired; use sep2-2023 at /dcap"

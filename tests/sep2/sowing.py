"""Rows of drawn objects: any type, in any edition, at its own address, as if a client had posted it."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.sep2 import document, names
from bridge.sep2.shelf import Row
from models import kit
from tests.sep2.memory import LFDI
from tests.strategies import model

WRITERS = {"2018": "2018", "2023": "2023", "aus12": "csip-aus-1.2", "aus13": "csip-aus-1.3"}


@cache
def drawn(edition: str, name: str) -> st.SearchStrategy[Any]:
    """Objects of a type, as parts of a document."""
    cls = names.named(edition, name)
    assert cls is not None
    return model(cls, depth=3, most=1)


def some(edition: str, name: str, count: int) -> list[kit.Model]:
    """A few objects of a type, the same in each run."""
    found: list[kit.Model] = []

    @settings(max_examples=count, suppress_health_check=list(HealthCheck))
    @given(drawn(edition, name))
    def draw(obj: kit.Model) -> None:
        found.append(obj)

    draw()
    return found


def sown(template: str, name: str, obj: kit.Model, profile: str, number: int = 1) -> Row:
    """A row of an object; every number of its address is 1, its own at the end may be another."""
    head, _, tail = template.rpartition("/")
    href = f"{head.replace('{}', '1')}/{tail.replace('{}', str(number))}"
    data = document.written(obj, name, profile)
    return Row(href, href.rpartition("/")[0], name, data, profile, owner=LFDI, mark=f"AB{number:04X}")

"""An agreement as the store keeps it: what was offered, the text that is signed, and what each party said.

One row for each, `/-/agreements/NUMBER`. The text is made of what was offered alone, the same bytes each
time, and its number is in it, so that no signature serves for another one. Nothing is judged here.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.core.agreement import Act, Agreement, Word
from bridge.sep2 import ours
from bridge.sep2.shelf import Row

TYPE = "Agreement"
OPERATOR = "operator"
"""The party that is whoever may agree for this server."""
OFFERED = ("number", "protocol", "units", "parties", "terms", "start", "until", "answer", "by", "made",
           "supersedes")  # fmt: skip
"""What is offered, and so what is signed."""


class Said(NamedTuple):
    """What was said, with what proves it."""

    party: str
    act: str
    at: int
    signer: str = ""
    token: str = ""
    certificate: str = ""
    """In PEM."""


class Paper(NamedTuple):
    """An agreement."""

    number: int
    protocol: str
    units: tuple[str, ...]
    parties: tuple[str, ...]
    terms: str
    start: int
    until: int
    answer: int
    by: str
    made: int
    supersedes: int
    said: tuple[Said, ...] = ()
    version: int = 0
    """Of its row."""

    @property
    def text(self) -> bytes:
        """What is signed."""
        offered = {name: getattr(self, name) for name in OFFERED}
        return json.dumps(offered, sort_keys=True, ensure_ascii=True, indent=1).encode()

    @property
    def agreement(self) -> Agreement:
        """The agreement, as it is judged."""
        words = tuple(Word(one.party, Act(one.act), one.at) for one in self.said)
        return Agreement(frozenset(self.parties), self.answer, self.start, self.until, words)


def href(number: int) -> str:
    """Give the address of an agreement."""
    return f"{ours.AGREEMENTS}/{number}"


def row(one: Paper) -> Row:
    """Give the row that says it."""
    body = {**one._asdict(), "said": [each._asdict() for each in one.said]}
    del body["version"]
    return Row(
        href(one.number), ours.AGREEMENTS, TYPE, ours.body(body), grp=one.protocol,
        rank=f"{one.number:020d}", at=one.made,
    )  # fmt: skip


def read(found: Row) -> Paper:
    """Give what a row says."""
    return _read(found.body)._replace(version=found.version)


@lru_cache(maxsize=4096)
def _read(body: bytes) -> Paper:
    said: dict[str, Any] = ours.read(Row("", "", "", body))
    lists = {name: tuple(said[name]) for name in ("units", "parties")}
    return Paper(**{**said, **lists, "said": tuple(Said(**each) for each in said["said"])})

"""The page on other XMPP servers: it tells of every case in which one is known to differ."""

from __future__ import annotations

import re
from pathlib import Path

from peers.relays.expected import CASES
from tests.shape import tree

PAGE = tree.text(Path("docs/xmpp.md"))


def test_every_difference_is_told() -> None:
    table = PAGE.partition("## Where the servers differ")[2].partition("\n## ")[0]
    rows = [row for row in re.findall(r"^\| (?!\|)(.+?) \|", table, re.MULTILINE) if row.strip("-")]
    told = {"elements in eleven shapes", "500 messages, both cut ten times", "shut out while in session"}
    """In the text, or with another row: inline elements, order, what becomes of a revoked one's sessions."""
    assert len(rows) == len([case for case in CASES if case.differs and case.name not in told])


def test_figures_are_those_of_the_suite() -> None:
    shapes = next(case for case in CASES if case.name == "elements in eleven shapes")
    assert shapes.differs == {"prosody": "1 identical, 5 equal", "ejabberd": "1 identical, 8 equal"}
    assert "Prosody leaves 1 as it was and 5 equal for a signature, ejabberd 1 and 8" in PAGE

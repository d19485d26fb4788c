"""One server for the tests of CSIP, one for the WADL; at the end of a run, what became of each row.

The table is tests/standards/csip.csv: a row is tested by the test of its name, `test_core_004_lists` for
CORE-004 (`tests/standards/test_rows.py` holds that each row has one).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served, served
from tests.standards.grid import Utility

FAMILIES = "comm|core|basic|util|agg|err|maint"
NAMED = re.compile(rf"::test_({FAMILIES})_(\d{{3}}[a-g]?)_\w+$")
OUTCOMES = pytest.StashKey[dict[str, str]]()
TALLY = pytest.StashKey[Counter[str]]()
RULES = {"registration": "listed", "profile": "csip", "zone": "America/Los_Angeles"}


def rows() -> dict[str, str]:
    """The subject of each row of the table."""
    with Path(__file__).with_name("csip.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["subject"] for row in csv.DictReader(file)}


def row(nodeid: str) -> str:
    """The row that a test is of, or nothing."""
    found = NAMED.search(nodeid.partition("[")[0])
    return f"{found[1]}-{found[2]}".upper() if found else ""


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash.setdefault(OUTCOMES, {})
    config.stash.setdefault(TALLY, Counter())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep what became of a row: it passed if every part of its test did."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]
    name, said = row(item.nodeid), item.config.stash[OUTCOMES]
    if name and (report.when == "call" or not report.passed):
        said[name] = said.get(name, "passed") if report.passed else report.outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the rows, and the figures of the WADL."""
    said, tally = config.stash[OUTCOMES], config.stash[TALLY]
    if said:
        terminalreporter.section("CSIP conformance test procedures 1.3, server rows")
        for name, subject in rows().items():
            terminalreporter.write_line(f"{name:<10} {said.get(name, 'not run'):<8} {subject}")
        passed = sum(each == "passed" for each in said.values())
        terminalreporter.write_line(f"CSIP: {passed} of {len(rows())} rows passed")
    if tally:
        terminalreporter.section("the WADL of IEEE 2030.5")
        terminalreporter.write_line(figures(tally))


def figures(tally: Counter[str]) -> str:
    """The line about the WADL."""
    return (
        f"WADL: {tally['paths']} of 121 paths, {tally['M']} of 258 mandatory methods work, "
        f"{tally['O']} of 79 optional and {tally['D']} of 58 discouraged ones too "
        f"(the other {tally['O none']} and {tally['D none']} answer 405), {tally['E']} of 235 errors answer "
        f"405 with Allow, an invented method 501 at {tally['501']} of 121 paths"
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A utility's server, for all tests of CSIP; each has groups and devices of its own there."""
    with served(tmp_path_factory.mktemp("csip"), rules=RULES) as found:
        yield found


@pytest.fixture
def utility(site: Served, request: pytest.FixtureRequest) -> Utility:
    """The utility, with names of its own for each test."""
    return Utility(site, request.node.name)

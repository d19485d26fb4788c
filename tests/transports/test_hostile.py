"""Hostile requests over real mutual TLS: the exact answer to each, and nothing in the log.

After an answer that leaves the connection open, a good request on it must be understood: no byte of the
hostile one may be left over.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bridge.transports.limits import Limits
from tests.transports import site
from tests.transports.hostile import cases
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.sep2.talk import Answer, Ask
    from tests.transports.hostile.cases import Case

QUICK = Limits(head=0.4, body=0.3, rate=1_000_000, linger=0.5)


async def answer(ask: Ask) -> Answer:
    """Take a moment for what is slow."""
    if ask.path.startswith("/slow"):
        await asyncio.sleep(0.02)
    return await site.echo(ask)


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with Site(answer=answer).running() as found:
        yield found


@pytest.fixture(scope="module")
def beside() -> Iterator[Site]:
    with Site(answer=answer, loop_name="asyncio").running() as found:
        yield found


@pytest.fixture(scope="module")
def quick() -> Iterator[Site]:
    with Site(limits=QUICK).running() as found:
        yield found


def run(here: Site, case: Case, log: pytest.CaptureFixture[str], *, new: bool = False) -> None:
    with here.connect(new=new) as talk:
        assert talk.get("/before").told["path"] == "/before"
        said = cases.exchange(talk, case)
        cases.judge(case, said, last=case.close)
        assert {one.fields["Date"] for one in said if one.status != 100} == {site.DATE}
        for name, value in case.says.items():
            assert said[-1].told[name] == value
        if case.close:
            assert talk.over()
        else:
            assert talk.get("/after").told["path"] == "/after"
    assert "Traceback" not in "".join(log.readouterr())


@pytest.mark.parametrize("case", cases.load(), ids=lambda case: case.name)
def test_hostile(
    here: Site, case: Case, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    run(here, case, capfd)
    assert caplog.records == []


@pytest.mark.parametrize("case", cases.load("order", "oversize"), ids=lambda case: case.name)
@pytest.mark.parametrize("new", [False, True])
def test_hostile_on_the_other_loop(
    beside: Site, case: Case, capfd: pytest.CaptureFixture[str], *, new: bool
) -> None:
    """What depends on when bytes come, over both versions of TLS."""
    run(beside, case, capfd, new=new)


@pytest.mark.parametrize("case", cases.load("slow"), ids=lambda case: case.name)
def test_slow(quick: Site, case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    run(quick, case, capfd)


def test_there_are_many() -> None:
    found = cases.load()
    assert len(found) >= 300
    assert len(cases.load("desync")) >= 37
    assert len({case.name for case in found}) == len(found)

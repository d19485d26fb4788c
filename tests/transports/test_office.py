"""Answers that we write ourselves, and those that aiohttp writes: nobody can tell which is which."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bridge.sep2.talk import Answer, Ask
from bridge.transports.store.fault import Unavailable
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = {
    "/created": Answer(201, location="/edev/7"),
    "/taken": Answer(204, location="/edev/7/der/1"),
    "/gone": Answer(204),
    "/empty": Answer(200),
    "/file": Answer(200, b"abc", "application/octet-stream", headers=(("Accept-Ranges", "bytes"),)),
    "/moved": Answer(301, location="https://other/dcap"),
    "/refused": Answer(405, b"<Error/>", allow=("GET", "HEAD")),
    "/split": Answer(201, location="/a\r\nX: y"),
}


async def several(ask: Ask) -> Answer:
    if ask.path == "/away":
        raise Unavailable("no store")
    return ANSWERS[ask.path]


@pytest.fixture(scope="module")
def ways() -> Iterator[tuple[Site, Site]]:
    with ExitStack() as stack:
        direct, other = (stack.enter_context(Site(answer=several).running()) for _ in range(2))
        hall = other.listener.hall
        hall.serve = hall.office.seat
        yield direct, other


@pytest.mark.parametrize("path", [*ANSWERS, "/away"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_no_difference_whoever_writes_the_answer(ways: tuple[Site, Site], method: str, path: str) -> None:
    text = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n<>".encode()
    direct, other = (here.connect() for here in ways)
    with direct, other:
        said = direct.ask(text)
        assert said == other.ask(text)
        assert said.status == (503 if path == "/away" else 500 if path == "/split" else ANSWERS[path].status)
        assert direct.over() == other.over() if path == "/split" else direct.ask(text) == other.ask(text)

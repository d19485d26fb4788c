"""What a request is called: by its client, if that is a name, by us otherwise, and never on a kept page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.transports import marks
from tests.transports import site
from tests.transports.site import MARK, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ["abcdefgh", "0" * 64, "A.b_c-d9"]
NONE = [
    "",
    "short-7",
    "0" * 65,
    "with blank",
    "-leading",
    "umlaut-\xe4\xf6\xfc",
    "a;b;c;d;e",
    "abcdefgh, abcdefgh",
]
FIELD = "X-Request-Id: {}\r\n"


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(loop_name=request.param).running() as found:
        yield found


@pytest.mark.parametrize("name", [*NAMES, *NONE])
@pytest.mark.parametrize("more", ["", "Cookie: x\r\n"])
def test_name_that_a_client_brings(here: Site, name: str, more: str) -> None:
    """Written by us, or at a desk of aiohttp's."""
    told = name if name in NAMES else MARK
    with here.connect() as talk:
        talk.send(f"GET /kept HTTP/1.1\r\nHost: x\r\n{FIELD.format(name)}{more}\r\n".encode("latin-1"))
        said = talk.read()
    assert (said.fields["X-Request-Id"], said.told["correlation"]) == (told, told)


def test_two_names_are_none(here: Site) -> None:
    with here.connect() as talk:
        said = talk.get("/none", FIELD.format("abcdefgh") * 2)
    assert said.fields["X-Request-Id"] == MARK


def test_kept_page_has_no_name_and_is_the_same_each_time(here: Site) -> None:
    with here.connect(site.device("reader")) as talk:
        said = [talk.get("/kept/page") for _ in range(3)]
    assert len({one.raw for one in said}) == 1
    assert "X-Request-Id" not in said[0].fields


def test_names_of_clients_do_not_fill_the_memory(here: Site) -> None:
    before = len(here.listener.hall._heads)  # noqa: SLF001 - its memory is for what comes again
    with here.connect() as talk:
        for number in range(5):
            assert talk.get("/kept", FIELD.format(f"request-{number}")).status == 200
    assert len(here.listener.hall._heads) == before  # noqa: SLF001


def test_who_is_withdrawn_is_told_a_name() -> None:
    told: list[tuple[int, str]] = []
    standing = {"yes": True}
    with Site(standing=lambda _: standing["yes"]).running() as here:
        here.listener.hall.noting = lambda *said: told.append((said[3], said[6]))
        with here.connect() as talk:
            assert talk.get("/none").status == 200
            standing["yes"] = False
            said = talk.get("/none", FIELD.format("my-request"))
    assert (said.status, said.fields["X-Request-Id"]) == (403, "my-request")
    assert told == [(200, MARK), (403, "my-request")]


def test_names_of_ours_fit_and_differ() -> None:
    names = {marks.fresh() for _ in range(1000)}
    assert len(names) == 1000
    assert all(marks.brought(one) == one for one in names)

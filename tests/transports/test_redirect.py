"""The plain port on both loops: where it points to, what it refuses, and that it does not wait for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.transports.limits import Limits
from tests.transports import site
from tests.transports.hostile import cases
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(loop_name=request.param).running() as found:
        yield found


PLAIN = [
    ("GET /dcap HTTP/1.1\r\nHost: example.org\r\n\r\n", "https://example.org:{}/dcap"),
    ("GET /dcap HTTP/1.1\r\nHost: example.org:8080\r\n\r\n", "https://example.org:{}/dcap"),
    ("GET /edev?s=0&l=1 HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "https://[::1]:{}/edev?s=0&l=1"),
    ("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "https://[::1]:{}/"),
    ("POST /mup HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", "https://x:{}/mup"),
    ("HEAD /dcap HTTP/1.1\r\nHost: x\r\n\r\n", "https://x:{}/dcap"),
    ("GET http://x/dcap HTTP/1.1\r\nHost: y\r\n\r\n", "https://x:{}/dcap"),
    ("GET /nowhere HTTP/1.0\r\nHost: x\r\n\r\n", "https://x:{}/nowhere"),
]
FAULTS = [
    ("GET /dcap HTTP/1.1\r\n\r\n", 400), ("GET /dcap HTTP/1.0\r\n\r\n", 400), ("GET /dcap\r\n", 400),
    ("FOO /dcap HTTP/1.1\r\nHost: x\r\n\r\n", 501), ("GET /../x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    ("GET /dcap HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET /dcap HTTP/1.1\r\nBad\r\n\r\n", 400),
    ("GET /dcap HTTP/1.1\r\nHost: x\r\nX: " + "y" * 20_000, 431),
    ("GET /dcap HTTP/9.1\r\nHost: x\r\n\r\n", 505),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "place"), PLAIN)
def test_plain_port_points_to_tls(here: Site, request_: str, place: str) -> None:
    """CORE-002."""
    with here.plain() as talk:
        said = talk.ask(request_.encode())
        assert (said.status, said.fields["Location"]) == (301, place.format(here.listener.port))
        assert (said.body, said.fields["Connection"]) == (b"", "close")
        assert talk.over()


@pytest.mark.parametrize(("request_", "status"), FAULTS)
def test_plain_port_refuses_what_is_malformed(here: Site, request_: str, status: int) -> None:
    with here.plain("::1") as talk:
        said = talk.ask(request_.encode())
        assert (said.status, said.body) == (status, cases.body(status))


def test_plain_port_has_a_deadline() -> None:
    with Site(limits=Limits(first=0.2)).running() as here, here.plain() as talk:
        talk.send(b"GET /dcap HTTP/1.1\r\n")
        assert not talk.held
        assert site.ends(talk.sock)

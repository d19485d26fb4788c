"""The listener over real mutual TLS on both loops: answers, ends, limits, the plain port, stopping."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bridge.sep2.talk import Answer, Ask, Peer
from bridge.transports.store.fault import Unavailable
from tests.transports import site
from tests.transports.hostile import cases
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWERS = {
    "/created": Answer(201, location="/edev/7"),
    "/changed": Answer(204),
    "/method": Answer(405, b"<Error/>", allow=("GET", "HEAD")),
    "/file": Answer(
        206, b"part", "a/b", headers=(("Content-Range", "bytes 0-3/9"), ("Accept-Ranges", "bytes"))
    ),
    "/none": Answer(404),
    "/large": Answer(200, b"x" * 5_000_000),
    "/split": Answer(201, location="/edev/7\r\nEvil: yes"),
}


async def answer(ask: Ask) -> Answer:
    if ask.path == "/broken":
        raise ValueError("secret")
    if ask.path == "/away":
        raise Unavailable("the disk is full")
    if ask.path == "/late":
        raise TimeoutError
    if ask.path.startswith("/slow"):
        await asyncio.sleep(0.3)
    return ANSWERS.get(ask.path) or await site.echo(ask)


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(answer=answer, loop_name=request.param).running() as found:
        yield found


def test_answer_on_the_wire_to_the_byte(here: Site) -> None:
    with here.connect() as talk:
        said = talk.get("/file", "Range: bytes=0-3\r\n")
    assert said.raw == (
        b"HTTP/1.1 206 Partial Content\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\nServer: derbridge\r\n"
        b"Content-Type: a/b\r\nContent-Range: bytes 0-3/9\r\nAccept-Ranges: bytes\r\n"
        b"X-Request-Id: " + site.MARK.encode() + b"\r\nContent-Length: 4\r\n\r\npart"
    )


def test_the_server_is_asked_for_all_of_it(here: Site) -> None:
    fields = (
        "Content-Type: a/b; x=y\r\nAccept: c/d\r\nRange: bytes=0-\r\nIf-Range: z\r\nContent-Length: 3\r\n"
        "If-None-Match: a\r\nIf-None-Match: b\r\n"
    )
    with here.connect() as talk:
        said = talk.ask(f"PUT /a%20b/?s=1&s=2 HTTP/1.1\r\nHost: x\r\n{fields}\r\nabc".encode())
    assert said.told == {
        "method": "PUT", "path": "/a b", "query": [["s", "1"], ["s", "2"]], "body": "abc",
        "media": "a/b; x=y", "accept": "c/d", "span": "bytes=0-", "condition": "z",
        "peer": site.device().lfdi, "roles": ["device"], "correlation": site.MARK, "by": "",
        "held": "a, b",
    }  # fmt: skip


def test_moment_is_the_clock_s() -> None:
    asked: list[Ask] = []

    async def note(ask: Ask) -> Answer:
        asked.append(ask)
        return Answer(204)

    with Site(answer=note).running() as here, here.connect() as talk:
        assert talk.get().status == 204
    assert asked[0].now == 1_800_000_000
    assert asked[0].peer[:2] == Peer(site.device().lfdi, site.device().sfdi)[:2]
    assert [len({each.number for each in asked[0].peer.serials}), asked[0].peer.claims] == [3, ()]


def test_location_and_no_body(here: Site) -> None:
    with here.connect() as talk:
        created, changed = talk.get("/created"), talk.get("/changed")
    assert (created.status, created.fields["Location"], created.fields["Content-Length"]) == (
        201,
        "/edev/7",
        "0",
    )
    assert changed.raw == (
        b"HTTP/1.1 204 No Content\r\nDate: Fri, 15 Jan 2027 08:00:00 GMT\r\nServer: derbridge\r\n"
        b"X-Request-Id: " + site.MARK.encode() + b"\r\n\r\n"
    )


def test_allow(here: Site) -> None:
    with here.connect() as talk:
        assert talk.get("/method").fields["Allow"] == "GET, HEAD"


def test_head_tells_what_get_would(here: Site) -> None:
    with here.connect() as talk:
        get = talk.get("/file")
        head = talk.ask(b"HEAD /file HTTP/1.1\r\nHost: x\r\n\r\n", bare=True)
        assert head.raw + get.body == get.raw
        assert talk.get("/none").status == 404


def test_fault_of_ours_says_nothing_but_its_number(here: Site, capfd: pytest.CaptureFixture[str]) -> None:
    with here.connect() as talk:
        for target in ("/broken", "/late"):
            said = talk.get(target)
            assert said.status == 500
            assert said.body == cases.body(413)
            assert re.fullmatch("[0-9a-f]{32}", said.fields["X-Request-Id"])
            assert said.fields["X-Request-Id"] in capfd.readouterr().out
        assert talk.get("/dcap").status == 200


def test_store_away(here: Site) -> None:
    with here.connect() as talk:
        said = talk.get("/away")
        assert (said.status, said.fields["Retry-After"], said.body) == (503, "5", cases.body(413))
        assert talk.get("/dcap").status == 200


def test_header_that_would_split_an_answer_is_not_sent(here: Site) -> None:
    with here.connect() as talk:
        said = talk.get("/split")
        assert said.status == 500
        assert b"Evil" not in said.raw
        assert talk.over()


def test_large_answer_arrives_whole(here: Site) -> None:
    with here.connect() as talk:
        assert talk.get("/large").body == b"x" * 5_000_000
        assert talk.get("/dcap").status == 200


def test_large_answers_to_a_client_that_does_not_read_are_not_piled_up(here: Site) -> None:
    with here.connect() as talk:
        talk.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
        time.sleep(0.2)
        for _ in range(10):
            assert len(talk.read().body) == 5_000_000


TWO = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /dcap HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("goodbye", [False, True])
def test_half_closed_connection_gets_its_answers(here: Site, goodbye: bool) -> None:
    """Whether the client says goodbye in TLS, or only closes its direction of TCP."""
    with site.Bytes(here) as talk:
        talk.secure.write(TWO)
        if goodbye:
            with suppress(ssl.SSLWantReadError):
                talk.secure.unwrap()
        talk.push()
        if not goodbye:
            talk.sock.shutdown(socket.SHUT_WR)
        assert talk.rest().count(b"HTTP/1.1 200 OK") == 2


def test_client_that_leaves_does_not_disturb(here: Site) -> None:
    with here.connect() as talk:
        talk.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    with here.connect() as talk:
        talk.send(b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
    with here.connect() as talk:
        assert talk.get("/slow").status == 200


def test_tls_in_single_bytes(here: Site) -> None:
    """A record may come in as many pieces as it has bytes."""
    with site.Bytes(here, size=1) as talk:
        talk.secure.write(b"GET /dcap HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        talk.push()
        assert talk.rest().startswith(b"HTTP/1.1 200 OK")


def test_bytes_that_are_no_record_end_the_connection(here: Site) -> None:
    with site.Bytes(here) as talk:
        talk.sock.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):
            talk.rest()


# ------------------------------------------------------------------------------------------ standing


def test_standing_is_asked_before_each_request(here: Site) -> None:
    withdrawn: set[str] = set()
    one, other = site.device("device1"), site.device("device2")
    with Site(standing=lambda peer: peer.lfdi not in withdrawn, loop_name=here.loop_name).running() as found:
        with found.connect(one) as talk, found.connect(other) as beside:
            assert [talk.get("/kept").status for _ in range(3)] == [200] * 3
            assert beside.get("/kept").status == 200
            withdrawn.add(one.lfdi)
            said = talk.get("/kept")
            assert (said.status, said.body) == (403, cases.body(403))
            assert talk.over()
            assert beside.get("/kept").status == 200
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REVOKED"):
            found.connect(one)
        withdrawn.clear()
        with found.connect(one) as talk:
            assert talk.get("/kept").status == 200


def test_certificate_that_ends_during_a_connection() -> None:
    moment = [1_800_000_000.0]
    short = site.pki().client("short", "operator", until=datetime(2028, 1, 1, tzinfo=UTC))
    with Site(now=lambda: moment[0]).running() as here, here.connect(short) as talk:
        assert talk.get("/kept").status == 200
        moment[0] = datetime(2028, 1, 2, tzinfo=UTC).timestamp()
        assert talk.get("/kept").status == 403
        assert talk.over()

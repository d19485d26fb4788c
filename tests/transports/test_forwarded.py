"""Requests of others that a proxy forwards: whose they are, what is refused, and what it costs the others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.sep2.talk import Answer, Ask
from bridge.transports.limits import Limits
from bridge.trust import issue
from tests.transports import site
from tests.transports.flaws import FLAWS
from tests.transports.proxy import fields
from tests.transports.site import Said, Site, Talk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.sep2.talk import Peer
    from bridge.trust.folder import Client


def proxy() -> Client:
    return site.device("proxy")


def ders(one: Client) -> list[bytes]:
    found = x509.load_pem_x509_certificates(one.certificate.read_bytes())
    return [each.public_bytes(Encoding.DER) for each in found]


def shown(one: Client) -> str:
    return fields(ders(one))


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(loop_name=request.param, proxies=frozenset({proxy().lfdi})).running() as found:
        yield found


def goes_on(talk: Talk) -> None:
    """The connection of the proxy is there for the others."""
    said = talk.get("/kept", shown(site.device("other")))
    assert (said.status, said.told["peer"]) == (200, site.device("other").lfdi)


def refused(said: Said) -> None:
    assert (said.status, said.fields.get("Connection")) == (403, None)
    assert said.fields["X-Request-Id"] == site.MARK


@pytest.mark.parametrize("new", [False, True])
def test_each_request_is_its_client_s(here: Site, new: bool) -> None:
    device, head, own = site.device("device1"), site.device("head-end", "operator"), proxy().lfdi
    with here.connect(proxy(), new=new) as talk:
        for _ in range(3):
            for one, operator in ((device, False), (head, True)):
                told = talk.get("/kept", shown(one)).told
                assert (told["peer"], "operator" in told["roles"], told["by"]) == (one.lfdi, operator, own)
        put = talk.ask(
            f"PUT /a HTTP/1.1\r\nHost: x\r\n{shown(device)}Content-Length: 2\r\nCookie: x\r\n\r\nab".encode()
        )
        assert (put.told["peer"], put.told["body"]) == (device.lfdi, "ab")
    with here.connect(device) as talk:
        assert talk.get("/kept").told["by"] == ""


def test_a_proxy_alone_may_nothing(here: Site) -> None:
    with here.connect(proxy()) as talk:
        for target in ("/kept", "/none"):
            refused(talk.get(target))
        refused(talk.get("/kept", "Client-Cert-Chain: :AAAA:\r\n"))
        goes_on(talk)


@pytest.mark.parametrize("said", [
    "", ":AAAA:", "AAAA", ":AAA:", ":A AA:", ":AAAA:;a=1", "?1", '"AAAA"', ":" + "A" * 2_000 + ":",
])  # fmt: skip
def test_what_is_no_certificate(here: Site, said: str) -> None:
    with here.connect(proxy()) as talk:
        refused(talk.get("/kept", f"Client-Cert: {said}\r\n"))
        goes_on(talk)


def test_what_is_no_chain(here: Site) -> None:
    chain = ders(site.device())
    stranger = issue.device(issue.issuer(issue.root("Elsewhere"), 3), b"1").chain
    one = fields(chain)
    broken = [chain[0][:-1] + bytes([chain[0][-1] ^ 1]), *chain[1:]]
    for said in (
        fields(chain[:1]), fields(chain[::-1]), fields([chain[0], *chain[1:] * 4]), fields(stranger),
        fields(broken), fields([chain[0] + b"x", *chain[1:]]), one + one, one + "Client-Cert: :AAAA:\r\n",
    ):  # fmt: skip
        with here.connect(proxy()) as talk:
            refused(talk.get("/kept", said))
            goes_on(talk)


@pytest.mark.parametrize("name", FLAWS)
def test_flaws_of_a_chain_are_those_of_a_handshake(here: Site, name: str) -> None:
    made = FLAWS[name][0](site.pki().issuer("serca"))
    with here.connect(proxy()) as talk:
        refused(talk.get("/kept", fields(made.chain)))
        goes_on(talk)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_chains_of_two_to_four_are_taken(here: Site, depth: int) -> None:
    made = issue.device(issue.issuer(site.pki().issuer("serca"), depth), b"1")
    with here.connect(proxy()) as talk:
        assert talk.get("/kept", fields(made.chain)).told["peer"] == made.lfdi


def test_from_anybody_else_it_is_refused(here: Site) -> None:
    with here.connect() as talk:
        assert talk.get("/kept").status == 200
        said = talk.get("/kept", shown(site.device("other")))
        assert (said.status, said.fields["Connection"]) == (400, "close")
        assert talk.over()


def test_without_proxies_it_is_passed_over() -> None:
    with Site().running() as found, found.connect() as talk:
        for _ in range(2):
            said = talk.get("/kept", shown(site.device("other")))
            assert (said.status, said.told["peer"]) == (200, site.device().lfdi)


def test_who_is_revoked_is_refused_and_the_others_are_not() -> None:
    gone: set[str] = set()

    def standing(peer: Peer) -> bool:
        return peer.lfdi not in gone

    one = site.device("device1")
    with (
        Site(standing=standing, proxies=frozenset({proxy().lfdi})).running() as found,
        found.connect(proxy()) as talk,
    ):
        for _ in range(2):
            assert talk.get("/kept", shown(one)).status == 200
            gone.add(one.lfdi)
            refused(talk.get("/kept", shown(one)))
            goes_on(talk)
            gone.clear()
        gone.add(proxy().lfdi)
        said = talk.get("/kept", shown(one))
        assert (said.status, said.fields["Connection"]) == (403, "close")
        assert talk.over()


def test_roots_that_are_taken_away_are_no_roots_any_more(tmp_path: Path) -> None:
    mine = issue.root("another SERCA")
    made = issue.device(issue.issuer(mine, 3), b"1")
    roots = tmp_path / "roots.pem"
    roots.write_bytes(site.pki().roots.read_bytes() + mine.pem)
    files = replace(site.files(), roots=(roots,))
    with (
        Site(files=files, proxies=frozenset({proxy().lfdi})).running() as found,
        found.connect(proxy()) as talk,
    ):
        assert talk.get("/kept", fields(made.chain)).status == 200
        roots.write_bytes(site.pki().roots.read_bytes())
        found.guard.reload()
        refused(talk.get("/kept", fields(made.chain)))
        goes_on(talk)


def test_a_client_has_its_share_and_no_more() -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait(ask: Ask) -> Answer:
        if ask.path == "/wait":
            begun.set()
            await go.wait()
        return Answer(204, close=True)

    one, other = site.device("device1"), site.device("device2")
    limits = Limits(peer=2)
    with Site(answer=wait, limits=limits, proxies=frozenset({proxy().lfdi})).running() as found:
        limits_of_one = Limits(peer=1)
        found.listener.hall._proxies._limits = limits_of_one  # noqa: SLF001 - of its clients alone
        with found.connect(proxy()) as talk, found.connect(proxy()) as second:
            talk.send(f"GET /wait HTTP/1.1\r\nHost: x\r\n{shown(one)}\r\n".encode())
            found.call(begun.wait())
            assert second.get("/now", shown(one)).status == 503
            assert second.get("/now", shown(other)).status == 204
            found.loop.call_soon_threadsafe(go.set)
            assert talk.read().status == 204
            assert second.get("/now", shown(one)).status == 204
            assert not found.listener.hall._proxies._busy  # noqa: SLF001 - nobody is counted for ever

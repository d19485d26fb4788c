"""TLS as 2030.5 has it, over real sockets on both loops: suites, chains, alerts, no resumption, reload."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.transports import openssl, tls
from bridge.trust import draft, folder, identity, issue
from bridge.trust.folder import Client
from tests.transports import site
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CCM8 = 0xC0AE
NAME = "localhost"


def connected(here: Site) -> socket.socket:
    """A connection before its handshake."""
    return socket.create_connection(("127.0.0.1", here.listener.port), site.PATIENCE)


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(loop_name=request.param).running() as found:
        yield found


def client(tmp_path: Path, made: issue.Issued) -> Client:
    """A client with a certificate made by hand."""
    folder.keep(tmp_path / "one", made)
    names = (made.lfdi, identity.sfdi(made.lfdi))
    return Client("one", tmp_path / "one.pem", tmp_path / "one.key", *names, site.pki().roots)


def serca() -> issue.Issued:
    return site.pki().issuer("serca")


def refusal(here: Site, one: Client | None, *, show: bool = True) -> str:
    """What a refused client sees: the name of the alert, or `closed` for a goodbye after the handshake."""
    try:
        with here.connect(one, show=show) as talk:
            return "closed" if talk.over() else "open"
    except ssl.SSLError as fault:
        return str(fault.reason)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_ccm8_is_negotiated_on_both_addresses(here: Site, host: str) -> None:
    with here.connect(host=host) as talk:
        assert isinstance(talk.sock, ssl.SSLSocket)
        name, version, _ = talk.sock.cipher() or ("", "", 0)
        found = next(one for one in site.context().get_ciphers() if one["name"] == name)
        assert (found["id"] & 0xFFFF, version) == (CCM8, "TLSv1.2")
        assert talk.get("/dcap").told["peer"] == site.device().lfdi


def test_gcm_is_there_for_clients_without_ccm8(here: Site) -> None:
    offered = site.context()
    offered.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with connected(here) as sock, offered.wrap_socket(sock, server_hostname="localhost") as secure:
        assert secure.cipher() == ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2", 128)


def test_tls13_is_served(here: Site) -> None:
    with here.connect(new=True) as talk:
        assert isinstance(talk.sock, ssl.SSLSocket)
        assert talk.sock.version() == "TLSv1.3"
        assert talk.get("/dcap").told["peer"] == site.device().lfdi


@pytest.mark.parametrize(
    ("version", "suites"),
    [
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_other_versions_and_suites_get_an_alert(here: Site, version: ssl.TLSVersion, suites: str) -> None:
    offered = site.context()
    offered.minimum_version = offered.maximum_version = version
    offered.set_ciphers(suites)
    expected = "TLSV1_ALERT_PROTOCOL_VERSION" if version < ssl.TLSVersion.TLSv1_2 else "HANDSHAKE_FAILURE"
    with connected(here) as sock, pytest.raises(ssl.SSLError, match=expected):
        offered.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_chains_of_two_to_four_are_taken(here: Site, tmp_path: Path, depth: int, new: bool) -> None:
    made = issue.device(issue.issuer(serca(), depth), b"1")
    with here.connect(client(tmp_path, made), new=new) as talk:
        assert talk.get("/dcap").told["peer"] == made.lfdi


def test_bytes_that_are_no_tls_end_the_connection(here: Site) -> None:
    with connected(here) as sock:
        sock.sendall(b"GET /dcap HTTP/1.1\r\nHost: localhost\r\n\r\n")
        sock.settimeout(site.PATIENCE)
        assert b"HTTP" not in sock.recv(100)


def test_role_of_an_operator_is_not_had_by_name(here: Site, tmp_path: Path) -> None:
    """An authority for devices that bears the name of the operators' root gives no role."""
    false = issue.authority(serca(), "Operators", depth=0)
    with here.connect(client(tmp_path, issue.client(false, "head-end"))) as talk:
        assert talk.get("/dcap").told["roles"] == []


def test_operators_are_told_by_their_own_root(here: Site) -> None:
    with here.connect(site.device("head-end", "operator")) as talk:
        assert talk.get("/dcap").told["roles"] == ["operator"]
    with here.connect(site.device("aggregator", "aggregator")) as talk:
        assert talk.get("/dcap").told["roles"] == []


@pytest.mark.parametrize("new", [False, True])
def test_no_session_is_resumed(here: Site, new: bool) -> None:
    offered = site.context(new=new)
    session = None
    for _ in range(2):
        with (
            connected(here) as sock,
            offered.wrap_socket(sock, server_hostname=NAME, session=session) as secure,
        ):
            assert not secure.session_reused
            assert site.Talk(secure).get("/dcap").status == 200
            session = secure.session
    assert here.guard.context.session_stats()["number"] == 0


def test_a_resumed_session_is_refused_where_the_cache_cannot_be_switched_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openssl, "KNOWN", ((9, 0), (9, 0)))
    offered = site.context()
    with Site().running() as here:
        assert not here.guard.uncached
        with here.connect() as talk:
            assert isinstance(talk.sock, ssl.SSLSocket)
            offered = talk.sock.context
            session = talk.sock.session
            assert talk.get().status == 200
        with (
            connected(here) as sock,
            offered.wrap_socket(sock, server_hostname=NAME, session=session) as secure,
        ):
            assert secure.session_reused
            assert site.Talk(secure).over()


def pem(*made: issue.Issued) -> bytes:
    return b"".join(one.certificate.public_bytes(Encoding.PEM) for one in made)


def test_reload_takes_new_files_in_and_judges_again(tmp_path: Path) -> None:
    mine = issue.root("another SERCA")
    roots = tmp_path / "roots.pem"
    roots.write_bytes(site.pki().roots.read_bytes() + pem(mine))
    one = client(tmp_path, issue.device(issue.issuer(mine, 3), b"1"))
    with Site(files=replace(site.files(), roots=(roots,))).running() as here:
        with here.connect(one) as talk, here.connect() as other:
            assert talk.get().status == other.get().status == 200
            assert talk.get().status == 200
            roots.write_bytes(site.pki().roots.read_bytes())
            here.guard.reload()
            assert talk.get().status == 403
            assert talk.over()
            assert other.get().status == 200
        assert refusal(here, one) == "TLSV1_ALERT_UNKNOWN_CA"


def test_reload_of_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(site.pki().roots.read_bytes())
    guard = tls.Guard(replace(site.files(), roots=(roots,)))
    before = guard.context, guard.edition
    roots.write_text("no certificate", encoding="ascii")
    with pytest.raises(ssl.SSLError):
        guard.reload()
    assert (guard.context, guard.edition) == before


def test_reload_shows_a_new_certificate(tmp_path: Path) -> None:
    made = issue.server(site.pki().issuer("mica"), site.HOSTS)
    for name, data in (
        ("server.pem", site.pki().certificate.read_bytes()),
        ("server.key", site.pki().key.read_bytes()),
    ):
        (tmp_path / name).write_bytes(data)
    files = replace(site.files(), certificate=tmp_path / "server.pem", key=tmp_path / "server.key")
    with Site(files=files).running() as here:
        (tmp_path / "server.pem").write_bytes(made.pem)
        (tmp_path / "server.key").write_bytes(made.key_pem)
        here.guard.reload()
        with here.connect() as talk:
            assert isinstance(talk.sock, ssl.SSLSocket)
            shown = talk.sock.getpeercert(binary_form=True)
    assert shown == made.der


def test_constraints_on_policies_are_enforced(here: Site, tmp_path: Path) -> None:
    """An authority may ask that a policy be named; the library holds devices to it."""
    above = serca()
    asked = x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None)
    said = draft.root("strict")
    limited = issue.made(above, draft.Draft(said.subject, (*said.extensions, (asked, True))))
    made = issue.made(limited, draft.Draft(x509.Name([]), draft.LEAF))
    assert refusal(here, client(tmp_path, made)) not in ("open", "closed")


def test_our_own_client_checks_the_server_s_name(here: Site) -> None:
    offered = site.context()
    with connected(here) as sock, pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        offered.wrap_socket(sock, server_hostname="example.org")
    unnamed = tls.client([site.pki().roots], site.device().certificate, site.device().key, named=False)
    with connected(here) as sock, unnamed.wrap_socket(sock, server_hostname="example.org") as secure:
        assert site.Talk(secure).get("/dcap").status == 200


def test_our_own_client_trusts_no_other_root(here: Site) -> None:
    offered = tls.client([site.pki().operators], site.device().certificate, site.device().key)
    with connected(here) as sock, pytest.raises(ssl.SSLCertVerificationError):
        offered.wrap_socket(sock, server_hostname=NAME)


def test_verdicts_are_remembered_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "REMEMBERED", 2)
    mica = site.pki().issuer("mica")
    with Site().running() as here:
        for number in range(5):
            (tmp_path / str(number)).mkdir()
            one = client(tmp_path / str(number), issue.device(mica, bytes((number,))))
            with here.connect(one) as talk:
                assert talk.get("/dcap").told["peer"] == one.lfdi
        assert len(here.guard._seen) <= 2  # noqa: SLF001 - its memory is bounded

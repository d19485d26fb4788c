"""Each flaw of a chain over real handshakes: which alert Python sees, and which `openssl s_client` does.

Under TLS 1.2 and 1.3, and where our own rules can only be asked after OpenSSL's handshake.
"""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from bridge.transports import gate, openssl
from bridge.trust import folder, identity, issue
from bridge.trust.folder import Client
from tests.transports import site
from tests.transports.flaws import FLAWS
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = {
    "SSLV3_ALERT_BAD_CERTIFICATE": 42,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": 43,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": 44,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": 45,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": 46,
    "TLSV1_ALERT_UNKNOWN_CA": 48,
    "TLSV1_ALERT_DECRYPT_ERROR": 51,
}
OURS = {name: flaw for name, flaw in FLAWS.items() if name[0] in "EF"}
VERSIONS = {False: "-tls1_2", True: "-tls1_3"}
SUITES = "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with Site().running() as found:
        assert found.guard.gated
        yield found


def kept(place: Path, made: issue.Issued) -> Client:
    """A client with a certificate that was made by hand."""
    folder.keep(place / "one", made)
    names = (made.lfdi, identity.sfdi(made.lfdi))
    return Client("one", place / "one.pem", place / "one.key", *names, site.pki().roots)


def made(place: Path, name: str) -> Client:
    """The same, with a flaw."""
    return kept(place, FLAWS[name][0](site.pki().issuer("serca")))


def python(here: Site, one: Client, *, new: bool) -> int | str:
    """The number of the alert that Python sees, else what happened."""
    context = site.context(one, new=new)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", here.listener.port), site.PATIENCE) as sock:
        try:
            with context.wrap_socket(sock, server_hostname="localhost") as secure:
                return "closed" if secure.recv(1) == b"" else "open"
        except ssl.SSLError as fault:
            return NAMES.get(str(fault.reason), str(fault.reason))


def client(here: Site, one: Client, *, new: bool) -> str:
    """What `openssl s_client` says."""
    place = f"127.0.0.1:{here.listener.port}"
    command = ["openssl", "s_client", "-connect", place, VERSIONS[new], "-cipher", SUITES, "-ign_eof"]
    files = ["-cert", one.certificate, "-cert_chain", one.certificate, "-key", one.key, "-CAfile", one.root]
    asked = "GET /dcap HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    done = subprocess.run(
        [*command, *map(str, files)], input=asked, capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("new", VERSIONS)
@pytest.mark.parametrize("name", FLAWS)
def test_flaw_gets_its_alert(here: Site, tmp_path: Path, name: str, new: bool) -> None:
    one = made(tmp_path, name)
    assert python(here, one, new=new) == FLAWS[name][1]
    said = client(here, one, new=new)
    assert re.findall(r"SSL alert number (\d+)", said) == [str(FLAWS[name][1])], said


@pytest.mark.parametrize("new", VERSIONS)
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_chain_without_flaw_is_taken(here: Site, tmp_path: Path, depth: int, new: bool) -> None:
    """COMM-004A to C; the same by both clients."""
    one = kept(tmp_path, issue.device(issue.issuer(site.pki().issuer("serca"), depth), b"1"))
    with here.connect(one, new=new) as talk:
        assert talk.get("/dcap").told["peer"] == one.lfdi
    said = client(here, one, new=new)
    assert "HTTP/1.1 200" in said
    assert "alert" not in said


def test_certificate_shown_twice_is_the_same_peer(here: Site, tmp_path: Path) -> None:
    """The path that is built has it once; nothing else is looked at."""
    good = issue.device(issue.issuer(site.pki().issuer("serca"), 3), b"1")
    one = kept(tmp_path, good)
    one.certificate.write_bytes(good.pem + good.pem)
    with here.connect(one) as talk:
        assert talk.get("/dcap").told["peer"] == good.lfdi


@pytest.mark.parametrize("loop", site.LOOPS)
@pytest.mark.parametrize("name", OURS)
def test_alert_under_12_without_a_say_in_the_handshake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, loop: str
) -> None:
    """The end of the handshake is held back for it; under 1.3 nothing is left to hold, only a goodbye."""
    monkeypatch.setattr(openssl, "KNOWN", ((9, 0), (9, 0)))
    with Site(loop_name=loop).running() as here:
        assert not here.guard.gated
        one = made(tmp_path, name)
        assert python(here, one, new=False) == FLAWS[name][1]
        assert python(here, one, new=True) == "closed"
        with here.connect() as talk, here.connect(new=True) as other:
            assert talk.get().status == other.get().status == 200


def test_fault_of_ours_lets_nobody_in() -> None:
    def broken(_: list[bytes]) -> int:
        raise KeyError("broken")

    with Site().running() as other:
        gate.hang(other.guard.context, broken)
        for new in VERSIONS:
            assert python(other, site.device(), new=new) == "TLSV1_ALERT_INTERNAL_ERROR"


def test_reason_is_in_the_log(here: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one = made(tmp_path, "SHA-1 in a device")
    assert python(here, one, new=False) == gate.UNSUPPORTED
    assert "a signature is not ECDSA with SHA-256" in capfd.readouterr().out

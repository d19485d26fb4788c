"""`derbridge check tls` against our own listener, `openssl s_server` badly set up, and what is no server.

Each bad setting breaks the rule that is about it; what is shown of a server is what was configured there.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import folder, issue
from bridge.trust.terms import SINCE
from tests.app.command import Done, derbridge, refused, spawned
from tests.transports import site
from tests.transports.flaws import Made
from tests.transports.site import Site

SERCA = issue.root("SERCA")
MICA = issue.authority(SERCA, "MICA", depth=0)
GOOD = issue.server(MICA, ("localhost", "127.0.0.1"))
OLD = "DEFAULT:@SECLEVEL=0"


@contextmanager
def other(place: Path, *options: str, made: issue.Issued = GOOD) -> Iterator[str]:
    """An `openssl s_server`; gives HOST:PORT."""
    folder.keep(place / "server", made)
    folder.keep(place / "root", SERCA)
    (place / "above.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in made.above[:-1]))
    words = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key"]
    words += ["-cert_chain", "above.pem"]
    with subprocess.Popen(
        [*words, *options], cwd=place, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        port = next(found[1] for line in lines if (found := re.match(r"ACCEPT .*:(\d+)", line)))
        drain = threading.Thread(target=lambda: list(lines))
        drain.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            drain.join()


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does as it is told with each connection; gives HOST:PORT."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(door.accept()[0],), daemon=True).start()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()


def checked(place: str, *options: str | Path) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Exit status, everything that was told, and the verdicts by rule."""
    done = spawned("check", "tls", place, "--json", "--timeout", "0.5", *options)
    told = json.loads(done.stdout)
    return done.returncode, told, {one["rule"]: one["verdict"] for one in told["rules"]}


def broken(verdicts: dict[str, str]) -> set[str]:
    return {rule for rule, verdict in verdicts.items() if verdict == "FAIL"}


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    with Site().running() as found:
        yield found


def test_our_own_listener_keeps_every_rule(here: Site) -> None:
    one = site.device()
    files = ("--roots", site.pki().roots, "--certificate", one.certificate, "--key", one.key)
    status, told, verdicts = checked(f"localhost:{here.listener.port}", *files)
    assert (status, set(verdicts.values())) == (0, {"pass"}), verdicts
    assert told["suites"]["TLSv1.2"] == ["ECDHE-ECDSA-AES128-CCM8", "ECDHE-ECDSA-AES128-GCM-SHA256"]
    assert [told["versions"][name]["told"] for name in ("TLSv1.0", "TLSv1.1")] == [
        "alert protocol_version (70)"
    ] * 2
    assert told["client"] == {
        "asked": True,
        "authorities": [],
        "without": "sslv3_alert_handshake_failure",
        "with": "let in",
    }
    assert [len(told["chain"]), told["verified"], told["curve"]] == [2, "yes", "P-256"]


def test_what_could_not_be_tried_fails_nobody(here: Site) -> None:
    status, _, verdicts = checked(f"[::1]:{here.listener.port}")
    assert (status, broken(verdicts)) == (0, set())
    assert {rule for rule, verdict in verdicts.items() if verdict == "unknown"} == {
        "the certificate given is let in", "no session is resumed", "the chain is one of IEEE 2030.5",
        "the chain holds for the name",
    }  # fmt: skip


def test_certificate_that_is_not_let_in(here: Site, tmp_path: Path) -> None:
    folder.keep(tmp_path / "one", issue.client(MICA, "stranger"))
    files = ("--certificate", tmp_path / "one.pem", "--key", tmp_path / "one.key")
    status, told, verdicts = checked(f"localhost:{here.listener.port}", *files)
    assert (status, broken(verdicts)) == (1, {"the certificate given is let in"})
    assert told["client"]["with"] == "tlsv1_alert_unknown_ca"


RSA = Made(key=rsa.generate_private_key(65_537, 2048)).again(GOOD, MICA)
ENDED = issue.server(MICA, ("localhost", "127.0.0.1"), until=SINCE.replace(year=2021))
ELSEWHERE = issue.server(MICA, ("example.org",))
FLAWED = issue.server(issue.issuer(SERCA, 3, flaw="mappings"), ("localhost", "127.0.0.1"))
ASKS = ("-Verify", "1", "-verify_return_error", "-CAfile", "root.pem")
"""That a certificate is demanded."""
SUITES = ("-cipher", "ECDHE-ECDSA-AES128-CCM8:ECDHE-ECDSA-AES128-GCM-SHA256")
SETTINGS: dict[str, tuple[tuple[str, ...], issue.Issued, set[str]]] = {
    "as it comes": ((), GOOD, {"a client's certificate is demanded", "no session is resumed"}),
    "TLS 1.0": (("-tls1", "-cipher", OLD), GOOD, {"nothing older than TLS 1.2", "TLS 1.2 is taken"}),
    "TLS 1.1": (("-tls1_1", "-cipher", OLD), GOOD, {"nothing older than TLS 1.2", "TLS 1.2 is taken"}),
    "TLS 1.3 alone": (("-tls1_3",), GOOD, {"TLS 1.2 is taken", "ECDHE-ECDSA-AES128-CCM8 is taken"}),
    "RSA without forward secrecy": (
        ("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"), RSA,
        {"forward secrecy", "ECDHE-ECDSA-AES128-CCM8 is taken", "the curve is P-256",
         "the chain is one of IEEE 2030.5"}),
    "suites that encrypt nothing": (
        ("-tls1_2", "-cipher", "ECDHE-ECDSA-NULL-SHA:ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"), GOOD,
        {"no broken suite"}),
    "another curve": (("-curves", "P-384"), GOOD, {"the curve is P-256"}),
    "sessions by name": (("-tls1_2", "-no_ticket", *ASKS), GOOD, {"no session is resumed"}),
    "a certificate that is over": (
        ASKS, ENDED, {"the chain holds for the name", "the chain is in its period"}),
    "a certificate of another name": (ASKS, ELSEWHERE, {"the chain holds for the name"}),
    "an authority with policy mappings": (ASKS, FLAWED, {"the chain is one of IEEE 2030.5"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_bad_setting_breaks_its_rule(tmp_path: Path, name: str) -> None:
    options, made, rules = SETTINGS[name]
    with other(tmp_path, *options, made=made) as place:
        status, told, verdicts = checked(place, "--roots", tmp_path / "root.pem")
    assert status == 1
    assert broken(verdicts) >= rules, told
    assert ("a client's certificate is demanded" in broken(verdicts)) == (options[-4:] != ASKS[-4:])


def test_good_setting_of_another_make(tmp_path: Path) -> None:
    folder.keep(tmp_path / "one", issue.device(MICA, b"1"))
    files = (
        "--roots",
        tmp_path / "root.pem",
        "--certificate",
        tmp_path / "one.pem",
        "--key",
        tmp_path / "one.key",
    )
    with other(tmp_path, *ASKS, *SUITES, "-no_cache", "-no_ticket", "-num_tickets", "0") as place:
        status, told, verdicts = checked(place, *files)
    assert (status, broken(verdicts)) == (0, set()), told
    assert told["client"]["authorities"] == ["CN=SERCA"]
    assert told["chain"][0]["lfdi"] == GOOD.lfdi


def test_sessions_that_are_resumed_are_seen(tmp_path: Path) -> None:
    with other(tmp_path) as place:
        _, told, _ = checked(place)
        assert told["session"]["resumed"] == {"TLSv1.2": "yes", "TLSv1.3": "yes"}


def test_profile_for_other_servers(tmp_path: Path) -> None:
    with other(tmp_path) as place:
        status, _, verdicts = checked(place, "--profile", "web", "--roots", tmp_path / "root.pem")
        assert (status, set(verdicts.values())) == (0, {"pass"}), verdicts
        assert "a client's certificate is demanded" not in verdicts
        assert broken(checked(place, "--profile", "web")[2]) == {"the chain holds for the name"}


def relayed(place: str, offer: bytes = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>") -> Any:
    """What an XMPP server says before TLS, in front of a server that speaks TLS."""
    host, port = place.split(":")

    def answer(sock: socket.socket) -> None:
        with suppress(OSError), sock, socket.create_connection((host, int(port))) as behind:
            if b'to="example.org"' not in sock.recv(4096):
                return
            sock.sendall(b"<?xml version='1.0'?><stream:stream from='example.org'><stream:features>")
            sock.sendall(offer + b"</stream:features>")
            if b"<starttls" not in sock.recv(4096):
                return
            sock.sendall(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            back = threading.Thread(target=piped, args=(behind, sock), daemon=True)
            back.start()
            piped(sock, behind)
            back.join()

    return answering(answer)


def piped(one: socket.socket, other: socket.socket) -> None:
    """Hand on what comes, to the end."""
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def test_starttls_of_xmpp(tmp_path: Path) -> None:
    xmpp = ("--starttls", "xmpp", "--domain", "example.org")
    with other(tmp_path, *SUITES, *ASKS, made=ELSEWHERE) as behind, relayed(behind) as place:
        _, told, verdicts = checked(place, *xmpp, "--roots", tmp_path / "root.pem")
        assert broken(verdicts) == {"no session is resumed"}, told
        assert told["verified"] == "yes"
    (tmp_path / "none").mkdir()
    with other(tmp_path / "none", made=GOOD) as behind, relayed(behind, b"") as place:
        assert "the server does not offer it" in refused("check", "tls", place, *xmpp)


def test_what_is_no_server() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        assert "no TLS: no answer" in refused("check", "tls", place, "--timeout", "0.2")
        assert "no STARTTLS: timed out" in refused(
            "check", "tls", place, "--starttls", "xmpp", "--timeout", "0.2"
        )
    assert "no connection" in refused("check", "tls", place)
    with answering(lambda sock: spoken(sock, b"HTTP/1.1 400 Bad Request\r\n\r\n")) as place:
        assert "no TLS: b'HTTP/1.1" in refused("check", "tls", place)
    with answering(lambda sock: spoken(sock, b"\x16\x03\x03\x00\x06\x02\x00\x00\x02\xff\xff")) as place:
        assert "a length goes beyond the end" in refused("check", "tls", place)
    with answering(lambda sock: spoken(sock, b"")) as place:
        assert "closed without an alert" in refused("check", "tls", place)


def spoken(sock: socket.socket, data: bytes) -> None:
    """Say something, whatever was said, and go."""
    with suppress(OSError), sock:
        sock.recv(65_536)
        sock.sendall(data)


@pytest.mark.parametrize(
    "words", [("nobody",), ("localhost:0",), ("localhost:x",), (":1",), ("localhost:1", "--profile", "x"),
              ("localhost:1", "--starttls", "smtp"), ("localhost:1", "--roots", "absent.pem")],
)  # fmt: skip
def test_wishes_that_cannot_be_met(words: tuple[str, ...]) -> None:
    assert refused("check", "tls", *words)


def test_for_a_person(here: Site) -> None:
    done = spawned("check", "tls", f"localhost:{here.listener.port}")
    assert done.returncode == 0
    assert "TLSv1.1  refused  alert protocol_version (70)" in done.stdout
    assert done.stdout.endswith("no rule broken\n")


def test_installation_is_checked_as_before(tmp_path: Path) -> None:
    def said(*words: str | Path) -> Done:
        return derbridge(*words)

    assert said("init", tmp_path / "one").returncode == 0
    for words in (("check",), ("check", "installation")):
        assert json.loads(said(*words, tmp_path / "one", "--json").stdout)["configuration"]
        assert json.loads(said(*words, "--json", tmp_path / "one").stdout)["configuration"]
    assert "tls" in said("check", "--help").stdout

"""What is revoked, told to anyone over plain HTTP; foreign programs read it: openssl crl and openssl ocsp."""

from __future__ import annotations

import asyncio
import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library

from bridge.app.bulletin import Bulletin
from bridge.app.roll import Roll
from bridge.transports.store import opening
from bridge.trust import folder as trust
from bridge.trust import issue
from bridge.trust.folder import Client
from bridge.trust.listing import Pool
from bridge.trust.ocsp import Responder
from bridge.trust.revoked import Index
from tests.app.revoking import ask, listed, serial, told, upload
from tests.served import Served, served
from tests.trust.test_ocsp import UNASKED, USAGE, delegate

WORDS = "/api/v1/revocation/certificates"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two workers, and a responder that the authority of devices has delegated to."""
    with served(tmp_path_factory.mktemp("bulletin"), run={"workers": 2}, revocation={"port": 0}) as found:
        trust.keep(found.folder / "ocsp", delegate(USAGE, UNASKED, above=found.pki.issuer("mica")))
        for key, file in (("SIGNERS", "ocsp.pem"), ("KEYS", "ocsp.key")):
            found.environment[f"DERBRIDGE_REVOCATION__{key}"] = json.dumps([str(found.folder / file)])
        found.restart()
        yield found


numbers = iter(range(1, 100))
gone: list[int] = []


async def revoked(site: Served, *clients: Client) -> bytes:
    """Put clients on the next list, and send it in."""
    gone.extend(serial(each).number for each in clients)
    data = listed(site, tuple(gone), next(numbers))
    assert (await upload(site, data)).status == 201
    return data


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


async def test_a_list_is_given_on_as_it_came(site: Served, tmp_path: Path) -> None:
    one = site.client("listed").files
    data = await revoked(site, one)
    (place,) = [each["href"] for each in told(site)["lists"] if each["title"] == "CN=MICA"]
    for suffix in ("", ".crl"):
        answer = ask(site, place + suffix)
        assert (answer.status, answer.body) == (200, data)
        assert answer.headers["Content-Type"] == "application/pkix-crl"
    (tmp_path / "one.crl").write_bytes(answer.body)
    chain = site.folder / "pki" / "issuers" / "mica.pem"
    said = openssl("crl", "-inform", "DER", "-in", tmp_path / "one.crl", "-CAfile", chain, "-noout", "-text")
    assert "verify OK" in said
    assert f"{serial(one).number:X}" in said
    age, left = answer.headers["Cache-Control"].split("max-age=")
    assert (age, 0 < int(left) <= 86_400) == ("public, ", True)
    same = ask(site, place, If_None_Match=answer.headers["ETag"])
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    await revoked(site)
    assert ask(site, place, If_None_Match=answer.headers["ETag"]).status == 200
    assert ask(site, "/crl/none").status == 404


async def test_what_changed_is_told_from_any_edition_on(site: Served) -> None:
    one, other = site.client("first").files, site.client("second").files
    before = told(site)["edition"]
    await revoked(site, one)
    middle = told(site)["edition"]
    assert (await site.admin.post(WORDS, {"lfdi": other.lfdi}))[0] == 201
    said = told(site, f"?since={before}")
    assert said["edition"] > middle > before
    assert said["added"]["lfdis"] == [other.lfdi]
    assert said["added"]["serials"] == {serial(one).issuer.hex(): [f"{serial(one).number:X}"]}
    assert told(site, f"?since={middle}")["added"] == {"serials": {}, "lfdis": [other.lfdi]}
    assert (await site.admin.delete(f"{WORDS}/{other.lfdi}"))[0] == 204
    last = told(site, f"?since={said['edition']}")
    assert (last["removed"]["lfdis"], last["added"]["lfdis"]) == ([other.lfdi], [])
    for strange in (last["edition"] + 1000, 1):
        whole = told(site, f"?since={strange}")
        assert (whole["whole"], whole["since"]) == (True, 0)
        assert f"{serial(one).number:X}" in whole["added"]["serials"][serial(one).issuer.hex()]


async def test_who_waits_is_told_when_something_changes(site: Served) -> None:
    """Several wait, at both workers; each is answered by the change, not by the end of its patience."""
    one = site.client("awaited").files
    edition = told(site)["edition"]
    waits = [
        asyncio.create_task(asyncio.to_thread(told, site, f"?since={edition}&wait=50")) for _ in range(6)
    ]
    await asyncio.sleep(0.5)
    assert not any(each.done() for each in waits)
    await revoked(site, one)
    for said in await asyncio.gather(*waits):
        assert said["edition"] > edition
        assert said["added"]["serials"] == {serial(one).issuer.hex(): [f"{serial(one).number:X}"]}


def test_who_waits_in_vain_is_told_so(site: Served) -> None:
    edition = told(site)["edition"]
    said = told(site, f"?since={edition}&wait=1")
    assert (said["edition"], said["since"], said["added"]) == (edition, edition, {"serials": {}, "lfdis": []})


@pytest.mark.parametrize("query", ["since=x", "since=-1", "wait=1e3", "since=1234567890123456"])
def test_numbers_are_numbers(site: Served, query: str) -> None:
    assert ask(site, f"/revoked?{query}").status == 400


# ---------------------------------------------------------------------------------------------------- OCSP


def asked(site: Served, one: Client, *flags: str) -> str:
    """What openssl says of a client's certificate once it asked."""
    folder = site.folder / "pki"
    return openssl(
        "ocsp", "-issuer", folder / "issuers" / "mica.pem", *flags, "-cert", one.certificate,
        "-url", f"http://127.0.0.1:{site.ports['revocation']}/ocsp",
        "-CAfile", folder / "roots" / "serca.pem", "-verify_other", folder / "issuers" / "mica.pem",
    )  # fmt: skip


@pytest.mark.parametrize("flags", [("-sha1", "-nonce"), ("-sha256", "-no_nonce"), ("-sha256", "-nonce")])
async def test_openssl_asks(site: Served, flags: tuple[str, ...]) -> None:
    one = site.client(f"ocsp{''.join(flags)}").files
    await revoked(site)
    said = asked(site, one, *flags)
    assert "Response verify OK" in said
    assert ": good" in said
    assert "nonce" not in said.lower().replace(str(one.certificate).lower(), "")
    await revoked(site, one)
    for _ in range(4):
        said = asked(site, one, *flags)
        assert "Response verify OK" in said
        assert ": revoked" in said
        assert "Reason: keyCompromise" in said


async def test_the_operator_s_word_is_told_by_ocsp_too(site: Served) -> None:
    one = site.client("word").files
    await revoked(site)
    pem = one.certificate.read_text("ascii")
    assert (await site.admin.post(WORDS, {"certificate": pem}))[0] == 201
    assert ": revoked" in asked(site, one)


def request(site: Served, one: Client) -> bytes:
    first = x509.load_pem_x509_certificates(one.certificate.read_bytes())[0]
    mica = site.pki.issuer("mica").certificate
    builder = library.OCSPRequestBuilder().add_certificate(first, mica, hashes.SHA256())
    return builder.build().public_bytes(Encoding.DER)


async def test_a_get_is_answered_like_a_post(site: Served) -> None:
    await revoked(site)
    data = request(site, site.client("get").files)
    got = ask(site, "/ocsp/" + quote(b64encode(data).decode(), safe=""))
    assert got.headers["Content-Type"] == "application/ocsp-response"
    assert got.headers["Cache-Control"].startswith("public, max-age=")
    posted = ask(site, "/ocsp", data, Content_Type="application/ocsp-request")
    for answer in (got, posted):
        read = library.load_der_ocsp_response(answer.body)
        assert read.certificate_status == library.OCSPCertStatus.GOOD


@pytest.mark.parametrize("path", ["/ocsp/%%%", "/ocsp/AAAA", "/ocsp/x y", "/ocsp/" + "A" * 8000])
def test_malformed_requests_are_told_so(site: Served, path: str) -> None:
    answer = ask(site, path.replace(" ", "%20"))
    read = library.load_der_ocsp_response(answer.body)
    assert (answer.status, read.response_status) == (200, library.OCSPResponseStatus.MALFORMED_REQUEST)


def test_bodies_of_another_kind_or_size_are_refused(site: Served) -> None:
    assert ask(site, "/ocsp", b"x", Content_Type="text/plain").status == 415
    assert ask(site, "/ocsp", b"x" * 10_000, Content_Type="application/ocsp-request").status == 413


async def test_a_stop_does_not_wait_for_who_waits(site: Served) -> None:
    """The last test of the module: the server ends while a request waits, and answers it first."""
    edition = told(site)["edition"]
    waits = asyncio.create_task(asyncio.to_thread(told, site, f"?since={edition}&wait=250"))
    await asyncio.sleep(0.5)
    assert await asyncio.to_thread(site.stop) == 0
    assert (await waits)["edition"] == edition


async def test_without_signers_there_is_no_responder(tmp_path: Path) -> None:
    with served(tmp_path / "site", revocation={"port": 0}) as plain:
        assert ask(plain, "/ocsp", b"x", Content_Type="application/ocsp-request").status == 404
        assert told(plain) == {
            "edition": 0, "since": 0, "whole": False, "age": None, "lists": [],
            "added": {"serials": {}, "lfdis": []}, "removed": {"serials": {}, "lfdis": []},
        }  # fmt: skip


def test_makers_agree(tmp_path: Path) -> None:
    """The responder's own certificate is one that openssl takes for one."""
    made = delegate(USAGE, UNASKED, above=issue.root("SERCA"))
    (tmp_path / "one").write_bytes(made.certificate.public_bytes(Encoding.PEM))
    assert "OCSP Signing" in openssl("x509", "-in", tmp_path / "one", "-noout", "-text")


async def test_a_long_answer_is_made_once(tmp_path: Path) -> None:
    """Whoever asks from nowhere costs one making of the whole, however often it is asked."""
    async with opening.open(f"sqlite:///{tmp_path}/a.db") as store:
        bulletin = Bulletin(Roll(store, Pool(()), lambda: 0), Responder(()))
        first, second = (Index(edition=9, lfdis={lfdi: "lost"}) for lfdi in ("A", "B"))
        texts = [await bulletin._told(first, since) for since in (1, 2, 3, 99)]  # noqa: SLF001 - what is kept
        assert all(text is texts[0] for text in texts)
        assert '"lfdis": ["B"]' in await bulletin._told(second, 1)  # noqa: SLF001 - the same
        assert len(bulletin.texts) == 1

"""`derbridge seal` and `derbridge unseal`: messages by hand, from files of certificates and keys."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path

import pytest

from bridge.trust import folder
from bridge.trust.folder import Client, Folder
from tests.app.command import Done, derbridge, line_of, refused, spawned

NOW = "1800000000"
DOCUMENT = "<DERControl/>\n"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return folder.make(tmp_path_factory.mktemp("sealing") / "pki", ("localhost",))


@pytest.fixture(scope="module")
def alice(pki: Folder) -> Client:
    return pki.client("alice", "aggregator")


@pytest.fixture(scope="module")
def bob(pki: Folder) -> Client:
    return pki.client("bob")


def seal(by: Client, *more: str | Path, given: str = DOCUMENT) -> Done:
    return derbridge("seal", "-", "--cert", by.certificate, "--key", by.key, *more, given=given)


def unseal(text: str, by: Client, to: Client, *more: str | Path) -> Done:
    words = ("--cert", by.certificate, "--root", by.root, "--to", to.lfdi)
    return derbridge("unseal", "-", *words, *more, given=text)


def test_there_and_back(alice: Client, bob: Client) -> None:
    made = seal(alice, "--to", bob.lfdi, "--method", "POST", "--path", "/derp/1/derc")
    assert made.stdout.count(".") == 2
    assert unseal(made.stdout, alice, bob) == Done(0, DOCUMENT, "")


def test_as_json(alice: Client, bob: Client) -> None:
    more = ("--class", "event", "--service", "Operate", "--object", "LD0/DWMX1", "--media", "text/plain")
    text = seal(alice, "--to", bob.lfdi, "--now", NOW, "--life", "60", "--sequence", "7", *more).stdout
    found = json.loads(unseal(text, alice, bob, "--now", NOW, "--json").stdout)
    assert b64decode(found.pop("payload")) == DOCUMENT.encode()
    assert len(found.pop("nonce")) == 22
    assert len(found.pop("correlation")) == 16
    assert found == {
        "sender": alice.lfdi, "recipient": bob.lfdi, "kind": "event", "created": 1_800_000_000,
        "expires": 1_800_000_060, "sequence": 7, "media": "text/plain", "service": "Operate",
        "reference": "LD0/DWMX1",
    }  # fmt: skip


def test_bytes_go_to_a_file(alice: Client, bob: Client, tmp_path: Path) -> None:
    inside, sealed, out = (tmp_path / name for name in ("in", "sealed", "out"))
    inside.write_bytes(bytes(range(256)))
    words = ("--cert", alice.certificate, "--key", alice.key, "--to", bob.lfdi, "-o", sealed)
    assert derbridge("seal", inside, *words) == Done(0, "", "")
    text = sealed.read_text("ascii")
    assert "is no text" in line_of(unseal(text, alice, bob))
    assert unseal(text, alice, bob, "-o", out) == Done(0, "", "")
    assert out.read_bytes() == inside.read_bytes()


def test_request_and_answer(alice: Client, bob: Client, tmp_path: Path) -> None:
    request, other = tmp_path / "request", tmp_path / "other"
    for path in (request, other):
        path.write_text(seal(alice, "--to", bob.lfdi).stdout)
    answer = seal(bob, "--request", request, "--media", "text/plain", given="done").stdout
    assert unseal(answer, bob, alice, "--request", request) == Done(0, "done", "")
    for more in (("--request", other), ()):
        done = unseal(answer, bob, alice, *more)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("derbridge: refused: answer: ")


def test_covered(alice: Client, bob: Client) -> None:
    made = seal(alice, "--to", bob.lfdi, "--cover", bob.certificate, "--root", bob.root).stdout
    assert made.count(".") == 4
    assert unseal(made, alice, bob, "--key", bob.key) == Done(0, DOCUMENT, "")
    assert "is encrypted: name the recipient's private key" in line_of(unseal(made, alice, bob))
    assert "refused: cover: " in unseal(made, alice, bob, "--key", alice.key).stderr


@pytest.mark.parametrize(("moment", "word"), [("1799999699", "early"), ("1800000600", "late")])
def test_refused_by_its_name(alice: Client, bob: Client, moment: str, word: str) -> None:
    text = seal(alice, "--to", bob.lfdi, "--now", NOW).stdout
    done = unseal(text, alice, bob, "--now", moment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"derbridge: refused: {word}: ")


def test_refused_for_others(alice: Client, bob: Client, pki: Folder) -> None:
    text = seal(alice, "--to", bob.lfdi).stdout
    assert "refused: recipient: " in unseal(text, alice, alice).stderr
    assert "refused: sender: " in unseal(text, bob, bob).stderr
    words = ("--cert", alice.certificate, "--root", pki.operators, "--to", bob.lfdi)
    assert "refused: chain: " in derbridge("unseal", "-", *words, given=text).stderr


def test_what_cannot_be_used(alice: Client, bob: Client, tmp_path: Path) -> None:
    words = ("seal", "-", "--cert", alice.certificate, "--key")
    assert "is not the key of" in refused(*words, bob.key, "--to", bob.lfdi)
    assert "is no private key in PEM" in refused(*words, alice.certificate, "--to", bob.lfdi)
    assert "No such file" in refused(*words, tmp_path / "none", "--to", bob.lfdi)
    assert "name the recipient" in refused(*words, alice.key)
    assert "aud has a value that it cannot have" in refused(*words, alice.key, "--to", "a b")
    assert "method lacks its companion" in refused(*words, alice.key, "--to", bob.lfdi, "--method", "GET")
    assert "is no certificate in PEM" in refused(
        "seal", "-", "--cert", alice.key, "--key", alice.key, "--to", bob.lfdi
    )
    junk = tmp_path / "junk"
    junk.write_text("junk")
    assert "is no sealed message" in refused(*words, alice.key, "--request", junk)
    untrusted = ("--to", bob.lfdi, "--cover", bob.certificate)
    assert "the chain does not end in a root" in refused(*words, alice.key, *untrusted)


def test_in_a_process(alice: Client, bob: Client) -> None:
    words = ("--cert", alice.certificate, "--key", alice.key, "--to", bob.lfdi)
    made = spawned("seal", "-", *words, given=DOCUMENT)
    assert (made.returncode, made.stderr) == (0, "")
    words = ("--cert", alice.certificate, "--root", alice.root, "--to", bob.lfdi)
    assert spawned("unseal", "-", *words, given=made.stdout) == Done(0, DOCUMENT, "")

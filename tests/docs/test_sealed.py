"""The page of sealed messages: its tables are the code's, its example runs, its vectors hold for others."""

from __future__ import annotations

import asyncio
import json
import re
import time
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from joserfc import errors, jws
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from bridge.trust import cover, header, issue, refusal, ring, seal, verify
from bridge.trust.decision import Decision
from bridge.trust.refusal import Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.verify import Question, Verifier
from docs import sealed

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "sealed-messages.md").read_text("utf-8")
SAID: dict[str, Any] = json.loads(sealed.PLACE.read_text("utf-8"))
ALL = sealed.kept(SAID)
VECTORS = {one["name"]: one for one in SAID["messages"]}
GOOD = [name for name, one in VECTORS.items() if one["verdict"] == sealed.TAKEN]
ALLOWED = Decision(
    0, "", "", "", None, "", "none", "", "read", "", "", "all", True, (), policy="1", hop="relay"
)  # fmt: skip


def rows(start: str) -> list[list[str]]:
    """The cells of the table that begins with these words."""
    table = PAGE[PAGE.index(start) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_members() -> None:
    names = [name for row in rows("| Member | |") for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(names) == sorted(header.NAMES)
    needed = {row[0].strip("`") for row in rows("| Member | |") if row[1] == "always"}
    assert needed == header.NEEDED
    covers = {row[0].strip("`"): row[1].strip("`") for row in rows("| Member | What")}
    assert covers.items() >= cover.FIXED.items()
    assert covers.keys() == {*cover.FIXED, "kid", "epk"}


def test_classes() -> None:
    found = {row[0].strip("`"): int(row[1].removesuffix(" s").replace(",", "")) for row in rows("| Class")}
    assert found == header.LIVES


def test_reasons() -> None:
    assert {row[0].strip("`"): row[1] for row in rows("| Reason")} == refusal.MEANING


@pytest.mark.parametrize("figure", [verify.SKEW, verify.HEAD, verify.MOST])
def test_figures(figure: int) -> None:
    assert f"{figure:,}" in PAGE


def test_the_file_is_what_the_program_makes() -> None:
    assert sealed.whole(ALL, SAID["messages"][-1]) == SAID


def bob() -> Verifier:
    """The recipient, as the file describes him."""
    revoked = {SAID["parties"][name]["lfdi"] for name in SAID["revoked"]}
    held = ring.Ring(map(b64decode, SAID["roots"]), [one.chain for one in ALL.values()])
    mine = {ALL[SAID["recipient"]].lfdi, *SAID["groups"]}
    return Verifier(mine, held, lambda lfdi, _: lfdi in revoked, Nonces(), Levels(), lambda _: ALLOWED)


def question(text: str) -> Question:
    made = verify.prove(text, bob()._replace(mine={ALL["alice"].lfdi}), SAID["now"])
    return Question(made.message, text)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
def test_verdicts(vector: dict[str, Any]) -> None:
    judge = bob()
    for before in vector.get("after", ()):
        asyncio.run(verify.verify(before, judge, SAID["now"]))
    asked = question(vector["request"]) if "request" in vector else None
    verdict, payload = sealed.TAKEN, None
    try:
        found = asyncio.run(verify.verify(vector["text"], judge, vector.get("at", SAID["now"]), asked))
        payload = found.message.payload
    except Refused as refused:
        verdict = refused.reason.value
    assert verdict == vector["verdict"]
    assert payload == (b64decode(vector["payload"]) if verdict == sealed.TAKEN else None)


def test_most_reasons_have_a_vector() -> None:
    """All but those for which a message would have to be very long, or very many."""
    told = {one["verdict"] for one in VECTORS.values()}
    assert told == {sealed.TAKEN, *refusal.Reason} - {"size", "cover", "full", "access"}


def test_the_covered_one() -> None:
    vector = SAID["messages"][-1]
    own = ALL["bob"]
    assert cover.uncover(vector["cover"], own.lfdi, own.key) == vector["text"]


RULES = jws.JWSRegistry({name: HeaderParameter(name, lambda _: None) for name in header.OURS}, ["ES256"])
RULES.max_header_length = verify.HEAD


def foreign(vector: dict[str, Any]) -> bytes:
    """What joserfc alone takes out of a message, under the key of whom it says it is from."""
    keys = {one["lfdi"]: ECKey.import_key(one["jwk"]) for one in SAID["parties"].values()}
    kid = jws.extract_compact(vector["text"].encode(), registry=RULES).headers()["kid"]
    return jws.deserialize_compact(vector["text"], keys[kid], registry=RULES).payload


@pytest.mark.parametrize("name", GOOD)
def test_a_foreign_library_takes_the_good_ones(name: str) -> None:
    assert foreign(VECTORS[name]) == b64decode(VECTORS[name]["payload"])


@pytest.mark.parametrize("name", [name for name, one in VECTORS.items() if one["verdict"] == "signature"])
def test_a_foreign_library_refuses_the_altered_ones(name: str) -> None:
    with pytest.raises(errors.BadSignatureError):
        foreign(VECTORS[name])


BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the example."""
    for name, party in (("own", ALL["alice"]), ("bridge", ALL["bob"])):
        (tmp_path / f"{name}.pem").write_bytes(party.pem)
        (tmp_path / f"{name}.key").write_bytes(party.key_pem)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answered(text: str, payload: bytes, by: issue.Issued) -> str:
    """What the bridge answers."""
    proved = verify.prove(text, bob(), int(time.time()))
    assert (proved.message.method, proved.message.path) == ("POST", "/derp/1/derc")
    said = seal.answer(
        proved.message, text, by.lfdi, payload=payload, media="text/plain", created=int(time.time()),
        nonce=seal.nonce(b"n" * 16), sequence=1,
    )  # fmt: skip
    return seal.seal(said, by.key)


def test_the_example_runs(place: Path) -> None:
    assert (place / "own.pem").exists()
    names: dict[str, Any] = {}
    exec(BLOCKS[0], names)  # noqa: S102 - our own page
    names["answer"] = answered(names["request"], b"done", ALL["bob"])
    exec(BLOCKS[1], names)  # noqa: S102 - our own page
    assert names["result"] == b"done"
    assert len(BLOCKS) == 2
    other = names["seal"](b"x", ALL["bob"].lfdi, method="POST", path="/derp/1/derc")
    with pytest.raises(ValueError, match="this is not the answer"):
        names["verified"](names["answer"], other)
    with pytest.raises(errors.BadSignatureError):
        names["verified"](answered(names["request"], b"done", ALL["eve"]), names["request"])

"""What `derbridge check` says of the door for companies: each fault with its key, place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.app import init, loading, problems
from tests.app.gateway.company import issued

BASE = "[https]\nport = 0\n[plain]\nport = 0\n[admin]\nport = 0\n[rules]\npen = 40732\n"
ON = "[soap]\nenabled = true\nport = 0\n"
ROOTS = 'roots = ["root.pem"]\n'
WRONG = {
    "": ("roots", "no company can connect", False),
    'roots = ["nowhere.pem"]\n': ("roots", "does not exist", True),
    'roots = ["leaf.pem"]\n': ("roots", "may sign no other certificate", True),
    f'{ROOTS}signers = ["nowhere.pem"]\n': ("signers", "does not exist", True),
    f'{ROOTS}certificate = "leaf.pem"\n': ("key", "goes with certificate", True),
    f'{ROOTS}certificate = "leaf.pem"\nkey = "root.key"\n': ("key", "does not belong", True),
    f'{ROOTS}certificate = "leaf.pem"\nkey = "open.key"\n': ("key", "others can reach it", True),
    f'{ROOTS}signer = "leaf.pem"\nsecret = "nowhere.key"\n': ("signer", "No such file", True),
    f'{ROOTS}pinned = ["alone.pem"]\n': ("pinned", "profile test alone", True),
    f'{ROOTS}profile = "test"\npinned = ["leaf.pem"]\n': ("pinned", "has not signed itself", True),
    f'{ROOTS}networks = ["203.0.113.7/24"]\n': ("networks", "host bits set", True),
}
SOUND = (
    ROOTS,
    f'{ROOTS}certificate = "leaf.pem"\nkey = "leaf.key"\n',
    'profile = "test"\npinned = ["alone.pem"]\n',
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faults") / "site"
    init.made(made, ("localhost",))
    root = issued(made, "root", authority=True, kind="rsa")
    leaf = issued(made, "leaf", root, "rsa")
    issued(made, "alone")
    (made / "open.key").write_bytes(leaf.secret.read_bytes())
    (made / "open.key").chmod(0o644)
    return made


def found(place: Path, said: str) -> list[loading.Problem]:
    (place / loading.NAME).write_text(BASE + ON + said, "utf-8")
    return [each for each in problems.judge(loading.load(place, {})) if each.key.startswith("soap")]


@pytest.mark.parametrize("said", SOUND)
def test_nothing_is_wrong_with_what_is_sound(place: Path, said: str) -> None:
    assert [each for each in found(place, said) if each.grave] == []


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_told(place: Path, said: str) -> None:
    key, what, grave = WRONG[said]
    told = [each for each in found(place, said) if each.key == f"soap.{key}"]
    assert any(what in each.what and each.grave is grave and each.remedy and each.line for each in told), told

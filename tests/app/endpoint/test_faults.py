"""What `derbridge check` says of the endpoint's configuration: each fault with its key, place and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge.app import init, loading, problems

BASE = "[https]\nport = 0\n[plain]\nport = 0\n[admin]\nport = 0\n[rules]\npen = 40732\n"
ON = '[iec61850]\nenabled = true\nhost = "relay.example"\n'
WRONG = {
    'host = ""\n': ("host", "no XMPP server", True),
    'certificate = "nowhere.pem"\n': ("certificate", "does not exist", True),
    'key = "pki/clients/operator.key"\n': ("key", "does not belong to the certificate", True),
    'roots = ["nowhere.pem"]\n': ("roots", "does not exist", True),
    'address = "nobody"\n': ("address", "no user@domain", True),
    'buffer = "nowhere/reports.db"\n': ("buffer", "is no folder", True),
    'parties = "nowhere"\n': ("parties", "nobody can speak", False),
    'parties = "spoilt"\n': ("parties", "cannot be used", True),
    'parties = "strange"\n': ("parties", "strange.pem", False),
    'clear = { "a@b" = "AB" }\n': ("clear", "no LFDI", True),
    "refresh = 900\n": ("refresh", "not below `lost`", False),
    f'clear = {{ "a@b/IEC" = "{"AB" * 20}" }}\n': ("clear", "no user@domain", True),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faults") / "site"
    init.made(made, ("localhost",))
    for name in ("parties", "spoilt", "strange"):
        (made / name).mkdir()
    shutil.copy(made / "pki" / "clients" / "operator.pem", made / "parties")
    (made / "spoilt" / "spoilt.pem").write_text("no certificate")
    shutil.copy(made / "pki" / "services" / "ocsp-mica.pem", made / "strange" / "strange.pem")
    return made


def found(place: Path, said: str) -> list[loading.Problem]:
    text = ON.replace('host = "relay.example"\n', "") if said.startswith("host") else ON
    (place / loading.NAME).write_text(BASE + text + said, "utf-8")
    judged = problems.judge(loading.load(place, {}))
    return [one for one in judged if one.key.startswith("iec61850")]


def test_nothing_is_wrong_with_what_init_makes(place: Path) -> None:
    assert found(place, "") == []


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_told(place: Path, said: str) -> None:
    key, what, grave = WRONG[said]
    told = [one for one in found(place, said) if one.key == f"iec61850.{key}"]
    assert any(what in one.what and one.grave is grave and one.remedy and one.line for one in told), told


def test_what_is_switched_off_is_not_judged(place: Path) -> None:
    (place / loading.NAME).write_text(BASE + '[iec61850]\nhost = "x"\nroots = ["nowhere.pem"]\n', "utf-8")
    judged = problems.judge(loading.load(place, {}))
    assert [one for one in judged if one.key.startswith("iec61850")] == []

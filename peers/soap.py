"""Foreign clients at the door for companies: zeep with a signing plug-in, and one on xmlsec; then forgers.

Each client has an environment of its own and knows the bridge only by its description. Both complete both
operations; each failure of the chain, one by one, yields its fault and has no effect; none of the hostile
envelopes (peers/wrapping.py) is taken.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers.cactus import environment
from tests.app.gateway.company import ACCOUNT, DUNS, Company, World, issued, world

ROOT = Path(__file__).resolve().parent.parent
ZEEP = ("zeep==4.3.2", "cryptography==46.0.3", "requests==2.32.5")
XMLSEC = ("xmlsec==1.3.17", "lxml==6.0.2", "requests==2.32.5")
WANTED: dict[str, tuple[dict[str, Any], str]] = {
    "another name": ({"name": "NOBODY"}, "FailedAuthentication"),
    "another company's name": ({"name": "SECOND"}, "FailedAuthentication"),
    "against the schema": ({"spoil": ["Peak at four", "x" * 401]}, "Client"),
    "a part not signed": ({"unsigned": True}, "FailedCheck"),
    "sha1": ({"sha1": True}, "UnsupportedAlgorithm"),
    "a signer that is not registered": ({}, "SecurityTokenUnavailable"),
    "changed after signing": ({"spoil": ["Peak at four", "Peak at nine"]}, "FailedCheck"),
    "expired": ({"late": -7200}, "MessageExpired"),
    "from tomorrow": ({"late": 7200}, "MessageExpired"),
    "the account in small letters": ({"account": ACCOUNT.lower()}, "FailedAuthentication"),
    "another requester type": ({"type": 3}, "FailedAuthentication"),
    "another company number": ({"duns": "123456789"}, "FailedAuthentication"),
}
"""What zeep's client does wrong, and the fault that it must get."""


def run() -> dict[str, object]:
    """Both clients, each failure, every forger; what came of it."""
    zeep, xmlsec = environment(sys.executable, ZEEP), environment(sys.executable, XMLSEC)
    with TemporaryDirectory(prefix="derbridge-") as name, world(Path(name) / "site", "rsa") as found:
        register(found.company)
        second = Company(
            found.site, "SECOND", issued(found.folder, "second-tls", found.authority, "rsa"),
            issued(found.folder, "second", found.authority),
        )  # fmt: skip
        register(second)
        first = called(zeep, "caller", {**papers(found.company), "changes": changes(found)})
        other = called(xmlsec, "sealer", papers(second))
        taken = len(found.site.lines("request taken"))
    wrapped = forged()
    told = {label: fault for label, (_, fault) in WANTED.items()}
    agreed = first["faults"] == told and bool(first["price"] and first["message"])
    agreed = agreed and other == {"price": True, "message": True} and taken == 4  # noqa: PLR2004 - two each
    sound = wrapped["good"] == "taken" and not wrapped["accepted"] and wrapped["taken"] == 1
    return {
        "ok": agreed and sound,
        "zeep_faults": len(first["faults"]),
        "wrong_faults": {name: said for name, said in first["faults"].items() if told[name] != said},
        "xmlsec": other,
        "taken": taken,
        **{f"hostile_{name}": figure for name, figure in wrapped.items() if name != "told_otherwise"},
        "hostile_told_otherwise": len(wrapped["told_otherwise"]),
    }


def register(company: Company) -> None:
    """Let a company in."""
    status, answer = asyncio.run(company.site.admin.post("/api/v1/entities", company.said()))
    if status != 201:  # noqa: PLR2004 - HTTP's own figure
        raise RuntimeError(str(answer))


def papers(company: Company) -> dict[str, Any]:
    """What a client is given."""
    certificate = company.signer.certificate
    return {
        "url": company.url, "ca": str(company.site.pki.roots), "name": company.name, "account": ACCOUNT,
        "duns": DUNS, "cert": str(company.tls.place), "key": str(company.tls.secret),
        "signer": str(company.signer.place), "secret": str(company.signer.secret),
        "theirs": str(company.site.pki.certificate), "issuer": certificate.issuer.rfc4514_string(),
        "serial": str(certificate.serial_number),
    }  # fmt: skip


def changes(found: World) -> dict[str, dict[str, Any]]:
    """What is to be done wrong."""
    stranger = issued(found.folder, "stranger", found.authority, "rsa")
    strange = {"signer": str(stranger.place), "secret": str(stranger.secret)}
    return {label: said or strange for label, (said, _) in WANTED.items()}


def called(python: Path, program: str, said: dict[str, Any]) -> dict[str, Any]:
    """Run a client in its environment."""
    command = [str(python), "-P", str(ROOT / "peers" / f"{program}.py")]
    done = subprocess.run(command, input=json.dumps(said), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def forged() -> dict[str, Any]:
    """What came of the hostile envelopes, made for this moment."""
    environ = os.environ | {"DERBRIDGE_WSSE_NOW": str(int(time.time()))}
    command = [sys.executable, "-m", "peers.wrapping"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer

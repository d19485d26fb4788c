"""Schemathesis against the administration API: every operation of its own description, over real mutual TLS.

It writes requests that the description allows and requests that it forbids, and holds each answer to it: no
5xx, no status, media type, header or body that is not described, nothing accepted that is forbidden. What is
allowed by form may still be refused for what it means; a mere refusal of that kind is no difference.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from peers.table import Missing
from tests.served import Served, served

MODULE = "peers.guidance"
MEANT = "positive_data_acceptance"
"""The check that takes a refusal by meaning for a fault."""
SHOWN = 400
"""Lines of what it prints that are reported when something differs."""
DEVICE, HELD, AGGREGATOR = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", "AB" * 20, "A6" * 20
ROOT = Path(__file__).resolve().parent.parent


def run(seconds: str = "45") -> dict[str, object]:
    """Cover each parameter, then write requests at random, each for so many seconds; what was found."""
    figures: dict[str, object] = {"ok": True}
    for phase in ("coverage", "fuzzing"):
        with TemporaryDirectory(prefix="derbridge-") as folder, served(Path(folder) / "site") as site:
            found = tested(site, Path(folder), "--phases", phase, "--max-time", seconds)
        figures |= {f"{phase}_{name}": figure for name, figure in found.items() if name not in {"ok", "said"}}
        if not found["ok"]:
            figures |= {"ok": False, "said": found["said"]}
    return figures


COMPANY = {"name": "RETAIL", "kind": "rep", "account": "R", "duns": "111111111"}


def seeded(site: Served) -> dict[str, list[str]]:
    """Make one of each thing, so that requests find something; what paths may name."""
    made = Seed(site)
    group = made.post("/groups", {"name": "feeder", "fsa": {"primacy": 1}})
    made.post("/aggregators", {"lfdi": AGGREGATOR})
    device = made.post("/devices", {"lfdi": DEVICE, "groups": [group], "connection_point": "4001234567"})
    made.post("/devices", {"lfdi": HELD, "aggregator": AGGREGATOR, "name": "held"}, "lfdi")
    programme = made.post("/programmes", {"primacy": 1, "group": group})
    control = {"modes": {"opModExpLimW": 5000}, "duration": 86400}
    made.put(f"/programmes/{programme}/default", {"modes": {"opModImpLimW": 1500}})
    signer = made.files.certificate.read_text("utf-8")
    made.post("/entities", {**COMPANY, "tls": [DEVICE], "signer": signer}, "name")
    points = {"type": 11, "points": [{"x": 9000, "y": 10}], "y_reference": "setMaxVar"}
    return {
        "device": [str(device), DEVICE],
        "lfdi": [DEVICE, AGGREGATOR],
        "der": ["1"],
        "group": [str(group)],
        "programme": [str(programme)],
        "control": [str(made.post(f"/programmes/{programme}/controls", control)) for _ in range(2)],
        "curve": [str(made.post(f"/programmes/{programme}/curves", points))],
        "entity": ["RETAIL"],
        "kind": ["DERProgramList", "EndDeviceList"],
        "href": ["derp", f"derp/{programme}", "edev", f"edev/{device}", "tp", "msg", "dcap"],
    }


class Seed:
    """Makes things by the administration API, one after the other."""

    def __init__(self, site: Served) -> None:
        files = site.pki.client("operator", "operator")
        self.files = files
        self.url = f"https://127.0.0.1:{site.ports['admin']}/api/v1"

    def send(self, method: str, path: str, body: object) -> Mapping[str, Any]:
        """Send a form, and give the answer's."""
        place = ["--cacert", self.files.root, "--cert", self.files.certificate, "--key", self.files.key]
        said = ["-H", "Content-Type: application/json", "-d", json.dumps(body), f"{self.url}{path}"]
        command = ["curl", "-sS", "-X", method, *map(str, place), *said]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        answer: Mapping[str, Any] = json.loads(done.stdout)
        return answer

    def post(self, path: str, body: object, key: str = "id") -> object:
        """Make something, and give its number."""
        answer = self.send("POST", path, body)
        return answer[key if key in answer else "lfdi"]

    def put(self, path: str, body: object) -> None:
        """Put something in place."""
        self.send("PUT", path, body)


def tested(site: Served, folder: Path, *options: str) -> dict[str, object]:
    """Run schemathesis against a server that is given one of each thing; what came of it."""
    known = seeded(site)
    program = Path(sys.executable).with_name("schemathesis")
    if not program.exists():
        raise Missing("schemathesis")
    files, report = site.pki.client("operator", "operator"), folder / "report.json"
    url = f"https://127.0.0.1:{site.ports['admin']}/api/v1/openapi.json"
    command = [
        str(program), "run", url, "--tls-verify", str(files.root), "--request-cert", str(files.certificate),
        "--request-cert-key", str(files.key), "--exclude-checks", MEANT, "--continue-on-failure",
        "--no-color", "--report", "json", "--report-json-path", str(report), "--seed", "20305", *options,
    ]  # fmt: skip
    environ = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": MODULE,
        "PYTHONPATH": str(ROOT),
        "DERBRIDGE_KNOWN": json.dumps(known),
    }
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    said = re.sub(r"\n+", "\n", done.stdout + done.stderr).splitlines()
    return judged(site, report, done.returncode, said)


def judged(site: Served, report: Path, status: int, said: list[str]) -> dict[str, object]:
    """What the report counts, and what the server's own log says of it."""
    if not report.exists():
        return {"ok": False, "said": said[-SHOWN:]}
    found = json.loads(report.read_text("utf-8"))
    answers = Counter(str(line["status"]) for line in site.lines("request"))
    broken = [line for line in site.lines() if line["event"] == "office failed"]
    wrong = found["failures"] or found["errors"] or broken or any(code.startswith("5") for code in answers)
    return {
        "ok": status == 0 and not wrong,
        "operations": found["operations"].get("tested", 0),
        "cases": found["test_cases"].get("total", sum(answers.values())),
        "answers": dict(sorted(answers.items())),
        "said": said[-SHOWN:],
    }

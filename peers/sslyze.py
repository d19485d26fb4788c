"""Peer sslyze: what an independent scanner finds of our TLS, held to a policy of ours (peers/sslyze.json).

It has an environment of its own, because it needs an older cryptography than we do. Its verifier knows no
critical policies, which 2030.5 certificates have (RFC 5280 lets it refuse them), so the server shows one
without; with its usual one exactly that must be all that is found.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.trust import folder, issue
from peers.cactus import environment
from tests.served import HOSTS, Served, served
from tests.transports.flaws import Made

ROOT = Path(__file__).resolve().parent.parent
WANTED = ("sslyze==6.3.1",)
POLICY = ROOT / "peers" / "sslyze.json"
BLIND = {"certificate_path_validation"}
"""What it finds wrong with a certificate whose critical extensions it does not know."""
USAGE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def run() -> dict[str, object]:
    """Scan a server with each certificate; what was found."""
    python = environment(sys.executable, WANTED)
    with TemporaryDirectory(prefix="derbridge-") as name:
        place = Path(name)
        own = plain(place)
        files = {"certificate": own.with_suffix(".pem"), "key": own.with_suffix(".key")}
        with served(place / "plain", https=files) as site:
            status, found = scanned(python, site, place / "root.pem")
        with served(place / "usual") as site:
            _, usual = scanned(python, site, site.pki.roots)
    agreed = status == 0 and set(usual["issues"]) == BLIND
    return {"ok": agreed, **found, "usual_certificate": sorted(usual["issues"])}


def plain(place: Path) -> Path:
    """Make a server's certificate without critical policies, and its root; gives its stem."""
    root = issue.root("Plain")
    good = issue.server(root, HOSTS)
    made = Made(without=(x509.CertificatePolicies,), extras=((USAGE, False),)).again(good, root)
    folder.keep(place / "own", made)
    folder.keep(place / "root", root)
    return place / "own"


def scanned(python: Path, site: Served, root: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """Run it; its exit status and its figures."""
    client = site.pki.client("scanner")
    script = [str(python), "-P", "-W", "ignore", str(ROOT / "peers" / "scan.py"), str(site.ports["https"])]
    command = [*script, *map(str, (POLICY, root, client.certificate, client.key))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise RuntimeError(done.stderr[-500:])
    return done.returncode, json.loads(done.stdout)

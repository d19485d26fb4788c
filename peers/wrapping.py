"""The hostile envelopes of tests/trust/wsse at a door that runs: how many are let in, and what each is told.

It is a program of its own: the table is made for this moment (DERBRIDGE_WSSE_NOW), by keys of its own. The
good envelope that they are all made of is sent first, and must be taken.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bridge.trust.wsse.refusal import REASONS
from tests.app.gateway.company import Company, Pair, World, code, issued, world
from tests.trust.wsse import making
from tests.trust.wsse.making import OTHER, REP, Party, signed
from tests.trust.wsse.table import CASES

SOUND = {"REP": (REP, "CNP", "799530220"), "OTHER": (OTHER, "OTHER", "799530221")}
GOOD = "the good one"


def authority(folder: Path) -> Path:
    """The root of the table's certificates, which it has only the key of."""
    name, now = x509.Name(making.NAMES), datetime.now(UTC)
    key = making.ISSUER
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=400), now + timedelta(days=400)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # noqa: FBT003
    builder = builder.add_extension(usage, critical=True)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = builder.add_extension(own, critical=False).sign(key, hashes.SHA256())
    place = folder / "table.pem"
    place.write_text(Party(key, made).pem, "utf-8")
    return place


async def judged(found: World, companies: dict[str, Company]) -> dict[str, Any]:
    """Send every envelope, the good one first."""
    rows = [(GOOD, signed().encode(), "REP"), *((case.name, case.data(), case.entity) for case in CASES)]
    verdicts: dict[str, str] = {}
    for name, data, entity in rows:
        sender = companies.get(entity, companies["REP"])
        status, answer = await sender.send(data, names=(entity,))
        verdicts[name] = "taken" if status == 200 else code(answer)  # noqa: PLR2004 - HTTP's own figure
    good = verdicts.pop(GOOD)
    told = {case.name: REASONS[case.reason].rpartition("}")[2] for case in CASES}
    return {
        "good": good,
        "cases": len(verdicts),
        "accepted": sorted(name for name, said in verdicts.items() if said == "taken"),
        "taken": len(found.site.lines("request taken")),
        "told_otherwise": {name: said for name, said in verdicts.items() if said != told[name]},
    }


def main() -> None:
    """Start a bridge that knows the table's companies, and show it the table."""
    with TemporaryDirectory(prefix="derbridge-") as name:
        folder = Path(name)
        signers = (str(authority(folder)),)
        with world(folder / "site", signers=signers) as found:
            made = {}
            for entity, (who, account, duns) in SOUND.items():
                tls = issued(found.folder, f"{entity}-tls", found.authority)
                signer = Pair(who.key, who.certificate, folder / entity)
                made[entity] = replace(found.company, name=entity, tls=tls, signer=signer, account=account)
                said = made[entity].said(duns=duns)
                status, answer = asyncio.run(found.site.admin.post("/api/v1/entities", said))
                if status != 201:  # noqa: PLR2004 - the same
                    raise RuntimeError(str(answer))
            sys.stdout.write(json.dumps(asyncio.run(judged(found, made))))


if __name__ == "__main__":
    main()

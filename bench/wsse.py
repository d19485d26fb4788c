"""Envelopes of WS-Security: verifying and signing against signxml and xmlsec, and the dearest hostile one.

All in one process and one run. Each judge gets the same bytes and parses them itself; the two libraries check
three digests and a signature by a certificate that is at hand, derbridge the whole of its profile. Best
processor time of the rounds.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.xml import ATTEMPTS, Work, best
from bridge.trust.wsse import algorithms, signature, signing
from bridge.trust.wsse.refusal import Rejected
from tests.trust.wsse import oracles
from tests.trust.wsse.making import NOW, REP, WHOLE, Case, Seal, Store, signed
from tests.trust.wsse.sizes import ADDRESS
from tests.trust.wsse.table import CASES

LIMIT = 50.0
ROUNDS = 200
FEW = 10
ADDRESSES = 10_000


def refuse(case: Case, data: bytes) -> None:
    """Verify a hostile envelope, which must not succeed."""
    try:
        signature.verify(data, case.entity, Store(), algorithms.DEFAULT, case.now)
    except Rejected:
        return
    raise RuntimeError(f"a hostile envelope was accepted: {case.name}")


def attacks() -> dict[str, float]:
    """Milliseconds of processor time to refuse each hostile envelope."""
    return {case.name: best({"": partial(refuse, case, case.data())}, ATTEMPTS)[""] for case in CASES}


def judges(data: bytes) -> dict[str, Work]:
    """Each judge of the same envelope, which it must accept."""
    if not (oracles.by_xmlsec(data) and oracles.by_signxml(data)):
        raise RuntimeError("a library does not accept the envelope")
    return {
        "derbridge": lambda: signature.verify(data, "REP", Store(), algorithms.DEFAULT, NOW),
        "xmlsec": lambda: oracles.by_xmlsec(data),
        "signxml": lambda: oracles.by_signxml(data),
    }


def signers() -> dict[str, Work]:
    """Each signer of the same parts; the libraries sign an envelope that they parse, as the tests have it."""
    found = signature.verify(signed().encode(), "REP", Store(), algorithms.DEFAULT, NOW)
    signer, period = signing.Signer(*REP), (NOW, NOW + 300)
    return {
        "derbridge": lambda: signing.sign(found.body[0], signer, "CNP", period, "1"),
        "xmlsec": lambda: oracles.signed_by_xmlsec(REP),
        "signxml": lambda: oracles.signed_by_signxml(REP),
    }


def measure() -> dict[str, Any]:
    """Everything, in milliseconds."""
    many = signed(WHOLE.replace("<Message>", f"{ADDRESS * ADDRESSES}<Message>"), Seal()).encode()
    return {
        "verify": best(judges(signed().encode()), ROUNDS),
        "verify_10000_addresses": best(judges(many), FEW),
        "sign": best(signers(), ROUNDS),
        "attacks": attacks(),
    }


def show(console: Console, figures: dict[str, Any]) -> None:
    """Print the speeds, and the dearest of the hostile envelopes."""
    table = Table(title="signed envelopes, P-256, three signed parts")
    for column in ("", "ms", "a second", "x derbridge"):
        table.add_column(column, justify="right" if column else "left")
    for work in ("verify", "verify_10000_addresses", "sign"):
        for name, spent in figures[work].items():
            ratio = spent / figures[work]["derbridge"]
            label = f"{work.replace('_', ' ')}, {name}"
            table.add_row(label, f"{spent:.3f}", f"{1000 / spent:,.0f}", f"{ratio:.2f}")
    console.print(table)
    spent = figures["attacks"]
    dearest = max(spent, key=lambda name: spent[name])
    console.print(
        f"hostile envelopes: {len(spent)}; dearest: {dearest}, {spent[dearest]:.1f} ms of {LIMIT:.0f}"
    )

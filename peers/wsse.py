"""Hostile envelopes of WS-Security before three judges: ours, xmlsec and signxml; and signing crosswise.

Ours must refuse every one for its named reason, in 50 ms of processor time or less. The two libraries judge a
signature, not an envelope: what they accept is what a program built on them has to refuse by itself. The
table of verdicts is printed, and kept in build/peers.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import thread_time

from rich.console import Console
from rich.table import Table

from bridge.trust.wsse import algorithms, signature
from bridge.trust.wsse.refusal import Rejected
from peers.table import Missing
from tests.trust.wsse.making import NOW, REP, REP_RSA, Case, Party, Seal, Store, signed
from tests.trust.wsse.table import CASES

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 50.0
"""Milliseconds of processor time that a hostile envelope may cost."""
ATTEMPTS, MOST = 3, 30
"""Times that each is judged: more where none was in its time, since a shared machine has slow moments."""
JUDGES = ("xmlsec", "signxml")


def ours(case: Case) -> tuple[str, float]:
    """Our own verdict, and the least of its costs in milliseconds of processor time."""
    data, said, least = case.data(), "", float("inf")
    for attempt in range(MOST):
        if attempt >= ATTEMPTS and 1000 * least <= LIMIT:
            break
        start = thread_time()
        try:
            signature.verify(data, case.entity, Store(), algorithms.DEFAULT, case.now)
            said = "accepted"
        except Rejected as rejected:
            said = rejected.reason
        least = min(least, thread_time() - start)
    return said, 1000 * least


def theirs() -> dict[str, dict[str, str]]:
    """The verdicts of the libraries, each in a process of its own."""
    command = [sys.executable, "-m", "tests.trust.wsse.oracles"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise Missing(f"xmlsec or signxml: {done.stderr.decode(errors='replace')[-200:]}")
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


def crosswise() -> bool:
    """Whether each accepts what any other signs, by either kind of key."""
    from tests.trust.wsse import oracles  # noqa: PLC0415 - a machine without the libraries has still a verdict

    def good(who: Party) -> bool:
        made = (
            signed(seal=Seal(who=who)).encode(),
            oracles.signed_by_xmlsec(who),
            oracles.signed_by_signxml(who),
        )
        for each in made:
            signature.verify(each, "REP", Store(), algorithms.DEFAULT, NOW)
        return all(judge(each, who) for each in made for judge in (oracles.by_xmlsec, oracles.by_signxml))

    return good(REP) and good(REP_RSA)


def shown(mine: dict[str, tuple[str, float]], others: dict[str, dict[str, str]]) -> Table:
    """Every case in a line."""
    table = Table(title="hostile envelopes")
    for column in ("case", "derbridge refuses for", "ms", *JUDGES):
        table.add_column(column, justify="right" if column == "ms" else "left")
    for name, (said, spent) in mine.items():
        table.add_row(name, said, f"{spent:.2f}", *(others[name][judge] for judge in JUDGES))
    return table


def run() -> dict[str, object]:
    """Judge every case, print the table; ok when ours accepts none, each for its reason and in its time."""
    mine, others = {case.name: ours(case) for case in CASES}, theirs()
    Console(width=130).print(shown(mine, others))
    dearest = max(mine, key=lambda name: mine[name][1])
    wrong = [case.name for case in CASES if mine[case.name][0] != case.reason]
    said = {"derbridge": [each for each, _ in mine.values()]}
    said |= {judge: [each[judge] for each in others.values()] for judge in JUDGES}
    return {
        "ok": not wrong and "accepted" not in said["derbridge"] and mine[dearest][1] <= LIMIT and crosswise(),
        "cases": len(CASES),
        **{f"accepted_{judge}": each.count("accepted") for judge, each in said.items()},
        **{f"stopped_{judge}": said[judge].count("stopped") for judge in JUDGES},
        "dearest_ms": round(mine[dearest][1], 1),
        "dearest": dearest,
        "wrong": wrong,
        "verdicts": {name: {"derbridge": mine[name][0], **others[name]} for name in mine},
    }

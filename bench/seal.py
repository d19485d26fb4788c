"""Sealing and verifying, against `cryptography` alone doing the signature over the very same bytes.

A payload of 1.9 kB, one process. `verify, with access and log` makes a decision and its record,
too: `decide` is the place of the server's own. Rounds are interleaved, and the least processor time of each
is compared. `python -m bench.seal` prints this part alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from time import process_time

from rich.console import Console
from rich.table import Table

from bridge.trust import cover, header, issue, seal, verify
from bridge.trust.decision import Decision
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring, hold

NOW = 1_800_000_000
BATCH, ROUNDS = 50, 100
PAYLOAD = b"<DERControl>" + b"x" * 1_900 + b"</DERControl>"
GOAL, LEAST = 0.6, 3_000
"""Share of the bare signature's speed, and messages a second of one core."""
ROOT = issue.root("SERCA")
MICA = issue.authority(ROOT, "MICA", depth=0)
SENDER, OWN = issue.device(MICA, b"sender"), issue.device(MICA, b"own")
RING = Ring([ROOT.der], [SENDER.chain, OWN.chain])
"""All that both sides know of each other."""


def decide(log: list[bytes]) -> verify.Access:
    """Give a decision on access and a record of it, chained to the one before: the place of the real ones."""

    def access(proved: verify.Proved) -> Decision:
        said = proved.message
        digest = sha256(said.payload).hexdigest()
        target, serial = said.path, f"{proved.held.serials[0].number:x}"
        made = Decision(
            NOW, said.correlation, said.sender, serial, None, "", "none", "der", "create", target, digest,
            "all", allowed=True, limits=(), policy="1", hop="relay",
        )  # fmt: skip
        record = json.dumps(made).encode()
        log.append(sha256((log[-1] if log else b"") + record).digest())
        return made

    return access


def verifier(access: verify.Access) -> verify.Verifier:
    """One that takes everything of the sender's, with room for all of a run."""
    return verify.Verifier(
        frozenset({OWN.lfdi}), RING, lambda *_: False, Nonces(10**7, 10**7), Levels(), access
    )


def messages(numbers: Iterator[int]) -> list[header.Message]:
    """A batch of new messages."""
    return [
        header.Message(
            SENDER.lfdi, OWN.lfdi, "request", f"c{number}", NOW, NOW + 300,
            seal.nonce(number.to_bytes(16, "big")), number, "application/sep+xml", PAYLOAD,
            "POST", "/derp/1/derc",
        )
        for number in (next(numbers) for _ in range(BATCH))
    ]  # fmt: skip


def spent(work: Callable[[], object]) -> float:
    """Processor seconds."""
    start = process_time()
    work()
    return process_time() - start


def rounds() -> dict[str, float]:
    """Least microseconds for one message, of each kind of work."""
    numbers, least = count(1), dict[str, float]()
    bare, whole = verifier(decide([])), verifier(decide([]))
    for _ in range(ROUNDS):
        said = messages(numbers)
        texts = [seal.seal(one, SENDER.key) for one in said]
        for name, work in works(said, texts, bare, whole).items():
            least[name] = min(least.get(name, 1e9), 1e6 * spent(work) / BATCH)
    return least


def works(
    said: list[header.Message], texts: list[str], bare: verify.Verifier, whole: verify.Verifier
) -> dict[str, Callable[[], object]]:
    """What is measured in one round, all of it on the same messages."""
    key, public = SENDER.key, SENDER.key.public_key()
    parts = [text.encode().rpartition(b".") for text in texts]
    signed = [first for first, _, _ in parts]
    pairs = [(key.sign(first, seal.ECDSA), first) for first in signed]
    held = hold(OWN.chain, [ROOT.der])
    covered = [cover.cover(text, held) for text in texts[: BATCH // 10]] * 10
    return {
        "sign, cryptography alone": lambda: [key.sign(first, seal.ECDSA) for first in signed],
        "seal": lambda: [seal.seal(one, key) for one in said],
        "verify, cryptography alone": lambda: [
            public.verify(signature, first, seal.ECDSA) for signature, first in pairs
        ],
        "prove": lambda: [verify.prove(text, bare, NOW) for text in texts],
        "verify, with access and log": lambda: asyncio.run(every(texts, whole)),
        "cover": lambda: [cover.cover(text, held) for text in texts],
        "uncover": lambda: [cover.uncover(text, OWN.lfdi, OWN.key) for text in covered],
    }


async def every(texts: list[str], judge: verify.Verifier) -> None:
    """Verify all of them, as the server would."""
    for text in texts:
        await verify.verify(text, judge, NOW)


def measure() -> dict[str, float]:
    """Microseconds of each, and the ratios that have goals."""
    least = rounds()
    return {
        **least,
        "seal_ratio": least["sign, cryptography alone"] / least["seal"],
        "prove_ratio": least["verify, cryptography alone"] / least["prove"],
        "verified_per_second": 1e6 / least["verify, with access and log"],
    }


def told(figures: dict[str, float]) -> Table:
    """The figures as a table."""
    table = Table(title="sealed messages, 1.9 kB, one core")
    for column, side in (("", "left"), ("us", "right"), ("a second", "right"), ("of the bare", "right")):
        table.add_column(column, justify="left" if side == "left" else "right")
    ratios = {"seal": "seal_ratio", "prove": "prove_ratio"}
    for name in list(figures)[:-3]:
        ratio = f"{figures[ratios[name]]:.2f} (goal {GOAL})" if name in ratios else ""
        speed = f"{1e6 / figures[name]:,.0f}"
        goal = f" (goal {LEAST:,})" if name.startswith("verify, with") else ""
        table.add_row(name, f"{figures[name]:.1f}", speed + goal, ratio)
    return table


if __name__ == "__main__":
    Console().print(told(measure()))

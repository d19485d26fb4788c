"""Sealing and verifying, against `cryptography` alone doing the signature over the very same bytes.

A payload of 1.9 kB, one process. `verify, with access and log` also has the shipped rules decide, and the
record chained and written by the server's own scribe into a real store on SQLite; `with marks` keeps the
sequence of each there, too, before it is acted upon. Messages come fifty at once, and those share a commit.
Rounds are interleaved, and the least processor time of each is compared, the store's threads included.
"""

from __future__ import annotations

import asyncio
from asyncio import Runner
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bridge.app.meter import Meter
from bridge.app.scribe import Scribe
from bridge.core.access import again, book
from bridge.core.access.engine import Question
from bridge.core.access.figures import Figures
from bridge.core.access.roles import Grant, Role
from bridge.core.access.target import PUBLIC
from bridge.transports.store import opening
from bridge.transports.store.mark import Stored
from bridge.trust import checkpoint, cover, header, issue, seal, verify
from bridge.trust.decision import Decision
from bridge.trust.replay import Levels, Marks, Nonces
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


GRANTS = (Grant(Role.OPERATOR, source="assignment"),)
FIGURES = Figures(watts=Decimal(5_000), duration=Decimal(3_600))
WHOLE, MARKED = "verify, with access and log", "verify, with marks as well"


class Server(NamedTuple):
    """What of a server has a hand in it, on a loop and a store of its own."""

    runner: Runner
    scribe: Scribe
    whole: verify.Verifier
    marked: verify.Verifier


@contextmanager
def serving() -> Iterator[Server]:
    """Open a store, and put the parts of a server together on it."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="derbridge-bench-"))
        runner = stack.enter_context(Runner())
        opened = opening.open(f"sqlite:///{Path(folder) / 'bench.db'}")
        store = runner.run(opened.__aenter__())
        stack.callback(lambda: runner.run(opened.__aexit__(None, None, None)))
        scribe = Scribe(store.decisions, Meter(), checkpoint.signer(OWN.pem, OWN.key_pem))
        runner.run(scribe.begin())
        access = decide(scribe)
        yield Server(runner, scribe, verifier(access, Levels()), verifier(access, Stored(store)))


def decide(scribe: Scribe) -> verify.Access:
    """Have the shipped rules decide on a control of an operator's, and the scribe take it down."""
    engine = book.shipped()

    def access(proved: verify.Proved) -> Decision:
        said = proved.message
        asked = Question(said.sender, "control", "create", PUBLIC, said.created, FIGURES, 1)
        verdict = engine.decide(GRANTS, asked)
        made = Decision(
            NOW * 1_000_000, said.correlation, said.sender, f"{proved.held.serials[0].number:X}", 12,
            verdict.role, verdict.source, asked.function, asked.action, said.path,
            sha256(said.payload).hexdigest(), verdict.rule, verdict.allowed, verdict.limits,
            f"{engine.version}-1", "relay",
        )  # fmt: skip
        scribe.note(made, again.weighed(GRANTS, asked))
        return made

    return access


def verifier(access: verify.Access, marks: Marks) -> verify.Verifier:
    """One that takes everything of the sender's, with room for all of a run."""
    return verify.Verifier(frozenset({OWN.lfdi}), RING, lambda *_: False, Nonces(10**7, 10**7), marks, access)


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
    with serving() as server:
        bare = verifier(decide(server.scribe), Levels())
        for _ in range(ROUNDS):
            said = messages(numbers)
            texts = [seal.seal(one, SENDER.key) for one in said]
            for name, work in works(said, texts, bare, server).items():
                least[name] = min(least.get(name, 1e9), 1e6 * spent(work) / BATCH)
        if server.runner.run(server.scribe.decisions.oldest()) is None or server.scribe.decisions.waiting:
            raise RuntimeError("the decisions are not on the disk")
    return least


def works(
    said: list[header.Message], texts: list[str], bare: verify.Verifier, server: Server
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
        WHOLE: lambda: server.runner.run(every(texts, server.whole, server.scribe)),
        MARKED: lambda: server.runner.run(every(texts, server.marked, server.scribe)),
        "cover": lambda: [cover.cover(text, held) for text in texts],
        "uncover": lambda: [cover.uncover(text, OWN.lfdi, OWN.key) for text in covered],
    }


async def every(texts: list[str], judge: verify.Verifier, scribe: Scribe) -> None:
    """Verify all of them, as they come in together; every record is on the disk at the end."""
    await asyncio.gather(*(verify.verify(text, judge, NOW) for text in texts))
    await scribe.decisions.flush()


def measure() -> dict[str, float]:
    """Microseconds of each, and the ratios that have goals."""
    least = rounds()
    return {
        **least,
        "seal_ratio": least["sign, cryptography alone"] / least["seal"],
        "prove_ratio": least["verify, cryptography alone"] / least["prove"],
        "verified_per_second": 1e6 / least[WHOLE],
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

"""Decisions, a signer and a proof for the tests of the decision log."""

from __future__ import annotations

from bridge.transports.store.decisions import Wish
from bridge.transports.store.store import Store
from bridge.trust import issue, log
from bridge.trust.checkpoint import Checkpoint, Seal, Signer, digest
from bridge.trust.checkpoint import seal as sealed
from bridge.trust.decision import Decision
from bridge.trust.proof import Fault, Proof

AT = 1_800_000_000_000_000
SUBJECT = "AB" * 20
COUNT = 6


def decision(number: int = 0, **fields: object) -> Decision:
    """One of many."""
    made = Decision(
        AT + number, f"c{number}", SUBJECT, "1F", 3, "operator", "assignment", "controls", "create",
        f"/derp/{number}", "00" * 32, "operators", True, (), "1", "admin",
    )  # fmt: skip
    return made._replace(**fields)  # type: ignore[arg-type]


def signer(name: str = "server") -> Signer:
    made = issue.root(name)
    return Signer(made.der, made.key)


class Sealer:
    """Signs, one moment after the other."""

    def __init__(self, by: Signer, at: int = AT) -> None:
        self.by, self.at = by, at

    def __call__(self, number: int, of: str, before: str) -> Seal:
        self.at += 1
        return sealed(Checkpoint(number, of, self.at, digest(before) if before else ""), self.by)


async def proved(store: Store, by: Signer, known: dict[int, str] | None = None) -> list[Fault]:
    """What is wrong with the log of a store."""
    proof = Proof(await store.decisions.seals(), {by.lfdi: by.key.public_key()}, known or {})
    for entry in await store.decisions.find(Wish(after=-(2**60)), 1_000_000):
        proof.take(entry)
    return proof.end()


BY = signer()


async def fill(store: Store, count: int = COUNT, sealer: Sealer | None = None) -> None:
    """Records with a checkpoint after every second one."""
    sealer = sealer or Sealer(BY)
    for number in range(1, count + 1):
        store.decisions.note(decision(number), {"W": number})
        await store.decisions.flush(sealer if number % 2 == 0 else None)


async def every(store: Store) -> list[log.Record]:
    return [log.read(entry.body) for entry in await store.decisions.find(Wish(after=0), 10_000)]

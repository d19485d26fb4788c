"""The scribe: takes decisions, has them on the disk within a second, has the log signed from time to time.

Every worker has one; all write the same chain, since commits are one after the other anyway. What a decision
allows never reaches the disk before it. A checkpoint also goes to the program's own log, so that whoever
collects that knows of records that were taken away later. It decides nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from time import time_ns

from bridge.app import journal
from bridge.app.journal import Seen
from bridge.app.meter import Meter
from bridge.transports.store.decisions import Decisions
from bridge.transports.store.fault import Unavailable
from bridge.trust import checkpoint
from bridge.trust.checkpoint import Checkpoint, Seal, Signer
from bridge.trust.decision import Decision
from bridge.trust.log import CUT, NOTHING, Facts

BEAT = 0.5
"""Seconds that a decision may wait for a commit that takes it along."""
RECORDS, SECONDS = 1_000, 60
"""After so many of its own records, or so long after the first of them, a worker has the log signed."""
SIGNERS, POLICIES = "signer", "policy"
"""Folders of the papers that the log refers to."""
POLICY = ("policy", "change")
"""Function and action of the record that tells the digest of a policy."""
KEEPER = "keeper"
"""The hop of what the server decides by itself."""


def micros() -> int:
    """Microseconds since 1970."""
    return time_ns() // 1_000


@dataclass(slots=True)
class Scribe:
    """A worker's hand on the log."""

    decisions: Decisions
    meter: Meter
    signer: Signer
    unsigned: int = 0
    """Own records since the last checkpoint."""
    since: int = 0
    """When the first of them was noted, in seconds by the clock."""
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="decisions"))

    def note(self, decision: Decision, facts: Facts = NOTHING) -> None:
        """Take a decision; it is on the disk before, or with, whatever is committed from now on."""
        self.decisions.note(decision, facts)
        self.meter.decided(decision.hop, allowed=decision.allowed)
        self.unsigned += 1
        self.since = self.since or micros()

    async def begin(self) -> None:
        """Keep the certificate that checkpoints are checked with; sign what an earlier life left unsigned."""
        await self.renew(self.signer)
        await self.decisions.flush(self._sealed)

    async def renew(self, signer: Signer) -> None:
        """Sign by another key from now on."""
        self.signer = signer
        await self.decisions.keep(f"{SIGNERS}/{signer.lfdi}", signer.certificate, micros())

    async def keep(self, version: str, document: bytes) -> None:
        """Keep the document of a policy before anything is decided by it; the log names its digest."""
        await self.decisions.keep(f"{POLICIES}/{version}", document, micros())
        self.note(_own(self.signer.lfdi, POLICY, version, sha256(document).hexdigest()))

    async def shorten(self, before: int) -> int:
        """Remove the records that a checkpoint before a moment covers, and say so in the log; how many."""
        first, oldest = await self.decisions.sealed(before), await self.decisions.oldest()
        if first is None or oldest is None or first <= oldest[0]:
            return 0
        self.note(_own(self.signer.lfdi, CUT, str(first), ""))
        await self.decisions.flush()
        return await self.decisions.shorten(first)

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.beat()
            except Unavailable as error:
                self.log.warning("decisions wait", count=self.decisions.waiting, reason=str(error))
            except Exception:
                self.log.exception("decisions wait", count=self.decisions.waiting)
            self.meter.tally("decisions_lost", self.decisions.lost)

    async def beat(self) -> None:
        """Have written what waits, and signed what is due."""
        due = self.unsigned >= RECORDS or (self.unsigned and micros() - self.since >= SECONDS * 1_000_000)
        if due or self.decisions.waiting:
            count = self.unsigned
            await self.decisions.flush(self._sealed if due else None)
            if due:
                self.unsigned -= count
                self.since = micros() if self.unsigned else 0

    async def end(self) -> None:
        """Write and sign everything."""
        try:
            await self.decisions.flush(self._sealed)
        except Unavailable as error:
            self.log.critical("decisions lost", count=self.decisions.waiting, reason=str(error))

    def _sealed(self, number: int, digest: str, before: str) -> Seal:
        said = Checkpoint(number, digest, micros(), checkpoint.digest(before) if before else "")
        self.log.info("checkpoint", number=number, digest=digest, signer=self.signer.lfdi)
        return checkpoint.seal(said, self.signer)


def refused(hop: str, seen: Seen) -> Decision:
    """The decision of a door that lets nobody through whose certificate holds no more: nothing was asked."""
    method, target, name, lfdi = seen.method, seen.target, seen.correlation, seen.lfdi
    digest = sha256(b"\0".join((method.encode(), target.encode(), b""))).hexdigest()
    return Decision(
        micros(), name, lfdi, "", None, "", "none", "", method.lower(), target, digest, "", False, (), "", hop
    )


def _own(lfdi: str, what: tuple[str, str], target: str, digest: str) -> Decision:
    """A decision of the server's own."""
    function, action = what
    return Decision(
        micros(), "", lfdi, "", None, "", "none", function, action, target, digest, "", True, (), "", KEEPER
    )

"""A batch on its way into a group, and how each is told what became of it.

Whoever asked may have gone meanwhile; the batch is done all the same. One that cannot be written at all is
found by doing each by itself, so that it harms no other. Runs in the loop only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from bridge.transports.store.group import Rows
from bridge.transports.store.ledger import Batch

MOST = 512
"""Batches in one transaction."""

Outcome = Rows | Exception


class Job(NamedTuple):
    """A batch, and who waits for it."""

    batch: Batch
    done: asyncio.Future[Rows]


def deliver(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
    """Tell each what became of it."""
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.done.done():
            continue
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)

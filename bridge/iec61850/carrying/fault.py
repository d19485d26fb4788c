"""Why an order is not carried out: refused, with what the unit or the mapping says, or to be tried again.

A refusal bears AddCause, DataAccessError or SchdEnaErr as the unit told it, and becomes a response status of
2030.5 by the tables of mappings/iec61850-codes.toml. What was not answered in time is never a success and
never a refusal: whether the unit heard it is not known. Decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.iec61850.operating import Outcome
from bridge.iec61850.stages import Result
from bridge.mapping import causes, nodes
from models.mms.codes import AddCause, DataAccessError

UNABLE, BAD, PAST = 252, 253, 254
"""Response status: the unit cannot do it, it cannot be said to it, it is over."""
FINE = frozenset({2})
"""Status of causes that mean it is so already."""
SILENT = frozenset({Result.LATE, Result.LOST})


@dataclass(slots=True)
class Fault(Exception):
    """A refusal of one part of an order; `part` names the object, or the mode."""

    part: str
    why: str
    status: int | None = None
    cause: AddCause | None = None
    error: DataAccessError | None = None
    schedule: int | None = None

    def __str__(self) -> str:
        """The part, and why."""
        return f"{self.part}: {self.why}"

    @property
    def verdict(self) -> causes.Verdict:
        """The response status, and whether to try again before saying so."""
        if self.status is not None:
            return causes.Verdict(self.status)
        table = nodes.read()
        found = causes.verdict(table, cause=self.cause, error=self.error, schedule=self.schedule)
        return found or causes.verdict(table, cause=AddCause.unknown) or causes.Verdict(UNABLE)


class Later(Exception):
    """It cannot be done now, or was not answered: to be tried again while there is time."""


def refused(part: str, error: DataAccessError) -> Fault:
    """The refusal of a value."""
    return Fault(part, error.name.replace("_", " "), error=error)


def judged(part: str, outcome: Outcome) -> None:
    """Pass what was done or is so already; raise what was not."""
    if outcome.result is Result.DONE:
        return
    if outcome.result in SILENT:
        raise Later(f"{part}: {outcome.result.value}")
    words = outcome.result.value if outcome.cause is None else outcome.cause.name.replace("_", " ")
    error = outcome.error if outcome.cause is None else None
    fault = Fault(part, words, cause=outcome.cause, error=error)
    if fault.verdict.status not in FINE:
        raise fault

"""What units have answered to controls, as a head-end reads it: statuses of each unit in the order they came.

Responses of one second are in the order of their addresses, which count up. By the administration API alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bridge.sdk.client import Client
from bridge.sdk.forms import records


class Answer(NamedTuple):
    """One response."""

    status: int
    received: float
    word: str = ""
    """What the status means."""


async def answers(site: Client, mrids: Iterable[str]) -> dict[str, tuple[Answer, ...]]:
    """The answers to controls, by LFDI in upper case."""
    rows: list[records.Response] = []
    for mrid in mrids:
        rows += [one async for one in site.responses.list(records.ResponseQuery(subject=mrid))]
    found: dict[str, tuple[Answer, ...]] = {}
    for one in sorted(rows, key=_order):
        if one.status is not None:
            lfdi = one.device.upper()
            said = Answer(one.status, one.received, one.meaning or str(one.status))
            found[lfdi] = (*found.get(lfdi, ()), said)
    return found


def statuses(said: Iterable[Answer]) -> tuple[int, ...]:
    """The statuses alone."""
    return tuple(one.status for one in said)


def _order(one: records.Response) -> tuple[float, int, str]:
    """As they came: within a second, by the number of their address."""
    return (one.received, len(one.href), one.href)

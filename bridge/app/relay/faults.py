"""What can be wrong with what an installation says about its relay: papers, folders, rows that fit nobody.

Part of `derbridge check`, and asked before the relay runs by itself. Nothing is opened but what is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from bridge.app import papers
from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem
from bridge.app.relay import rights
from bridge.app.relay.rights import Right
from bridge.app.relay.section import Relay
from bridge.transports.spool import file
from bridge.trust import identity

PATTERNS = "An LFDI, user@domain with * where you like, kind:device, group:NAME, or * alone."


def faults(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Everything that is wrong with it."""
    yield from papers.relay(loaded, config, datetime.now(UTC))
    yield from _folder(loaded, config.relay)
    yield from _endpoints(loaded, config)
    yield from _groups(loaded, config.relay)
    yield from _rows(loaded, config.relay)
    yield from _levels(loaded, config)


def _folder(loaded: Loaded, said: Relay) -> Iterator[Problem]:
    """Where the queue lies."""
    folder = said.queue.parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        what = f"{folder} {'cannot be written to' if folder.is_dir() else 'is no folder'}"
        yield loaded.problem("relay.queue", what, "Make it, and let this user write there.")
    elif why := file.look(said.queue):
        yield loaded.problem("relay.queue", why, "Name a file of its own, or one that is not there yet.")


def _endpoints(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """The bridge's own endpoint, which has to be known by something."""
    said = config.relay
    for one in said.endpoints:
        if ":" in one or "*" in one or (why := rights.alone(one, said.domain.__eq__)):
            why = "the bridge is one party, not a pattern" if ":" in one or "*" in one else why
            yield loaded.problem("relay.endpoints", f"{one!r} {why}", "Name its LFDI or its address.")
    if not said.endpoints and not config.https.certificate.is_file():
        what = "nobody knows who the bridge is: there is no certificate in [https] either"
        yield loaded.problem("relay.endpoints", what, "Name the LFDI of the bridge's certificate.")


def _groups(loaded: Loaded, said: Relay) -> Iterator[Problem]:
    """Patterns of groups that fit nobody."""
    for name, patterns in said.groups.items():
        for one in patterns:
            if why := rights.alone(one, said.domain.lower().__eq__):
                what = f"{one!r} can never match: {why}"
                yield loaded.problem(f"relay.groups.{name}", what, PATTERNS, grave=False)


def _rows(loaded: Loaded, said: Relay) -> Iterator[Problem]:
    """Rows that can never match, and those that an earlier one makes needless."""
    rows = [Right(row.senders, row.recipients, row.kinds) for row in said.rights]
    for place, row in enumerate(rows):
        for side, patterns in (("from", row.senders), ("to", row.recipients)):
            bad = [(one, rights.fault(one, said.groups, said.domain.lower().__eq__)) for one in patterns]
            for one, why in bad:
                if why:
                    what = f"{one!r} can never match: {why}"
                    yield _remark(loaded, place, side, what)
            if not patterns:
                yield _remark(loaded, place, side, "names nobody: the row can never match")
        if not row.kinds:
            yield _remark(loaded, place, "kinds", "names no kind of stanza: the row can never match")
        earlier = next((at for at, one in enumerate(rows[:place]) if rights.covered(row, one)), None)
        if earlier is not None:
            yield _remark(loaded, place, "", f"row {earlier + 1} lets all of it pass already")


def _levels(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Relays below and above."""
    said, above = config.relay, config.upstream
    for lfdi, domains in said.below.items():
        if not identity.lfdi_ok(lfdi.upper()):
            remedy = "derbridge pki show tells it of a certificate."
            yield loaded.problem(f"relay.below.{lfdi}", "is no LFDI of a relay", remedy)
        if said.domain.lower() in map(str.lower, domains):
            what = f"{said.domain} is this relay's own"
            yield loaded.problem(f"relay.below.{lfdi}", what, "Name the domain of the relay below.")
    if said.below and not said.roots:
        what = "is empty: no relay below is believed"
        yield loaded.problem("relay.roots", what, "Name the root of their certificates.")
    if above.host:
        yield from papers.roots(loaded, "upstream.roots", above.roots, datetime.now(UTC))
        if (above.domain or above.host).lower() == said.domain.lower():
            what = "the relay above has another domain than this one"
            yield loaded.problem("upstream.domain", what, "Name the domain of the relay above.")


def _remark(loaded: Loaded, place: int, key: str, what: str) -> Problem:
    name = ".".join(filter(None, ("relay.rights", str(place), key)))
    return loaded.problem(name, f"row {place + 1}: {what}", PATTERNS, grave=False)

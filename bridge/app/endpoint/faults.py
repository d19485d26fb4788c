"""What can be wrong with what an installation says about its own endpoint: papers, folders, who is named.

Part of `derbridge check`. Nothing is opened but what is named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

from bridge.app import papers
from bridge.app.config import Config
from bridge.app.endpoint import parties
from bridge.app.endpoint.section import Iec61850
from bridge.app.loading import Loaded, Problem
from bridge.app.papers import Pair
from bridge.trust import identity

SECTION = "iec61850"
SHOW = "`derbridge pki show` tells it of a certificate: 40 hexadecimal digits."


def faults(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Everything that is wrong with it."""
    said, now = config.iec61850, datetime.now(UTC)
    yield from papers.own(loaded, SECTION, Pair(said.certificate, said.key), (), now)
    yield from papers.roots(loaded, f"{SECTION}.roots", said.roots, now)
    yield from _server(loaded, config)
    yield from _parties(loaded, config)
    yield from _clear(loaded, said)
    yield from _folder(loaded, said)
    if said.lost and said.refresh >= said.lost:
        what = (
            f"is not below `lost` ({said.lost:g} s): units behind the relay would be lost between two words"
        )
        yield loaded.problem(f"{SECTION}.refresh", what, "Lower it, or raise `lost`.", grave=False)


def _server(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Where to log in, and as whom."""
    said = config.iec61850
    if not said.host and not config.relay.enabled:
        what = "there is no XMPP server to log in at"
        yield loaded.problem(f"{SECTION}.host", what, "Name one, or enable [relay].")
    if said.address and not all(said.address.partition("@")):
        yield loaded.problem(f"{SECTION}.address", "is no user@domain", "As site@relay.example.")


def _parties(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Certificates that cannot be used, each file by itself."""
    said, trust = config.iec61850, config.trust
    key, count = f"{SECTION}.parties", 0
    for path in parties.files(said.parties):
        try:
            held = parties.one(path, trust.devices, trust.operators).held
        except (OSError, ValueError) as error:
            yield loaded.problem(key, f"{path} cannot be used: {error}", "Name certificates in PEM.")
            continue
        if held.fault:
            remedy = "Put those between it and a root of [trust] behind it."
            yield loaded.problem(key, f"{path}: {held.fault}", remedy, grave=False)
        count += 1
    if not count and not said.clear:
        what = f"{said.parties} has no certificate: nobody can speak with the endpoint"
        yield loaded.problem(key, what, "Put certificates of aggregators and operators there.", grave=False)


def _clear(loaded: Loaded, said: Iec61850) -> Iterator[Problem]:
    """Who may read in clear."""
    for address, lfdi in said.clear.items():
        if not identity.lfdi_ok(lfdi.upper()):
            yield loaded.problem(f"{SECTION}.clear", f"{lfdi!r} of {address} is no LFDI", SHOW)
        if "/" in address or not all(address.partition("@")):
            what = f"{address!r} is no user@domain"
            yield loaded.problem(f"{SECTION}.clear", what, "Leave the resource off.")


def _folder(loaded: Loaded, said: Iec61850) -> Iterator[Problem]:
    """Where reports are kept."""
    folder = said.buffer.parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        what = f"{folder} {'cannot be written to' if folder.is_dir() else 'is no folder'}"
        yield loaded.problem(f"{SECTION}.buffer", what, "Make it, and let this user write there.")

"""How `derbridge pki show` and `derbridge pki list` look: for a person, in a pipe, and as JSON.

Rows are those of `inspection`; what is empty is left out for people and kept for programs. Nothing is decided
here but the exit code: 1 where somebody asked for a kind and the certificate is not one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge.app import inspection, inventory, screen
from bridge.app.fault import Fault, visible
from bridge.trust.folder import Folder

PLAIN = (
    ("kind", "looks like"), ("subject", "subject"), ("issuer", "issuer"), ("serial", "serial number"),
    ("lfdi", "LFDI"), ("sfdi", "SFDI"), ("since", "begins"), ("until", "ends"), ("state", "today"),
    ("key", "key"), ("algorithm", "signed with"), ("names", "names"), ("policies", "policies"),
    ("usages", "key usage"), ("purposes", "extended key usage"),
)  # fmt: skip
"""What is told of a certificate, and what it is called."""


def show(what: str, place: Path | None, wanted: str, roots: tuple[Path, ...], *, as_json: bool) -> int:
    """Show a certificate; 1 if it is not of the kind that was asked for."""
    folder = _folder(place, what)
    found = inspection.inspected(inspection.located(folder, what), folder, wanted, roots, datetime.now(UTC))
    if as_json:
        screen.record(found)
    else:
        _shown(found)
    failed = any(each["verdict"] == "fail" for each in found["checks"])
    refused = bool(roots) and found["chain"] not in {"", "ok"}
    return int(bool(wanted) and (failed or refused))


def listing(folder: Folder, *, as_json: bool) -> None:
    """List the certificates of a folder."""
    found = list(inspection.listed(folder, datetime.now(UTC)))
    if as_json:
        screen.record(found)
        return
    heads = ("name", "kind", "issuer", "serial", "until", "key", "state", "lfdi")
    screen.table(heads, ([_cell(one[head]) for head in heads] for one in found))


def _folder(place: Path | None, what: str) -> Folder | None:
    """The folder, if there is one: a file can be shown without."""
    try:
        return inventory.opened(place)
    except Fault:
        if place or not Path(what).exists():
            raise
        return None


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "here" if value else "-"
    return visible(", ".join(value) if isinstance(value, tuple) else str(value))


def _shown(found: Mapping[str, Any]) -> None:
    rows = [(name, _cell(found[key])) for key, name in PLAIN if found[key]]
    screen.table(("what", "value"), (*rows, *_further(found)), found["file"])
    screen.table(
        ("verdict", "rule", "clause", "reason"),
        ([_cell(each[key]) for key in ("verdict", "name", "clause", "reason")] for each in found["checks"]),
        f"Rules for {found['checked_as']}",
    )
    heads = ("subject", "kind", "serial", "until", "failed")
    if found["above"]:
        above = ([_cell(each[head]) for head in heads[:-1]] for each in found["above"])
        fails = (", ".join(each["failed"]) or "-" for each in found["above"])
        screen.table(heads, ([*one, fail] for one, fail in zip(above, fails, strict=True)), "Above it")
    if found["chain"]:
        screen.say(f"Chain: {found['chain']}")


def _further(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What only some certificates have: hardware, and roles."""
    if module := found["module"]:
        yield "hardware", f"type {module['hardware']}, serial number {module['serial']}"
    for claim in found["claims"]:
        parts = (
            f"in {claim['area']}" if claim["area"] else "",
            f"revision {claim['revision']}",
            f"defined by {claim['definition']}" if claim["definition"] else "",
            f"operation {claim['operation']}" if claim["operation"] is not None else "",
        )
        yield "roles", visible(", ".join((" ".join(claim["roles"]), *filter(None, parts))))
    if found["unread"]:
        yield "cannot be read", visible(found["unread"])

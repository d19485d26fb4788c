"""`python -m peers [--strict] [NAME ...]`: run peers, and report a line for each.

The figures go to build/peers.json. A peer agrees, differs, or is missing from this machine. The exit
status is 1 when one differs, and under `--strict`, as in .ci/run, also when one is missing. It decides
nothing about a peer: the rows are in peers/table.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from peers.running import apart, quiet, run
from peers.table import PEERS, Peer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 60  # a figure longer than this is left to the JSON file


def line(name: str, result: dict[str, object]) -> str:
    """One line for a terminal: name, state, and the figures that are short enough."""
    told = {key: str(value) for key, value in result.items() if key not in ("state", "ok")}
    short = (
        f"{key}={text}" for key, text in told.items() if len(text) <= LONGEST or key in ("error", "missing")
    )
    return f"{name:<24} {result['state']:<8} {'  '.join(short)}".rstrip()


def chosen(names: Sequence[str], peers: Iterable[Peer] = PEERS) -> list[Peer]:
    """The peers of these names, or all of them; an unknown name ends the run."""
    known = {peer.name: peer for peer in peers}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"no such peer: {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[name] for name in names or known]


def results(peers: Sequence[Peer]) -> Iterator[tuple[Peer, dict[str, object]]]:
    """Each peer with its figures as it ends; those that mostly wait run beside, in processes of their own."""
    beside = [peer for peer in peers if peer.beside]
    with ThreadPoolExecutor(max(1, len(beside))) as pool:
        waiting = {pool.submit(apart, peer): peer for peer in beside}
        for peer in peers:
            if not peer.beside:
                yield peer, run(peer)
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def status(results: Iterable[dict[str, object]], *, strict: bool) -> int:
    """The exit status: 1 when a peer differs, or is missing where none may be."""
    refused = {"differs", "missing"} if strict else {"differs"}
    return int(any(result["state"] in refused for result in results))


def main(arguments: Sequence[str] | None = None, target: Path = ROOT / "build" / "peers.json") -> int:
    """Run, report, write the figures, and answer with the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m peers", description="Compare derbridge with foreign peers."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="peers to run; all of them when none is named"
    )
    parser.add_argument("--strict", action="store_true", help="a missing peer is a failure")
    given = parser.parse_args(arguments)
    found: dict[str, dict[str, object]] = {}
    for peer, result in results(chosen(given.names)):
        found[peer.name] = result
        print(line(peer.name, result), flush=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return status(found.values(), strict=given.strict)


if __name__ == "__main__":
    quiet()
    sys.exit(main())

"""The runner of the peers: what it calls each result, what it prints and writes, and when it fails.

The peers here are functions of this file that agree, differ, break or find something missing; the real ones
are run by `make peers`.
"""

from __future__ import annotations

import json
import os
import time
from importlib import import_module
from pathlib import Path

import pytest

from peers import __main__ as runner
from peers import running, wheel
from peers.table import PEERS, Missing, Peer, share


def agreeing() -> dict[str, object]:
    return {"ok": True, "documents": 2000, "long": "x" * 100}


def differing() -> dict[str, object]:
    return {"ok": False, "document": "a.xml"}


def lacking() -> dict[str, object]:
    message = "Python 3.99 is not on this machine"
    raise Missing(message)


def breaking() -> dict[str, object]:
    message = "the peer fell over"
    raise OSError(message)


def ending() -> dict[str, object]:
    os._exit(9)


def meeting(folder: str, own: str, other: str) -> dict[str, object]:
    Path(folder, own).touch()
    deadline = time.monotonic() + 60
    while not Path(folder, other).exists():
        if time.monotonic() > deadline:
            return {"ok": False}
        time.sleep(0.02)
    return {"ok": True, "process": os.getpid()}


ROWS = {
    function.__name__: Peer(function.__name__, __name__, function.__name__)
    for function in (agreeing, differing, lacking, breaking)
}


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_row_names_a_function(peer: Peer) -> None:
    assert callable(getattr(import_module(peer.module), peer.function))


def test_names_are_unique() -> None:
    assert len({peer.name for peer in PEERS}) == len(PEERS)


@pytest.mark.parametrize(
    ("name", "state", "told"),
    [
        ("agreeing", "agrees", "documents=2000"),
        ("differing", "differs", "document=a.xml"),
        ("lacking", "missing", "missing=Python 3.99 is not on this machine"),
        ("breaking", "differs", "error=OSError: the peer fell over"),
    ],
)
def test_result_has_a_state_and_a_line(name: str, state: str, told: str) -> None:
    result = running.run(ROWS[name])
    assert result["state"] == state
    assert runner.line(name, result) == f"{name:<24} {state:<8} {told}  seconds=0"


@pytest.mark.parametrize(
    ("names", "strict", "expected"),
    [
        (["agreeing"], True, 0),
        (["agreeing", "lacking"], False, 0),
        (["agreeing", "lacking"], True, 1),
        (["agreeing", "differing"], False, 1),
        (["breaking"], False, 1),
    ],
)
def test_status(names: list[str], strict: bool, expected: int) -> None:
    assert runner.status([running.run(ROWS[name]) for name in names], strict=strict) == expected


def test_figures_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "chosen", lambda _: [ROWS["agreeing"], ROWS["differing"]])
    assert runner.main([], tmp_path / "build" / "peers.json") == 1
    written = json.loads((tmp_path / "build" / "peers.json").read_text())
    assert {name: result["state"] for name, result in written.items()} == {
        "agreeing": "agrees",
        "differing": "differs",
    }
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_peers_that_wait_run_beside_the_others_in_processes_of_their_own(tmp_path: Path) -> None:
    beside = Peer("beside", __name__, "meeting", (str(tmp_path), "one", "two"), beside=True)
    other = Peer("other", __name__, "meeting", (str(tmp_path), "two", "one"))
    found = list(runner.results([beside, other]))
    assert [(peer.name, result["ok"]) for peer, result in found] == [("other", True), ("beside", True)]
    assert len({result["process"] for _, result in found}) == 2


def test_a_peer_whose_process_ends_without_a_word_differs_and_no_other_one() -> None:
    rows = [Peer(name, __name__, name, beside=True) for name in ("ending", "agreeing")]
    found = {peer.name: result for peer, result in runner.results(rows)}
    assert found["ending"] == {"state": "differs", "ok": False, "error": "its process ended with 9"}
    assert found["agreeing"]["state"] == "agrees"


def test_unknown_peer_is_refused() -> None:
    with pytest.raises(SystemExit, match="no such peer: nobody"):
        runner.chosen(["nobody"])


def test_absent_python_is_missing() -> None:
    with pytest.raises(Missing, match=r"Python 3\.99"):
        wheel.python("3.99")


@pytest.mark.parametrize(("examples", "expected"), [(None, 200), ("1000", 200), ("100", 20), ("1", 1)])
def test_a_long_run_has_a_short_one(
    monkeypatch: pytest.MonkeyPatch, examples: str | None, expected: int
) -> None:
    monkeypatch.delenv("DERBRIDGE_EXAMPLES", raising=False)
    if examples:
        monkeypatch.setenv("DERBRIDGE_EXAMPLES", examples)
    assert share(200) == expected

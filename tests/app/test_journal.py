"""The log: JSON or columns, requests and events, nothing secret, nothing lost, libraries' words included."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from bridge.app import journal
from bridge.app.config import Log
from bridge.app.journal import Requests, Seen

JSON, COLUMNS = Log(format="json"), Log(format="console")
SEEN = Seen("GET", "/edev?x=1", 200, "AB" * 20, 0.00123, "")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_events_are_json() -> None:
    out = io.StringIO()
    journal.begin(JSON, out)
    journal.logger(worker=3).info("ready", https=8443)
    (line,) = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "ready", "worker": 3, "https": 8443, "level": "info"}


def test_level_is_kept() -> None:
    out = io.StringIO()
    journal.begin(Log(format="json", level="warning"), out)
    journal.logger().info("small talk")
    journal.logger().warning("trouble")
    logging.getLogger("somebody").info("more small talk")
    assert [line["event"] for line in lines(out)] == ["trouble"]


def test_libraries_go_the_same_way() -> None:
    out = io.StringIO()
    journal.begin(JSON, out)
    logging.getLogger("somebody").error("it %s", "broke")
    (line,) = lines(out)
    assert (line["event"], line["logger"], line["level"]) == ("it broke", "somebody", "error")


@pytest.mark.parametrize(
    "said",
    [
        {"pin": 111115}, {"password": "hidden"}, {"idempotency_token": "hidden"}, {"Authorization": "hidden"},
        {"url": "postgresql://me:hidden@db.example.org/x"}, {"private_key": "hidden"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("log", [JSON, COLUMNS], ids=["json", "columns"])
def test_secrets_are_not_written(said: dict[str, object], log: Log) -> None:
    out = io.StringIO()
    journal.begin(log, out)
    journal.logger().warning("something", **said)
    assert "something" in out.getvalue()
    assert "hidden" not in out.getvalue()
    assert "111115" not in out.getvalue()


@pytest.mark.parametrize("log", [JSON, COLUMNS], ids=["json", "columns"])
def test_failure_has_its_trace_but_not_what_variables_held(log: Log) -> None:
    out = io.StringIO()
    journal.begin(log, out)
    held = "what a client sent"
    try:
        int(f"{len(held)} bytes")
    except ValueError:
        journal.logger().exception("broke")
    assert "18 bytes" in out.getvalue()
    assert "test_journal.py" in out.getvalue()
    assert held not in out.getvalue()


class Later:
    """A loop that only keeps what is to be done later."""

    def __init__(self) -> None:
        self.works: list[Callable[[], None]] = []

    def __call__(self, _delay: float, work: Callable[[], None]) -> None:
        self.works.append(work)


def test_requests_are_written_together_and_in_order() -> None:
    out, later = io.StringIO(), Later()
    requests = Requests(JSON, out, later)
    for number in range(3):
        requests.note(SEEN._replace(target=f"/edev/{number}"))
    assert (out.getvalue(), len(later.works)) == ("", 1)
    later.works.pop()()
    assert [line["path"] for line in lines(out)] == ["/edev/0", "/edev/1", "/edev/2"]
    requests.note(SEEN)
    assert len(later.works) == 1
    assert {**lines(out)[0], "timestamp": ""} == {
        "event": "request", "level": "info", "timestamp": "", "method": "GET", "path": "/edev/0",
        "status": 200, "lfdi": "AB" * 20, "ms": 1.23,
    }  # fmt: skip


@pytest.mark.parametrize("target", ['/"}\n{"event": "forged"', "/\x1b[31m\u2028\x00", "/\udcff"])
def test_peer_cannot_forge_a_line(target: str) -> None:
    for log in (JSON, COLUMNS):
        out, later = io.StringIO(), Later()
        Requests(log, out, later).note(SEEN._replace(target=target, method="X\n", reason="bad\nreason"))
        later.works.pop()()
        assert out.getvalue().count("\n") == 1
        assert out.getvalue().isprintable() or out.getvalue()[:-1].isprintable()

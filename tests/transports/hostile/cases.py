"""Hostile requests as data: the tables beside this file, one case for each entry of `with`.

`send` is what goes over the wire, `{}` stands for the entry, `{{x*9}}` for nine x; a list of strings is
sent in parts with a pause between them. Text is sent as Latin-1. Expected: `status` of the answer or of
each answer in a list, `close`, what the echo was asked (`says`), fields (`fields`). Every error has the
same clean body.
"""

from __future__ import annotations

import re
import time
import tomllib
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.transports.site import Said, Talk

TABLES = ("methods", "lines", "fields", "targets", "framing", "desync", "order", "oversize")
LARGE = frozenset({408, 413, 414, 431})
RUN = re.compile(r"\{\{(.+?)\*(\d+)\}\}", re.DOTALL)
PAUSE = 0.05


@dataclass(frozen=True)
class Case:
    """One exchange."""

    name: str
    parts: tuple[bytes, ...]
    statuses: tuple[int, ...]
    close: bool
    bare: bool = False
    says: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    pause: float = PAUSE
    version: str = "1.1"


def load(*names: str) -> list[Case]:
    """Every case of these tables; of all but the slow ones where none is named."""
    here = Path(__file__).parent
    paths = [here / f"{name}.toml" for name in names or TABLES]
    return [case for path in paths for case in _table(path)]


def _table(path: Path) -> list[Case]:
    groups = tomllib.loads(path.read_text(encoding="utf-8"))["group"]
    return [_case(path.stem, group, one) for group in groups for one in group.get("with", [""])]


def _case(table: str, group: dict[str, Any], one: Any) -> Case:
    entry, told = (one[0], one[1]) if isinstance(one, list) else (one, None)
    parts = [group["send"]] if isinstance(group["send"], str) else group["send"]
    status = group["status"]
    says = group.get("says", {})
    return Case(
        name=f"{table}: {group['name']}: {entry[:60]!r}",
        parts=tuple(_bytes(part.replace("{}", entry)) for part in parts),
        statuses=tuple(status) if isinstance(status, list) else (status,),
        close=group.get("close", False),
        bare=group.get("bare", False),
        says={says: told} if isinstance(says, str) else says,
        fields=group.get("fields", {}),
        pause=group.get("pause", PAUSE),
        version=group.get("version", "1.1"),
    )


def _bytes(text: str) -> bytes:
    return RUN.sub(lambda found: found[1] * int(found[2]), text).encode("latin-1")


def body(status: int) -> bytes:
    """The one body that errors have."""
    code = 2 if status in LARGE else 0
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Error xmlns="urn:ieee:std:2030.5:ns"><reasonCode>{code}</reasonCode></Error>'
    ).encode()


def exchange(talk: Talk, case: Case) -> list[Said]:
    """Send a case and read its answers; a part that the server no longer takes is left."""
    for number, part in enumerate(case.parts):
        if number:
            time.sleep(case.pause)
        try:
            talk.send(part)
        except ConnectionError:
            break
    return [talk.read(bare=case.bare) for _ in case.statuses]


def judge(case: Case, said: list[Said], *, last: bool) -> None:
    """Assert that the answers are as they should be; `last` says of the final one that it closes."""
    assert tuple(one.status for one in said) == case.statuses
    for number, one in enumerate(said):
        closing = last and number == len(said) - 1
        assert one.line == f"HTTP/{case.version} {one.status} {HTTPStatus(one.status).phrase}"
        if case.version != "1.0":
            assert one.fields.get("Connection") == ("close" if closing else None)
        if one.status >= HTTPStatus.BAD_REQUEST:
            _error(one, bare=case.bare)
    for name, value in case.fields.items():
        assert said[-1].fields.get(name) == value


def _error(one: Said, *, bare: bool) -> None:
    content = body(one.status)
    assert one.body == (b"" if bare else content)
    names = [name for name in one.fields if name != "Connection"]
    assert names == ["Date", "Server", "Content-Type", "Content-Length"]
    assert one.fields["Content-Type"] == "application/sep+xml"
    assert one.fields["Content-Length"] == str(len(content))

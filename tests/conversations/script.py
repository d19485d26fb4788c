"""The language of the transcripts: who says what to the bridge, what it answers, and what is called how.

    solar -> GET /derp/{programme}/derc      what a party asks; a body stands below, set in
    solar <- 200                             what it is answered: each word must be so
      DERControl/mRID          {limit}       and below: an XPath of XML or JSON, two blanks, its value
    solar => GET /edev/1/der/1/ders          the same, asked again until the answer is as it stands below

`{limit}` is bound to what is there when it is met first, and has to be the same ever after; `...` is
anything, `-` is nothing. `{now+60}` is a moment. Lines that begin with `#` are for readers.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import etree

from tests.iec61850.conversation import Line, lines

__all__ = ["Exchange", "Names", "Said", "read"]
SPOKEN = re.compile(r"(\S+) (->|=>|<-) ?(.*)")
NAME = re.compile(r"\{([a-z][a-z0-9-]*)(?:\+(\d+))?\}")
PART = re.compile(r"(\{[a-z][a-z0-9-]*(?:\+\d+)?\}|\.\.\.)")


class Said(NamedTuple):
    """An answer: its words, and what is in it."""

    words: str
    body: bytes = b""


class Exchange(NamedTuple):
    """A line that is asked and the one that answers it, or a word of the transcript itself (no party)."""

    line: Line
    party: str = ""
    asked: str = ""
    patient: bool = False
    answer: Line | None = None
    wanted: str = ""


def read(text: str) -> Iterator[Exchange]:
    """The exchanges of a transcript, in order."""
    held: Exchange | None = None
    for line in lines(text):
        found = SPOKEN.fullmatch(line.words)
        if found and found[2] == "<-":
            assert held is not None, f"line {line.number}: nothing was asked"
            assert held.party == found[1], f"line {line.number}: {held.party} has asked"
            yield held._replace(answer=line, wanted=found[3])
            held = None
            continue
        assert held is None, f"line {line.number}: the line before is not answered"
        if found:
            held = Exchange(line, found[1], found[3], found[2] == "=>")
        else:
            yield Exchange(line)
    assert held is None, "the last line is not answered"


@dataclass
class Names:
    """What things are called."""

    bound: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """A text with what its names stand for."""
        return NAME.sub(self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        if found[1] == "now":
            return str(int(time.time()) + int(found[2] or 0))
        return str(int(self.bound[found[1]]) + int(found[2])) if found[2] else self.bound[found[1]]

    def check(self, exchange: Exchange, said: Said) -> None:
        """Hold an answer to what is told of it; AssertionError where it is another one."""
        fresh = Names(dict(self.bound))
        count = len(exchange.wanted.split())
        fresh.meet("answer", exchange.wanted, " ".join(said.words.split()[:count]) if count else said.words)
        told = exchange.answer.body.splitlines() if exchange.answer else []
        tree = found(said.body) if told else None
        for line in told:
            path, _, wanted = line.strip().partition("  ")
            fresh.meet(path, wanted.strip(), value(tree, fresh.filled(path)))
        self.bound.update(fresh.bound)

    def meet(self, what: str, wanted: str, got: str) -> None:
        """Hold one value to its pattern, and bind the names that it has not met."""
        pattern = "".join(self._pattern(part) for part in PART.split(wanted))
        met = re.fullmatch(pattern, got, re.DOTALL)
        assert met, f"{what} is {got!r}, not {self._known(wanted)!r}"
        self.bound.update({name.replace("_", "-"): text for name, text in met.groupdict().items()})

    def _pattern(self, part: str) -> str:
        if part == "...":
            return ".*"
        name = NAME.fullmatch(part)
        if name is None:
            return re.escape(part)
        if name[1] in self.bound or name[1] == "now":
            return re.escape(self.filled(part))
        return f"(?P<{name[1].replace('-', '_')}>[^/\\s-][^/\\s]*)"

    def _known(self, text: str) -> str:
        return NAME.sub(lambda each: self._word(each) if each[1] in self.bound else each[0], text)


def found(body: bytes) -> Any:
    """XML or JSON as a tree whose elements have plain names."""
    assert body, "nothing came"
    if body.lstrip().startswith(b"<"):
        root = etree.fromstring(body)
        for each in root.iter(etree.Element):
            each.tag = etree.QName(each).localname
        return root
    return _grown("answer", json.loads(body))


def _grown(name: str, value: object) -> Any:
    """A JSON value as an element; a list is one element for each of its members."""
    made = etree.Element(re.sub(r"[^\w.-]", "_", name))
    if isinstance(value, dict):
        for key, each in value.items():
            made.extend(_grown(key, one) for one in (each if isinstance(each, list) else [each]))
    elif value is not None:
        made.text = value if isinstance(value, str) else json.dumps(value)
    return made


def value(tree: Any, path: str) -> str:
    """What stands at a path: the texts of all that are found, `-` where there is none."""
    texts = tree.xpath(path)
    if not isinstance(texts, list):
        return f"{texts:g}" if isinstance(texts, float) else str(texts)
    return " ".join(each if isinstance(each, str) else each.text or "" for each in texts) or "-"

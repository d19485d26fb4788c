"""Long lists, with one change each, are read the quickest way as the careful one reads them, or not at all.

The lists are of controls and of meters' readings; the changes are made to the text, by a seed, so that most
break what the scanner relies on: brackets, order, names, blanks, references, sections. What `read` says of
each, object or fault with its path and line, is what the careful way alone says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from random import Random

import pytest

from bench import sample
from bridge.mapping import guard, scanner, xml
from bridge.mapping.guard import Refused
from bridge.mapping.profile import Profile, load
from tests.mapping.attacks.making import NS

P2018 = load("2018")
COUNT = max(400, int(os.environ.get("DERBRIDGE_EXAMPLES", "0")))
READINGS = (
    "<Reading><timePeriod><duration>60</duration><start>{}</start></timePeriod><value>{}</value></Reading>"
)
ODD = (
    " ",
    "<",
    ">",
    "&",
    "!",
    '"',
    "'",
    "=",
    "/",
    "x",
    "\n",
    "\t",
    "\r",
    "\x0b",
    "\xe9",
    "]]>",
    "&amp;",
    "<!---->",
)
PIECES = re.compile(r"<[^<>]*>|[^<>]+")
WHOLE = 2
"""Parts of what a way says of a document that it takes."""
Change = Callable[[Random, list[str]], object]


def metered(readings: int) -> bytes:
    """A mirror reading with a set of readings in it."""
    body = "".join(READINGS.format(1_790_000_000 + 60 * n, 1_000 + n) for n in range(readings))
    period = "<timePeriod><duration>3600</duration><start>1790000000</start></timePeriod>"
    inside = f"<MirrorReadingSet><mRID>AA</mRID>{period}{body}</MirrorReadingSet>"
    return f'<MirrorMeterReading xmlns="{NS}"><mRID>B0</mRID>{inside}</MirrorMeterReading>'.encode()


def insert(rng: Random, pieces: list[str]) -> None:
    """Put a character that means something into some piece."""
    at = rng.randrange(len(pieces))
    place = rng.randrange(len(pieces[at]) + 1)
    pieces[at] = pieces[at][:place] + rng.choice(ODD) + pieces[at][place:]


def cut(rng: Random, pieces: list[str]) -> None:
    """Take one character away."""
    at = rng.randrange(len(pieces))
    place = rng.randrange(len(pieces[at]))
    pieces[at] = pieces[at][:place] + pieces[at][place + 1 :]


def swap(rng: Random, pieces: list[str]) -> None:
    """Exchange two neighbours."""
    at = rng.randrange(len(pieces) - 1)
    pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]


def put(rng: Random, pieces: list[str]) -> None:
    """Put a piece where another is, or before it."""
    at = rng.randrange(len(pieces))
    pieces[at : at + rng.randrange(2)] = [rng.choice(pieces)]


def drop(rng: Random, pieces: list[str]) -> None:
    """Take one to six pieces away."""
    at = rng.randrange(len(pieces))
    del pieces[at : at + rng.randint(1, 6)]


def blank(rng: Random, pieces: list[str]) -> None:
    """Put white space between two pieces, where it may mean nothing."""
    pieces.insert(rng.randrange(len(pieces) + 1), rng.choice((" ", "\n\t", "  ", "\r\n")))


def digit(rng: Random, pieces: list[str]) -> None:
    """Exchange one digit for another."""
    at = rng.choice([n for n, piece in enumerate(pieces) if piece.isdigit()])
    place = rng.randrange(len(pieces[at]))
    pieces[at] = pieces[at][:place] + str(rng.randrange(10)) + pieces[at][place + 1 :]


CHANGES: tuple[Change, ...] = (insert, cut, swap, put, drop, blank, digit)


def told(read: Callable[[bytes, Profile], xml.Document], data: bytes) -> tuple[object, ...]:
    """What a way of reading says of a document: the object and its name, or the fault."""
    try:
        made = read(data, P2018)
    except Refused as refused:
        return refused.path, refused.line, refused.reason, refused.kind
    return made.root, made.name


def careful(data: bytes, profile: Profile) -> xml.Document:
    """The way that takes every element in its hand."""
    return xml._careful(guard.parse(data, profile.caps), profile)  # noqa: SLF001 - the other way


def changed(rng: Random, data: bytes) -> bytes:
    """The document with one change, or two."""
    pieces = PIECES.findall(data.decode())
    for _ in range(rng.choice((1, 1, 1, 2))):
        rng.choice(CHANGES)(rng, pieces)
    return "".join(pieces).encode()


@pytest.mark.parametrize("long", [sample.document(12), metered(60)], ids=["controls", "readings"])
def test_it_says_what_the_careful_way_says(long: bytes) -> None:
    rng, taken, valid = Random(long), 0, 0  # noqa: S311 - test data, nothing secret
    for _ in range(COUNT):
        data = changed(rng, long)
        found, said = scanner.scan(data, P2018), told(careful, data)
        assert found is None or said == found, data
        assert told(xml.document, data) == said, data
        taken, valid = taken + (found is not None), valid + (len(said) == WHOLE)
    assert COUNT / 8 < taken <= valid < COUNT / 2


@pytest.mark.parametrize("long", [sample.document(), metered(1_000)], ids=["controls", "readings"])
def test_long_documents_go_this_way(long: bytes) -> None:
    found = scanner.scan(long, P2018)
    assert found is not None
    assert found == told(careful, long)
    spread = long.replace(b"><", b">\n  <")
    assert scanner.scan(spread, P2018) == found

"""A record as a document: canonical, of one profile, of the first that can say it all, or as it came.

What a profile cannot hold is a Fault with its path, never a document that says less; what is declared lost is
told beside the document. The bytes are those of `bridge.mapping.xml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bridge.app import source
from bridge.app.fault import Fault
from bridge.app.result import Losses, Result
from bridge.app.source import Document
from bridge.mapping import foreign, profile, sep2, xml
from bridge.mapping.table import Unrepresentable
from models import kit


def again(document: Document) -> Result:
    """The document anew, with what was foreign where it stood; lost is what has no place any more."""
    result = written(document.given.place, document.record, document.profile.name, document.edition)
    if not document.foreign:
        return result
    data, gone = foreign.replaced(result.document, document.foreign)
    losses = [(spot(part), f"{part.path} {foreign.GONE}") for part in gone]
    return replace(result, document=data, losses=(*result.losses, *losses))


def canonical(place: str, record: kit.Model, losses: Losses = ()) -> Result:
    """The record as a canonical message."""
    with holding(place):
        data = xml.write(record, profile.load("der"))
    return Result(place, type(record).__name__, "der", losses, document=data)


def written(place: str, record: kit.Model, name: str, edition: str, losses: Losses = ()) -> Result:
    """The record as a document of a profile."""
    lost: list[tuple[str, str]] = []
    with holding(place):
        data = xml.write(sep2.from_canonical(record, edition, lost=lost), source.named(name))
    return Result(place, type(record).__name__, name, (*losses, *lost), document=data)


@contextmanager
def holding(place: str) -> Iterator[None]:
    """Tell of what no document can hold as of any other input: path and reason."""
    try:
        yield
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    except xml.Unwritable as error:
        raise Fault(place, error.reason, path=error.field) from error


def fitting(place: str, record: kit.Model, name: str) -> Result:
    """The record as a document of a profile; of the first that can say it all for `auto`."""
    names = source.ORDER if name == "auto" else (name,)
    refusals: list[Fault] = []
    for each in names:
        try:
            return written(place, record, each, source.edition(source.named(each)))
        except Fault as fault:
            refusals.append(fault)
    said: dict[str, list[str]] = {}
    for each, refusal in zip(names, refusals, strict=True):
        said.setdefault(f"{refusal.path}: {refusal.reason}", []).append(each)
    reasons = (f"{', '.join(each)}: {reason}" for reason, each in said.items())
    raise (
        refusals[0]
        if len(refusals) == 1
        else Fault(place, f"no profile can say it all; {'; '.join(reasons)}")
    )


def spot(part: xml.Foreign) -> str:
    """The path of a part that a profile has kept."""
    if part.before < 0:
        return f"{part.path}/@{part.name}"
    return f"{part.path}/{part.name}"

"""What 2030.5 documents become: points of IEC 61850, canonical records, or themselves anew.

Documents given together belong together: curves and settings serve the controls beside them, and are
converted themselves only where there is nothing else. What points cannot say is a loss with its path. Reads
no file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bridge.app import bases as given_bases
from bridge.app import rendering
from bridge.app.fault import Fault
from bridge.app.result import Losses, Result, Wish
from bridge.app.source import Document
from bridge.mapping import iec61850
from bridge.mapping.bases import Bases
from bridge.mapping.table import Unrepresentable
from models import kit
from models.der import messages

ENVELOPE = frozenset({"id", "origin", "target", "issued", "correlation"})
"""What the command line itself says of a document, so that losing it is no loss."""
SERVING = (messages.Curve, messages.Setting, messages.Capability)


def converted(documents: Sequence[Document], wish: Wish) -> Iterator[Result]:
    """Each document as the wish says, record by record."""
    every = [record for document in documents for record in records(document)]
    known = curves(documents)
    for document in subjects(documents):
        based = given_bases.bases(every, wish.bases, document.edition)
        if wish.to == "sep2":
            yield rendering.again(document)
            continue
        unsaid = _unsaid(document)
        for record in records(document):
            if wish.to == "canonical":
                yield rendering.canonical(document.given.place, record, unsaid)
            else:
                yield _pointed(document, record, based, known)


def subjects(documents: Sequence[Document]) -> list[Document]:
    """The documents that are converted; curves and ratings only serve where there is anything else."""
    others = [one for one in documents if not isinstance(one.record, SERVING)]
    return others or list(documents)


def records(document: Document) -> Iterator[kit.Model]:
    """The record of a document, or the records of a list, each of its own."""
    if not isinstance(document.record, messages.Listing):
        yield document.record
        return
    for name in messages.Listing.model_fields:
        found = getattr(document.record, name)
        if isinstance(found, tuple) and name != "kept":
            yield from found


def curves(documents: Iterable[Document]) -> dict[str, messages.Curve]:
    """The curves among documents, by the address each is published at."""
    found = {}
    for document in documents:
        for record in records(document):
            if isinstance(record, messages.Curve):
                found[_address(record) or document.given.place] = record
    return found


def _address(record: messages.Curve) -> str:
    return next((entry.value for entry in record.kept if entry.path == "href"), "")


def _pointed(
    document: Document, record: kit.Model, based: Bases, known: Mapping[str, messages.Curve]
) -> Result:
    place = document.given.place
    try:
        made = iec61850.to_points(record, based, known)
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    unsaid = _unsaid(document)
    losses = [loss for loss in made.losses if loss[0].partition(".")[0] not in ENVELOPE]
    kind, name = type(record).__name__, document.profile.name
    return Result(place, kind, name, (*losses, *unsaid), made.points, bases=based, beside=made.beside)


def _unsaid(document: Document) -> Losses:
    """The parts that a keeping profile kept, which only a document of 2030.5 has a place for."""
    return [(rendering.spot(part), "is not in the model of the profile") for part in document.foreign]

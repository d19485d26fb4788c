"""What points become: a record for each page of them, as a canonical message or as a 2030.5 document.

What travels beside a page is put back; a page that comes alone is completed with a name and a date. The kind
of record is the one that is said, else the one that most of its points are about. Reads no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.app import bases as given_bases
from bridge.app import beside, completion, points, rendering, schema, source
from bridge.app.documents import records
from bridge.app.fault import Fault
from bridge.app.result import Result, Wish
from bridge.app.source import Document, Given
from bridge.mapping import iec61850
from bridge.mapping.bases import Bases
from bridge.mapping.table import Unrepresentable
from models import kit

KINDS = (*schema.KINDS, "Curve")


def converted(papers: Sequence[Given], documents: Sequence[Document], wish: Wish) -> Iterator[Result]:
    """Each page as the wish says, and the curves it brings along."""
    if wish.to == "61850":
        raise Fault(papers[0].place, "these are points already; --to sep2 or canonical")
    every = [record for document in documents for record in records(document)]
    for paper in papers:
        for page in points.read(paper.place, paper.data):
            own = [f"{key}={value}" for key, value in page.bases.items()]
            chosen = page.profile if page.profile and wish.profile == "auto" else wish.profile
            with _told(paper.place):
                given_bases.bases((), own)
                if chosen == page.profile:
                    given_bases.edition(chosen)
            of = given_bases.edition(chosen)
            found = _read(paper.place, page, given_bases.bases(every, (*own, *wish.bases), of), wish)
            for record in found:
                if wish.to == "canonical":
                    yield rendering.canonical(paper.place, record)
                else:
                    yield rendering.fitting(paper.place, record, chosen)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What a page says of bases and profile is wrong in the page, not on the command line."""
    try:
        yield
    except Fault as fault:
        raise Fault(place, fault.reason, path=fault.place.removeprefix("--base ")) from fault


def _read(place: str, page: points.Sheet, based: Bases, wish: Wish) -> tuple[kit.Model, ...]:
    """The record of a page, and the curves it brings along."""
    made = tuple(iec61850.Point(one.ref, one.fc, one.value) for one in page.points)
    kind = wish.kind or page.kind or points.kind(place, made)
    if kind not in KINDS:
        raise Fault(place, f"no kind of record; there are {', '.join(KINDS)}", path=kind)
    kept = beside.read(place, kind, page.beside)
    by = None if kept else source.envelope(1)._replace(issued=wish.now)
    try:
        record = iec61850.from_points(made, kind, based, kept, envelope=by)
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    return (record,) if kept else completion.completed(record, wish.mrid or points.digest(made), wish.now)

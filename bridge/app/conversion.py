"""`derbridge map convert`: 2030.5 documents to object references and values, and those to 2030.5 documents.

Documents given together belong together: curves and settings serve the controls beside them. What one side
cannot say is printed on standard error and, with --json, travels along as `beside`, so that the way back
restores it. The work is that of `bridge.mapping`; here are only the ways in and out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from bridge.app import bases as given_bases
from bridge.app import beside, completion, points, schema, screen, sheet, source, words
from bridge.app.fault import Fault
from bridge.app.source import Document, Given
from bridge.mapping import foreign, iec61850, profile, sep2, xml
from bridge.mapping.bases import Bases
from bridge.mapping.points import Point
from bridge.mapping.table import Unrepresentable
from models import kit
from models.der import messages

SIDES = ("61850", "sep2", "canonical")
MRID = re.compile(r"([0-9A-Fa-f]{2}){1,16}")
KINDS = (*schema.KINDS, "Curve")
ENVELOPE = frozenset({"id", "origin", "target", "issued", "correlation"})
"""What the command line itself says of a document, so that losing it is no loss."""
SERVING = (messages.Curve, messages.Setting, messages.Capability)
Losses = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Result:
    """One converted record: its points or its document, and what was lost."""

    place: str
    kind: str
    profile: str
    losses: Losses
    points: tuple[iec61850.Point, ...] = ()
    document: bytes = b""
    bases: Bases | None = None
    beside: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    profile: str = "auto"
    to: str | None = None
    bases: tuple[str, ...] = ()
    kind: str | None = None
    mrid: str | None = None
    now: Decimal = Decimal(0)


def run(names: Sequence[str], wish: Wish, *, as_json: bool) -> None:
    """Read, convert, print."""
    results = converted(names, wish)
    if as_json:
        screen.record({"documents": [_shown(one) for one in results]})
    else:
        _text(results)


def converted(names: Sequence[str], wish: Wish) -> list[Result]:
    """Convert what is given; a dash is standard input."""
    if wish.to not in {None, *SIDES}:
        raise Fault(f"--to {wish.to}", f"one of {', '.join(SIDES)}")
    if wish.kind not in {None, *KINDS}:
        raise Fault(f"--kind {wish.kind}", f"one of {', '.join(KINDS)}")
    if wish.mrid is not None and not MRID.fullmatch(wish.mrid):
        raise Fault(f"--mrid {wish.mrid}", "not 1 to 16 octets in hexadecimal")
    if names.count("-") > 1:
        raise Fault("standard input", "can be read only once")
    given = [source.data(name) for name in names]
    papers = [one for one in given if not one.is_xml]
    with sheet.sound():
        documents = source.documents([one for one in given if one.is_xml], wish.profile)
        return list(_from_points(papers, documents, wish) if papers else _from_documents(documents, wish))


# ------------------------------------------------------------------------------------- from documents


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


def _from_documents(documents: Sequence[Document], wish: Wish) -> Iterator[Result]:
    every = [record for document in documents for record in records(document)]
    known = curves(documents)
    for document in subjects(documents):
        based = given_bases.bases(every, wish.bases, document.edition)
        if wish.to == "sep2":
            yield _again(document)
            continue
        unsaid = _unsaid(document)
        for record in records(document):
            if wish.to == "canonical":
                yield _canonical(document.given.place, record, unsaid)
            else:
                yield _pointed(document, record, based, known)


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
    return [(_place(part), "is not in the model of the profile") for part in document.foreign]


def _place(part: xml.Foreign) -> str:
    if part.before < 0:
        return f"{part.path}/@{part.name}"
    return f"{part.path}/{part.name}"


def _again(document: Document) -> Result:
    """The document anew, with what was foreign where it stood; lost is what has no place any more."""
    place, name = document.given.place, document.profile.name
    result = _written(place, document.record, name, document.edition)
    losses = list(result.losses)
    for part in document.foreign:
        try:
            result = replace(result, document=foreign.restored(result.document, (part,)))
        except ValueError as error:
            losses.append((_place(part), str(error)))
    return replace(result, losses=losses)


def _canonical(place: str, record: kit.Model, losses: Losses = ()) -> Result:
    data = xml.write(record, profile.load("der"))
    return Result(place, type(record).__name__, "der", losses, document=data)


def _written(place: str, record: kit.Model, name: str, edition: str, losses: Losses = ()) -> Result:
    lost: list[tuple[str, str]] = []
    try:
        data = xml.write(sep2.from_canonical(record, edition, lost=lost), source.named(name))
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    return Result(place, type(record).__name__, name, (*losses, *lost), document=data)


# ---------------------------------------------------------------------------------------- from points


def _from_points(papers: Sequence[Given], documents: Sequence[Document], wish: Wish) -> Iterator[Result]:
    if wish.to == "61850":
        raise Fault(papers[0].place, "these are points already; --to sep2 or canonical")
    every = [record for document in documents for record in records(document)]
    for paper in papers:
        for page in points.read(paper.place, paper.data):
            own = [f"{key}={value}" for key, value in page.bases.items()]
            found = _read(paper.place, page, given_bases.bases(every, (*own, *wish.bases)), wish)
            chosen = page.profile if page.profile and wish.profile == "auto" else wish.profile
            for record in found:
                if wish.to == "canonical":
                    yield _canonical(paper.place, record)
                else:
                    yield _fitting(paper.place, record, chosen)


def _read(place: str, page: points.Sheet, based: Bases, wish: Wish) -> tuple[kit.Model, ...]:
    """The record of a page, and the curves it brings along."""
    made = tuple(iec61850.Point(one.ref, one.fc, one.value) for one in page.points)
    kind = wish.kind or page.kind or points.kind(place, made)
    if kind not in KINDS:
        raise Fault(place, f"no kind of record; there are {', '.join(KINDS)}", path=kind)
    kept = beside.read(place, page.beside)
    by = None if kept else source.envelope(1)._replace(issued=wish.now)
    try:
        record = iec61850.from_points(made, kind, based, kept, envelope=by)
    except Unrepresentable as error:
        raise Fault(place, error.reason, path=error.path) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if not kept:
            raise
        raise Fault(place, "beside does not fit this kind of record", path="beside") from error
    return (record,) if kept else completion.completed(record, wish.mrid or points.digest(made), wish.now)


def _fitting(place: str, record: kit.Model, name: str) -> Result:
    """The record as a document of a profile; of the first that can say it all for `auto`."""
    names = source.ORDER if name == "auto" else (name,)
    refusals: list[Fault] = []
    for each in names:
        try:
            return _written(place, record, each, source.edition(source.named(each)))
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


# ------------------------------------------------------------------------------------------------ out


def _shown(one: Result) -> dict[str, Any]:
    losses = [{"path": path, "reason": reason} for path, reason in one.losses]
    if one.document:
        return {"kind": one.kind, "profile": one.profile, "xml": one.document.decode(), "losses": losses}
    return {
        "kind": one.kind,
        "profile": one.profile,
        "bases": said(one.bases or Bases()),
        "points": [_point(point, one.kind) for point in one.points],
        "losses": losses,
        "beside": beside.shown(one.beside or {}),
    }


def _point(point: Point, kind: str) -> dict[str, Any]:
    due = {"due": point.due} if kind == "Control" else {}
    return {"ref": point.ref, "fc": point.fc, "value": point.value, **due}


def said(based: Bases) -> dict[str, Any]:
    """The bases that differ from what is assumed anyway, as the command line would say them."""
    found: dict[str, Any] = {}
    for field in fields(Bases):
        value = getattr(based, field.name)
        if value == getattr(Bases(), field.name):
            continue
        if isinstance(value, Mapping):
            found |= {f"{field.name}.{key}": words.scalar(item) for key, item in value.items()}
        else:
            found[field.name] = words.scalar(value)
    return found


def _text(results: Sequence[Result]) -> None:
    for one in results:
        if one.document:
            screen.say(words.indented(one.document).rstrip("\n"))
        else:
            due = one.kind == "Control"
            heads = ("reference", "fc", "value", *(("due",) if due else ()))
            rows = [
                (point.ref, point.fc, words.scalar(point.value), *((point.due,) if due else ()))
                for point in one.points
            ]
            screen.table(heads, rows, f"{one.kind} of {one.place}")
        for path, reason in one.losses:
            screen.warn(f"lost: {path}: {reason}")

"""A report as information reports: its fields in order, and segments where one unit is too small for it.

The list is named RPT; optional fields, inclusion, references, values and reasons follow one another as IEC
61850-8-1 and the public accounts of 8-2 have it. Each unit keeps to the size it is given; a single value that
no unit has room for is told as a failure. Never decides whether to report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bridge.iec61850 import shape
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.gathering import Content
from bridge.iec61850.rcb.members import Members
from bridge.iec61850.shape import Basic, Mismatch, OutOfRange, Type, Value
from bridge.iec61850.unit import length
from models.mms import access, data, names, pdu
from models.mms.codes import DataAccessError

MOST = 2**16 - 1
"""Segments of one report."""


class Head(NamedTuple):
    """What a report says before its members."""

    options: frozenset[str]
    RptID: str
    SqNum: int
    TimeOfEntry: bytes
    DatSet: str
    BufOvfl: bool
    EntryID: bytes
    ConfRev: int


FIELDS: tuple[tuple[str, str, Type], ...] = (
    ("sequence-number", "SqNum", Basic("unsigned", 32)),
    ("report-time-stamp", "TimeOfEntry", Basic("binary-time")),
    ("data-set-name", "DatSet", Basic("visible-string", -129)),
    ("buffer-overflow", "BufOvfl", Basic("boolean")),
    ("entryID", "EntryID", Basic("octet-string", 8)),
    ("conf-revision", "ConfRev", Basic("unsigned", 32)),
)
"""Option, name and type of the optional fields, in their order."""
SEGMENT: tuple[Type, ...] = (Basic("unsigned", 32), Basic("boolean"))
"""SubSqNum and MoreSegments, after those."""
TEXT = Basic("visible-string", -129)
"""RptID, and the references of members."""


class Piece(NamedTuple):
    """A member's part in a report."""

    place: int
    reference: data.AccessResult
    value: data.AccessResult
    reason: data.AccessResult


def units(head: Head, content: Content, members: Members, limit: int) -> Iterator[pdu.Unconfirmed_PDU]:
    """The units of a report, each at most `limit` octets in its context."""
    pieces = [_piece(members, *each) for each in content]
    whole = _unit(head, pieces, len(members.names), None)
    if length(whole) <= limit:
        yield whole
        return
    parts = list(_parts(head, pieces, len(members.names), limit))
    for number, part in enumerate(parts[:MOST]):
        yield _unit(head, part, len(members.names), (number, number + 1 < len(parts)))


def _parts(head: Head, pieces: Sequence[Piece], total: int, limit: int) -> Iterator[list[Piece]]:
    """The pieces that go together; what an element takes does not depend on those beside it."""
    last = (MOST, False)
    bare = length(_unit(head, [], total, last))
    part: list[Piece] = []
    room = limit - bare
    for piece in pieces:
        need = length(_unit(head, [piece], total, last)) - bare
        if need > limit - bare:
            fitting = piece._replace(value=_failure())
            need = length(_unit(head, [fitting], total, last)) - bare
        else:
            fitting = piece
        if part and need > room:
            yield part
            part, room = [], limit - bare
        part.append(fitting)
        room -= need
    yield part


def _unit(
    head: Head, pieces: Sequence[Piece], total: int, segment: tuple[int, bool] | None
) -> pdu.Unconfirmed_PDU:
    options = head.options - {"segmentation"} | ({"segmentation"} if segment else frozenset())
    bits = fields.text(options, fields.OPTIONS)
    results = [_success(TEXT, head.RptID), _success(Basic("bit-string", len(bits)), bits)]
    results += [_success(of, getattr(head, name)) for option, name, of in FIELDS if option in options]
    if segment:
        results += [_success(of, said) for of, said in zip(SEGMENT, segment, strict=True)]
    chosen = {piece.place for piece in pieces}
    results.append(
        _success(Basic("bit-string", total), "".join("01"[index in chosen] for index in range(total)))
    )
    if "data-reference" in options:
        results += [piece.reference for piece in pieces]
    results += [piece.value for piece in pieces]
    if "reason-for-inclusion" in options:
        results += [piece.reason for piece in pieces]
    listed = data.AccessResultList(AccessResult=tuple(results))
    return pdu.Unconfirmed_PDU(
        informationReport=pdu.InformationReport(variableAccessSpecification=RPT, listOfAccessResult=listed)
    )


def _piece(members: Members, index: int, value: Value, reason: str) -> Piece:
    try:
        said = _success(members.types[index], value)
    except (Mismatch, OutOfRange):  # another device has come under the name
        said = _failure()
    return Piece(
        index,
        _success(TEXT, "/".join(members.names[index])),
        said,
        _success(Basic("bit-string", len(reason)), reason),
    )


def _success(of: Type, value: Value) -> data.AccessResult:
    return data.AccessResult(choice=data.AccessResult_success(value=shape.encode(of, value)))


def _failure() -> data.AccessResult:
    code = DataAccessError.object_access_unsupported
    return data.AccessResult(choice=data.AccessResult_failure(value=code))


RPT = access.VariableAccessSpecification(
    choice=access.VariableAccessSpecification_variableListName(
        value=names.ObjectName(choice=names.ObjectName_vmd_specific(value="RPT"))
    )
)
"""The name under which every report goes."""

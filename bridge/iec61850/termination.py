"""What a control tells beside its answer: LastApplError and CommandTermination, as information reports (8-1).

LastApplError comes before a negative answer and names the variable, the origin, ctlNum and the cause. A
termination repeats the Oper variable when an enhanced or an armed command has ended; one that failed has
LastApplError before it. Written here for a server, read here for a client. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.iec61850.command import NUMBER, OPERATE, ORIGIN, REFERENCE, Command
from bridge.iec61850.hooks import Answer
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.shape import Basic, Structure, Value, encode, free
from models.mms import access, data, names, pdu
from models.mms.codes import AddCause, ControlError, DataAccessError

NAME = "LastApplError"
FORM = Structure(
    (
        ("CntrlObj", REFERENCE),
        ("Error", Basic("integer", 8)),
        ("Origin", ORIGIN),
        ("ctlNum", NUMBER),
        ("AddCause", Basic("integer", 8)),
    )
)
ERRORS = {AddCause.unknown: ControlError.unknown, AddCause.time_limit_over: ControlError.timeout_test_not_ok}
"""Error beside a cause; beside any other, which says it all, there is none."""


class Said(NamedTuple):
    """What LastApplError says."""

    reference: str
    error: ControlError
    origin: tuple[int, bytes]
    number: int
    cause: AddCause


class Ended(NamedTuple):
    """What a report of a control says."""

    reference: str
    failed: Said | None
    """Why not; None where it went well."""
    over: bool
    """The command has ended; otherwise a negative answer is coming."""
    spoken: tuple[Value, ...] | None = None
    """The members of the Oper variable that a termination repeats."""


def refusal(command: Command, cause: AddCause) -> Report:
    """Give the report that comes before a negative answer."""
    return _report(command.peer, (_error(command.reference, command, cause),))


def termination(command: Command, cause: AddCause | None) -> Report:
    """Give the report that a command has ended, well or by a cause."""
    item = command.target.service(OPERATE)
    spoken = (_local(command.target.domain, item), encode(command.form, command.said))
    if cause is None:
        return _report(command.peer, (spoken,))
    return _report(command.peer, (_error(f"{command.target.domain}/{item}", command, cause), spoken))


def read(unit: pdu.Unconfirmed_PDU) -> Ended | None:
    """Give what a report says of a control; None where it is a report of something else."""
    report = unit.informationReport
    named = report.variableAccessSpecification.choice
    results = [one.choice for one in report.listOfAccessResult.AccessResult]
    if named.tag != "listOfVariable" or len(named.value.SEQUENCE) != len(results):
        return None
    said, reference, spoken = None, None, None
    for item, result in zip(named.value.SEQUENCE, results, strict=True):
        name = item.variableSpecification.name.choice
        if name.tag == "vmd-specific" and name.value == NAME and result.tag == "success":
            said = _said(free(result.value))
        elif name.tag == "domain-specific" and name.value.itemId.endswith(f"${OPERATE}"):
            reference = f"{name.value.domainId}/{name.value.itemId}"
            spoken = free(result.value) if result.tag == "success" else None
    found = reference or (said.reference if said else None)
    parts = spoken if isinstance(spoken, tuple) else None
    return Ended(found, said, reference is not None, parts) if found else None


def denied(command: Command, cause: AddCause) -> Answer:
    """Give the answer that refuses a control, with LastApplError before it."""
    return Answer(DataAccessError.object_access_denied, (refusal(command, cause),))


def _said(value: Value) -> Said | None:
    match value:
        case (
            str() as reference,
            int() as error,
            (int() as category, bytes() as name),
            int() as number,
            int() as cause,
        ):
            known = cause if cause in set(AddCause) else AddCause.unknown
            wrong = error if error in set(ControlError) else ControlError.unknown
            return Said(reference, ControlError(wrong), (category, name), number, AddCause(known))
    return None


def _error(reference: str, command: Command, cause: AddCause) -> tuple[names.ObjectName, data.Data]:
    error = ERRORS.get(cause, ControlError.no_error)
    value = (reference, int(error), command.origin, command.number, int(cause))
    return names.ObjectName(choice=names.ObjectName_vmd_specific(value=NAME)), encode(FORM, value)


def _local(domain: str, item: str) -> names.ObjectName:
    named = names.DomainSpecific(domainId=domain, itemId=item)
    return names.ObjectName(choice=names.ObjectName_domain_specific(value=named))


def _report(peer: Peer, spoken: tuple[tuple[names.ObjectName, data.Data], ...]) -> Report:
    items = tuple(
        access.VariableItem(variableSpecification=access.VariableSpecification(name=name))
        for name, _ in spoken
    )
    results = tuple(data.AccessResult(choice=data.AccessResult_success(value=value)) for _, value in spoken)
    named = access.VariableAccessSpecification_listOfVariable(value=access.VariableItemList(SEQUENCE=items))
    report = pdu.InformationReport(
        variableAccessSpecification=access.VariableAccessSpecification(choice=named),
        listOfAccessResult=data.AccessResultList(AccessResult=results),
    )
    return Report(peer, pdu.Unconfirmed_PDU(informationReport=report))

"""Requests of a 61850 client for tests, and documents of a DER that they are about."""

from __future__ import annotations

from typing import Any

from bridge.iec61850 import selection, shape
from bridge.iec61850.shape import Type, Value
from models.mms import access, data, names, services, variables

NS = 'xmlns="urn:ieee:std:2030.5:ns"'
CAPABILITY = (
    f"<DERCapability {NS}><modesSupported>00100000</modesSupported>"
    "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>4</type></DERCapability>"
)
MORE = CAPABILITY.replace("00100000", "00180000")


def status(code: int, at: int) -> str:
    """A DERStatus: how the generator stands."""
    stamped = f"<dateTime>{at}</dateTime><value>{code}</value>"
    return (
        f"<DERStatus {NS}><genConnectStatus>{stamped.replace('<value>', '<value>0')}</genConnectStatus>"
        f"<operationalModeStatus>{stamped}</operationalModeStatus><readingTime>{at}</readingTime></DERStatus>"
    )


def where(domain: str, *items: str) -> access.VariableAccessSpecification:
    listed = selection.variables((domain, item) for item in items)
    choice = access.VariableAccessSpecification_listOfVariable(value=listed)
    return access.VariableAccessSpecification(choice=choice)


def read(domain: str, *items: str) -> Any:
    asked = variables.Read_Request(variableAccessSpecification=where(domain, *items))
    return services.ConfirmedServiceRequest_read(value=asked)


def write(domain: str, item: str, of: Type, value: Value) -> Any:
    given = data.DataList(Data=(shape.encode(of, value),))
    asked = variables.Write_Request(variableAccessSpecification=where(domain, item), listOfData=given)
    return services.ConfirmedServiceRequest_write(value=asked)


IDENTIFY = services.ConfirmedServiceRequest_identify(value=names.Null())

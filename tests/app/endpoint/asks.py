"""Requests of a 61850 client for tests, and documents of a DER that they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from bridge.iec61850 import selection, shape
from bridge.iec61850.shape import Type, Value
from models.mms import access, data, names, services, variables

T = TypeVar("T")
NS = 'xmlns="urn:ieee:std:2030.5:ns"'
CAPABILITY = (
    f"<DERCapability {NS}><modesSupported>00100000</modesSupported>"
    "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>4</type></DERCapability>"
)
MORE = CAPABILITY.replace("00100000", "00180000")
SITED = CAPABILITY.replace("<DERCapability", '<DERCapability xmlns:c="https://csipaus.org/ns"').replace(
    "</DERCapability>", "<c:doeModesSupported>03</c:doeModesSupported></DERCapability>"
)
"""With limits at the site's connection point, as CSIP-AUS has it."""


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


async def soon(what: Awaitable[T]) -> T:
    """What has to come within half a minute."""
    async with asyncio.timeout(30):
        return await what

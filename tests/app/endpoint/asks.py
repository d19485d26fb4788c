"""Requests of a 61850 client for tests, and documents of a DER that they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any, TypeVar

from bridge.iec61850 import selection, shape
from bridge.iec61850.shape import Type, Value
from models.mms import access, data, files, names, services, variables

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


def path(name: str) -> files.FileName:
    return files.FileName(GraphicString=(name,))


async def listed(one: Any) -> list[str]:
    """The files that a client may know of."""
    found: list[str] = []
    more = True
    while more:
        after = path(found[-1]) if found else None
        asked = files.FileDirectory_Request(continueAfter=after)
        said = (await one.ask(services.ConfirmedServiceRequest_fileDirectory(value=asked))).content
        found += ["/".join(each.fileName.GraphicString) for each in said.listOfDirectoryEntry.DirectoryEntry]
        more = said.moreFollows
    return found


def file(name: str) -> Generator[Any, Any, bytes]:
    """A file, opened, read in pieces and closed."""
    asked = files.FileOpen_Request(fileName=path(name), initialPosition=0)
    handle = (yield services.ConfirmedServiceRequest_fileOpen(value=asked)).frsmID
    found, more = b"", True
    while more:
        piece = yield services.ConfirmedServiceRequest_fileRead(value=handle)
        found, more = found + bytes.fromhex(piece.fileData), piece.moreFollows
    yield services.ConfirmedServiceRequest_fileClose(value=handle)
    return found


IDENTIFY = services.ConfirmedServiceRequest_identify(value=names.Null())


async def soon(what: Awaitable[T]) -> T:
    """What has to come within half a minute."""
    async with asyncio.timeout(30):
        return await what

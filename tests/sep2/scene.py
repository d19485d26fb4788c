"""A small world for tests of the function sets: devices, an aggregator of one, a group, its programmes."""

from __future__ import annotations

from typing import Any

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import events
from bridge.sep2.shelf import Row, Who
from bridge.sep2.tree import spot
from bridge.sep2.work import Body, Work
from tests.sep2.memory import LFDI, NOW, Memory, work

HELD = "1111111111111111111111111111111111111111"
ALIEN = "2222222222222222222222222222222222222222"
AGGREGATOR = "3333333333333333333333333333333333333333"
GROUP = "/-/group/1"
NS = 'xmlns="urn:ieee:std:2030.5:ns"'
AUS = 'xmlns:csipaus="https://csipaus.org/ns"'
STATUS = (
    "<EventStatus><currentStatus>0</currentStatus><dateTime>1</dateTime>"
    "<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
)


def body(text: str, profile: str = "2018") -> Body:
    """A document as the server reads it."""
    data = text.encode()
    obj = xml.read(data, load(profile))
    return Body(data, obj, type(obj).__name__, profile)


def device(number: int, lfdi: str, aggregator: str = "") -> Row:
    """An EndDevice."""
    text = f"<EndDevice {NS}><lFDI>{lfdi}</lFDI><sFDI>1</sFDI><changedTime>1</changedTime></EndDevice>"
    return Row(
        f"/edev/{number}", "/edev", "EndDevice", text.encode(), "2018", owner=lfdi, grp=aggregator, mark=lfdi
    )


def program(path: str, type_: str, mark: str, extra: str = "", primacy: int = 1) -> Row:
    """A programme of the group."""
    text = f"<{type_} {NS}><mRID>{mark}</mRID>{extra}<primacy>{primacy}</primacy></{type_}>"
    if type_ == "TariffProfile":
        text = text.replace("</Tar", "<serviceCategoryKind>0</serviceCategoryKind></Tar")
    parent = path.rpartition("/")[0]
    return Row(path, parent, type_, text.encode(), "2018", grp=GROUP, mark=mark, rank=f"{primacy:03d}")


async def world() -> Memory:
    """The rows."""
    shelf = Memory(last=100)
    await shelf.lay(
        device(1, LFDI),
        device(2, HELD, AGGREGATOR),
        device(3, ALIEN),
        Row(GROUP, "/-/group", "Group", b"{}"),
        Row(f"{GROUP}/member/1", f"{GROUP}/member", "Member", owner=LFDI, grp=GROUP),
        Row(f"{GROUP}/member/2", f"{GROUP}/member", "Member", owner=HELD, grp=GROUP),
        Row("/-/reach/x", "/-/reach", "Reach", owner=AGGREGATOR, grp=GROUP),
        program("/derp/1", "DERProgram", "D1", primacy=2),
        program("/dr/1", "DemandResponseProgram", "D2"),
        program("/msg/1", "MessagingProgram", "D3", "<locale>en</locale>"),
        program("/tp/1", "TariffProfile", "D4"),
    )
    return shelf


def control(
    mark: str,
    start: int,
    duration: int = 60,
    *,
    created: int = NOW - 100,
    base: str = "<opModConnect>true</opModConnect>",
    heads: str = 'responseRequired="03"',
    tail: str = "",
    status: str = STATUS,
) -> Body:
    """A DERControl."""
    return body(
        f"<DERControl {NS} {heads}><mRID>{mark}</mRID><creationTime>{created}</creationTime>{status}"
        f"<interval><duration>{duration}</duration><start>{start}</start></interval>{tail}"
        f"<DERControlBase>{base}</DERControlBase></DERControl>"
    )


async def commit(made: Work, shelf: Memory) -> None:
    """Do what a request asks for."""
    await shelf.commit(made.changes, Who(made.caller.lfdi, "sep2", made.now))


def operator(shelf: Memory, now: int = NOW) -> Work:
    """A request of an operator."""
    return work(shelf, role="operator", lfdi="9" * 40, now=now)


async def read(shelf: Memory, href: str, now: int, profile: str = "2018") -> Any:
    """An event as a device reads it; None where it has gone."""
    asked = work(shelf, now=now, profile=profile)
    row = await events.seen(asked, spot(href), shelf.rows[href])
    return None if row is None else xml.read(row.body, load(row.profile))


async def told(shelf: Memory, href: str, now: int, profile: str = "2018") -> tuple[int, int, bool] | None:
    """What its EventStatus says: the status, since when, and whether it may be superseded."""
    made = await read(shelf, href, now, profile)
    state = None if made is None else made.EventStatus
    return None if state is None else (state.currentStatus, state.dateTime, state.potentiallySuperseded)


__all__ = ["AGGREGATOR", "ALIEN", "AUS", "GROUP", "HELD", "LFDI", "NOW", "NS", "Memory", "spot", "work"]

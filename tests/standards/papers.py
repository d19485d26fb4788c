"""Documents that clients of the CSIP tests send: all of IEEE 2030.5-2018, the least that says something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import count

from bridge.trust import identity

XMLNS = "urn:ieee:std:2030.5:ns"
NUMBERS = count(1)
POWER = "<multiplier>0</multiplier><value>{}</value>"


def paper(name: str, inner: str) -> str:
    """Give a document."""
    return f'<{name} xmlns="{XMLNS}">{inner}</{name}>'


def mrid() -> str:
    """Give an mRID that nobody else has."""
    return f"{time.time_ns():016X}{next(NUMBERS):08X}00009F1C"


def end_device(lfdi: str, changed: int = 1) -> str:
    """Give an EndDevice."""
    who = f"<lFDI>{lfdi}</lFDI><sFDI>{identity.sfdi(lfdi)}</sFDI>"
    return paper("EndDevice", f"{who}<changedTime>{changed}</changedTime>")


def capability(watts: int = 5000) -> str:
    """Give a DERCapability."""
    return paper(
        "DERCapability",
        f"<modesSupported>00000155</modesSupported><rtgMaxVA>{POWER.format(watts)}</rtgMaxVA>"
        f"<rtgMaxW>{POWER.format(watts)}</rtgMaxW><type>4</type>",
    )


def settings(watts: int = 5000) -> str:
    """Give DERSettings."""
    return paper(
        "DERSettings",
        f"<setGradW>100</setGradW><setMaxW>{POWER.format(watts)}</setMaxW>"
        f"<updatedTime>{int(time.time())}</updatedTime>",
    )


def status(connected: int = 1, at: int | None = None) -> str:
    """Give a DERStatus."""
    now = int(time.time()) if at is None else at
    return paper(
        "DERStatus",
        f"<genConnectStatus><dateTime>{now}</dateTime><value>{connected:02X}</value></genConnectStatus>"
        f"<operationalModeStatus><dateTime>{now}</dateTime><value>2</value></operationalModeStatus>"
        f"<readingTime>{now}</readingTime>",
    )


def availability(watts: int = 400) -> str:
    """Give a DERAvailability."""
    return paper(
        "DERAvailability",
        f"<readingTime>{int(time.time())}</readingTime><statWAvail>{POWER.format(watts)}</statWAvail>",
    )


FOUR: Mapping[str, Callable[[], str]] = {
    "dercap": capability,
    "derg": settings,
    "ders": status,
    "dera": availability,
}
"""The four documents of a DER, by the end of their addresses."""


def alarm(number: int, code: int = 0, at: int | None = None) -> str:
    """Give a LogEvent of the DER function set (11)."""
    return paper(
        "LogEvent",
        f"<createdDateTime>{int(time.time()) if at is None else at}</createdDateTime><details>test</details>"
        f"<functionSet>11</functionSet><logEventCode>{code}</logEventCode><logEventID>{number}</logEventID>"
        "<logEventPEN>40732</logEventPEN><profileID>2</profileID>",
    )


def response(lfdi: str, subject: str, said: int, at: int | None = None) -> str:
    """Give a DERControlResponse."""
    when = int(time.time()) if at is None else at
    return paper(
        "DERControlResponse",
        f"<createdDateTime>{when}</createdDateTime><endDeviceLFDI>{lfdi}</endDeviceLFDI><status>{said}</status>"
        f"<subject>{subject}</subject>",
    )


def subscription(resource: str, uri: str, limit: int = 100) -> str:
    """Give a Subscription."""
    return paper(
        "Subscription",
        f"<subscribedResource>{resource}</subscribedResource><encoding>0</encoding><level>+S1</level>"
        f"<limit>{limit}</limit><notificationURI>{uri}</notificationURI>",
    )


METERED = (("real power", 38, 2), ("reactive power", 63, 2), ("frequency", 33, 2), ("voltage", 29, 2))
"""What BASIC-029 reads: the name, the unit (uom) and the data qualifier of each."""


def mirror(lfdi: str, marks: list[str]) -> str:
    """Give a MirrorUsagePoint with four series; the first mRID is its own."""
    series = "".join(
        f"<MirrorMeterReading><mRID>{mark}</mRID><description>{name}</description><ReadingType>"
        f"<dataQualifier>{qualifier}</dataQualifier><flowDirection>19</flowDirection><kind>37</kind>"
        f"<powerOfTenMultiplier>0</powerOfTenMultiplier><uom>{uom}</uom></ReadingType></MirrorMeterReading>"
        for mark, (name, uom, qualifier) in zip(marks[1:], METERED, strict=True)
    )
    return paper(
        "MirrorUsagePoint",
        f"<mRID>{marks[0]}</mRID><description>inverter</description><roleFlags>0049</roleFlags>"
        f"<serviceCategoryKind>0</serviceCategoryKind><status>1</status><deviceLFDI>{lfdi}</deviceLFDI>{series}",
    )


def readings(mark: str, set_: str, start: int, *values: int) -> str:
    """Give a MirrorMeterReading with a set of readings, a minute each."""
    each = "".join(
        f"<Reading><timePeriod><duration>60</duration><start>{start + 60 * at}</start></timePeriod>"
        f"<value>{value}</value></Reading>"
        for at, value in enumerate(values)
    )
    period = f"<timePeriod><duration>{60 * len(values)}</duration><start>{start}</start></timePeriod>"
    inner = f"<MirrorReadingSet><mRID>{set_}</mRID>{period}{each}</MirrorReadingSet>"
    return paper("MirrorMeterReading", f"<mRID>{mark}</mRID>{inner}")

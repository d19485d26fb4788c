"""What a client mirrors, as documents, and how tests look at what became of it."""

from __future__ import annotations

from bridge.sep2 import permit
from tests.sep2 import memory
from tests.sep2.client import DEVICE, HOLDER, NS, Client, done, text

NOW = memory.NOW
MUP = "AA" * 16
WATTS = "BB" * 16
VOLTS = "CC" * 16
OTHERS = "ABCDEF0123456789ABCDEF0100028547"


def kind(uom: int, power: int = 0) -> str:
    return f"<ReadingType><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom></ReadingType>"


def series(mark: str, uom: int = 38, power: int = 0) -> str:
    return f"<MirrorMeterReading><mRID>{mark}</mRID>{kind(uom, power)}</MirrorMeterReading>"


def point(
    *inner: str, mark: str = MUP, device: str = DEVICE, flags: str = "49", rate: int | None = None
) -> str:
    tail = "" if rate is None else f"<postRate>{rate}</postRate>"
    return (
        f'<MirrorUsagePoint xmlns="{NS}"><mRID>{mark}</mRID><roleFlags>{flags}</roleFlags>'
        f"<serviceCategoryKind>0</serviceCategoryKind><status>1</status><deviceLFDI>{device}</deviceLFDI>"
        f"{''.join(inner)}{tail}</MirrorUsagePoint>"
    )


def value(number: int, start: int | None = NOW, duration: int = 300, extra: str = "") -> str:
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<Reading>{'' if start is None else period}{extra}<value>{number}</value></Reading>"


def reading(mark: str, *inner: str, head: str = f' xmlns="{NS}"') -> str:
    return f"<MirrorMeterReading{head}><mRID>{mark}</mRID>{''.join(inner)}</MirrorMeterReading>"


def readings(*each: str) -> str:
    count = len(each)
    head = f'<MirrorMeterReadingList xmlns="{NS}" all="{count}" results="{count}">'
    return f"{head}{''.join(each)}</MirrorMeterReadingList>"


async def made(client: Client, *inner: str, **said: object) -> str:
    answer = await client.ask("POST", "/mup", point(*(inner or (series(WATTS), series(VOLTS, 29))), **said))  # type: ignore[arg-type]
    assert answer.status == 201, answer.reason
    return answer.location


async def registered(**said: object) -> Client:
    client = Client(**said)  # type: ignore[arg-type]
    await client.register()
    return client


async def upt(client: Client, place: str, mark: str = WATTS) -> str:
    """The MeterReading of a series."""
    meters = await client.get(f"/upt{place[4:]}/mr?l=255")
    return next(each.get("href", "") for each in meters if text(each, "mRID") == mark)


async def values(client: Client, meter: str) -> list[tuple[int, int]]:
    """Start and value of every reading of a series, by its sets."""
    found = []
    for each in await client.get(f"{meter}/rs?l=255"):
        for one in await client.get(f"{each.get('href')}/r?l=255"):
            start = one.findtext(f"{{{NS}}}timePeriod/{{{NS}}}start")
            found.append((int(start or 0), int(text(one, "value") or 0)))
    return sorted(found)


async def held() -> Client:
    """An aggregator with one device."""
    holder = Client(lfdi=HOLDER)
    await done(holder.shelf, lambda work: permit.grant(work, HOLDER, role="aggregator"))
    await holder.get("/edev")
    await holder.register(DEVICE)
    return holder

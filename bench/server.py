"""The server beside nginx: GETs, new connections, durable writes, idle memory, growth with the fleet.

The same native client drives both over the same mutual TLS, one after the other in short turns, so that what
else the machine does falls on both. Each has one core and the client the other. A figure of a write counts
what was acknowledged after its commit reached the disk.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench import reference
from bench.ground import CONTROLS, OTHER, Ground, ground

SOURCE = Path(__file__).with_name("load.c")
ROUNDS, SECONDS = 3, 2.0
CONNECTIONS = (1, 32, 128)
WRITERS = 64
IDLE = 2_000
FLEETS = (1_000, 100_000)
NAMESPACE = 'xmlns="urn:ieee:std:2030.5:ns"'
STATUS = (
    f"<DERStatus {NAMESPACE}><genConnectStatus><dateTime>1790000000</dateTime><value>07</value>"
    "</genConnectStatus><inverterStatus><dateTime>1790000000</dateTime><value>4</value></inverterStatus>"
    "<operationalModeStatus><dateTime>1790000000</dateTime><value>2</value></operationalModeStatus>"
    "<readingTime>17########</readingTime></DERStatus>"
)
MIRROR = (
    f"<MirrorUsagePoint {NAMESPACE}><mRID>{{mrid}}</mRID><roleFlags>01</roleFlags><serviceCategoryKind>0"
    "</serviceCategoryKind><status>1</status><deviceLFDI>{lfdi}</deviceLFDI><MirrorMeterReading><mRID>{series}"
    "</mRID><ReadingType><kind>37</kind><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>38</uom>"
    "</ReadingType></MirrorMeterReading></MirrorUsagePoint>"
)
READING = (
    f"<MirrorMeterReading {NAMESPACE}><mRID>{{series}}</mRID><Reading><timePeriod><duration>60</duration>"
    "<start>17########</start></timePeriod><value>1234</value></Reading></MirrorMeterReading>"
)
TOGETHER = 10
"""Readings of a set."""
ITEM = (
    "<Reading><timePeriod><duration>1</duration><start>1########{at}</start></timePeriod>"
    "<value>{at}</value></Reading>"
)
SET = (
    f"<MirrorMeterReading {NAMESPACE}><mRID>{{series}}</mRID><MirrorReadingSet>"
    "<mRID>C0########0000000000000000009F1C</mRID>"
    "<timePeriod><duration>10</duration><start>1########0</start></timePeriod>"
    f"{''.join(ITEM.format(at=at) for at in range(TOGETHER))}</MirrorReadingSet></MirrorMeterReading>"
)


class Load(NamedTuple):
    """What the client does: these requests, over so many connections, in a mode of load.c."""

    requests: Sequence[bytes]
    connections: int
    mode: str = "keep"
    seconds: float = SECONDS


def measure() -> dict[str, Any]:
    """Everything, as it goes into build/bench.json."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        load = built(place)
        (place / "site").mkdir()
        with ground(place / "site") as site:
            found = asyncio.run(pages(site))
            with reference.serving(site, found) as other:
                figures = compared(site, load, found, other)
                figures["writes"] = writes(site, load, other)
        figures["growth"] = growth(place, load)
    return figures


def built(place: Path) -> Path:
    """Build the client."""
    subprocess.run(["gcc", "-O2", "-o", place / "load", SOURCE, "-lssl", "-lcrypto"], check=True)
    return place / "load"


async def pages(site: Ground) -> dict[str, bytes]:
    """The pages that are asked for, with the bytes that the server answers."""
    targets = ("/dcap", "/edev?s=0&l=10", f"{site.programme}/derc?s=0&l={CONTROLS}")
    async with site.site.client("aggregator", "aggregator") as client:
        return {target: (await client.get(target)).body for target in targets}


def compared(
    site: Ground, load: Path, found: Mapping[str, bytes], other: tuple[int, int] | None
) -> dict[str, Any]:
    """GETs, new connections and idle memory, ours and nginx's."""
    figures: dict[str, Any] = {}
    for target, body in found.items():
        for connections in CONNECTIONS:
            name = f"GET {target} ({len(body)} bytes), {connections} connections"
            figures[name] = pair(site, load, other, Load([get(target)], connections))
    figures["new connection for each GET /dcap"] = pair(site, load, other, Load([get("/dcap")], 32, "new"))
    figures["kB for an idle connection"] = idle(site, load, other)
    return figures


def pair(
    site: Ground, load: Path, other: tuple[int, int] | None, what: Load, theirs_: Load | None = None
) -> dict[str, float]:
    """Median rates in turns, and the ratio; the other may be asked for something else."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run(site, load, site.port, what))
        if other:
            theirs.append(run(site, load, other[0], theirs_ or what))
    return ratio({"derbridge": rate(ours), "nginx": rate(theirs)} if other else {"derbridge": rate(ours)})


def times(figures: dict[str, float], each: int) -> dict[str, float]:
    """The same where each request counts for several."""
    return ratio({**figures, "derbridge": figures["derbridge"] * each})


def ratio(figures: dict[str, float]) -> dict[str, float]:
    """The figures with their ratio, where both are there."""
    both = "nginx" in figures and figures["nginx"]
    return figures | ({"ratio": figures["derbridge"] / figures["nginx"]} if both else {})


def rate(runs: Sequence[Mapping[str, float]]) -> float:
    """The median rate of some runs."""
    return median(one["rate"] for one in runs)


def run(site: Ground, load: Path, port: int, what: Load) -> dict[str, float]:
    """One run of the client; an answer that is no success ends everything."""
    done = subprocess.run(command(site, load, port, what), capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    if told["errors"]:
        raise RuntimeError(f"{told['errors']} errors: {done.stderr[:500]}")
    return told


def command(site: Ground, load: Path, port: int, what: Load) -> list[str]:
    """How the client is started, on its own core."""
    file = site.folder / "requests"
    file.write_bytes(b"".join(b"%d\n%s" % (len(one), one) for one in what.requests))
    files = (site.client.certificate, site.client.key, site.client.root)
    words = ("127.0.0.1", port, *files, what.connections, what.seconds, what.mode, file)
    return ["taskset", "-c", OTHER, str(load), *map(str, words)]


def get(target: str) -> bytes:
    """A GET as our own clients send it."""
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/sep+xml\r\n\r\n".encode()


def send(method: str, target: str, body: str) -> bytes:
    """A request with a body."""
    head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sep+xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def idle(site: Ground, load: Path, other: tuple[int, int] | None) -> dict[str, float]:
    """Kilobytes that a connection takes which does nothing."""
    found = {"derbridge": weight(site, load, site.port, site.process)}
    return ratio(found | ({"nginx": weight(site, load, *other)} if other else {}))


def weight(site: Ground, load: Path, port: int, process: int) -> float:
    """The same for one server."""
    before = resident(process)
    with connected(site, load, port) as count:
        return (resident(process) - before) / count


@contextmanager
def connected(site: Ground, load: Path, port: int) -> Iterator[int]:
    """Many connections, held; gives how many."""
    words = command(site, load, port, Load([get("/dcap")], IDLE, "idle", 60.0))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        told = json.loads(client.stdout.readline() if client.stdout else "{}")
        try:
            yield told["ready"]
        finally:
            client.communicate("")


def resident(process: int) -> float:
    """Kilobytes of a process."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def writes(site: Ground, load: Path, other: tuple[int, int] | None) -> dict[str, Any]:
    """Acknowledged writes a second: DERStatus of many devices, readings of many mirrors.

    nginx cannot write: beside each turn stands how often it gave a small page then, which tells what the
    machine could do at that moment.
    """
    mirrors = asyncio.run(mirrored(site))
    statuses = [send("PUT", f"/edev/{number}/der/1/ders", STATUS) for number in site.devices]
    readings = [send("POST", href, READING.format(series=series)) for href, series in mirrors.items()]
    sets = [send("POST", href, SET.format(series=series)) for href, series in mirrors.items()]
    names = {
        "PUT DERStatus": (statuses, 1),
        "POST MirrorMeterReading": (readings, 1),
        f"readings in sets of {TOGETHER}": (sets, TOGETHER),
    }
    small = Load([get("/dcap")], 32)
    return {
        name: times(pair(site, load, other, Load(texts, WRITERS), small), each)
        for name, (texts, each) in names.items()
    }


async def mirrored(site: Ground) -> dict[str, str]:
    """A mirror usage point for each device: its address, and the mRID of its one series."""
    found = {}
    async with site.site.client("aggregator", "aggregator") as client:
        _, listed = await site.site.admin.get("/api/v1/devices?limit=500")
        held = [one["lfdi"] for one in listed["items"] if one["id"] in site.devices]
        for number, lfdi in enumerate(held):
            mrid, series = (f"{kind}{number:022X}00009F1C" for kind in ("A0", "B0"))
            told = await client.post("/mup", MIRROR.format(mrid=mrid, series=series, lfdi=lfdi))
            found[told.headers["Location"]] = series
    return found


def growth(place: Path, load: Path) -> dict[str, Any]:
    """Latency in milliseconds of reads and writes with few and with many devices registered."""
    found: dict[str, dict[str, float]] = {}
    for count in FLEETS:
        folder = place / str(count)
        folder.mkdir()
        with ground(folder, count) as site:
            for name, request in kinds(site).items():
                runs = [run(site, load, site.port, Load([request], 1))["p50"] for _ in range(ROUNDS)]
                found.setdefault(name, {})[str(count)] = median(runs)
    few, many = map(str, FLEETS)
    return {name: {**each, "ratio": each[many] / each[few]} for name, each in found.items()}


def kinds(site: Ground) -> dict[str, bytes]:
    """What is asked for: pages that are kept, and writes that go all the way."""
    return {
        "GET /dcap": get("/dcap"),
        "GET a page of ten EndDevices": get("/edev?s=0&l=10"),
        "GET a page of ten controls": get(f"{site.programme}/derc?s=0&l={CONTROLS}"),
        "PUT DERStatus": send("PUT", f"/edev/{site.devices[0]}/der/1/ders", STATUS),
    }


def told(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Rows of name, our figure, nginx's or that of the small fleet, and ratio; and what was aimed at."""
    for name, row in figures.items():
        if name == "writes":
            for kind, row_ in row.items():
                shown = f"{row_['derbridge']:,.0f}", f"{row_.get('nginx', 0):,.0f} small GETs"
                yield f"{kind}, {WRITERS} connections, acknowledged a second", *shown, aimed(kind, row_, 3)
        elif name == "growth":
            few, many = map(str, FLEETS)
            for kind, row_ in row.items():
                shown = f"{row_[many]:.3f} ms", f"{row_[few]:.3f} ms"
                yield f"{kind}, {FLEETS[1]:,} devices against {FLEETS[0]:,}", *shown, aimed("growth", row_)
        else:
            yield name, f"{row['derbridge']:,.1f}", f"{row.get('nginx', 0):,.1f}", aimed(name, row)


def aimed(name: str, row: Mapping[str, float], digits: int = 2) -> str:
    """A ratio beside its goal."""
    return f"{row['ratio']:.{digits}f} ({goal(name)})" if "ratio" in row else "no reference here"


def goal(name: str) -> str:
    """What a figure is meant to be."""
    return next(text for start, text in GOALS.items() if name.startswith(start))


GOALS: Mapping[str, str] = {
    "GET": "goal: at least 0.6",
    "new": "goal: at least 0.75",
    "kB": "goal: at most 2.5",
    "growth": "goal: at most 1.2",
    "PUT DERStatus": "goal: at least 4,000 where nginx gives 89,000: 0.045",
    "POST MirrorMeterReading": "goal: at least 5,000 there: 0.056",
    "readings in sets": "the same goal: 0.056",
}
"""What each figure is meant to be; shown, and deciding nothing."""

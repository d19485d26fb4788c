"""A logical device with report blocks, and a client of them that keeps what it was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge.iec61850 import received
from bridge.iec61850.buffer import Buffer, Memory
from bridge.iec61850.image import DataSet, Domain, Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.attributes import LARGEST, structure
from bridge.iec61850.received import Received, Reception
from bridge.iec61850.report import CAPACITY, OCTETS, Reports
from bridge.iec61850.shape import Basic, Structure, Value
from models.mms.codes import DataAccessError

START = 1_800_000_000.0
BRCB, URCB = "LLN0$BR$brcb01", "LLN0$RP$urcb01"
SET = "LD1/LLN0$Meas"
WATT, HERTZ, STATE = "MMXU1$MX$TotW", "MMXU1$MX$Hz", "DGEN1$ST$DEROpSt"
MEMBERS = (WATT, HERTZ, STATE)
CHANGES = ("dchg", "qchg")
ALICE, BOB = Peer("alice@utility/IEC", "AA" * 20, "1:1"), Peer("bob@utility/IEC", "BB" * 20, "2:1")

_QUALITY = (("q", Basic("bit-string", 13)), ("t", Basic("utc-time")))
_MV = Structure((("mag", Structure((("f", Basic("floating-point")),))), *_QUALITY))
_ENS = Structure((("stVal", Basic("integer", 32)), *_QUALITY))


def trigger(*names: str) -> str:
    return fields.text(names, fields.TRIGGERS)


def options(*names: str) -> str:
    return fields.text(names, fields.OPTIONS)


EVERY = options(*fields.OPTIONS[1:])


def entry(number: int) -> bytes:
    return number.to_bytes(8, "big")


def domain(name: str = "LD1", settings: Mapping[str, Value] | None = None) -> Domain:
    """A logical device with one block of each kind; `settings` by attribute are given to both."""
    blocks = tuple(
        (kind, Structure(tuple((f"{prefix}rcb0{number}", structure(kind)) for number in (1, 2))))
        for kind, prefix in (("BR", "b"), ("RP", "u"))
    )
    tree = Structure((
        ("LLN0", Structure(blocks)),
        ("MMXU1", Structure((("MX", Structure((("TotW", _MV), ("Hz", _MV)))),))),
        ("DGEN1", Structure((("ST", Structure((("DEROpSt", _ENS),))),))),
    ))  # fmt: skip
    made = Domain(name, tree, sets={"LLN0$Meas": DataSet(tuple((name, item) for item in MEMBERS))})
    plain: dict[str, Value] = {"DatSet": f"{name}/LLN0$Meas", "OptFlds": EVERY, "ConfRev": 1}
    for block in (BRCB, URCB):
        for attribute, value in {**plain, "TrgOps": trigger(*CHANGES, "gi"), **(settings or {})}.items():
            if f"{block}${attribute}" in made.leaves:
                made.leaves[f"{block}${attribute}"] = value
    return made


@dataclass
class Scene:
    """Reports of one device, a clock, and what each client was sent."""

    buffer: Buffer = field(default_factory=Memory)
    settings: Mapping[str, Value] = field(default_factory=dict)
    capacity: int = CAPACITY
    octets: int = OCTETS
    room: int = 65_000
    now: float = START

    def __post_init__(self) -> None:
        self.image = Image({"LD1": domain(settings=self.settings)})
        self.reports = Reports(self.image, self.buffer, lambda _: self.room, self.capacity, self.octets)
        self.reports.join("LD1", self.now)

    def put(self, item: str, value: Value) -> None:
        self.image.put("LD1", item, value, self.now)

    def watt(self, *values: float) -> None:
        for value in values:
            self.put(f"{WATT}$mag$f", float(value))

    def write(self, block: str, attribute: str, value: Value, peer: Peer = ALICE) -> DataAccessError | None:
        return self.reports.write(peer, "LD1", f"{block}${attribute}", value, self.now)

    def done(self, block: str, peer: Peer = ALICE, **values: Value) -> None:
        for attribute, value in values.items():
            assert self.write(block, attribute, value, peer) is None, attribute

    def read(self, block: str, attribute: str) -> Value:
        return self.reports.read(ALICE, "LD1", f"{block}${attribute}")

    def pass_(self, seconds: float) -> None:
        self.now += seconds

    def units(self) -> list[tuple[Peer, Received]]:
        """All that is sent until nothing is left to send."""
        found: list[tuple[Peer, Received]] = []
        while sent := self.reports.tick(self.now):
            found += [(peer, received.read(unit.informationReport)) for peer, unit in sent]
        return found

    def due(self) -> float | None:
        return self.reports.deadline

    def sent(self, kind: str = "BR") -> list[Received]:
        """The whole reports of it."""
        reception = Reception(LARGEST[kind])
        return [whole for _, unit in self.units() if (whole := reception.take(unit))]


def watts(reports: Sequence[Received]) -> list[float]:
    """The power that each report tells."""
    found = [item.value for report in reports for item in report.items if item.place == 0]
    return [value[0][0] for value in found if isinstance(value, tuple) and isinstance(value[0], tuple)]  # type: ignore[misc]

"""A meter whose data set is logged in a journal, and readings of that journal."""

from __future__ import annotations

from typing import Any

from bridge.iec61850.hooks import Access, Call
from bridge.iec61850.image import DataSet, Domain, Image
from bridge.iec61850.logs import BLOCK, Logs
from bridge.iec61850.peer import Peer
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.shape import Basic, Structure, Value
from models.mms import journals, names
from models.mms.codes import DataAccessError

NOW = 1_700_000_000.0
ONE, STRANGER = Peer("one@dso/IEC", "AA", "1:1"), Peer("stranger@dso/IEC", "BB", "1:1")
REAL, QUALITY, TIME = Basic("floating-point"), Basic("bit-string", -13), Basic("utc-time")
MV = Structure((("f", REAL), ("q", QUALITY), ("t", TIME)))
ITEM = "LLN0$LG$events"
TYPE = Structure(
    (
        ("LLN0", Structure((("LG", Structure((("events", BLOCK),))),))),
        ("MMXU1", Structure((("MX", Structure((("TotW", MV), ("Hz", MV)))),))),
    )
)
MEMBERS = (("D1", "MMXU1$MX$TotW"), ("D1", "MMXU1$MX$Hz"))
ROOM = 65_000


def allowed(peer: Peer, service: str, reference: str, value: Value | None) -> bool:
    """A stranger reads no journal."""
    assert (service, value) == ("readJournal", None)
    assert reference == "D1/LLN0$events"
    return peer != STRANGER


class Scene:
    """A meter whose data set is logged."""

    def __init__(
        self,
        triggers: str = "011000",
        most: int = 100,
        period: int = 0,
        allowed: Access = allowed,
        **leaves: Value,
    ) -> None:
        held: dict[str, Value] = {
            "TrgOps": triggers,
            "DatSet": "D1/LLN0$all",
            "IntgPd": period,
            "LogEna": True,
            **leaves,
        }
        values = {f"{ITEM}${name}": value for name, value in held.items()}
        domain = Domain("D1", TYPE, values, {"LLN0$all": DataSet(MEMBERS)})
        self.image = Image({"D1": domain})
        self.logs = Logs(self.image, allowed, most)
        self.logs.join("D1", NOW)

    def put(self, value: float, now: float = NOW, leaf: str = "TotW$f") -> None:
        self.image.put("D1", f"MMXU1$MX${leaf}", value, now)

    def write(self, name: str, value: Value, now: float = NOW) -> DataAccessError | None:
        return self.logs.write(ONE, "D1", f"{ITEM}${name}", value, now)

    def told(self, name: str) -> Value:
        return self.logs.read(ONE, "D1", f"{ITEM}${name}")

    def read(self, peer: Peer = ONE, room: int = ROOM, **asked: Any) -> journals.ReadJournal_Response:
        request = journals.ReadJournal_Request(journalName=name("D1", "LLN0$events"), **asked)
        return self.logs.handlers["readJournal"](Call(peer, request, NOW, room)).value  # type: ignore[return-value]

    def entries(self, **asked: Any) -> list[list[tuple[str, Any]]]:
        """Give the entries as pairs of tag and first word of the value."""
        return [said(entry) for entry in self.read(**asked).listOfJournalEntry.JournalEntry]


def name(domain: str, item: str) -> names.ObjectName:
    held = names.DomainSpecific(domainId=domain, itemId=item)
    return names.ObjectName(choice=names.ObjectName_domain_specific(value=held))


def said(entry: journals.JournalEntry) -> list[tuple[str, Any]]:
    form: Any = entry.entryContent.entryForm.choice.value
    return [(one.variableTag, one.valueSpecification.choice.value) for one in form.listOfVariables.SEQUENCE]


def tags(entry: list[tuple[str, Any]]) -> list[str]:
    return [tag for tag, _ in entry]


def reason(entry: list[tuple[str, Any]]) -> str:
    return str(entry[1][1])


def hexed(octets: Value) -> str:
    assert isinstance(octets, bytes)
    return octets.hex().upper()


def five() -> tuple[Scene, list[str]]:
    """Give a scene with five entries, a second apart, and their numbers."""
    scene = Scene()
    for value in range(1, 6):
        scene.put(float(value), NOW + value)
    return scene, [entry.entryIdentifier for entry in scene.read().listOfJournalEntry.JournalEntry]


def since(moment: float) -> journals.RangeStart:
    return journals.RangeStart(choice=journals.RangeStart_startingTime(value=hexed(binary(moment))))


def until(moment: float) -> journals.RangeStop:
    return journals.RangeStop(choice=journals.RangeStop_endingTime(value=hexed(binary(moment))))

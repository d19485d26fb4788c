"""A small server for tests: one inverter with a meter, a curve, a setting, a control that nobody serves."""

from __future__ import annotations

from bridge.iec61850.floor import Floor, Identity, Note
from bridge.iec61850.image import DataSet, Domain, Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Array, Basic, Structure, Type, Value
from bridge.iec61850.terms import Terms
from models.mms import codes

REAL = Basic("floating-point")
QUALITY = Basic("bit-string", -13)
TIME = Basic("utc-time")
ENUM = Basic("integer", 8)
TEXT = Basic("visible-string", -255)
GOOD = "0" * 13
NOON = bytes.fromhex("6553F1008000000A")
FOREIGN = "stranger@elsewhere.example/IEC"


def made(**parts: Type) -> Structure:
    """A structure of named parts."""
    return Structure(tuple(parts.items()))


MEASURED = made(mag=made(f=REAL), q=QUALITY, t=TIME)
POINTS = Array(3, made(xVal=REAL, yVal=REAL))
OPER = made(ctlVal=made(f=REAL), origin=made(orCat=ENUM, orIdent=Basic("octet-string", -64)))
DEVICE = made(
    LLN0=made(
        ST=made(Beh=made(stVal=ENUM, q=QUALITY, t=TIME)),
        RP=made(Measures01=made(RptID=Basic("visible-string", -129), DatSet=Basic("visible-string", -129))),
    ),
    MMXU1=made(MX=made(TotW=MEASURED, Hz=MEASURED), DC=made(NamPlt=made(vendor=TEXT))),
    DVVR1=made(SP=made(VVArCrv=made(numPts=Basic("unsigned", 16), crvPts=POINTS))),
    DWMX1=made(
        SP=made(WMaxSet=made(setMag=made(f=REAL)), ModEna=made(setVal=Basic("boolean"))),
        CF=made(WMaxSet=made(units=made(SIUnit=ENUM))),
        CO=made(WMaxSptPct=made(SBO=Basic("visible-string", -129), Oper=OPER)),
        MX=made(WMaxSptPct=MEASURED),
    ),
)
MEASURES = (("D1", "MMXU1$MX$TotW"), ("D1", "MMXU1$MX$Hz$mag$f"))
VALUES: dict[str, Value] = {
    "MMXU1$MX$TotW$mag$f": 4410.0,
    "MMXU1$MX$TotW$q": GOOD,
    "MMXU1$MX$TotW$t": NOON,
    "MMXU1$MX$Hz$mag$f": 60.0,
    "MMXU1$DC$NamPlt$vendor": "Example",
    "LLN0$ST$Beh$stVal": 1,
    "LLN0$RP$Measures01$DatSet": "D1/LLN0$Measures",
}


def picture() -> Image:
    """One device; a second one of the same type that holds nothing."""
    sets = {"LLN0$Measures": DataSet(MEASURES), "LLN0$Spare": DataSet(MEASURES[:1], deletable=True)}
    sets["LLN0$Used"] = DataSet(MEASURES[:1], deletable=True)
    held = {**VALUES, "LLN0$RP$Measures01$DatSet": "D1/LLN0$Used"}
    return Image({"D1": Domain("D1", DEVICE, held, sets), "D2": Domain("D2", DEVICE)})


def allowed(peer: Peer, service: str, reference: str, _value: Value | None) -> bool:
    """A stranger gets nothing; nobody may read a name plate or touch the second device."""
    hidden = reference.endswith("$vendor") or reference.startswith("D2")
    return peer.jid != FOREIGN and not (hidden and service != "getVariableAccessAttributes")


def written(_peer: Peer, _domain: str, item: str, value: Value, _now: float) -> codes.DataAccessError | None:
    """The application takes no limit below zero."""
    low = item.endswith("WMaxSet$setMag$f") and isinstance(value, float) and value < 0
    return codes.DataAccessError.object_value_invalid if low else None


def server(notes: list[Note] | None = None, terms: Terms | None = None) -> Server:
    """A server that serves no reports, controls, journals or files."""
    heard: list[Note] = [] if notes is None else notes
    floor = Floor(
        picture(), allowed, written, note=heard.append, identity=Identity("Example", "Bridge", "1.0")
    )
    return Server(floor, terms or Terms())

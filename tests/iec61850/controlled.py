"""A logical device with control objects of every class, a plant that does as it is told, and clients' values.

The objects stand in one node, DGEN1, named after their class; each takes the control model that the test
gives it. The plant keeps what it was asked to do.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.iec61850 import command, termination
from bridge.iec61850.command import Command
from bridge.iec61850.control import Controls
from bridge.iec61850.image import Domain, Image
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.plant import PENDING, Pending
from bridge.iec61850.shape import Basic, Structure, Type, Value
from models.mms.codes import AddCause

DOMAIN, NODE = "DER1", "DGEN1"
NOW = 1_700_000_000.0
ONE, TWO = Peer("one@dso/IEC", "AA", "1:1"), Peer("two@dso/IEC", "BB", "1:1")

Fields = tuple[tuple[str, Type], ...]
SELECTION, EXECUTION = 10, 20
"""Seconds of sboTimeout and operTimeout in the scene."""

BOOL, INT8, INT32, FLOAT = (
    Basic("boolean"),
    Basic("integer", 8),
    Basic("integer", 32),
    Basic("floating-point"),
)
UINT32, BITS2 = Basic("unsigned", 32), Basic("bit-string", 2)
ANALOGUE = Structure((("f", FLOAT),))
CLASSES: dict[str, tuple[Type, Type, Value, Value]] = {
    # class: type of ctlVal, of the status, a first status, a value that differs from it
    "Spc": (BOOL, BOOL, False, True),
    "Dpc": (BOOL, BITS2, "01", True),
    "Inc": (INT32, INT32, 3, 4),
    "Enc": (INT8, INT8, 1, 2),
    "Apc": (ANALOGUE, ANALOGUE, (1.0,), (2.5,)),
}
SIGNS: Fields = (
    ("origin", command.ORIGIN),
    ("ctlNum", command.NUMBER),
    ("stSeld", BOOL),
)
RESULTS: Fields = (("opRcvd", BOOL), ("opOk", BOOL), ("tOpOk", Basic("utc-time")))
SETTINGS: Fields = (("ctlModel", INT8), ("sboTimeout", UINT32), ("sboClass", INT8), ("operTimeout", UINT32))
LIMITS: dict[str, Fields] = {
    "Inc": (("minVal", INT32), ("maxVal", INT32), ("stepSize", UINT32)),
    "Apc": (("minVal", ANALOGUE), ("maxVal", ANALOGUE)),
}
STATES: Fields = (("Beh", INT8), ("Health", INT8), ("Loc", BOOL), ("LocKey", BOOL), ("CmdBlk", BOOL))
ALL = {
    1: ("Oper", "Cancel"),
    2: ("SBO", "Oper", "Cancel"),
    3: ("Oper", "Cancel"),
    4: ("SBOw", "Oper", "Cancel"),
}


class Works:
    """A plant: what it answers, what stands against commands, and what it was asked."""

    def __init__(self, answer: AddCause | Pending | None = None) -> None:
        self.answer = answer
        self.against: AddCause | None = None
        self.checks: set[int] = set()
        self.done: list[Command] = []
        self.armed: list[Command] = []
        self.aborted: list[tuple[Command, AddCause]] = []

    def hindered(self, command: Command, check: int) -> bool:
        del command
        return check in self.checks

    def judge(self, command: Command) -> AddCause | None:
        del command
        return self.against

    def arm(self, command: Command) -> AddCause | None:
        self.armed.append(command)
        return None

    def operate(self, command: Command) -> AddCause | Pending | None:
        if not isinstance(self.answer, AddCause):
            self.done.append(command)
        return self.answer

    def abort(self, command: Command, cause: AddCause) -> None:
        self.aborted.append((command, cause))


def device(model: int, *, station: bool = False, many: bool = False, name: str = DOMAIN) -> Domain:
    """Give a device whose objects all have one control model; `station`: it knows a station's authority."""
    node = Structure(
        (
            ("ST", _states(station)),
            ("MX", _measured()),
            ("OR", _results()),
            ("CO", _services(model)),
            ("CF", _settings()),
        )
    )
    leaves: dict[str, Value] = {f"{NODE}$ST$Beh$stVal": 1, f"{NODE}$ST$Health$stVal": 1}
    for one, (_, _, first, _) in CLASSES.items():
        leaves |= {f"{NODE}$CF${one}$ctlModel": model, f"{NODE}$CF${one}$sboClass": int(many)}
        leaves |= {f"{NODE}$CF${one}$sboTimeout": 10_000, f"{NODE}$CF${one}$operTimeout": 20_000}
        if one == "Apc":
            leaves |= {f"{NODE}$MX$Apc$mxVal$f": 1.0}
            leaves |= {f"{NODE}$CF$Apc$minVal$f": -100.0, f"{NODE}$CF$Apc$maxVal$f": 100.0}
        else:
            leaves[f"{NODE}$ST${one}$stVal"] = first
    leaves |= {f"{NODE}$CF$Inc$minVal": 0, f"{NODE}$CF$Inc$maxVal": 10, f"{NODE}$CF$Inc$stepSize": 2}
    leaves[f"{NODE}$ST$Inc$stVal"] = 2
    return Domain(name, Structure(((NODE, node),)), leaves)


def _states(station: bool) -> Structure:
    heads: Fields = tuple((name, Structure((("stVal", of),))) for name, of in STATES)
    more: Fields = (("LocSta", Structure((("stVal", BOOL),))),) if station else ()
    objects: Iterator[tuple[str, Type]] = (
        (one, Structure((("stVal", of), *SIGNS))) for one, (_, of, _, _) in CLASSES.items() if one != "Apc"
    )
    return Structure((*heads, *more, *objects))


def _measured() -> Structure:
    return Structure((("Apc", Structure((("mxVal", ANALOGUE), *SIGNS))),))


def _results() -> Structure:
    return Structure(tuple((one, Structure(RESULTS)) for one in CLASSES))


def _services(model: int) -> Structure:
    of = {one: command.service_types(held, model or 1) for one, (held, _, _, _) in CLASSES.items()}
    return Structure(tuple((one, Structure(tuple(types.items()))) for one, types in of.items()))


def _settings() -> Structure:
    return Structure(tuple((one, Structure((*SETTINGS, *LIMITS.get(one, ())))) for one in CLASSES))


class Scene:
    """One device, its controls and its plant."""

    def __init__(
        self,
        model: int,
        answer: AddCause | Pending | None = None,
        *,
        station: bool = False,
        many: bool = False,
        most: int = 64,
        yielding: bool = False,
    ) -> None:
        self.image = Image({DOMAIN: device(model, station=station, many=many)})
        self.plant = Works(answer)
        self.controls = Controls(self.image, self.plant, most, yielding=yielding)
        self.model = model
        self.refusals: list[tuple[str, str, str]] = []
        """Who was told no, for what, and why: as the decision log has it."""
        self.controls.refused = lambda peer, reference, why: self.refusals.append((peer.lfdi, reference, why))

    def read(self, one: str, attribute: str, constraint: str = "ST") -> Value:
        return self.image.read(DOMAIN, f"{NODE}${constraint}${one}${attribute}")

    def put(self, item: str, value: Value) -> None:
        self.image.put(DOMAIN, f"{NODE}${item}", value, NOW)

    def select(self, one: str = "Spc", peer: Peer = ONE, now: float = NOW) -> str:
        before, item = len(self.refusals), f"{NODE}$CO${one}$SBO"
        found = self.controls.read_sbo(peer, DOMAIN, item, now)
        told = [] if found else [(peer.lfdi, f"{DOMAIN}/{item}")]
        assert [each[:2] for each in self.refusals[before:]] == told
        return found

    def write(
        self, variable: str, one: str = "Spc", peer: Peer = ONE, now: float = NOW, **said: Value
    ) -> AddCause | None:
        """Write a control variable; give the cause of LastApplError, or None where it was taken.

        A refusal is told for the log, once and with the same cause.
        """
        value, before, item = spoken(variable, one, **said), len(self.refusals), f"{NODE}$CO${one}${variable}"
        answer = self.controls.write(peer, DOMAIN, item, value, now)
        if answer.error is None:
            assert (answer.before, self.refusals[before:]) == ((), [])
            return None
        (report,) = answer.before
        found = cause(report)
        assert self.refusals[before:] == [(peer.lfdi, f"{DOMAIN}/{item}", found.name)]
        return found

    def told(self, now: float = NOW) -> list[tuple[Peer, AddCause | None]]:
        """Give whom something was told at the end of a command, and the cause."""
        return [(report.peer, ended(report)) for report in self.controls.tick(now)]


def spoken(variable: str, one: str = "Spc", **said: Value) -> Value:
    """Give the value of a control variable."""
    parts: dict[str, Value] = {
        "ctlVal": CLASSES[one][3],
        "operTm": bytes(8),
        "origin": (3, b"head-end"),
        "ctlNum": 7,
        "T": b"\0" * 7 + b"\x0a",
        "Test": False,
        "Check": "00",
    } | said
    if variable == "Cancel":
        del parts["Check"]
    return tuple(parts.values())


def cause(report: Report) -> AddCause:
    """Give what a LastApplError that comes before an answer says."""
    found = termination.read(report.unit)
    assert found is not None
    assert found.failed is not None
    assert not found.over
    return found.failed.cause


def ended(report: Report) -> AddCause | None:
    """Give what a CommandTermination says."""
    found = termination.read(report.unit)
    assert found is not None
    assert found.over
    return found.failed.cause if found.failed else None


def utc(moment: float) -> bytes:
    """Give a moment as a utc-time."""
    return int(moment).to_bytes(4) + int((moment % 1) * 2**24).to_bytes(3) + b"\x0a"


def selected(model: int, **more: bool) -> Scene:
    """Give a scene in which one client has selected Spc."""
    scene = Scene(model, PENDING if model == 4 else None, **more)
    if model == 2:
        assert scene.select()
    else:
        assert scene.write("SBOw") is None
    return scene


def running(model: int) -> Scene:
    """Give a scene in which one client's command is carried out."""
    scene = Scene(model, PENDING)
    if model == 4:
        assert scene.write("SBOw") is None
    assert scene.write("Oper") is None
    return scene

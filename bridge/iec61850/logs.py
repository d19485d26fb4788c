"""Log control blocks: which changes of a data set are logged, and in which journal (7-2, LOG-CONTROL-BLOCK).

A block under LG is configured while it is off and logs while LogEna is on: on the triggers of TrgOps, and all
members every IntgPd. What its journal holds is told by its attributes OldEntr to NewEntrTm. A device joins
and leaves with its blocks; its journals go with it. Never asks the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bridge.iec61850 import journal, selection
from bridge.iec61850.hooks import Access, Call, Handler, Refusal
from bridge.iec61850.image import Change, Image, Member, constraint
from bridge.iec61850.journal import Entry, Journal, Variable
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.rcb import fields, members
from bridge.iec61850.rcb.members import Members
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.shape import Basic, Structure, Value, fault
from models.mms import services
from models.mms.codes import DataAccessError, ErrorAccess

_NAME, _TIME, _ENTRY = Basic("visible-string", -129), Basic("binary-time"), Basic("octet-string", 8)
BLOCK = Structure(
    (
        ("LogEna", Basic("boolean")),
        ("LogRef", _NAME),
        ("DatSet", _NAME),
        ("OldEntrTm", _TIME),
        ("NewEntrTm", _TIME),
        ("OldEntr", _ENTRY),
        ("NewEntr", _ENTRY),
        ("TrgOps", Basic("bit-string", 6)),
        ("IntgPd", Basic("unsigned", 32)),
    )
)
"""The attributes of a block, which a logical device bears as `LLN0$LG$name`."""
SETTINGS = frozenset({"DatSet", "TrgOps", "IntgPd"})
"""What is written while the block is off; LogEna at any time, the rest by nobody."""
REASON = Basic("bit-string", 6)
SHORTEST = 1_000
"""Milliseconds of the shortest IntgPd."""
TOLD: Mapping[str, Callable[[Entry, Entry], Value]] = {
    "OldEntrTm": lambda old, _: binary(old.at),
    "NewEntrTm": lambda _, new: binary(new.at),
    "OldEntr": lambda old, _: old.identity,
    "NewEntr": lambda _, new: new.identity,
}


@dataclass(slots=True)
class Block:
    """A log control block; what it logs while it is on, and when all of it is logged next."""

    domain: str
    item: str
    journal: Journal
    members: Members | None = None
    due: float | None = None


class Logs:
    """The log control blocks of an image, and their journals."""

    def __init__(self, image: Image, allowed: Access, most: int = journal.MOST) -> None:
        """Watch an image; who may read which journal is asked of `allowed`."""
        self._image, self._allowed, self._most = image, allowed, most
        self._blocks: dict[Member, Block] = {}
        self._journals: dict[Member, Journal] = {}
        self._places: dict[Member, list[tuple[Block, int]]] = {}
        image.watchers.append(self._changed)

    def join(self, domain: str, now: float) -> None:
        """Take up the blocks of a logical device that has come into the image."""
        for item in _blocks(self._image, domain):
            name = self._reference(domain, item)
            held = self._journals.setdefault((domain, name), Journal(self._most))
            self._blocks[domain, item] = Block(domain, item, held)
            if self._image.read(domain, f"{item}$LogEna") and self._begin(self._blocks[domain, item], now):
                self._image.put(domain, f"{item}$LogEna", value=False, now=now)

    def leave(self, domain: str) -> None:
        """Put by the blocks and journals of one that is to go."""
        for key in [key for key in self._blocks if key[0] == domain]:
            self._end(self._blocks.pop(key))
        for key in [key for key in self._journals if key[0] == domain]:
            del self._journals[key]

    def journals(self, domain: str) -> tuple[str, ...]:
        """Give the names of a domain's journals."""
        return tuple(name for held, name in self._journals if held == domain)

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Give the services that read journals."""
        return {"readJournal": self._read}

    # --------------------------------------------------------------------------------------- what clients ask

    def read(self, peer: Peer, domain: str, item: str) -> Value:  # noqa: ARG002 - all see the same
        """The value of one leaf."""
        block, _, name = item.rpartition("$")
        held = self._blocks.get((domain, block))
        if held and name in TOLD and (ends := held.journal.ends):
            return TOLD[name](*ends)
        return self._image.read(domain, item)

    def write(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:  # noqa: ARG002 - all may the same
        """Write one attribute; a block as a whole is not written."""
        path, _, name = item.rpartition("$")
        block = self._blocks.get((domain, path))
        if block is None or name not in {*SETTINGS, "LogEna"}:
            return DataAccessError.object_access_denied
        refused = self._switch(block, value, now) if name == "LogEna" else self._fault(block, name, value)
        if refused is None:
            self._image.put(domain, item, value, now)
        return refused

    def gone(self, peer: Peer, now: float) -> None:
        """An association has ended: nothing here is anybody's."""

    def _read(self, call: Call) -> services.ConfirmedServiceResponse_readJournal:
        """Read a journal."""
        name = selection.named(call.request.journalName)
        held = self._journals.get(name) if name else None
        if name is None or held is None:
            raise Refusal("access", ErrorAccess.object_non_existent)
        if not self._allowed(call.peer, "readJournal", "/".join(name), None):
            raise Refusal("access", ErrorAccess.object_access_denied)
        return journal.answer(held, call.request, call.room)

    # ----------------------------------------------------------------------------------------- what is logged

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""
        return min((block.due for block in self._blocks.values() if block.due is not None), default=None)

    def tick(self, now: float) -> list[Report]:
        """Log whole data sets that are due; nobody is told."""
        for block in self._blocks.values():
            if block.due is not None and block.due <= now and block.members:
                self._log(block, dict.fromkeys(range(len(block.members.names)), "integrity"), now)
                period = self._period(block)
                block.due += period * ((now - block.due) // period + 1)
        return []

    def _changed(self, changes: tuple[Change, ...], now: float) -> None:
        found: dict[Member, dict[int, str]] = {}
        for change in changes:
            for item in members.above(change.item):
                for block, index in self._places.get((change.domain, item), ()):
                    if why := self._reason(block, change):
                        found.setdefault((block.domain, block.item), {}).setdefault(index, why)
        for key, reasons in found.items():
            self._log(self._blocks[key], reasons, now)

    def _reason(self, block: Block, change: Change) -> str | None:
        """Why a leaf is worth an entry: it differs, or else it was written."""
        wanted = self._wanted(block).intersection(self._image.triggers(change.domain, change.item))
        same = change.old == change.new or (change.old != change.old and change.new != change.new)
        return next((why for why in fields.CHANGES if why in wanted and (why == "dupd" or not same)), None)

    def _log(self, block: Block, reasons: Mapping[int, str], now: float) -> None:
        if block.members is None:
            return
        said: list[Variable] = []
        for index, value in members.values(self._image, block.members, sorted(reasons)).items():
            tag, of = "/".join(block.members.names[index]), block.members.types[index]
            if fault(of, value) is None:  # otherwise another device has come under the name
                bits = fields.text({reasons[index]}, fields.TRIGGERS)
                said += [Variable(tag, of, value), Variable("ReasonCode", REASON, bits)]
        if said:
            block.journal.add(said, now)

    # ----------------------------------------------------------------------------------------------- settings

    def _fault(self, block: Block, name: str, value: Value) -> DataAccessError | None:
        """Why a setting cannot be written."""
        if self._image.read(block.domain, f"{block.item}$LogEna"):
            return DataAccessError.temporarily_unavailable
        unknown = name == "DatSet" and value and members.resolved(self._image, str(value)) is None
        short = name == "IntgPd" and isinstance(value, int) and 0 < value < SHORTEST
        return DataAccessError.object_value_invalid if unknown or short else None

    def _switch(self, block: Block, value: Value, now: float) -> DataAccessError | None:
        if not value:
            self._end(block)
            return None
        return None if block.members else self._begin(block, now)

    def _begin(self, block: Block, now: float) -> DataAccessError | None:
        """Begin to log; refused where there is no such data set."""
        said = str(self._image.read(block.domain, f"{block.item}$DatSet"))
        block.members = members.resolved(self._image, said)
        if block.members is None:
            return DataAccessError.object_attribute_inconsistent
        for index, name in enumerate(block.members.names):
            self._places.setdefault(name, []).append((block, index))
        if "integrity" in self._wanted(block) and (period := self._period(block)):
            block.due = now + period
        return None

    def _end(self, block: Block) -> None:
        for name in dict.fromkeys(block.members.names if block.members else ()):
            left = [place for place in self._places.pop(name) if place[0] is not block]
            if left:
                self._places[name] = left
        block.members = block.due = None

    def _wanted(self, block: Block) -> frozenset[str]:
        bits = self._image.read(block.domain, f"{block.item}$TrgOps")
        return fields.names(str(bits), fields.TRIGGERS)

    def _period(self, block: Block) -> float:
        said = self._image.read(block.domain, f"{block.item}$IntgPd")
        return said / 1000 if isinstance(said, int) else 0.0

    def _reference(self, domain: str, item: str) -> str:
        """Give the name of a block's journal: what LogRef says, or the block's own."""
        said = str(self._image.read(domain, f"{item}$LogRef")).partition("/")[2]
        return said or item.replace("$LG$", "$")


def _blocks(image: Image, domain: str) -> Iterator[str]:
    """Give the log control blocks of a domain."""
    return (item for item in image.domains[domain].index.blocks if constraint(item) == "LG")

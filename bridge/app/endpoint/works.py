"""The plant behind the 61850 server: what clients command becomes controls of IEEE 2030.5.

A command is read, held against device, limits and rules, and taken as an order while its request is dealt
with; the order is carried out in the store before the request is answered. How it ends is told later, by
what the device says. An accepted command is a DERControl: it outlasts the association and the bridge. Asks
no store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.app.endpoint import parts, wishes
from bridge.app.endpoint.deeds import OURSELVES, Asked, Home
from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.orders import Begin, End, Order, Settle
from bridge.app.endpoint.rights import BEGIN, CANCEL
from bridge.app.endpoint.screen import Entry
from bridge.app.endpoint.watch import Watch
from bridge.app.endpoint.wishes import Fault, Terms, Wish
from bridge.core.access.figures import Figures, canonical
from bridge.iec61850.command import Command
from bridge.iec61850.device import IED, Device
from bridge.iec61850.peer import Peer
from bridge.iec61850.plant import PENDING, Pending
from bridge.mapping.nodes import read
from bridge.mapping.sep2 import Envelope
from models.der import messages
from models.mms.codes import AddCause

REQUEST, DISABLING = "EnaReq", "DsaReq"
Word = tuple[AddCause | None]


@dataclass(slots=True, repr=False)
class Works:
    """What takes commands."""

    fleet: Fleet
    watch: Watch
    clock: Callable[[], float]
    hold: int
    """Seconds that a direct control lasts."""
    primacy: int
    """Rank of direct controls and of defaults."""
    standing: Callable[[str], bool]
    """Whether a party may go on."""
    done: Callable[[Command, AddCause | None, float], None] = lambda *_: None
    """Told how a command has ended."""
    take: Callable[[Order], None] = lambda _: None
    """Takes what is to be done."""
    _meant: tuple[Command, Wish] | None = None
    """The command that was judged last."""
    _told: tuple[str, str] | None = None
    """The refusal that was told last, while the control model is still to hear of it."""
    _armed: dict[Command, Word | None] = field(default_factory=dict)
    """Commands for a moment ahead, with their outcome where the device was early."""

    def hindered(self, command: Command, check: int) -> bool:
        """Say that no check stands against it: the bridge knows of no interlocking at the device."""
        del command, check
        return False

    def judge(self, command: Command) -> AddCause | None:
        """Give what stands against a command, by device, limits and rules."""
        if command in self._armed:
            return None if self.standing(command.peer.lfdi) else AddCause.no_access_authority
        try:
            wish = self._wish(command)
        except Fault as fault:
            self._refused(command, fault)
            return fault.cause
        self._meant = command, wish
        return None

    def arm(self, command: Command) -> AddCause | None:
        """Take a command for a moment ahead: the control stands from now on, and begins then."""
        wish = self._known(command)
        if not isinstance(wish, wishes.Begin):
            return AddCause.not_supported
        self._armed[command] = None
        self._order(command, wish)
        return None

    def operate(self, command: Command) -> AddCause | Pending | None:
        """Take a command; one that was armed has been taken before."""
        if command in self._armed:
            word = self._armed.pop(command)
            return PENDING if word is None else word[0]
        self._order(command, self._known(command))
        return PENDING

    def abort(self, command: Command, cause: AddCause) -> None:
        """Take a command back; one whose client is lost goes on, as long as the client may.

        The control of one that gives way is superseded in the store by that of the newer one.
        """
        self._armed.pop(command, None)
        entry = self.watch.held(command)
        if entry is None:
            return
        entry.command = None
        if cause is AddCause.aborted_by_command:
            return
        if cause is AddCause.communication_loss and self.standing(command.peer.lfdi):
            return
        asked = self.asked(command.reference) if cause is AddCause.abortion_by_cancel else OURSELVES
        self.take(End(asked, (entry.href,), cause.name))

    def ended(self, command: Command, cause: AddCause | None) -> None:
        """Take what became of a command."""
        if command in self._armed:
            self._armed[command] = (cause,)
        else:
            self.done(command, cause, self.clock())

    def refused(self, entry: Entry, cause: AddCause) -> None:
        """End a control that its device does not follow: what has failed is not to happen later."""
        self.take(End(OURSELVES, (entry.href,), cause.name))

    def left(self, identity: str, schedule: str) -> None:
        """Keep that a schedule has ended which made no control."""
        values = parts.told(schedule, on=False)
        home = Home(identity, self.fleet.crowd.programmes.get(identity, ""))
        self.take(Settle(OURSELVES, home, values, values))

    def sweep(self) -> None:
        """End what has not begun yet of those who may not go on any more."""
        for entry in list(self.watch.entries.values()):
            if entry.started or self.standing(entry.control.origin.party.upper()):
                continue
            command, entry.command = entry.command, None
            self.take(End(OURSELVES, (entry.href,), "revoked"))
            self._log(entry.control.origin.party, f"{entry.identity}/{entry.about}", "revoked")
            if command is not None:
                self.ended(command, AddCause.no_access_authority)

    # ----------------------------------------------------------------------------------------- what it means

    def device(self, identity: str) -> Device | None:
        """Give a logical device."""
        return self.fleet.estate.devices.get(identity)

    def home(self, domain: str) -> Home:
        """Say where the controls of a logical device stand; Fault for a DER that is none by itself."""
        found = identity(domain)
        if found in self.fleet.crowd.programmes:
            return Home(found, self.fleet.crowd.programmes[found])
        if "_" in found:
            raise Fault(AddCause.not_supported, "IEEE 2030.5 commands a device, not one of its DERs")
        return Home(found)

    def ratings(self, identity: str) -> tuple[messages.Ratings, ...]:
        """Give what a device is built for and set to."""
        return self.fleet.desk.ratings.get(identity, ()) if self.fleet.desk else ()

    def _known(self, command: Command) -> Wish:
        """Give what a command means that was judged just before."""
        if self._meant is None or self._meant[0] is not command:
            self._meant = command, self._wish(command)
        return self._meant[1]

    def _wish(self, command: Command) -> Wish:
        """Say what a command means and see that it may be done, or Fault."""
        device = self.device(identity(command.target.domain))
        if device is None:
            raise Fault(AddCause.unknown, f"there is no {command.target.domain}")
        home = self.home(device.name)
        spans = self.watch.spans(home.identity)
        terms = Terms(self.hold, self.primacy, self.ratings(home.identity), spans)
        wish = wishes.meant(device, command, self._about(command, home), terms)
        if command.at is not None and not _timely(wish):
            raise Fault(AddCause.not_supported, "this is not done at a time")
        self._check(device, command, wish)
        return wish

    def _check(self, device: Device, command: Command, wish: Wish) -> None:
        """Hold a command against what goes on at the device, and against the rules."""
        domain, rights = device.name, self.fleet.rights
        if isinstance(wish, wishes.End) and not self.watch.of(identity(domain), wish.about):
            raise Fault(AddCause.position_reached, f"nothing of {wish.about} is under way")
        if isinstance(wish, wishes.Begin):
            self._free(device, wish)
        ends = isinstance(wish, wishes.End) or command.target.object == DISABLING
        meaning = CANCEL if ends else BEGIN
        said = canonical(wish.control) if isinstance(wish, wishes.Begin) else Figures()
        if not rights.within(domain, meaning, said, command.reference):
            raise Fault(AddCause.no_access_authority, "")

    def _free(self, device: Device, wish: wishes.Begin) -> None:
        """Refuse a control where something else has the object, or the device is lost."""
        lfdi, schedule = identity(device.name), wishes.scheduled(wish.about)
        if schedule and self.watch.of(lfdi, wish.about):
            raise Fault(AddCause.already_in_execution, f"{wish.about} is enabled")
        number = read().entities.get(wish.about)
        active = device.domain.leaves.get(f"FSCC{number}$ST$ActSchdRef$stVal")
        if not schedule and active:
            raise Fault(AddCause.locked_by_other, f"{active!s} runs on {wish.about}")
        if wish.control.start <= self.clock() and lfdi in self.fleet.silence.old:
            raise Fault(AddCause.communication_loss, "nothing is heard of the device")

    def _about(self, command: Command, home: Home) -> Envelope:
        asker, now = self.fleet.rights.asker, Decimal(int(self.clock()))
        party = asker.caller.lfdi if asker else command.peer.lfdi
        origin = messages.Origin(party=party, door=messages.Door.iec61850)
        correlation = (asker.correlation if asker else "") or None
        target = messages.Target(
            **{"group" if home.programme else "device": (home.programme or home.identity,)}
        )
        return Envelope(f"{command.reference}@{now}", origin, target, now, correlation)

    # ------------------------------------------------------------------------------------------------ orders

    def _order(self, command: Command, wish: Wish) -> None:
        """Give an order for what a command means."""
        asked, home = self.asked(command.reference), self.home(command.target.domain)
        match wish:
            case wishes.Begin(about, control):
                self.take(Begin(asked, home, about, control, command))
            case wishes.End(about):
                hrefs = tuple(each.href for each in self.watch.of(home.identity, about))
                self.take(End(asked, hrefs, f"{command.target.object} of a 61850 client", command))
            case wishes.Keep(values):
                leaves = self.fleet.estate.devices[home.identity].domain.leaves
                before = {item: leaves[item] for item in values}
                self.fleet.estate.image.update(command.target.domain, values, self.clock())
                self.take(Settle(asked, home, values, before, None, command))

    def asked(self, reference: str) -> Asked:
        """Say in whose name this is done: who asks now."""
        asker = self.fleet.rights.asker
        if asker is None:
            return OURSELVES
        return Asked(asker.peer, asker.caller, asker.correlation, reference)

    def _refused(self, command: Command, fault: Fault) -> None:
        """Have a refusal in the log, and of a schedule in its SchdEnaErr."""
        domain, node, name = command.target
        self._log(command.peer.lfdi, command.reference, f"{fault.cause.name}: {fault}")
        self._told = command.peer.lfdi, command.reference
        if name == REQUEST and identity(domain) in self.fleet.estate.devices:
            busy = fault.cause is AddCause.already_in_execution
            if not busy:
                self.watch.screen.refused(identity(domain), node, fault.schedule, self.clock())

    def denied(self, peer: Peer, reference: str, why: str) -> None:
        """Have a refusal in the log, but for one that has just been told with its reason."""
        told, self._told = self._told, None
        if told != (peer.lfdi, reference):
            self._log(peer.lfdi, reference, why)

    def undone(self, order: Order, cause: AddCause, why: str) -> None:
        """Have it in the log that the store did not take an order."""
        self._log(order.asked.peer.lfdi, order.asked.reference, f"{cause.name}: {why}")

    def _log(self, lfdi: str, reference: str, why: str) -> None:
        self.fleet.rights.refused(lfdi, "write", reference.encode(), why, reference)


def identity(domain: str) -> str:
    """Give the identity of a logical device by the name of its domain: an LFDI, an mRID."""
    return domain.rpartition(IED)[2][1:]


def _timely(wish: Wish) -> bool:
    return isinstance(wish, wishes.Begin) and not wishes.scheduled(wish.about)

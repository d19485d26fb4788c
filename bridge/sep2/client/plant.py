"""Who the client speaks for, and how it goes about it: the plant behind each EndDevice, and the options.

A plant takes canonical modes and tells canonical records of itself; moments are arguments, in the time of the
server. The options name what CSIP leaves to the client: rates where the server says none, patience.
Holds no state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, Protocol

from models.der import messages


class Plant(Protocol):
    """One DER."""

    @property
    def modes(self) -> frozenset[str]:
        """The modes that it can follow, by their canonical names."""
        ...

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Take the modes that are in force from now on, all of them, curves put in."""
        ...

    def capability(self, now: int) -> messages.Capability:
        """Tell its nameplate."""
        ...

    def setting(self, now: int) -> messages.Setting:
        """Tell how it is set."""
        ...

    def status(self, now: int) -> messages.Status:
        """Tell how it is: the part `operation`."""
        ...

    def availability(self, now: int) -> messages.Status:
        """Tell what it has: the part `availability`."""
        ...

    def mirror(self) -> messages.Reading:
        """Tell its usage point with the series that it will post, without values."""
        ...

    def readings(self, now: int) -> messages.Reading:
        """Tell the series with a value each."""
        ...


class Party(NamedTuple):
    """An EndDevice that the client speaks for."""

    lfdi: str
    sfdi: int
    plant: Plant
    pin: int | None = None
    """What its Registration must say; none where nobody told."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a client goes about it; times in seconds."""

    profile: str = "csip"
    """Of the documents that are read and written; see mappings/profiles."""
    page: int = 255
    """`l` of a list that is read."""
    enrol: bool = True
    """Whether EndDevices that are missing are registered in band."""
    category: int = 0
    """deviceCategory of the devices; 0 says none."""
    rates: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Rates of reading by type, whatever the server says."""
    most: float = float("inf")
    """The longest time between two reads of anything."""
    rate: float = 900.0
    """Where the server says no pollRate (the default of the schema)."""
    post_rate: float = 300.0
    """Where the server says no postRate (CSIP: 5 minutes for monitoring)."""
    patience: float = 1800.0
    """Time without an answer after which communication counts as lost."""
    notify: str = ""
    """notificationURI of this client; empty for one that polls."""
    renew: float = 86_400.0
    """Time between two renewals of a subscription (CSIP: daily)."""
    slow: float = 3600.0
    """Least time between two reads of what is subscribed to."""
    first: float = 1.0
    """The first pause after a failure; each further one is twice as long."""
    longest: float = 300.0
    """The longest pause."""
    seed: str = ""
    """Decides what is drawn: spreads of events and pauses."""

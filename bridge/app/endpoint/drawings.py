"""The files that the endpoint serves: of each logical device its CID, written when it is asked for.

IEC 61850-6, by the same writer as `derbridge scl export`, with the settings as they are now. A file is known
by the name of its device, `derbridgeD.../device.cid`, so that the rights to it are those to the device. Of a
file that was not changed only its size is kept. Nothing else is served: no log, no certificate, no key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bridge.iec61850.estate import Estate
from bridge.iec61850.file import Facts
from bridge.iec61850.image import Change, constraint
from bridge.iec61850.scl import writer
from bridge.iec61850.scl.writer import CONFIGURED, Named

NAME = "device.cid"


class Drawings:
    """The files of the devices that there are."""

    def __init__(self, estate: Estate, named: Callable[[], Named], clock: Callable[[], float]) -> None:
        """Watch the devices; `named` says what a file says of the server."""
        self._estate, self._named, self._clock = estate, named, clock
        self._known: dict[str, tuple[object, Facts]] = {}
        """Size and time by domain, as long as device and settings are the same."""
        estate.image.watchers.append(self._changed)

    def names(self) -> Iterable[str]:
        """All files by name."""
        return [f"{domain}/{NAME}" for domain in self._estate.image.domains]

    def facts(self, name: str) -> Facts:
        """Size, and when the device or its settings came to be; KeyError where it has gone."""
        domain = self._domain(name)
        held = self._estate.image.domains[domain]
        known = self._known.get(domain)
        if known is None or known[0] is not held:
            known = self._known[domain] = held, Facts(len(self.content(name)), self._clock())
        return known[1]

    def content(self, name: str) -> bytes:
        """The file; KeyError where it has gone."""
        domain = self._domain(name)
        found = self._estate.of(domain)
        if found is None:
            raise KeyError(name)
        return writer.write(self._named(), [(found.outline, found.domain)])

    def _domain(self, name: str) -> str:
        domain, _, file = name.partition("/")
        if file != NAME:
            raise KeyError(name)
        return domain

    def _changed(self, changes: tuple[Change, ...], now: float) -> None:
        """Forget the size of what has other settings now."""
        del now
        for domain in {change.domain for change in changes if constraint(change.item) in CONFIGURED}:
            self._known.pop(domain, None)

"""A decision on access as it is told and kept: who wanted what, which rule decided, and on what ground.

Made where a request is decided (`bridge.core.access`), kept in the decision log, shown by `derbridge audit`.
A decision that allows plain reads or a device's own writes holds until the rules, the caller's roles or the
revocation data change, and is told once for as long; every other one is told each time. It decides nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Decision(NamedTuple):
    """One decision."""

    at: int
    """Microseconds since 1970."""
    correlation: str
    """Of the request, the same at every hop; empty where there is none."""
    subject: str
    """LFDI of who asks."""
    serial: str
    """Serial number of the certificate that was shown, in hexadecimal digits."""
    age: int | None
    """Seconds since the revocation data were last known to be current; None where there are none."""
    role: str
    source: str
    """Where the role is from: `assignment`, `permit`, `certificate` or `none`."""
    function: str
    """Function set."""
    action: str
    """`read`, `create`, `change`, `delete`, or one of the function set's own."""
    target: str
    digest: str
    """SHA-256 of the request's method, target and body, in hexadecimal digits."""
    rule: str
    """Name of the rule that decided; empty where none allowed it."""
    allowed: bool
    limits: tuple[str, ...]
    """Limits that were met."""
    policy: str
    """Version of the rules and assignments."""
    hop: str
    """Which door decided: `sep2`, `proxy` (the same, for a request that a proxy forwarded), `admin`, `relay`,
    `translator`, `iec61850`, `soap`, `adapter`, `keeper`."""

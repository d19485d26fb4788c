"""What an installation says about adapters of other protocols: a table `[adapters.NAME]` for each.

As in `bridge.app.config`, each key is described where it stands. What `settings` may hold is the adapter's
own to say; it is judged in `bridge.app.adapter.plug`. Nothing is loaded here.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from bridge.app.section import Seconds, Section, Whole


class Adapter(Section):
    """One adapter."""

    kind: str = ""
    """Name of its entry point in the group derbridge.adapters; without one it is the table's name."""
    enabled: bool = True
    """Whether it is run."""
    poll: Seconds = 30.0
    """Seconds between two readings of each unit."""
    patience: Seconds = 10.0
    """Seconds that each call of it may take."""
    trip: Whole = 5
    """Faults of its own in a row after which it is left alone for `rest`, then tried once."""
    rest: Seconds = 60.0
    """Seconds that it is left alone then."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """What the adapter itself wants to know."""


class Adapters(Section):
    """Other protocols, served by agreement (docs/adapters.md): a table `[adapters.NAME]` for each adapter."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Adapter] = Field(init=False)

    @property
    def named(self) -> dict[str, Adapter]:
        """Those that are run, by name."""
        return {name: one for name, one in (self.__pydantic_extra__ or {}).items() if one.enabled}

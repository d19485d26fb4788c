"""The operator's verbs: `derbridge devices list`, `derbridge controls create` and so on, a family each.

The families and their verbs are those of the administration API's table (`bridge.sdk.table`), which is read
only when a family is called, so that help and completion of everything else appear at once. What a verb does
is in `bridge.app.command`.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

FAMILIES: Mapping[str, str] = {
    "devices": "Devices, and what they said of their DER.",
    "aggregators": "Aggregators, and the devices that they hold.",
    "facility": "Units behind the relay that speak IEC 61850 themselves.",
    "agreement": "Agreements by which other protocols are served: offer, accept, refuse, withdraw.",
    "adapter": "Adapters of other protocols, and how they are.",
    "outage": "Outages of devices and groups: planned, forced, derated; declared, cleared, kept.",
    "interface": "Versions of interfaces: deprecated, retired, and who uses them.",
    "entity": "Companies that send signed requests by SOAP.",
    "access": "Who may come in, as what; withdrawn at once.",
    "revocation": "Which certificates hold no more: lists, and your own word.",
    "groups": "Groups: topology, members, assignments.",
    "programmes": "DER programmes.",
    "controls": "Controls: create, list, cancel, replace.",
    "defaults": "Default controls.",
    "curves": "Curves.",
    "polls": "How often clients are to ask and to post.",
    "mirrors": "Mirror usage points.",
    "readings": "Readings, by device, time and kind.",
    "responses": "Responses to controls and messages.",
    "logs": "Log events.",
    "subscriptions": "Subscriptions.",
    "outbox": "Notifications that are on their way.",
    "orders": "Orders to units that do not come for them: on their way, dead, again.",
    "endpoints": "Where organisations are told of changes: registered, challenged, tested, retired.",
    "accounts": "Who picks up in the name of an organisation.",
    "push": "Notices to endpoints: on their way, dead, repeated; a receiver.",
    "bulletins": "What the market is told, as that it has closed.",
    "meters": "Meters by ESIID: the devices behind each, and who may address it.",
    "prices": "Prices to many meters.",
    "notices": "Messages to many meters.",
    "requests": "Prices and messages to many meters: how far they are, what became of each address.",
    "audit": "The decision log: show it, export it, prove it, decide again.",
    "archive": "Every change ever made, by whom and when.",
    "files": "Files for devices to fetch.",
    "resources": "Any resource, as its document in XML or JSON.",
    "server": "The server itself; a backup of it, now.",
    "health": "Whether the server works.",
}
"""The families, and what their help says; a test holds them to the table."""


class Family(TyperGroup):
    """A family, whose verbs are made when it is called."""

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """Its verbs."""
        made: MutableMapping[str, Any] = import_module("bridge.app.command").verbs(self.name or "")
        return made

    @commands.setter
    def commands(self, commands: MutableMapping[str, Any]) -> None:
        """Leave aside what the base class would start with: nothing."""


def mount(app: typer.Typer) -> None:
    """Give a command all families."""
    for name, about in FAMILIES.items():
        family = typer.Typer(cls=Family, help=about, no_args_is_help=True, rich_markup_mode=None)
        family.callback()(_nothing)
        app.add_typer(family, name=name)


def _nothing() -> None:
    """Take no options of its own."""

"""Rows of the table: outages of devices and groups, and the life of versions of interfaces.

As `bridge.sdk.table` says, a row's function has the name of its verb and stands in the module of its family.
Nothing here is imported from the server.
"""

from __future__ import annotations

from bridge.sdk.forms import interface, outage
from bridge.sdk.forms.kinds import Page
from bridge.sdk.row import get, patch, post

_OUT = ("device", "lfdi", "state", "source", "since", "until", "left", "rated", "reason")
_ENTRY = ("id", "device", "group", "state", "phase", "start", "end", "left", "percent", "reason")
_TURN = ("at", "device", "group", "state", "source", "until", "left", "rated", "reason")

OUTAGE = (
    get("outage.list", "/outages", "The devices that are out or derated now.", query=outage.OutageQuery,
        gives=Page[outage.Outage], columns=_OUT),
    get("outage.device", "/outages/devices/{device}", "How one device stands.", gives=outage.Outage),
    get("outage.group", "/outages/groups/{group}", "How the devices of a group stand together.",
        gives=outage.GroupOutage),
    post("outage.set", "/outages/entries",
         "Say that a device or a group is out, derated, or in service after all; now or ahead of time.",
         takes=outage.OutageNew, gives=outage.OutageEntry, status=201),
    get("outage.entries", "/outages/entries", "What operators said, now and ahead of time.",
        query=outage.EntryQuery, gives=Page[outage.OutageEntry], columns=_ENTRY),
    get("outage.show", "/outages/entries/{entry}", "One entry.", gives=outage.OutageEntry),
    patch("outage.change", "/outages/entries/{entry}", "Change an entry that is not over.",
          takes=outage.OutageChange, gives=outage.OutageEntry),
    post("outage.clear", "/outages/entries/{entry}/clear",
         "End an entry now; one that lies ahead never begins.", gives=outage.OutageEntry),
    get("outage.history", "/outages/history", "Every change of how a device or a group stands, oldest first.",
        query=outage.HistoryQuery, gives=Page[outage.Turn], columns=_TURN),
)  # fmt: skip
INTERFACE = (
    get("interface.list", "/interfaces", "The versions of interfaces, and how far each has come.",
        gives=Page[interface.Interface],
        columns=("name", "state", "deprecated", "sunset", "successor", "to", "users", "by")),
    get("interface.show", "/interfaces/{interface}", "One version.", gives=interface.Interface),
    post("interface.deprecate", "/interfaces/{interface}/deprecate",
         "Announce that a version is deprecated, and what comes after it; its users are told.",
         takes=interface.Deprecation, gives=interface.Interface),
    post("interface.retire", "/interfaces/{interface}/retire",
         "Announce from when on a version is served no more; its users are told.",
         takes=interface.Retirement, gives=interface.Interface),
    post("interface.restore", "/interfaces/{interface}/restore",
         "Take back what was announced: the version is served on.", gives=interface.Interface),
    get("interface.users", "/interfaces/{interface}/users", "Who uses a version, since when, how often.",
        query=interface.UserQuery, gives=Page[interface.User],
        columns=("lfdi", "device", "times", "first", "last")),
    get("interface.notices", "/interfaces/{interface}/notices", "What its users were told of a version.",
        query=interface.ToldQuery, gives=Page[interface.Told], columns=("at", "mrid", "users", "text")),
)  # fmt: skip

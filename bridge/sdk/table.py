"""The operations of the administration API, one row each: the one declaration that all else follows.

`bridge.app.office` finds the function of a row by its name: `devices.create` is `create` in `devices`. The
more special of two paths stands first. Nothing here is imported from the server, so that a client needs
nothing of it.
"""

from __future__ import annotations

from bridge.sdk.accord import ROWS as AGREEMENT
from bridge.sdk.companies import COMPANIES
from bridge.sdk.forms import access, audit, facility, fleet, grid, groups, house, orders, records, revocation
from bridge.sdk.forms.kinds import Page
from bridge.sdk.operation import CRL, OCTETS, PEM, SEP
from bridge.sdk.parties import ROWS as PARTIES
from bridge.sdk.row import delete as _delete
from bridge.sdk.row import get as _get
from bridge.sdk.row import patch as _patch
from bridge.sdk.row import post as _post
from bridge.sdk.row import put as _put
from bridge.sdk.trade import MARKET
from bridge.sdk.upkeep import INTERFACE, OUTAGE

_DEVICES = ("id", "lfdi", "sfdi", "name", "aggregator", "groups", "profile", "granted")
_ACCESS = ("lfdi", "role", "granted", "profile", "name", "device")
_CONTROLS = ("id", "programme", "mrid", "state", "start", "duration", "modes", "description")
_READINGS = ("device", "start", "duration", "value", "uom", "kind", "phase")
_RESPONSES = ("device", "subject", "status", "meaning", "created", "received")
_POLLS = ("type", "href", "seconds", "source", "subscribable")
_GROUPS = ("id", "name", "level", "parent", "members", "programmes", "description")

SERVER = (
    _get("health.show", "/health", "Whether the server works.", gives=house.Health, role="any"),
    _get("server.show", "/server", "What the server is and how it is set up.", gives=house.Server),
    _post("server.backup", "/server/backups", "Save the store to a file, while running.",
          takes=house.BackupNew, gives=house.Backup, status=201),
)  # fmt: skip
DEVICES = (
    _get("devices.list", "/devices", "The registered devices.", query=fleet.DeviceQuery,
         gives=Page[fleet.Device], columns=_DEVICES),
    _post("devices.create", "/devices", "Register a device out of band.", takes=fleet.DeviceNew,
          gives=fleet.Device, status=201),
    _get("devices.show", "/devices/{device}", "One device.", gives=fleet.Device),
    _patch("devices.update", "/devices/{device}", "Change a device.", takes=fleet.DeviceChange,
           gives=fleet.Device),
    _delete("devices.delete", "/devices/{device}", "Remove a device with all that belongs to it."),
    _get("devices.ders", "/devices/{device}/ders", "What the DER of a device have said of themselves.",
         gives=Page[fleet.Der]),
    _get("devices.der", "/devices/{device}/ders/{der}", "What one DER has said of itself.", gives=fleet.Der),
    _put("devices.groups", "/devices/{device}/groups", "Say which groups a device is a member of.",
         takes=fleet.Membership, gives=fleet.Device),
    _get("devices.programmes", "/devices/{device}/programmes", "The programmes that a device sees.",
         gives=Page[grid.Programme], columns=("id", "primacy", "description", "group", "mrid")),
    _get("devices.controls", "/devices/{device}/controls", "The controls that a device sees, not yet over.",
         gives=Page[grid.Control], columns=_CONTROLS),
)  # fmt: skip
AGGREGATORS = (
    _get("aggregators.list", "/aggregators", "The aggregators.", query=fleet.AggregatorQuery,
         gives=Page[fleet.Aggregator], columns=("lfdi", "name", "granted", "profile", "devices", "device")),
    _post("aggregators.create", "/aggregators", "Let an aggregator in, and make its own EndDevice.",
          takes=fleet.AggregatorNew, gives=fleet.Aggregator, status=201),
    _get("aggregators.show", "/aggregators/{lfdi}", "One aggregator.", gives=fleet.Aggregator),
    _patch("aggregators.update", "/aggregators/{lfdi}", "Change an aggregator.", takes=fleet.AggregatorChange,
           gives=fleet.Aggregator),
    _delete("aggregators.delete", "/aggregators/{lfdi}",
            "Remove an aggregator; its devices stay and become direct ones."),
    _get("aggregators.devices", "/aggregators/{lfdi}/devices", "The devices that an aggregator holds.",
         query=fleet.HeldQuery, gives=Page[fleet.Device], columns=_DEVICES),
)  # fmt: skip
FACILITY = (
    _get("facility.list", "/facilities", "The units behind the relay, whose client the bridge is.",
         query=facility.FacilityQuery, gives=Page[facility.Facility],
         columns=("lfdi", "address", "device", "sealed", "there", "why", "since")),
    _put("facility.add", "/facilities/{lfdi}", "Say where a unit speaks, which is a registered device.",
         takes=facility.FacilitySet, gives=facility.Facility),
    _get("facility.show", "/facilities/{lfdi}", "One unit, and how it stands.", gives=facility.Facility),
    _delete("facility.remove", "/facilities/{lfdi}", "Speak with a unit no more; its device stays."),
    _post("facility.discover", "/facilities/{lfdi}/discover",
          "Begin anew with a unit: look at its model, read everything.", gives=facility.Facility),
)  # fmt: skip
ACCESS = (
    _get("access.list", "/access", "What is said of certificates.", query=fleet.AccessQuery,
         gives=Page[fleet.Access], columns=_ACCESS),
    _post("access.create", "/access", "Say what a certificate, or an LFDI, may be.", takes=fleet.AccessNew,
          gives=fleet.Access, status=201),
    _post("access.identify", "/access/identify", "Say who a certificate is; nothing is kept.",
          takes=fleet.Certificate, gives=fleet.Identity),
    _get("access.rules", "/access/rules", "The rules in force.", gives=Page[access.RuleShown],
         columns=("name", "effect", "roles", "functions", "actions", "scope", "limits")),
    _get("access.check", "/access/check", "What is wrong with rules and roles; exit 1 where anything is.",
         gives=access.Findings),
    _get("access.who", "/access/who/{action}/{function}", "Who may do something.", query=access.WhoQuery,
         gives=Page[access.May], columns=("lfdi", "role", "area", "rule", "scope", "limits")),
    _get("access.pending", "/access/pending", "Requests that wait for another subject's approval.",
         query=access.PendingQuery, gives=Page[access.Pending],
         columns=("id", "lfdi", "method", "path", "devices", "power", "rule", "until")),
    _post("access.approve", "/access/pending/{pending}/approve", "Approve a request, and do it.",
          gives=access.Settled),
    _post("access.reject", "/access/pending/{pending}/reject", "Drop a request that waits.",
          gives=access.Settled),
    _get("access.show", "/access/{lfdi}", "What is said of one certificate.", gives=fleet.Access),
    _put("access.set", "/access/{lfdi}", "Say something of a certificate, known or not.",
         takes=fleet.AccessSet, gives=fleet.Access),
    _delete("access.delete", "/access/{lfdi}", "Forget what was said of a certificate."),
    _post("access.grant", "/access/{lfdi}/grant", "Let a client in from now on.", gives=fleet.Access),
    _post("access.revoke", "/access/{lfdi}/revoke", "Refuse every request of a client from now on.",
          gives=fleet.Access),
    _get("access.roles", "/access/{lfdi}/roles", "The roles of somebody.", gives=access.Roles),
    _post("access.assign", "/access/{lfdi}/roles/{role}", "Assign a role.", takes=access.RoleNew,
          gives=access.Roles),
    _delete("access.revoke_role", "/access/{lfdi}/roles/{role}", "Take a role away.", query=access.RoleQuery,
            joins="revoke"),
    _get("access.why", "/access/{lfdi}/why/{action}/{href}",
         "Which rule decides on a request, and why others do not; of an address, or of controls.create.",
         query=access.WhyQuery, gives=access.Why),
)  # fmt: skip
REVOCATION = (
    _get("revocation.show", "/revocation", "How current it is what is known of revoked certificates.",
         gives=revocation.State),
    _get("revocation.lists", "/revocation/lists", "The revocation lists that are held.",
         query=revocation.ListQuery, gives=Page[revocation.List],
         columns=("name", "title", "number", "count", "until", "checked", "source")),
    _post("revocation.upload", "/revocation/lists", "Send a revocation list in, DER or PEM.",
          raw=(OCTETS, CRL, PEM), gives=revocation.List, status=201),
    _get("revocation.list_show", "/revocation/lists/{list}", "One revocation list.", gives=revocation.List),
    _delete("revocation.list_delete", "/revocation/lists/{list}",
            "Take a revocation list away; what was on it is let in again."),
    _get("revocation.words", "/revocation/certificates", "What the operator said of certificates.",
         query=revocation.WordQuery, gives=Page[revocation.Word],
         columns=("name", "reason", "since", "by", "active")),
    _post("revocation.revoke", "/revocation/certificates", "Say that a certificate holds no more.",
          takes=revocation.WordNew, gives=revocation.Word, status=201),
    _get("revocation.word", "/revocation/certificates/{certificate}", "What was said of one certificate.",
         gives=revocation.Word),
    _delete("revocation.withdraw", "/revocation/certificates/{certificate}",
            "Take a word back; its certificate is let in again."),
)  # fmt: skip
GROUPS = (
    _get("groups.list", "/groups", "The groups.", query=groups.GroupQuery, gives=Page[groups.Group],
         columns=_GROUPS),
    _post("groups.create", "/groups", "Make a group.", takes=groups.GroupNew, gives=groups.Group, status=201),
    _get("groups.tree", "/groups/tree", "The whole topology.", gives=groups.Tree),
    _get("groups.show", "/groups/{group}", "One group.", gives=groups.Group),
    _patch("groups.update", "/groups/{group}", "Change a group, or its assignments.",
           takes=groups.GroupChange, gives=groups.Group),
    _delete("groups.delete", "/groups/{group}",
            "Remove a group; with all below it and all that hangs from it where `deep`.",
            query=groups.Removal),
    _post("groups.move", "/groups/{group}/move", "Hang a group, with all below it, elsewhere.",
          takes=groups.Move, gives=groups.Group),
    _get("groups.members", "/groups/{group}/members", "The devices in a group.", query=groups.MemberQuery,
         gives=Page[groups.Member], columns=("device", "lfdi", "group")),
    _put("groups.join", "/groups/{group}/members/{device}", "Make a device a member of a group.",
         gives=groups.Member),
    _delete("groups.leave", "/groups/{group}/members/{device}", "End a membership."),
)  # fmt: skip
PROGRAMMES = (
    _get("programmes.list", "/programmes", "The DER programmes.", query=grid.ProgrammeQuery,
         gives=Page[grid.Programme],
         columns=("id", "primacy", "description", "group", "controls", "default", "mrid")),
    _post("programmes.create", "/programmes", "Make a DER programme.", takes=grid.ProgrammeNew,
          gives=grid.Programme, status=201),
    _get("programmes.show", "/programmes/{programme}", "One programme.", gives=grid.Programme),
    _patch("programmes.update", "/programmes/{programme}", "Change a programme.", takes=grid.ProgrammeChange,
           gives=grid.Programme),
    _delete("programmes.delete", "/programmes/{programme}", "Remove a programme with all that it holds."),
)  # fmt: skip
CONTROLS = (
    _get("controls.list", "/controls", "The controls, of all programmes or of one.", query=grid.ControlQuery,
         gives=Page[grid.Control], columns=_CONTROLS),
    _post("controls.clear", "/controls/cancel", "Cancel all controls that are not over, or the latest.",
          takes=grid.Clear, gives=grid.Cleared),
    _post("controls.create", "/programmes/{programme}/controls", "Make a control.", takes=grid.ControlNew,
          gives=grid.Control, status=201),
    _get("controls.show", "/programmes/{programme}/controls/{control}", "One control.", gives=grid.Control),
    _post("controls.cancel", "/programmes/{programme}/controls/{control}/cancel", "Cancel a control.",
          takes=grid.Cancel, gives=grid.Control),
    _post("controls.replace", "/programmes/{programme}/controls/{control}/replace",
          "Cancel a control and make another in its place, in one step.", takes=grid.ControlNew,
          gives=grid.Control, status=201),
    _delete("controls.delete", "/programmes/{programme}/controls/{control}",
            "Take a control away without a word to devices that have it; cancel it instead."),
)  # fmt: skip
DEFAULTS = (
    _get("defaults.show", "/programmes/{programme}/default", "The default control of a programme.",
         gives=grid.Default),
    _put("defaults.set", "/programmes/{programme}/default", "Say what holds while no control is active.",
         takes=grid.DefaultSet, gives=grid.Default),
    _delete("defaults.delete", "/programmes/{programme}/default", "Remove the default control."),
)  # fmt: skip
CURVES = (
    _get("curves.list", "/programmes/{programme}/curves", "The curves of a programme.", query=grid.CurveQuery,
         gives=Page[grid.Curve], columns=("id", "href", "type", "description", "points", "mrid")),
    _post("curves.create", "/programmes/{programme}/curves", "Make a curve.", takes=grid.CurveNew,
          gives=grid.Curve, status=201),
    _get("curves.show", "/programmes/{programme}/curves/{curve}", "One curve.", gives=grid.Curve),
    _put("curves.set", "/programmes/{programme}/curves/{curve}", "Draw a curve anew.", takes=grid.CurveNew,
         gives=grid.Curve),
    _delete("curves.delete", "/programmes/{programme}/curves/{curve}", "Remove a curve."),
)  # fmt: skip
POLLS = (
    _get("polls.list", "/polls", "How often each type is to be asked for.", gives=Page[house.Poll],
         columns=_POLLS),
    _get("polls.own", "/polls/lists", "The lists that have a rate, or subscriptions, of their own.",
         query=house.OwnQuery, gives=Page[house.Poll], columns=_POLLS),
    _put("polls.list_set", "/polls/lists", "Give one list a rate, or subscriptions, of its own.",
         takes=house.ListSet, gives=house.Poll),
    _delete("polls.list_reset", "/polls/lists", "Let a list follow its type again.", query=house.PollQuery),
    _get("polls.post_rate", "/polls/post-rate", "postRate of mirror usage points that name none.",
         gives=house.PostRate),
    _put("polls.post_rate_set", "/polls/post-rate", "Say how often meters are to post.", takes=house.PollSet,
         gives=house.PostRate),
    _delete("polls.post_rate_reset", "/polls/post-rate", "Follow the configuration again."),
    _put("polls.set", "/polls/{kind}", "Say how often a type is to be asked for.", takes=house.PollSet,
         gives=house.Poll),
    _delete("polls.reset", "/polls/{kind}", "Follow the configuration again."),
)  # fmt: skip
RECORDS = (
    _get("mirrors.list", "/mirrors", "The mirror usage points.", query=records.MirrorQuery,
         gives=Page[records.Mirror], columns=("id", "device", "client", "description", "post_rate", "mrid")),
    _post("mirrors.empty", "/mirrors/empty", "Remove mirror usage points with their readings.",
          takes=records.Empty, gives=records.Emptying),
    _post("mirrors.rate", "/mirrors/rate", "Say how often the clients of mirrors are to post.",
          takes=records.MirrorRate, gives=records.Rated),
    _get("mirrors.show", "/mirrors/{mirror}", "One mirror usage point.", gives=records.Mirror),
    _delete("mirrors.delete", "/mirrors/{mirror}", "Remove a mirror usage point with its readings."),
    _get("readings.list", "/readings", "Readings, oldest first.", query=records.ReadingQuery,
         gives=Page[records.Reading], columns=_READINGS),
    _get("responses.list", "/responses", "Responses.", query=records.ResponseQuery,
         gives=Page[records.Response], columns=_RESPONSES),
    _get("logs.list", "/logs", "Log events.", query=records.Window, gives=Page[records.LogEvent],
         columns=("device", "created", "function_set", "code", "details")),
    _get("subscriptions.list", "/subscriptions", "Subscriptions.", query=records.SubscriptionQuery,
         gives=Page[records.Subscription], columns=("id", "client", "resource", "url", "waiting")),
    _delete("subscriptions.delete", "/devices/{device}/subscriptions/{subscription}",
            "End a subscription; its client is told."),
    _get("outbox.list", "/outbox", "The first notification of each subscription that has any; total is all.",
         query=records.WaitingQuery,
         gives=Page[records.Waiting], columns=("number", "subscription", "url", "tries", "size")),
    _get("archive.list", "/archive", "Every change ever made, by whom and when; newest first.",
         query=records.ArchiveQuery, gives=Page[records.Entry],
         columns=("number", "at", "party", "door", "href", "type", "version", "gone")),
)  # fmt: skip
ORDERS = (
    _get("orders.list", "/orders", "Orders on their way to units that do not come for them; dead letters.",
         query=orders.OrderQuery, gives=Page[orders.Order],
         columns=("device", "number", "kind", "record", "modes", "tries", "dead", "reason")),
    _get("orders.explain", "/orders/{device}/explain/{mode}",
         "Which record holds a mode of a unit, and why; how each other one fares.",
         query=orders.ExplainQuery, gives=orders.Explanation),
    _get("orders.show", "/orders/{device}/{order}", "One order.", gives=orders.Order),
    _post("orders.again", "/orders/{device}/{order}/again", "Have a dead letter brought again.",
          status=204),
    _delete("orders.drop", "/orders/{device}/{order}", "Forget a dead letter."),
)  # fmt: skip
AUDIT = (
    _get("audit.list", "/audit", "The decisions on access, allowed or not; newest first.",
         query=audit.AuditQuery, gives=Page[audit.Decided],
         columns=("number", "at", "hop", "subject", "role", "function", "action", "target", "allowed",
                  "rule")),
    _get("audit.export", "/audit/export", "Records as they are chained, with checkpoints, as JSON lines.",
         query=audit.Stretch, serves=(OCTETS,)),
    _get("audit.show", "/audit/{record}", "One decision, with all that is kept of it.", gives=audit.Decided),
)  # fmt: skip
FILES = (
    _get("files.list", "/files", "The files that devices may fetch.", query=house.FileQuery,
         gives=Page[house.File], columns=("id", "uri", "type", "size", "edition", "model", "device")),
    _post("files.create", "/files", "Offer a file: its content is the body.", query=house.FileNew,
          raw=(OCTETS,), gives=house.File, status=201),
    _get("files.show", "/files/{file}", "One file.", gives=house.File),
    _get("files.content", "/files/{file}/content", "What is in it.", serves=(OCTETS,)),
    _delete("files.delete", "/files/{file}", "Take a file away."),
)  # fmt: skip
RESOURCES = (
    _get("resources.show", "/resources/{href}", "A resource as its document, a list with members.",
         query=house.ResourceQuery, gives=house.Resource, serves=(SEP,)),
    _put("resources.set", "/resources/{href}", "Put a document in place.", takes=house.ResourceSet,
         query=house.ResourceWrite, raw=(SEP,), gives=house.Resource),
    _post("resources.create", "/resources/{href}", "Put a document into a list.", takes=house.ResourceSet,
          query=house.ResourceWrite, raw=(SEP,), gives=house.Resource, status=201),
    _delete("resources.delete", "/resources/{href}", "Remove a resource with all below it."),
)  # fmt: skip
TABLE = (
    *SERVER, *DEVICES, *AGGREGATORS, *FACILITY, *AGREEMENT, *ACCESS, *REVOCATION, *GROUPS, *PROGRAMMES,
    *CONTROLS, *DEFAULTS, *CURVES, *POLLS, *RECORDS, *ORDERS, *PARTIES, *MARKET, *AUDIT, *FILES, *RESOURCES,
    *OUTAGE, *INTERFACE, *COMPANIES,
)  # fmt: skip
NAMED = {operation.name: operation for operation in TABLE}

"""Rows of the table for meters, prices, messages and requests: what is told to many meters at once.

They are a part of `bridge.sdk.table`, which knows all rows; nothing is called here.
"""

from __future__ import annotations

from bridge.sdk.forms import market
from bridge.sdk.forms.kinds import Page
from bridge.sdk.operation import CSV, OCTETS
from bridge.sdk.row import delete, get, post, put

_REQUESTS = ("id", "name", "entity", "kind", "urgency", "addresses", "served", "state", "reason")

MARKET = (
    get("meters.list", "/meters", "The registered meters.", query=market.MeterQuery, gives=Page[market.Meter],
        columns=("esiid", "devices", "serial", "mac", "set", "entities")),
    post("meters.load", "/meters",
         "Register many meters, all or none: CSV with columns esiid, devices, serial, mac, set, entities.",
         raw=(CSV, OCTETS), gives=market.Loaded),
    get("meters.show", "/meters/{esiid}", "One meter.", gives=market.Meter),
    put("meters.set", "/meters/{esiid}", "Say which devices stand behind a meter.", takes=market.MeterSet,
        gives=market.Meter),
    delete("meters.delete", "/meters/{esiid}", "Forget a meter."),
    post("prices.create", "/prices", "Send a price to many meters.", takes=market.PriceNew,
         gives=market.Request, status=201),
    post("notices.create", "/notices", "Send a text to many meters.", takes=market.NoticeNew,
         gives=market.Request, status=201),
    get("requests.list", "/requests", "What was sent to many meters, by SOAP or here.",
        query=market.RequestQuery, gives=Page[market.Request], columns=_REQUESTS),
    get("requests.show", "/requests/{request}", "One request, and how far it has got.", gives=market.Request),
    get("requests.addresses", "/requests/{request}/addresses", "What became of each address of a request.",
        query=market.ResultQuery, gives=Page[market.Result],
        columns=("esiid", "device", "verdict", "reason", "devices")),
)  # fmt: skip

"""Rows of the table for companies that send signed requests.

The table is `bridge.sdk.table`, which has them from here; what a row does is in `bridge.app.office.entity`.
Nothing is imported from the server.
"""

from __future__ import annotations

from bridge.sdk.forms import entity
from bridge.sdk.forms.kinds import Page
from bridge.sdk.row import delete, get, patch, post

COMPANIES = (
    get("entity.list", "/entities", "The companies that may send signed requests.", query=entity.EntityQuery,
        gives=Page[entity.Entity],
        columns=("name", "kind", "account", "duns", "rights", "legacy_until", "enabled")),
    post("entity.add", "/entities", "Let a company send signed requests.", takes=entity.EntityNew,
         gives=entity.Entity, status=201),
    get("entity.show", "/entities/{entity}", "One company.", gives=entity.Entity),
    patch("entity.change", "/entities/{entity}", "Change a company.", takes=entity.EntityChange,
          gives=entity.Entity),
    delete("entity.remove", "/entities/{entity}", "Take nothing of a company any more, and forget it."),
)  # fmt: skip

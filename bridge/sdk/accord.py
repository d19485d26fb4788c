"""The operations on agreements, and on the adapters that serve by them: rows of `bridge.sdk.table`.

What is agreed is told in docs/agreements.md, what an adapter is in docs/adapters.md. Nothing here is imported
from the server.
"""

from __future__ import annotations

from bridge.sdk.forms import agreement
from bridge.sdk.forms.kinds import Page
from bridge.sdk.row import get, post

ROWS = (
    get("agreement.list", "/agreements", "The agreements by which other protocols are served.",
        query=agreement.AgreementQuery, gives=Page[agreement.Agreement],
        columns=("id", "protocol", "state", "stands", "missing", "start", "until")),
    post("agreement.offer", "/agreements", "Offer an agreement to all that it affects.",
         takes=agreement.AgreementNew, gives=agreement.Agreement, status=201),
    get("agreement.show", "/agreements/{agreement}", "One agreement, with what each party said.",
        gives=agreement.Agreement),
    post("agreement.say", "/agreements/{agreement}/statements", "Bring what a party says, signed by itself.",
         takes=agreement.Statement, gives=agreement.Agreement),
    get("adapter.list", "/adapters", "The adapters of other protocols, and how they are.",
        query=agreement.AdapterQuery, gives=Page[agreement.Adapter],
        columns=("name", "kind", "version", "breaker", "why", "since")),
    get("adapter.show", "/adapters/{adapter}", "One adapter, with its units.", gives=agreement.Adapter),
)  # fmt: skip

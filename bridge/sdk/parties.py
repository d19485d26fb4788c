"""The operations on endpoints, accounts, notices and bulletins: rows of `bridge.sdk.table`.

What they are about is told in docs/push.md. Nothing here is imported from the server.
"""

from __future__ import annotations

from bridge.sdk.forms import push
from bridge.sdk.forms.kinds import Page
from bridge.sdk.row import delete, get, patch, post

ENDPOINTS = (
    get("endpoints.list", "/endpoints", "Where organisations are told of changes.", query=push.EndpointQuery,
        gives=Page[push.Endpoint],
        columns=("id", "organisation", "leg", "address", "state", "why", "waiting", "dead")),
    post("endpoints.create", "/endpoints", "Register an endpoint.", takes=push.EndpointNew,
         gives=push.Endpoint, status=201),
    get("endpoints.show", "/endpoints/{endpoint}", "One endpoint, and how it stands.", gives=push.Endpoint),
    patch("endpoints.update", "/endpoints/{endpoint}", "Change an endpoint, which is a draft after that.",
          takes=push.EndpointChange, gives=push.Endpoint),
    post("endpoints.challenge", "/endpoints/{endpoint}/challenge",
         "Have an endpoint prove that it is there, and whose it is.", gives=push.Endpoint),
    post("endpoints.activate", "/endpoints/{endpoint}/activate", "Tell an endpoint of changes from now on.",
         gives=push.Endpoint),
    post("endpoints.test", "/endpoints/{endpoint}/test", "Tell an endpoint something to try it.",
         gives=push.Endpoint),
    post("endpoints.suspend", "/endpoints/{endpoint}/suspend",
         "Keep what comes up for an endpoint, and tell it nothing.", takes=push.Reason, gives=push.Endpoint),
    post("endpoints.resume", "/endpoints/{endpoint}/resume",
         "Tell a suspended endpoint what it has missed, and go on.", gives=push.Endpoint),
    post("endpoints.retire", "/endpoints/{endpoint}/retire", "Tell an endpoint nothing any more, for good.",
         gives=push.Endpoint),
)  # fmt: skip
ACCOUNTS = (
    get("accounts.list", "/accounts", "Who picks up in the name of organisations.", query=push.AccountQuery,
        gives=Page[push.Account], columns=("lfdi", "organisation", "name", "state", "contact")),
    post("accounts.create", "/accounts", "Register an account.", takes=push.AccountNew, gives=push.Account,
         status=201),
    get("accounts.show", "/accounts/{account}", "One account.", gives=push.Account),
    post("accounts.activate", "/accounts/{account}/activate", "Let an account pick up.", gives=push.Account),
    post("accounts.suspend", "/accounts/{account}/suspend", "Let an account pick up nothing for a while.",
         gives=push.Account),
    post("accounts.resume", "/accounts/{account}/resume", "Let a suspended account pick up again.",
         gives=push.Account),
    post("accounts.retire", "/accounts/{account}/retire",
         "Let an account pick up nothing any more, for good.", gives=push.Account),
)  # fmt: skip
NOTICES = (
    get("push.list", "/push", "Notices that are on their way to endpoints, and dead letters.",
        query=push.NoticeQuery, gives=Page[push.Notice],
        columns=("id", "endpoint", "kind", "subject", "version", "tries", "dead", "reason")),
    get("push.show", "/push/{letter}", "One notice.", gives=push.Notice),
    post("push.repeat", "/push/{letter}/repeat", "Have a dead letter told again.", gives=push.Notice),
    delete("push.drop", "/push/{letter}", "Forget a dead letter."),
)  # fmt: skip
BULLETINS = (
    get("bulletins.list", "/bulletins", "What the market was told.", query=push.BulletinQuery,
        gives=Page[push.Bulletin], columns=("id", "market", "title", "start", "withdrawn", "mrid")),
    post("bulletins.create", "/bulletins", "Tell the market something.", takes=push.BulletinNew,
         gives=push.Bulletin, status=201),
    get("bulletins.show", "/bulletins/{bulletin}", "One bulletin.", gives=push.Bulletin),
    post("bulletins.withdraw", "/bulletins/{bulletin}/withdraw", "Say that a bulletin holds no more.",
         gives=push.Bulletin),
)  # fmt: skip
ROWS = (*ENDPOINTS, *ACCOUNTS, *NOTICES, *BULLETINS)

"""Rows of the push: endpoints, accounts, letters on their way, claims and their bodies, as JSON below `/-/`.

Each belongs to the organisation whose LFDI it bears as owner, a claim to the one who may pick it up, so that
areas of roles and questions by owner work as for everything else. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.core.push.interest import Interest
from bridge.core.push.notice import Notice
from bridge.core.push.states import Standing, State
from bridge.sep2 import ours
from bridge.sep2.shelf import Row

ENDPOINT, ACCOUNT, CLAIM, BODY = "Endpoint", "Account", "Claim", "Body"
LETTER, DEAD = "Notice", "DeadNotice"
DOOR = "push"
ALL = Interest()
LEGS = ("notification", "xmpp", "https")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Somebody who is told things."""

    number: int
    organisation: str
    leg: str
    """One of LEGS."""
    address: str
    """URL, or full JID."""
    recipient: str
    """LFDI of the account that picks up, and that is proved in the challenge."""
    by: str
    """LFDI of the administrator who said so last."""
    identity: str = ""
    """LFDI of the server at the URL; without one its certificate has to bear the URL's host."""
    certificate: str = ""
    """The recipient's, in PEM, followed by those above it."""
    interest: Interest = ALL
    name: str = ""
    contact: str = ""
    state: State = State.draft
    why: str = ""
    since: int = 0
    """Moment of the state."""
    nonce: str = ""
    """Upper case; the mark of the row while it is challenged."""
    after: int = 0
    """Changes up to this version are not told: they were before its first activation."""
    ends: int = 0
    """When the first of the certificates that were seen ends; 0 where none was."""
    tls: str = ""
    """Version and suite that were agreed on when it was checked."""

    @property
    def href(self) -> str:
        """Address of the row."""
        return f"{ours.ENDPOINTS}/{self.number}"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who picks up in the name of an organisation."""

    lfdi: str
    organisation: str
    by: str
    name: str = ""
    contact: str = ""
    state: Standing = Standing.proposed
    since: int = 0

    @property
    def href(self) -> str:
        """Address of the row."""
        return f"{ours.ACCOUNTS}/{self.lfdi}"


class Letter(NamedTuple):
    """A notice on its way to an endpoint."""

    number: int
    endpoint: int
    organisation: str
    notice: Notice
    made: int
    tries: int = 0
    due: Decimal = Decimal(0)
    """Not before this moment."""
    reason: str = ""
    """Why the last try came to nothing."""
    since: int = 0
    """When it failed first; 0 where it never did."""
    dead: bool = False
    version: int = 0
    """Of its row."""

    @property
    def href(self) -> str:
        """Address of the row."""
        return f"{ours.LETTERS}/{self.number}"

    @property
    def subject(self) -> str:
        """What it tells of: letters of one subject, of whatever kind, go out in their order."""
        return self.notice.subject


def endpoint(row: Row) -> Endpoint:
    """Give the endpoint of a row."""
    said = ours.read(row)
    interest = Interest(*(tuple(each) for each in said["interest"]))
    return Endpoint(**{**said, "interest": interest, "state": State(said["state"])})


def posted(one: Endpoint) -> Row:
    """Give the row of an endpoint."""
    return Row(
        one.href, ours.ENDPOINTS, ENDPOINT, ours.body(asdict(one)), owner=one.organisation,
        mark=one.nonce or f"N{one.number}", rank=f"{one.number:020d}",
    )  # fmt: skip


def account(row: Row) -> Account:
    """Give the account of a row."""
    said = ours.read(row)
    return Account(**{**said, "state": Standing(said["state"])})


def kept(one: Account) -> Row:
    """Give the row of an account."""
    body = ours.body(asdict(one))
    return Row(one.href, ours.ACCOUNTS, ACCOUNT, body, owner=one.organisation, mark=one.lfdi, rank=one.lfdi)


def waiting(endpoint: int) -> str:
    """What the letters on their way to an endpoint hang from."""
    return f"endpoint-{endpoint}"


def buried(endpoint: int) -> str:
    """What its dead letters hang from."""
    return f"dead-{endpoint}"


def letter(row: Row) -> Letter:
    """Give the letter of a row."""
    said = ours.read(row)
    return Letter(
        ours.number(row.href), said["endpoint"], row.owner, Notice(*said["notice"]), row.at, said["tries"],
        Decimal(said["due"]), said["reason"], said["since"], row.type == DEAD, row.version,
    )  # fmt: skip


def sent(one: Letter) -> Row:
    """Give the row of a letter."""
    body: dict[str, Any] = {
        "endpoint": one.endpoint, "notice": list(one.notice), "tries": one.tries, "due": str(one.due),
        "reason": one.reason, "since": one.since,
    }  # fmt: skip
    hangs = (buried if one.dead else waiting)(one.endpoint)
    version = one.notice.version
    return Row(
        one.href, ours.LETTERS, DEAD if one.dead else LETTER, ours.body(body), owner=one.organisation,
        grp=hangs, mark=f"{one.endpoint}-{version}", rank=f"{one.endpoint:012d}{version:020d}", at=one.made,
    )  # fmt: skip


def claim(row: Row) -> Notice:
    """Give the notice that a claim is about."""
    return Notice(*ours.read(row)["notice"])


def media(row: Row) -> str:
    """Give the media type of a claim's body."""
    return str(ours.read(row)["media"])


def claimed(one: Notice, recipient: str, media: str) -> Row:
    """Give the row of a claim: the version is the time key, so `changes since` is a cut of the list."""
    body = ours.body({"notice": list(one), "media": media})
    return Row(
        f"{ours.CLAIMS}/{one.claim}", ours.CLAIMS, CLAIM, body, owner=recipient, grp=f"sha-256-{one.digest}",
        mark=f"{recipient}-{one.version}", rank=f"{one.version:020d}", at=one.version, until=one.expires,
    )  # fmt: skip


def body(digest: str, data: bytes, until: int) -> Row:
    """Give the row of a body, which may be picked up until a moment."""
    return Row(f"{ours.BODIES}/{digest}", ours.BODIES, BODY, data, rank=f"{until:020d}", until=until)

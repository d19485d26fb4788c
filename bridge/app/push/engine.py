"""The push in its installation: feed, postman and trial put together, run by one worker, and stopped.

The sealed legs need the key of the server's certificate, which IEEE 2030.5 wants on P-256; with another kind
of key they cannot seal, and the server says so when it starts. XMPP goes over the endpoint of [iec61850],
where that is enabled. Once an hour what is over for long enough goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from random import SystemRandom

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app import chores, journal
from bridge.app.config import Config
from bridge.app.push import rows, turns
from bridge.app.push.feed import Feed
from bridge.app.push.legs import Carrier, Legs
from bridge.app.push.postman import Postman
from bridge.app.push.rows import DOOR
from bridge.app.push.section import Push
from bridge.app.push.signing import Signer
from bridge.app.push.trial import DAY, Trial
from bridge.app.relay.station import own
from bridge.app.roll import Notice
from bridge.app.site import Site
from bridge.core.delivery import Habit
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Cut, Who
from bridge.transports import tls
from bridge.transports.exchange import Exchange, Terms
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.store import Store
from bridge.trust.credential import Serial

HOUR = 3_600
OLD = (rows.CLAIM, rows.DEAD, rows.LETTER, turns.OVER, "Test")
"""Types of rows that go when they are over for long enough."""
SOME = 200


@dataclass(slots=True)
class Engine:
    """What runs."""

    site: Site
    config: Config
    legs: Legs
    trial: Trial

    def renew(self, config: Config) -> None:
        """Take certificates and keys in anew."""
        lfdi, key = own(config.https.certificate.read_bytes()), _key(config)
        self.config = config
        self.legs.signer.renew(lfdi, key)
        self.legs.exchange.renew()

    async def heard(self, notice: Notice) -> None:
        """Look at all endpoints again: a recipient may have been revoked."""
        del notice
        self.trial.stir()


def terms(said: Push) -> Terms:
    """Where endpoints may be."""
    return Terms(said.hosts, said.ports, said.timeout)


def unlinked() -> Carrier | None:
    """Give the session with an XMPP server where there is none."""
    return None


@asynccontextmanager
async def running(
    site: Site, config: Config, link: Callable[[], Carrier | None] = unlinked
) -> AsyncIterator[Engine | None]:
    """Run it as long as the context lasts."""
    try:
        signer = Signer(own(config.https.certificate.read_bytes()), _key(config))
    except ValueError as error:
        journal.logger(part="push").warning("not pushing", reason=f"the server's key {error}")
        yield None
        return
    async with AsyncExitStack() as stack:
        engine = await made(site, config, signer, link, stack)
        yield engine


async def made(
    site: Site, config: Config, signer: Signer, link: Callable[[], Carrier | None], stack: AsyncExitStack
) -> Engine:
    """Put it together, and start it."""
    said = config.push
    exchange = await stack.enter_async_context(_exchange(config))
    legs = Legs(exchange, signer, link, said.timeout)
    trial = Trial(
        site.store, legs, lambda: tls.ders((*config.trust.devices, *config.trust.operators)),
        partial(_revoked, site), site.now, said.margin * DAY,
    )  # fmt: skip
    engine = Engine(site, config, legs, trial)
    feed = Feed(site.store, lambda: site.policy, site.now, said.life)
    habit = Habit(said.first, said.longest, said.tries, said.trip, said.rest)
    postman = Postman(
        site.store, legs, habit, site.now, SystemRandom().random, said.patience, said.together,
        lambda outcome: site.meter.pushes.labels(outcome).inc(),
    )  # fmt: skip
    site.revoked.listeners.append(engine.heard)
    stack.callback(site.revoked.listeners.remove, engine.heard)
    for each in (feed, trial, postman):
        site.store.listen(each.hear)
        task = asyncio.create_task(chores.steady("push", each.run))
        stack.push_async_callback(chores.cancelled, task)
    sweeping = asyncio.create_task(chores.steady("push", partial(sweep, site, said)))
    stack.push_async_callback(chores.cancelled, sweeping)
    return engine


def _exchange(config: Config) -> Exchange:
    https = config.https
    context = partial(tls.client, config.trust.outgoing, https.certificate, https.key)
    return Exchange(terms(config.push), context, partial(context, named=False))


def _revoked(site: Site, lfdi: str, serials: tuple[Serial, ...]) -> bool:
    return bool(site.revoked.index.reason(serials, lfdi))


def _key(config: Config) -> ec.EllipticCurvePrivateKey:
    found = load_pem_private_key(config.https.key.read_bytes(), None)
    if not isinstance(found, ec.EllipticCurvePrivateKey) or not isinstance(found.curve, ec.SECP256R1):
        raise ValueError("is not on P-256, so it can seal nothing")  # noqa: TRY004 - what is in a file
    return found


async def sweep(site: Site, said: Push) -> None:
    """Remove what is over, again and again."""
    while True:
        with suppress(Unavailable):
            await swept(site.store, site.now(), said.life + said.kept * DAY)
        await asyncio.sleep(HOUR)


async def swept(store: Store, now: int, age: int) -> int:
    """Remove bodies that nobody may pick up any more, and what is older than an age; how many."""
    who, count = Who("core", DOOR, now), 0
    for type_ in OLD:
        while gone := await store.expire(type_, now - age, who):
            count += gone
    while True:
        first = (await store.children(ours.BODIES, Cut(limit=SOME))).rows
        old = [row for row in first if row.until <= now]
        if not old:
            return count
        await store.commit([Change(row.href, None, expect=row.version) for row in old], who)
        count += len(old)

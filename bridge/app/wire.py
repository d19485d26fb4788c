"""One worker: store, server, listeners and chores, put together, run, and taken apart in the right order.

It listens last and stops listening first, so that nobody meets half of it; the store closes after the last
answer. Worker 0 alone runs the chores. A parent that is gone ends the worker as a signal does. Nothing is
decided here.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app import (
    announced,
    authorities,
    bylaws,
    chores,
    commands,
    crew,
    doorway,
    journal,
    loading,
    meter,
    outward,
    sockets,
)
from bridge.app.census import Census
from bridge.app.config import Config
from bridge.app.desks import Desks, files, renew
from bridge.app.journal import Requests, Seen
from bridge.app.lives import Lives
from bridge.app.loading import Loaded
from bridge.app.meter import Meter
from bridge.app.papers import Pair
from bridge.app.push import claims
from bridge.app.record.tape import Tape
from bridge.app.roll import Roll
from bridge.app.scribe import Scribe, refused
from bridge.app.site import Site
from bridge.app.sockets import Held
from bridge.core.access import again
from bridge.sep2 import error, tree
from bridge.sep2.talk import Answer, Ask, Told
from bridge.transports import http, tls
from bridge.transports.limits import Limits
from bridge.transports.pages import EVERY, Pages
from bridge.transports.store import opening
from bridge.transports.store.fault import Unavailable
from bridge.trust import checkpoint, identity
from bridge.trust.checkpoint import Signer
from bridge.trust.listing import Pool

dead = meter.dead
GARBAGE = (50_000, 20, 50)
"""How many objects more than before, and how many collections of the younger, make the collector look at the
youngest, the younger and all: a request makes hundreds that are gone with it and form no cycle."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a worker is started with."""

    loaded: Loaded
    config: Config
    held: Held
    number: int
    ready: Callable[[], None]
    life: int = -1
    """A descriptor that ends with the parent."""
    bell: Path | None = None
    """The file by which workers on PostgreSQL hear each other."""
    file: Path | None = None
    """Where what is said at the doors is written to."""


Opened = Callable[[Start, AsyncExitStack], Awaitable[Site]]


def run(start: Start, opens: Opened | None = None) -> int:
    """Serve until told to stop, what `opens` puts together or everything; 0 when all ended well."""
    return uvloop.run(_run(start, opens or opened))


def warm() -> None:
    """Load what the first request would have to wait for; a parent does it once for all its workers."""
    tree.nodes()
    _settle()


def _settle() -> None:
    """Take what is here to stay out of the garbage collector's sight, and have it look more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)


async def _run(start: Start, opens: Opened) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    if start.life >= 0:
        loop.add_reader(start.life, stop.set)
    try:
        async with AsyncExitStack() as stack:
            await opens(start, stack)
            _settle()
            start.ready()
            journal.logger().info("serving", worker=start.number)
            await stop.wait()
            journal.logger().info("stopping", worker=start.number)
    finally:
        if start.life >= 0:
            loop.remove_reader(start.life)
    journal.logger().info("stopped", worker=start.number)
    return 0


async def opened(start: Start, stack: AsyncExitStack) -> Site:
    """Put everything together, from the store up."""
    config = start.config
    site = await found(start, stack, Pair(config.https.certificate, config.https.key))
    site.market = config.market
    await stack.enter_async_context(site.census.running())
    if start.number == 0:
        await doorway.settle(site.store, site, config.lifecycle)
    guard = tls.Guard(files(config), standing=site.revoked.standing, hear=site.store.current)
    desks = Desks(site, start.held)
    if start.file is not None:
        site.tape = Tape(
            start.file, own(Pair(config.https.certificate, config.https.key)), config.relay.domain
        )
        stack.callback(site.tape.close)
    if start.number == 0:
        await stack.enter_async_context(chores.running(site, config, start.held))
    await _listen(start, site, guard, stack)
    if start.number == 0:
        folder = start.loaded.place.parent
        await stack.enter_async_context(outward.running(site, config, start.held, folder))
    stack.push_async_callback(desks.close)
    await desks.open(config)
    stack.callback(lambda: setattr(site, "stopping", True))
    stack.push_async_callback(chores.cancelled, asyncio.create_task(_reloading(start, site, guard, desks)))
    return site


async def found(start: Start, stack: AsyncExitStack, pair: Pair) -> Site:
    """Store, policy, pages and logs; `pair` is what the decision log is signed with."""
    config, loop = start.config, asyncio.get_running_loop()
    kept = await stack.enter_async_context(
        opening.open(config.store.url, workers=config.run.workers, bell=start.bell)
    )
    pages = Pages(current=kept.current)
    kept.listen(lambda topics: pages.clear() if EVERY in topics else pages.stale(topics))
    wanted = config.log.requests and config.log.level in {"debug", "info"}
    requests = Requests(config.log, sys.stderr, loop.call_later) if wanted else None
    if requests:
        stack.callback(requests.write)
    said, figures = config.revocation, Meter()
    roll = Roll(
        kept, pool(config, pair), lambda: int(time.time()), frozenset(said.urls), said.oldest,
        pages.clear,
    )  # fmt: skip
    stack.callback(roll.close)
    await roll.open()
    scribe = Scribe(kept.decisions, figures, signer(pair))
    access = bylaws.access(
        config, lambda decision, facts: scribe.note(decision._replace(age=roll.age()), facts)
    )
    if start.number == 0:
        await scribe.keep(access.engine.version, again.kept(access.engine))
    await _writing(scribe, stack)
    terms = config.lifecycle
    census = Census(kept, lambda: int(time.time()), terms.write, terms.exact)
    policy = bylaws.policy(config, own(pair), access)
    return Site(kept, policy, pages, figures, requests, roll, scribe, census, Lives(kept))


async def _writing(scribe: Scribe, stack: AsyncExitStack) -> None:
    """Have the decision log written as long as the context lasts."""
    await scribe.begin()
    stack.push_async_callback(scribe.end)
    stack.push_async_callback(chores.cancelled, asyncio.create_task(scribe.run()))


def signer(pair: Pair) -> Signer:
    """Who signs the decision log."""
    return checkpoint.signer(pair.certificate.read_bytes(), pair.key.read_bytes())


def own(pair: Pair) -> str:
    """The LFDI of our own certificate."""
    return identity.lfdi(_chain(pair)[0].public_bytes(Encoding.DER))


def pool(config: Config, pair: Pair) -> Pool:
    """The authorities whose revocation lists are taken, those of our own chain among them."""
    return authorities.among(config, _chain(pair)[1:])


def _chain(pair: Pair) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pair.certificate.read_bytes())


async def _listen(start: Start, site: Site, guard: tls.Guard, stack: AsyncExitStack) -> None:
    """Listen for clients of IEEE 2030.5."""
    secure, plain = (tuple(map(sockets.again, start.held.get(name, ()))) for name in ("https", "plain"))
    limits = Limits(**start.config.limits.model_dump())
    site.listener = await http.serve(
        secure,
        guard,
        partial(site.tape.sep2, partial(answer, site)) if site.tape else partial(answer, site),
        site.pages,
        plain=plain,
        limits=limits,
        noting=site.heard,
        proxies=start.config.proxy.lfdis,
    )
    stack.push_async_callback(site.listener.stop, start.config.run.grace)


async def answer(site: Site, ask: Ask) -> Answer:
    """Answer a request of IEEE 2030.5, unless its caller is revoked by now, or it is no time for commands."""
    roll = site.revoked
    await roll.fresh()
    if not roll.judge(ask.peer):
        told = Told(403, roll.reason(ask.peer), close=True)
        seen = Seen(ask.method, ask.path, told.status, ask.peer.lfdi, 0.0, correlation=ask.correlation)
        site.scribe.note(refused("sep2", seen))
        return error.answer(told, profile=site.policy.profile)
    if roll.oldest and commands.native(ask.method, ask.path) and (reason := roll.closed()):
        return error.answer(Told(503, reason), profile=site.policy.profile)
    if claims.concerns(ask.path):
        return await claims.answer(site, ask)
    return await doorway.native(site, ask)


async def _reloading(start: Start, site: Site, guard: tls.Guard, desks: Desks) -> None:
    """Reload at each SIGHUP."""
    again = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, again.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, crew.LATER)
    while await again.wait():
        again.clear()
        await _reload(start, site, guard, desks)


async def _reload(start: Start, site: Site, guard: tls.Guard, desks: Desks) -> None:
    """Read certificates, roots, rules and the log level anew; what cannot be used stays as it was."""
    log, found = journal.logger(worker=start.number), loading.load(start.loaded.place, os.environ)
    if found.config is None:
        log.error("not reloaded", problems=[str(one) for one in found.problems])
        return
    try:
        pair = Pair(found.config.https.certificate, found.config.https.key)
        among = pool(found.config, pair)
        access = bylaws.access(found.config, site.policy.access.record)
        announced.announced(found.config.lifecycle)
        renew(guard, files(found.config))
        site.revoked.pool = among
        await desks.renew(found.config)
        for each in site.renewing:
            each(found.config)
        await site.scribe.renew(signer(pair))
        if start.number == 0:
            await doorway.settle(site.store, site, found.config.lifecycle)
            await site.scribe.keep(access.engine.version, again.kept(access.engine))
    except (OSError, ValueError, Unavailable):
        log.exception("not reloaded")
        return
    site.policy = replace(site.policy, access=access)
    site.pages.clear()
    journal.begin(found.config.log)
    site.requests = site.requests and Requests(
        found.config.log, sys.stderr, asyncio.get_running_loop().call_later
    )
    log.info("reloaded", edition=guard.edition)

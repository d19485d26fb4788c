"""Callbacks: a progress report, signed by us, posted to an address that its company has registered.

An address that is none of the company's is not called, whatever the request said, and each call is held to
the rules of outgoing calls (bridge/transports/calls.py): no private network, no redirect. Where it is not
taken, whoever asked for it asks again; a failed one has rest, ever longer, and is given up in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bridge.app.config import Config
from bridge.app.gateway import entities, papers
from bridge.app.gateway.desk import Desk, signed
from bridge.soap import bodies, fault
from bridge.transports import partners
from bridge.transports.calls import Bounds, Calls, Failed, Forbidden
from models.meter import meter

OK = range(200, 300)
FIRST, LONGEST = 1.0, 300.0
"""Seconds of rest after the first failure, and at most."""
KNOWN = 10_000
"""Reports that failed and are remembered."""


@dataclass(slots=True)
class Trouble:
    """How a report fares that is not taken."""

    since: float
    rest: float
    due: float


@dataclass(slots=True)
class Callbacks:
    """Those of one worker."""

    desk: Desk
    config: Config
    clock: Callable[[], float]
    """Seconds that never go back."""
    calls: Calls | None = None
    troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self) -> None:
        """Get ready to call."""
        config = self.config
        context = partners.client((*config.trust.outgoing, *config.soap.roots), *papers.own(config))
        bounds = Bounds(whole=config.notify.timeout)
        self.calls = await self._stack.enter_async_context(Calls(self.desk.site.policy, context, bounds))

    def renew(self, config: Config) -> None:
        """Take a configuration in anew; connections that are open keep theirs."""
        self.config = config

    async def close(self) -> None:
        """Call nobody any more."""
        self.calls = None
        await self._stack.aclose()

    async def tell(self, entity: str, address: str, report: meter.ReportProgress) -> bool:
        """Tell a company what became of a request; whether it was told, or need not be told again."""
        if not address:
            return True
        key = (entity, f"{address} {report.SMTxPProgressReport.RequestID}")
        trouble = self.troubles.get(key)
        if trouble and self.clock() < trouble.due:
            return False
        why = await self._posted(entity, address, report)
        if why is None:
            self.troubles.pop(key, None)
            self.desk.log.info("reported", entity=entity, address=address)
            return True
        return self._failed(key, why, final=why.startswith("!"))

    async def _posted(self, entity: str, address: str, report: meter.ReportProgress) -> str | None:
        """Why a report was not taken; nothing where it was. What begins with `!` cannot be mended."""
        known = await entities.named(self.desk.site.store, entity)
        if known is None or not known.enabled or address not in known.callbacks:
            return "!the address is none that the company has registered"
        if self.calls is None:
            return "closing"
        try:
            data = signed(self.desk, bodies.written(report))
            status = await self.calls.post(address, data, f"{fault.MEDIA}; charset=utf-8")
        except Forbidden as no:
            return f"!{no}"
        except Failed as no:
            return str(no)
        return None if status in OK else f"status {status}"

    def _failed(self, key: tuple[str, str], why: str, *, final: bool) -> bool:
        """Note a failure; whether to let it be."""
        now = self.clock()
        was = self.troubles.pop(key, None) or Trouble(now, FIRST / 2, now)
        over = final or now - was.since >= self.config.soap.persist
        entity, address = key[0], key[1].partition(" ")[0]
        say = self.desk.log.warning
        say("not reported", entity=entity, address=address, reason=why.lstrip("!"), given_up=over)
        if not over:
            while len(self.troubles) >= KNOWN:
                del self.troubles[next(iter(self.troubles))]
            rest = min(was.rest * 2, LONGEST)
            self.troubles[key] = Trouble(was.since, rest, now + rest)
        return over

"""The rules of access of an installation: `[access]` read into what decides, and judged.

A file of rules is read when the server starts and at each SIGHUP; one that cannot be used leaves the rules
as they were. What is in it is described in docs/access.md. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem
from bridge.core.access import book, review, rules
from bridge.core.access.engine import Engine
from bridge.sep2.work import Access, Policy, unrecorded
from bridge.trust.decision import Decision
from bridge.trust.log import Facts


def engine(config: Config) -> Engine:
    """The rules in force; OSError or ValueError where the file cannot be used."""
    file = config.access.rules
    own = None if file is None else rules.read(file.read_text("utf-8"))
    return book.engine(own, ZoneInfo(config.rules.zone))


def access(config: Config, record: Callable[[Decision, Facts], None] = unrecorded) -> Access:
    """What decides, and who is told of each decision."""
    return Access(engine(config), config.access.separation, record)


def problems(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """What is wrong with the file of rules; what is only odd is a remark."""
    try:
        made = engine(config)
    except (OSError, ValueError, KeyError) as error:
        if config.access.rules is not None:
            what = f"{config.access.rules} cannot be used: {error}"
            yield loaded.problem("access.rules", what, "Mend it; docs/access.md says how rules are written.")
        return
    for one in review.findings(made):
        remedy = "See what `derbridge access why` says of a request that it is meant for."
        yield loaded.problem("access.rules", f"{one.about}: {one.kind}: {one.detail}", remedy, grave=False)


def policy(config: Config, lfdi: str = "", access: Access | None = None) -> Policy:
    """What the protocol knows of an installation, with the LFDI of its own certificate, and who may what."""
    rules, notify = config.rules, config.notify
    same = {name: getattr(rules, name) for name in type(rules).model_fields}
    may = access or Access()
    return Policy(**same, hosts=notify.hosts, plain_http=notify.plain, lfdi=lfdi, access=may)

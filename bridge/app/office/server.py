"""The server: what it is, how it is set up, how much it holds; and a backup of it, made while it runs.

A backup goes into the folder that the process was given, under a plain name; it never replaces a file.
Nothing of the configuration is changed here.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version

from bridge.app.office import vault
from bridge.app.office.call import Call, Reply, wrong
from bridge.mapping import profile
from bridge.sdk.forms.house import Backup, BackupNew, Counts, Rules, Server
from bridge.sep2 import enrol, mirror, ours, permit
from bridge.sep2.shelf import Cut

EVERY = 1_000_000_000


async def show(call: Call) -> Server:
    """What the server is and how it is set up."""
    work, said = call.work, asdict(call.work.policy)
    rules = {name: said[name] for name in Rules.model_fields}
    return Server(
        version=version("derbridge"),
        now=work.now,
        profiles=tuple(name for name in profile.available() if name not in {"der", "mms", "meter"}),
        rules=Rules(**{**rules, "strict": tuple(sorted(said["strict"]))}),
        counts=await _counts(call),
    )


async def _counts(call: Call) -> Counts:
    shelf = call.work.shelf
    permits = [row.mark for row in (await shelf.children(ours.PERMITS, Cut(limit=EVERY))).rows]
    roles = [found.role for lfdi in permits if (found := await permit.of(shelf, lfdi))]
    rows = [row for lfdi in permits for row in await shelf.marked("EndDevice", lfdi)]
    return Counts(
        devices=await shelf.count(enrol.LIST, Cut()) - sum(row.grp == row.mark for row in rows),
        aggregators=roles.count("aggregator"),
        groups=await shelf.count(ours.GROUPS, Cut()),
        programmes=await shelf.count("/derp", Cut()),
        mirrors=await shelf.count(mirror.PLACE, Cut()),
        outbox=await call.context.store.backlog(),
    )


async def backup(call: Call, said: BackupNew) -> Reply:
    """Save the store to a file, while running."""
    folder = call.terms.backups
    if folder is None:
        raise wrong("", "no folder is configured; set keep.backups", 409)
    path = folder / (said.name or f"derbridge-{call.work.now}.backup")
    if path.exists():
        raise wrong("/name", f"{path.name} is there already", 409)
    size = await vault.backup(call.context.store, path)
    return Reply(Backup(file=path.name, size=size, at=call.work.now))

"""Which statements bring a database to this program's edition, by alembic, as plain text.

The text is run by whoever holds the connection, under the lock of a write, so several workers may start at
once and both databases go one way. A database whose edition is unknown here was written by a newer program
and is refused. Nothing here talks to a database.
"""

from __future__ import annotations

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.transports.store.fault import Newer

SCRIPTS = Path(__file__).parent / "migrations"


class Texts(list[str]):
    """What alembic would have written into a file, statement by statement."""

    def write(self, text: str) -> None:
        """Take a statement; a remark is left out."""
        if not text.startswith("--"):
            self.append(text.strip().removesuffix(";"))

    def flush(self) -> None:
        """Nothing is held back."""


def scripts() -> ScriptDirectory:
    """The migrations of this program."""
    return ScriptDirectory(SCRIPTS)


def steps(now: str | None, dialect: str) -> list[str]:
    """Statements from an edition (none: an empty database) to the last one."""
    known = scripts()
    if now is not None and now not in {script.revision for script in known.walk_revisions()}:
        raise Newer(
            f"the database is of edition {now}, which this program does not know: it needs a newer one"
        )
    texts = Texts()
    context = MigrationContext.configure(
        dialect_name=dialect,
        opts={
            "as_sql": True,
            "output_buffer": texts,
            "starting_rev": now,
            "script": known,
            "fn": lambda revision, _: known._upgrade_revs("head", revision),  # noqa: SLF001 - as alembic's own command
        },
    )
    with Operations.context(context):
        context.run_migrations()
    return texts

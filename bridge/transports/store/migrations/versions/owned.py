"""The second edition: a device's rows are found by what they hang from, too, as its responses to one event.

Never changed again, since databases that were made by it are out there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME, WHICH = "rows_owned", "owner != ''"
PLACE = ("rank", "length(href)", "href")


def upgrade() -> None:
    """Make the index anew."""
    _made("owner", "type", "grp", *PLACE)


def downgrade() -> None:
    """Make it as it was."""
    _made("owner", "type", *PLACE)


def _made(*parts: str) -> None:
    op.drop_index(NAME, "rows")
    on = [sa.text(part) if "(" in part else part for part in parts]
    op.create_index(NAME, "rows", on, sqlite_where=sa.text(WHICH), postgresql_where=sa.text(WHICH))

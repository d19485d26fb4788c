"""How the store says no, apart from `Conflict`, which is the shelf's own word.

`Unavailable` is for whoever carries requests: the database cannot be reached or cannot write, so nothing may
be promised now (503). The others end a command of an operator. None of them tells what a client did wrong.
"""

from __future__ import annotations


class Unavailable(Exception):
    """The database is gone, full, locked for too long or broken; nothing was acknowledged."""


class Unusable(Exception):
    """The address names no database that this program can use."""


class Newer(Unusable):
    """The database was written by a newer program than this one."""


class Occupied(Unusable):
    """A backup is to be put where there is something already."""

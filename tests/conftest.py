"""Settings of hypothesis for every test: the same examples in each run, however many are asked for.

A run that fails must fail again. The long runs of `make peers` draw more, and so does a higher
DERBRIDGE_EXAMPLES. Holds no fixture.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

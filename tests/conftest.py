"""Settings of hypothesis for every test: the same examples in each run, however many are asked for.

A run that fails must fail again. The long runs of `make peers` draw more, and so does a higher
DERBRIDGE_EXAMPLES. No test writes to the log that another one set up.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    yield
    structlog.reset_defaults()

"""What is measured in this process says nothing of itself, for its lines would be among the figures.

Errors are printed all the same. Measures nothing.
"""

from __future__ import annotations

import logging

import structlog


def quiet() -> None:
    """Be quiet from now on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

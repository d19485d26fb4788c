"""What is measured in this process says nothing of itself: only warnings, and what is worse, are printed."""

from __future__ import annotations

import logging

import structlog


def quiet() -> None:
    """Be quiet from now on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

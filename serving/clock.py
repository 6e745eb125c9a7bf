"""The clock: one place that says what moment it is, so that tests can hand in their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the moment, aware."""


def utc_now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)

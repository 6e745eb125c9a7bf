"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def new_id() -> str:
    """A fresh UUIDv7 as text.

    The 12 bits after the milliseconds hold the fraction of the millisecond (RFC 9562, 6.2, method 3), so that ids made
    one after the other in one process sort in that order without any shared counter.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return str(UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62)))

"""Chance that nobody can foretell and every worker agrees on: a keyed hash of a ticket's name. Pure."""

from __future__ import annotations

import hashlib


def chance(key: bytes, purpose: str, ticket_id: str, revision: int) -> float:
    """A number in [0, 1), uniform over tickets, independent between purposes.

    Keyed BLAKE2b (RFC 7693) is a pseudo-random function: without the store's key nobody can choose an id that is, or is
    not, drawn. Hash-based sampling makes every worker draw alike without talking (consistent sampling, Duffield and
    Grossglauser 2001).
    """
    said = f"{revision}:{ticket_id}".encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(said, digest_size=8, key=key, person=purpose.encode()).digest()
    return (int.from_bytes(digest) >> 11) / 2**53


def drawn(key: bytes, purpose: str, ticket_id: str, revision: int, rate: float) -> bool:
    """Whether the ticket is drawn with probability ``rate``; at a higher rate, those drawn at a lower one still are."""
    return chance(key, purpose, ticket_id, revision) < rate

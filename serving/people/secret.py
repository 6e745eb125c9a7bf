"""Secrets that are handed out once and kept only as hashes: cookies, tokens, links."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits, in characters that an address and a header carry as they are."""
    return secrets.token_urlsafe(32)


def key_of(secret: str) -> str:
    """What the store keeps of a secret. With 256 random bits in it, a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

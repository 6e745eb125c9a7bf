"""Hashes passwords with argon2id (RFC 9106), off the event loop and never too many at once."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from serving.people.password_policy import tidy_password

T = TypeVar("T")

_AT_ONCE = 2
"""Hashes made at the same time in one process: each takes 64 MiB, and a flood of sign-ins must not take more."""


class Verdict(NamedTuple):
    """Whether a password is right; ``rehashed``: a new hash to keep, because the parameters have changed since."""

    right: bool
    rehashed: str | None = None


class Passwords:
    """Makes and checks hashes.

    Args:
        parameters: of argon2; by default the second recommendation of RFC 9106, section 4 (64 MiB, 3 passes, 4 lanes).
    """

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fendan-password")

    async def hash(self, password: str) -> str:
        """A salted hash of ``password``, as text that names its parameters."""
        return await self._away(lambda: self._hasher.hash(tidy_password(password)))

    async def check(self, held: str, password: str) -> Verdict:
        """Whether ``held`` was made from ``password``. An empty ``held`` (nobody, or no password yet) is never right
        and takes the same work, so that the time of an answer does not tell which names exist.
        """
        return await self._away(lambda: self._check(held, tidy_password(password)))

    def _check(self, held: str, password: str) -> Verdict:
        try:
            self._hasher.verify(held or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return Verdict(False)
        if not held:
            return Verdict(False)
        return Verdict(True, self._hasher.hash(password) if self._hasher.check_needs_rehash(held) else None)

    @functools.cached_property
    def _nobody(self) -> str:
        """A hash of what nobody knows."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    async def _away(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

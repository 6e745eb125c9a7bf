"""How long an account is locked after wrong passwords in a row."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from triage.errors import LockedError
from triage.ticket import SHOP_TIME

FREE = 5
"""So many wrong passwords in a row lock the account."""

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)


def lock_for(failures: int) -> timedelta:
    """The lock after ``failures`` wrong passwords in a row: none, then a minute, doubling up to an hour."""
    if failures < FREE:
        return timedelta(0)
    return min(LONGEST, FIRST * (1 << min(failures - FREE, 10)))


class Locked(LockedError):
    """An account that is locked ``until`` then."""

    def __init__(self, failures: int, until: datetime) -> None:
        self.failures = failures
        self.until = until.astimezone(SHOP_TIME)
        when = f"{self.until:%H:%M:%S}"
        super().__init__(f"连续输错了 {failures} 次密码，为防猜测先锁住；{when} 之后可以再试", field="name")


class Attempt(NamedTuple):
    """One look at a password. Should it be wrong, the account is locked ``until`` then; None: not yet.

    ``held`` is the hash to check it against, empty for a name that does not exist.
    """

    held: str
    failures: int
    until: datetime | None


def attempt(held: str, failures: int, locked_until: datetime | None, now: datetime) -> Attempt:
    """The next attempt after ``failures`` wrong ones.

    Raises:
        Locked: there have been too many; the password is not to be looked at.
    """
    if locked_until is not None and now < locked_until:
        raise Locked(failures, locked_until)
    lock = lock_for(failures + 1)
    return Attempt(held, failures + 1, now + lock if lock else None)


class Strangers:
    """Counts attempts on names that do not exist, so that the lock does not tell which names do.

    In this process and for the newest ``most`` names only: forgetting one lets nobody in.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._tried: OrderedDict[str, Attempt] = OrderedDict()

    def attempt(self, name: str, now: datetime) -> Attempt:
        """Counts one attempt.

        Raises:
            Locked: there have been too many.
        """
        last = self._tried.get(name, Attempt("", 0, None))
        made = self._tried[name] = attempt("", last.failures, last.until, now)
        self._tried.move_to_end(name)
        while len(self._tried) > self._most:
            self._tried.popitem(last=False)
        return made

"""The blind audit's draw: which automatic tickets people judge without seeing what the model said.

The rate is the weight that the estimate needs later, so it must be the true probability of each ticket. Therefore it is
kept over time: a ticket is drawn at the rate of the moment it came in, no matter which worker draws or how late.
"""

from __future__ import annotations

import secrets as random_source
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from serving.review.draw import chance, drawn
from serving.store.tables import blind_rates, secrets

_KEY = "review_draw"


class Draw(NamedTuple):
    """What is needed to draw: the store's key, and (since, rate) in ascending order."""

    key: bytes
    rates: Sequence[tuple[datetime, float]] = ()

    def rate_at(self, moment: datetime) -> float:
        """The rate of the blind audit then; 0 before there was one."""
        return next((rate for since, rate in reversed(self.rates) if since <= moment), 0.0)

    def is_blind(self, ticket_id: str, revision: int, rate: float) -> bool:
        """Whether an automatic ticket is drawn. ``rate`` is a ticket's own, so it may differ between tickets."""
        return drawn(self.key, "blind", ticket_id, revision, rate)

    def lot(self, ticket_id: str, revision: int) -> float:
        """The ticket's random number in [0, 1) by which blind items and those shown at random are ordered."""
        return chance(self.key, "lot", ticket_id, revision)

    def is_overlap(self, ticket_id: str, revision: int, share: float) -> bool:
        """Whether a second person is asked the same."""
        return drawn(self.key, "overlap", ticket_id, revision, share)


def read_draw(connection: Connection) -> Draw:
    """The draw as it stands. In a writing transaction; makes the key when there is none yet."""
    held = connection.execute(select(secrets.c.value).where(secrets.c.name == _KEY)).scalar()
    if held is None:
        held = random_source.token_hex(32)
        connection.execute(insert(secrets), {"name": _KEY, "value": held})
    rates = connection.execute(select(blind_rates.c.since, blind_rates.c.rate).order_by(blind_rates.c.since))
    return Draw(bytes.fromhex(held), [(since, rate) for since, rate in rates])


def set_rate(connection: Connection, rate: float, now: datetime) -> None:
    """Lets ``rate`` hold from ``now`` on. In a writing transaction; does nothing when it holds already."""
    rates = read_draw(connection).rates
    if rates and rates[-1][1] == rate:
        return
    if rates:  # a clock that goes back must not change what has been drawn
        now = max(now, rates[-1][0] + timedelta(microseconds=1))
    connection.execute(insert(blind_rates), {"since": now, "rate": rate})

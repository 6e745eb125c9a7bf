"""How many corrections each class has: what the order of questions gives way to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from serving.labels.queries import count_labels

_RECENT = timedelta(days=90)
_FRESH = timedelta(minutes=1)


class ClassCounts(NamedTuple):
    """Corrections of the last 90 days per category, as of ``at``."""

    counts: Mapping[str, int]
    at: datetime

    @property
    def typical(self) -> float:
        """The mean over the categories that have any."""
        return sum(self.counts.values()) / len(self.counts) if self.counts else 0.0

    def of(self, label: str | None) -> float:
        """Corrections of ``label``; the mean where nobody knows the label, so that it is neither preferred nor not."""
        return self.typical if label is None else self.counts.get(label, 0)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is young enough to be used again; counting reads every correction."""
        return abs(now - self.at) < _FRESH


def read_class_counts(connection: Connection, now: datetime) -> ClassCounts:
    """Counts them."""
    return ClassCounts(count_labels(connection, "category", now - _RECENT), now)

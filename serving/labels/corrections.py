"""A correction: what somebody said was right, on its way into the store and as it is kept there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from triage.labels import AskedFor, Round, Said, Source
from triage.ticket import SHOP_TIME


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """What a person said was right. ``revision`` None means the newest one.

    ``blind``: whether the prediction was hidden from the person; None where nobody knows. ``round``: of the question it
    answers (``item_id``).
    """

    id: str
    ticket_id: str
    revision: int | None
    labels: Mapping[str, str]
    source: Source
    by: str
    note: str
    at: datetime
    item_id: str | None = None
    blind: bool | None = None
    reason: AskedFor | None = None
    round: Round | None = None


class CorrectionJson(TypedDict):
    """A correction as the HTTP contract has it; the moment in the shop's time."""

    id: str
    ticket_id: str
    revision: int
    labels: dict[str, str]
    source: Source
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction(Said):
    """What was said of a stored ticket.

    Attributes:
        item_id: the review item it answers; None outside the review pages.
        model_version: of the decision that was corrected; None where that was not kept.
        withdrawn_at: it was undone then, and counts nowhere since.
    """

    ticket_id: str
    revision: int
    item_id: str | None = None
    model_version: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def key(self) -> tuple[str, int]:
        """(ticket_id, revision)."""
        return self.ticket_id, self.revision

    def to_json(self) -> CorrectionJson:
        """Plain data."""
        return {
            "id": self.id,
            "ticket_id": self.ticket_id,
            "revision": self.revision,
            "labels": dict(self.labels),
            "source": self.source,
            "by": self.by,
            "note": self.note,
            "at": self.at.astimezone(SHOP_TIME),
        }

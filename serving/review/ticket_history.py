"""What a ticket went through, as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from serving.labels.corrections import Correction
from serving.review.cards import shown, shown_or_none
from triage.labels import AskedFor, Source


class RevisionHistory(TypedDict):
    """One text of a ticket with its decision; None while it is in the blind audit."""

    revision: int
    text: str
    channel: str
    received_at: str
    decision: Mapping[str, Any] | None


class AnswerHistory(TypedDict):
    """What somebody said of a ticket; ``by`` is empty where names are not shown."""

    id: str
    revision: int
    labels: dict[str, str]
    source: Source
    by: str
    note: str
    at: str
    blind: bool | None
    reason: AskedFor | None
    model_version: str | None
    withdrawn_at: str | None


class ShadowHistory(TypedDict):
    """What a challenger would have answered."""

    model_version: str
    champion_version: str
    answers: Mapping[str, Any]
    at: str


class TicketHistory(TypedDict):
    """All that is known of a ticket; ``hidden``: something of it is kept back for the blind audit."""

    ticket_id: str
    revisions: list[RevisionHistory]
    corrections: list[AnswerHistory]
    shadow: list[ShadowHistory]
    hidden: bool


def answer_history(one: Correction, *, by: str) -> AnswerHistory:
    """What was said, under the name that may be told."""
    return {
        "id": one.id,
        "revision": one.revision,
        "labels": dict(one.labels),
        "source": one.source,
        "by": by,
        "note": one.note,
        "at": shown(one.at),
        "blind": one.blind,
        "reason": one.reason,
        "model_version": one.model_version,
        "withdrawn_at": shown_or_none(one.withdrawn_at),
    }

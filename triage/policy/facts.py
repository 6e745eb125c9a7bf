"""Everything the policy may look at. What is stored of a ticket for replay is this, and nothing else is ever asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from triage.prediction import IN_SCOPE, HeadPrediction, Prediction
from triage.ticket import Ticket


class Facts(NamedTuple):
    """What is known of one ticket at the moment of its decision.

    Attributes:
        text: the customer's own words, masked and folded; None where they are no longer kept. A condition that needs them is
            then unknown.
        blank: the ticket has no readable sign; what a model says of it is its prior and no answer.
        read: a model has read it.
        heads: what the model says; empty for a ticket that is blank or that none has read. Out of scope these are guesses, to be
            shown and not to be acted on: steps and conditions ask :meth:`answer` or :meth:`label`.
        scope: in [0, 1], how far the ticket is of the kind the model has learned from; None where none has read it.
        tier: one of :data:`triage.ticket.TIERS`.
        amount: yuan; None when no order is attached.
        contacts: how often this customer has written about this, this time included (>= 1).
        written_at: aware; when the customer wrote, never after ``decided_at``.
        decided_at: aware.
    """

    text: str | None
    blank: bool
    read: bool
    heads: Mapping[str, HeadPrediction]
    scope: float | None
    tier: str
    amount: float | None
    contacts: int
    written_at: datetime
    decided_at: datetime

    @classmethod
    def gather(cls, ticket: Ticket, prediction: Prediction | None, now: datetime, text: str | None = None) -> Facts:
        """The facts of a ticket that is decided now.

        Args:
            prediction: None when no model could answer.
            now: aware; a ticket from the future has waited for nothing.
            text: the customer's own words, masked, in simplified characters and small letters; None: the ticket's content is
                taken as it is.
        """
        content = ticket.content
        blank = not any(char.isprintable() and not char.isspace() for char in content)
        unread = prediction is None or blank
        return cls(
            text=content if text is None else text,
            blank=blank,
            read=prediction is not None,
            heads={} if prediction is None or unread else prediction.heads,
            scope=None if prediction is None or unread else prediction.scope,
            tier=ticket.customer_tier,
            amount=ticket.order_amount,
            contacts=ticket.contact_count,
            written_at=min(ticket.created_at or now, now),
            decided_at=now,
        )

    @property
    def understood(self) -> bool:
        """Whether a model has read the ticket and found it to be of the kind it has learned from."""
        return self.scope is not None and self.scope >= IN_SCOPE

    def answer(self, head: str) -> HeadPrediction | None:
        """The model's answer to ``head``; None where it has none, or only a guess."""
        return self.heads.get(head) if self.understood else None

    def label(self, head: str) -> str | None:
        """The label of that answer."""
        answer = self.answer(head)
        return None if answer is None else answer.label

    @property
    def waited(self) -> float:
        """Minutes from the customer's writing to the decision."""
        return (self.decided_at - self.written_at).total_seconds() / 60

    def supposing(self, head: str, label: str) -> Facts:
        """The same ticket, had ``head`` been answered with ``label``."""
        return self._replace(heads={**self.heads, head: self.heads[head]._replace(label=label)})

    def to_json(self) -> dict[str, Any]:
        """Plain data from which :meth:`from_json` makes these very facts again."""
        return {
            **self._asdict(),
            "heads": {name: answer._asdict() for name, answer in self.heads.items()},
            "written_at": self.written_at.isoformat(),
            "decided_at": self.decided_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        """Reads what :meth:`to_json` wrote, after any way through JSON.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        heads = {
            name: HeadPrediction(
                **{**answer, "labels": tuple(answer["labels"]), "probabilities": tuple(answer["probabilities"])}
            )
            for name, answer in data["heads"].items()
        }
        times = {name: datetime.fromisoformat(data[name]) for name in ("written_at", "decided_at")}
        return cls(**{**data, "heads": heads, **times})

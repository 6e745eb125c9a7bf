"""What happens to tickets, labels and models that other parts of the service, or other programs, want to know of. Pure.

An event says that something happened and to what; whoever wants more reads the ticket. It carries no texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

EventKind = Literal["decided", "revised", "corrected", "withdrawn", "disagreed", "model_swapped"]
"""The kinds of events.

``decided``, ``revised``: a ticket was decided for the first time, or again with another text; with the ``action``.
``corrected``, ``withdrawn``: a person said what is right, or took it back; with the correction's ``id``.
``disagreed``: champion and challenger answer a ticket differently; with the challenger's ``version``.
``model_swapped``: another model answers in one worker; with ``model``, ``from`` and ``to``.
"""

EVENT_KINDS: tuple[EventKind, ...] = get_args(EventKind)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        ticket_id, revision: the ticket and text it is about; None where it is about none.
        payload: JSON values, few and short.
        id: of the stored event; ids rise in the order in which events are committed. 0 before it is stored.
    """

    kind: EventKind
    at: datetime
    ticket_id: str | None = None
    revision: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """(ticket_id, revision).

        Raises:
            ValueError: the event is about no ticket.
        """
        if self.ticket_id is None or self.revision is None:
            raise ValueError(f"event {self.id} ({self.kind}) is about no ticket")
        return self.ticket_id, self.revision

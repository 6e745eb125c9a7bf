"""Training holds out what the figures come from, keeps copies on one side, and says when it cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.training_fixtures import corpus, starter, taxonomy, trained
from training import fit
from training.evaluate import judge
from training.fit import train
from triage.errors import TrainingError
from triage.taxonomy import Taxonomy

WORDS = {"甲": "退款没有到账", "乙": "发票什么时候开"}


def some(n: int) -> list[str]:
    """``n`` texts of either class that are not near-duplicates of each other."""
    rng = np.random.default_rng(n)
    pool = [chr(c) for c in range(0x4E00, 0x4E00 + 400)]
    return [WORDS["甲" if i % 2 else "乙"] + "".join(rng.choice(pool, 24)) for i in range(n)]


def labels(n: int) -> list[str]:
    return ["甲" if i % 2 else "乙" for i in range(n)]


def test_the_figures_are_those_of_a_model_that_has_not_seen_the_tickets() -> None:
    held = starter().subset(trained().split.held_out.tolist())
    without = train(starter(), taxonomy(), target_error=0.3, refit=False)
    assert without.model.manifest["texts"] == len(trained().split.train)
    for head, report in judge(without.model, held).items():
        assert report.to_json() == trained().reports[head].to_json()


def test_the_refit_learns_from_every_ticket_with_the_penalties_that_were_chosen() -> None:
    without = train(starter(), taxonomy(), target_error=0.3, refit=False)
    assert trained().refit
    assert not without.refit
    assert trained().model.manifest["texts"] == len(starter())
    assert trained().model.penalties == without.model.penalties
    assert trained().model.manifest["data_fingerprint"] == starter().fingerprint
    assert without.model.manifest["data_fingerprint"] != starter().fingerprint


def test_the_same_seed_gives_the_same_model() -> None:
    again = train(starter(), taxonomy(), target_error=0.3)
    texts = starter().texts[:50]
    for head, p in trained().model.predict_proba(texts).items():
        assert np.array_equal(p, again.model.predict_proba(texts)[head])


def test_copies_are_counted_and_stay_on_one_side() -> None:
    texts = some(100)
    texts[90:] = [text + "！！" for text in texts[:10]]
    rows = corpus(texts, {"category": labels(100)})
    made = train(rows, Taxonomy.infer(rows.labels))
    assert made.duplicates == 10
    held = set(made.split.held_out.tolist())
    assert all((i in held) == (i + 90 in held) for i in range(10))


def test_progress_names_each_stage_and_reaches_its_end() -> None:
    seen: list[tuple[str, float]] = []
    train(starter(), taxonomy(), progress=lambda what, share: seen.append((what, share)))
    stages = list(dict.fromkeys(what for what, _ in seen))
    assert stages == ["查找重复", "训练（留出两成）", "训练（全部工单）"]
    for stage in stages[1:]:
        shares = [share for what, share in seen if what == stage]
        assert shares == sorted(shares)
        assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("n", [1, 2])
def test_two_rows_in_all_are_too_few(n: int) -> None:
    rows = corpus(some(n), {"category": labels(n)})
    with pytest.raises(TrainingError):
        train(rows, Taxonomy.infer(rows.labels))


def test_one_class_only_cannot_be_trained() -> None:
    rows = corpus(some(60), {"category": ["甲"] * 60})
    with pytest.raises(TrainingError, match="甲"):
        train(rows, Taxonomy.infer(rows.labels))


def test_few_tickets_are_trained_without_figures_and_it_says_so() -> None:
    rows = corpus(some(30), {"category": labels(30)})
    made = train(rows, Taxonomy.infer(rows.labels), refit=False)
    assert made.reports == {}
    assert made.refit, "there is no other model to ship"
    assert "不够留出" in made.notes[-1]
    assert made.model.manifest["texts"] == 30


def test_when_the_older_part_cannot_be_trained_all_of_it_still_is() -> None:
    n = 150
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(n)]
    column = ["甲"] * 120 + labels(30)
    rows = corpus(some(n), {"category": column}, moments)
    made = train(rows, Taxonomy.infer(rows.labels))
    assert made.reports == {}
    assert set(made.model.heads["category"]) == {"甲", "乙"}
    assert "没有留出集上的成绩" in made.notes[-1]


def test_a_label_that_is_only_held_out_is_left_out_of_the_figures_and_named() -> None:
    n = 150
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(n)]
    column = [*labels(148), "新来的", "新来的"]
    rows = corpus(some(n), {"category": column}, moments)
    made = train(rows, Taxonomy.infer(rows.labels))
    assert made.reports["category"].n == len(made.split.held_out) - 2
    assert any("新来的" in note for note in made.notes)


def test_a_head_that_is_labelled_only_lately_is_trained_without_figures() -> None:
    n = 150
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=i) for i in range(n)]
    late = [None] * 120 + ["high" if i % 2 else "low" for i in range(30)]
    rows = corpus(some(n), {"category": labels(n), "urgency": late}, moments)
    made = train(rows, Taxonomy.infer(rows.labels))
    assert list(made.reports) == ["category"]
    assert set(made.model.heads) == {"category", "urgency"}


def test_reading_notes_come_first() -> None:
    from dataclasses import replace

    rows = replace(corpus(some(30), {"category": labels(30)}), notes=("读到的",))
    assert train(rows, Taxonomy.infer(rows.labels)).notes[0] == "读到的"
    assert fit.LEAST_HELD_OUT == 20

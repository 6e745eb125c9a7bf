"""Training holds out what the figures come from, keeps copies on one side, and says when it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from models.promise.targets import Targets
from tests.training.builders import corpus, starter, taxonomy, trained
from training.fit import fit
from training.fit.fit import train
from training.fit.spec import TrainingSpec
from training.judge.evaluate import judge
from triage.errors import TrainingError
from triage.taxonomy import Taxonomy

pytestmark = pytest.mark.slow

WORDS = {"甲": "退款没有到账", "乙": "发票什么时候开"}


PLAIN = {head: (Recipe(),) for head in ("category", "urgency", "sentiment")}
"""Recipes that are known already: nothing is raced."""


def some(n: int, seed: int = 0) -> list[str]:
    """``n`` texts of either class that are not near-duplicates of each other."""
    rng = np.random.default_rng([n, seed])
    pool = [chr(c) for c in range(0x4E00, 0x4E00 + 400)]
    return [WORDS["甲" if i % 2 else "乙"] + "".join(rng.choice(pool, 24)) for i in range(n)]


def labels(n: int) -> list[str]:
    return ["甲" if i % 2 else "乙" for i in range(n)]


def test_the_figures_are_those_of_a_model_that_has_not_seen_the_tickets() -> None:
    held = starter().subset(trained().split.held_out.tolist())
    without = train(starter(), taxonomy(), TrainingSpec(targets=Targets(0.3), refit=False))
    assert without.model.manifest["texts"] == len(trained().split.train)
    for head, report in judge(without.model, held).items():
        assert report.to_json() == trained().reports[head].to_json()


def test_the_refit_learns_from_every_ticket_with_the_recipes_that_were_chosen() -> None:
    without = train(starter(), taxonomy(), TrainingSpec(targets=Targets(0.3), refit=False))
    assert trained().refit
    assert not without.refit
    assert trained().model.manifest["texts"] == len(starter())
    assert trained().model.recipes == without.model.recipes
    assert set(trained().model.recipes) == set(trained().model.heads)
    assert trained().model.manifest["data_fingerprint"] == starter().fingerprint
    assert without.model.manifest["data_fingerprint"] != starter().fingerprint


def test_the_same_seed_gives_the_same_model() -> None:
    again = train(starter(), taxonomy(), TrainingSpec(targets=Targets(0.3)))
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
    assert stages == ["查找重复", "训练（留出两成）", "行为检查", "训练（全部工单）"]
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
    made = train(rows, Taxonomy.infer(rows.labels), TrainingSpec(refit=False))
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


def test_without_judgement_nothing_is_held_out_and_it_says_so() -> None:
    rows = corpus(some(100), {"category": labels(100)})
    made = train(rows, Taxonomy.infer(rows.labels), TrainingSpec(hold_out=False))
    assert made.reports == {}
    assert made.model.manifest["texts"] == 100
    assert "没有留出工单" in made.notes[-1]


def test_everything_of_the_specification_reaches_the_model() -> None:
    spec = TrainingSpec(
        targets=Targets(0.2, {"urgency": 0.3}),
        recipes=PLAIN,
        costs={"urgency": {"critical": 4.0}},
        features=FeatureSettings(char_ngram=2),
        refit=False,
    )
    manifest = train(starter(), taxonomy(), spec).model.manifest
    assert manifest["targets"]["urgency"]["default"] == 0.3
    assert manifest["heads"]["urgency"]["weights"]["critical"] == 4.0
    assert manifest["heads"]["urgency"]["recipes"] == [Recipe().to_mapping()]
    assert manifest["features"]["char_ngram"] == 2


# --- learning from a teacher


def test_what_a_teacher_says_of_unlabelled_tickets_is_learned_from() -> None:
    rows = corpus(some(40), {"category": labels(40)})
    spec = TrainingSpec(recipes=PLAIN)
    teacher = train(rows, Taxonomy.infer(rows.labels), replace(spec, refit=False)).model
    alone = train(rows, Taxonomy.infer(rows.labels), spec)
    seen: list[str] = []
    made = train(
        rows, Taxonomy.infer(rows.labels), spec, teacher=teacher, unlabelled=some(60, seed=1),
        progress=lambda what, _: seen.append(what),
    )  # fmt: skip
    assert made.model.manifest["taught"] == 60
    assert alone.model.manifest["taught"] == 0
    assert made.model.manifest["texts"] == 40
    assert made.model.manifest["heads"]["category"]["held_out"] == 40
    assert "请老师模型作答" in seen
    new = some(50, seed=2)
    column = made.model.heads["category"].index("甲")
    sure = [np.abs(m.predict_proba(new)["category"][:, column] - 0.5).mean() for m in (alone.model, made.model)]
    assert sure[0] != sure[1]


def test_unlabelled_tickets_that_repeat_a_labelled_one_are_left_out() -> None:
    """The teacher may know their labels by heart, those of the held-out part among them."""
    texts = some(40)
    rows = corpus(texts, {"category": labels(40)})
    spec = TrainingSpec(recipes=PLAIN)
    teacher = train(rows, Taxonomy.infer(rows.labels), spec).model
    copies = [texts[0], texts[1] + "！！", f"  {texts[39]}"]
    made = train(rows, Taxonomy.infer(rows.labels), spec, teacher=teacher, unlabelled=[*copies, *some(5, seed=1)])
    assert made.model.manifest["taught"] == 5
    assert train(
        rows, Taxonomy.infer(rows.labels), spec, teacher=teacher, unlabelled=copies
    ).model.manifest["taught"] == 0  # fmt: skip


def test_reading_notes_come_first() -> None:
    rows = replace(corpus(some(30), {"category": labels(30)}), notes=("读到的",))
    assert train(rows, Taxonomy.infer(rows.labels)).notes[0] == "读到的"
    assert fit.LEAST_HELD_OUT == 20

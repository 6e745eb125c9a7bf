"""What a report counts: answers that moved as they must not, and how far."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.training.builders import trained
from tests.training.judge.probe.builders import TICKETS, RuledModel, always, shouted, steady
from training.judge.probe import CHECKS, ProbeReport, run, sampled
from triage.taxonomy import Taxonomy


def probed(model: RuledModel, texts: tuple[str, ...] = TICKETS[:40]) -> ProbeReport:
    return run(model, texts)  # type: ignore[arg-type]


def test_a_model_that_nothing_moves_flips_nothing() -> None:
    found = probed(steady())
    assert [one.check for one in found.checks] == list(CHECKS)
    assert not found.skipped
    for one in found.checks:
        assert all(change.flips == change.jumps == 0 for change in one.heads.values())
        assert found.worst(one.check.name) == []


def test_who_takes_shouting_for_urgency_is_found_out() -> None:
    found = probed(steady(urgency=shouted), ("退款没到", "发票呢", "到了吗"))
    marks = found.by_name["marks"].heads["urgency"]
    assert marks.flips == marks.jumps > 0
    assert not found.by_name["typo"].heads["urgency"].flips
    worst = found.worst("marks", 2)
    assert [one.before for one in worst] == ["normal", "normal"]
    assert [one.after for one in worst] == ["critical", "critical"]
    assert len({one.text for one in worst}) == 2


def test_a_head_that_may_move_is_counted_and_never_among_the_worst() -> None:
    found = probed(steady(sentiment=lambda text: "negative" if "！" in text else "neutral"), ("退款没到",))
    marks = found.by_name["marks"].heads["sentiment"]
    assert marks.free
    assert marks.flips > 0
    assert found.worst("marks") == []


@pytest.mark.parametrize(
    ("rule", "wrong"), [(lambda t: "low" if "三次" in t or "第3次" in t else "high", True), (always("high"), False)]
)
def test_a_direction_counts_only_the_wrong_way(rule: object, wrong: bool) -> None:
    found = probed(steady(urgency=rule), ("退款没到",))  # type: ignore[arg-type]
    change = found.by_name["third_contact"].heads["urgency"]
    assert bool(change.flips) == wrong
    assert change.jumps == change.flips, "high to low is two steps"
    up = probed(steady(urgency=lambda t: "critical" if "三次" in t or "第3次" in t else "low"), ("退款没到",))
    assert up.by_name["third_contact"].heads["urgency"].flips == 0
    assert found.by_name["third_contact"].heads["category"].free


def test_without_an_order_there_are_no_jumps_and_no_directions() -> None:
    labels = Taxonomy.infer({"category": ["refund"], "urgency": ["急", "不急"], "sentiment": ["neutral"]})
    rules = {"category": always("refund"), "urgency": lambda text: "急" if "！" in text else "不急"}
    found = probed(RuledModel(rules, labels), ("退款没到",))
    assert set(found.skipped) == {check.name for check in CHECKS if check.kind == "direction"}
    change = found.by_name["marks"].heads["urgency"]
    assert change.flips > 0
    assert "jumps" not in change.to_json()
    none = probed(RuledModel({"category": always("refund")}), ("退款没到",))
    assert set(none.skipped) == set(found.skipped)


def test_no_ticket_is_no_trouble() -> None:
    found = probed(steady(), ())
    assert all(one.n == 0 for one in found.checks)
    json.dumps(found.to_json(), allow_nan=False)


def test_the_json_is_the_contract() -> None:
    found = probed(steady(urgency=shouted), ("退款没到", "发票呢")).to_json()
    assert found["tickets"] == 2
    marks = found["checks"]["marks"]
    assert marks["kind"] == "invariance"
    assert marks["n"] == sum(len(CHECKS[0].variants(text)) for text in ("退款没到", "发票呢"))
    assert set(marks["heads"]) == {"category", "urgency", "sentiment"}
    assert marks["heads"]["category"]["flips"] == 0
    assert marks["heads"]["urgency"]["jumps"] == marks["heads"]["urgency"]["flips"]
    assert marks["heads"]["urgency"]["flip_share"] == marks["heads"]["urgency"]["flips"] / marks["n"]
    assert "jumps" not in marks["heads"]["category"]


def test_a_real_model_is_asked_what_it_answers_alone() -> None:
    model = trained().model
    found = run(model, TICKETS[:10])
    for one in found.checks:
        for place in range(min(one.n, 2)):
            said = model.predict([one.changed[place]])[0]
            for head, change in one.heads.items():
                assert change.labels[change.after[place]] == said.heads[head].label


def test_a_sample_is_the_same_every_time_and_in_order() -> None:
    assert sampled(["a", "b"], 5) == [0, 1]
    rows = sampled(TICKETS, 20, 1)
    assert rows == sampled(TICKETS, 20, 1)
    assert rows == sorted(set(rows))
    assert len(rows) == 20
    assert rows != sampled(TICKETS, 20, 2)


def test_marks_and_numbers_move_neither_queue_nor_urgency_of_a_fitted_model() -> None:
    """By construction (see :mod:`features.tone`), whatever it was fitted on."""
    found = run(trained().model, TICKETS)
    for head in ("category", "urgency"):
        assert not found.by_name["marks"].heads[head].wrong.any()
    assert np.mean(found.by_name["order_number"].heads["category"].wrong) <= 0.02

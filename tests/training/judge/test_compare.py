"""Two models on the same tickets: figures as counted by hand, labels that one does not know, and a report people can read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.training.builders import corpus, starter, starter_rows, taxonomy, trained
from tests.training.judge.builders import LABELS, drawn, side
from tests.training.report.builders import missing_glyphs, texts
from training.judge.compare import HeadComparison, Side, compare, compare_head
from training.judge.gate import decide
from training.report import gate_report
from training.report.console import class_differences, comparison
from training.report.gate_pictures import classes, reliability
from triage.errors import DataError

BOTH = ("冠军 3", "挑战者")


def by_hand() -> HeadComparison:
    """Ten tickets: the champion has 6 right, the challenger 7; two gained, one lost."""
    truth = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    first = [0, 0, 0, 1, 1, 1, 0, 2, 0, 0]
    second = [0, 0, 1, 0, 1, 1, 0, 2, 2, 0]
    sides = (
        side(np.array(first), automatic=np.arange(10) < 5, target=0.3),
        side(np.array(second), automatic=np.arange(10) < 4, target=0.3),
    )
    return compare_head("category", LABELS, [LABELS[i] for i in truth], np.arange(10), *sides)


def test_figures_are_those_counted_by_hand() -> None:
    one = by_hand()
    assert (one.accuracy.champion, one.accuracy.challenger) == (0.6, 0.7)
    assert one.accuracy.difference == pytest.approx(0.1)
    assert (one.right.better, one.right.worse, one.right.two_sided) == (2, 1, 1.0)
    assert one.accuracy.p == pytest.approx(7 / 8), "of three tickets at most two better: 1 - 1/8"
    assert (one.coverage.champion, one.coverage.challenger) == (0.5, 0.4)
    assert (one.selective_error.champion, one.selective_error.challenger) == (0.2, 0.25)
    assert one.selective_error.low < 0.05 < one.selective_error.high
    found = {code: (c.n, round(c.champion, 3), round(c.challenger, 3)) for code, c in one.classes.items()}
    assert found == {"a": (4, 0.75, 0.75), "b": (3, 0.667, 0.667), "c": (3, 0.333, 0.667)}
    assert one.macro_f1.champion == pytest.approx((2 * 3 / 10 + 2 * 2 / 6 + 2 * 1 / 4) / 3)


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert by_hand().to_json() == by_hand().to_json()
    json.dumps(by_hand().to_json(), allow_nan=False)


def test_turning_both_around_turns_the_signs() -> None:
    rng = np.random.default_rng(4)
    one = drawn(rng, 200, 0.8, 0.7)
    back = compare_head(
        "category", LABELS, [LABELS[i] for i in one.truth], one.units, one.challenger, one.champion, draws=200
    )
    assert back.accuracy.difference == pytest.approx(-one.accuracy.difference)
    assert (back.accuracy.low, back.accuracy.high) == pytest.approx((-one.accuracy.high, -one.accuracy.low))
    for code in one.classes:
        assert back.classes[code].of.difference == pytest.approx(-one.classes[code].of.difference)


def test_who_answers_nothing_alone_has_no_error_to_compare() -> None:
    none = side(np.zeros(60), automatic=False)
    one = compare_head("category", LABELS, ["a"] * 60, np.arange(60), side(np.zeros(60)), none, draws=50)
    assert one.selective_error == (0.0, None, None, None, None, None)
    assert "–" in comparison({"category": one}, BOTH)


def test_a_model_against_itself_differs_in_nothing() -> None:
    model = trained().model
    found = compare(model, model, starter(), np.arange(len(starter())))
    assert list(found) == ["category", "urgency", "sentiment"]
    for one in found.values():
        assert one.accuracy.difference == one.coverage.difference == 0
        assert (one.right.better, one.right.worse) == (0, 0)
    assert decide(found, champion_heads=model.heads, challenger_heads=model.heads).reasons == ()


def test_a_label_that_a_model_does_not_know_is_one_it_gets_wrong() -> None:
    rows = starter_rows()[:30]
    data = corpus(
        [row["text"] for row in rows], {"category": ["brand_new"] * 10 + [row["category"] for row in rows[10:]]}
    )
    one = compare(trained().model, trained().model, data, np.arange(30))["category"]
    assert "brand_new" in one.labels
    assert "brand_new" not in one.champion.knows
    assert (one.classes["brand_new"].n, one.classes["brand_new"].challenger) == (10, 0.0)


def test_without_a_head_in_common_there_is_nothing_to_compare() -> None:
    data = corpus(["x"], {"nothing": ["a"]})
    with pytest.raises(DataError, match="没有一项是共有的"):
        compare(trained().model, trained().model, data, np.arange(1))


def shown() -> HeadComparison:
    one = drawn(np.random.default_rng(8), 700, 0.85, [0.93, 0.5, 0.93, 0.93, 0.93], shared=0.7)
    rng = np.random.default_rng(1)

    def sure(s: Side) -> Side:
        return Side(s.answer, rng.uniform(0.3, 0.99, len(s.answer)), s.automatic, s.target, s.knows)

    sides = sure(one.champion), sure(one.challenger)
    return compare_head("category", LABELS, [LABELS[i] for i in one.truth], one.units, *sides, draws=100)


def test_pictures_name_classes_statuses_and_both_models(recwarn: pytest.WarningsRecorder) -> None:
    one = shown()
    verdict = decide({"category": one})
    figure = classes(one, verdict.classes["category"], 0.02, {"a": "物流配送"}, BOTH)
    words = texts(figure)
    assert f"物流配送  ({one.classes['a'].n})" in words
    assert "变差了" in words
    assert not missing_glyphs(figure, recwarn)
    bars = [bar.get_width() for bar in figure.axes[0].patches]
    order = sorted(one.classes, key=lambda code: one.classes[code].n)
    assert bars == pytest.approx([100 * one.classes[code].of.difference for code in order])
    both = reliability(one, BOTH)
    assert sum("ECE" in word for word in texts(both)) == 2
    assert not missing_glyphs(both, recwarn)


@pytest.mark.usefixtures("no_chinese_font")
def test_without_a_chinese_font_the_report_shows_codes(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    one = shown()
    verdict = decide({"category": one})
    names = {"a": "物流配送", "b": "退款"}
    figure = classes(one, verdict.classes["category"], 0.02, names, BOTH)
    assert f"a  ({one.classes['a'].n})" in texts(figure)
    assert "challenger minus champion" in figure.axes[0].get_xlabel()
    assert any(word.startswith("champion   ECE") for word in texts(reliability(one, BOTH)))
    gate_report.write(tmp_path, verdict, {"category": one}, about={}, facts=[], taxonomy=taxonomy(), both=BOTH)
    assert not [w for w in recwarn.list if "missing from font" in str(w.message)]


@pytest.mark.usefixtures("no_chinese_font")
def test_without_a_chinese_font_a_chinese_code_is_a_number(recwarn: pytest.WarningsRecorder) -> None:
    labels = ("退款", "b", "物流")
    sides = (side(np.array([0, 1, 2])), side(np.array([0, 1, 1])))
    one = compare_head("category", labels, labels, np.arange(3), *sides, draws=20)
    figure = classes(one, dict.fromkeys(labels, "open"), 0.02, {}, BOTH)
    assert {"#1  (1)", "b  (1)", "#3  (1)"} <= set(texts(figure))
    assert not missing_glyphs(figure, recwarn)


def test_a_report_is_one_file_and_trusts_no_label(tmp_path: Path) -> None:
    one = shown()
    verdict = decide({"category": one})
    facts = ["快照 <b>x</b>"]
    gate_report.write(tmp_path, verdict, {"category": one}, about={"x": 1}, facts=facts, taxonomy=taxonomy(), both=BOTH)
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert "挑战者 能否替换 冠军 3" in page
    assert "拒绝" in page
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x" in page
    assert all(reason.text in page for reason in verdict.reasons)
    assert "http" not in page.replace("http-equiv", ""), "nothing is loaded from elsewhere"
    data = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))
    assert (data["passed"], data["x"], data["facts"]) == (False, 1, facts)
    assert data["heads"]["category"]["n"] == 700
    assert data["classes"]["category"]["b"] == "worse"


def test_tables_say_what_the_gate_makes_of_each_class() -> None:
    one = shown()
    table = class_differences(one, decide({"category": one}).classes["category"])
    assert next(line for line in table.splitlines() if line.startswith("b ")).endswith("变差了")
    assert "准确率" in comparison({"category": one}, BOTH)

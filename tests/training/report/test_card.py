"""The model card says what was learned from, how well it does, and what cannot be promised."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.training.builders import corpus, starter, trained
from training.fit.fit import train
from training.judge.wording import between, percent
from training.report.card import card
from triage.taxonomy import Taxonomy


def test_the_card_names_the_data() -> None:
    text = card(trained(), starter())
    assert starter().fingerprint in text
    assert "工单 200 条" in text
    moments = [moment for moment in starter().created_at if moment]
    assert f"{min(moments):%Y-%m-%d} – {max(moments):%Y-%m-%d}" in text
    assert "物流配送（logistics）" in text


def test_the_card_s_figures_are_the_reports() -> None:
    text = card(trained(), starter())
    for head, report in trained().reports.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| {head} | {report.n} |"))
        assert f"{report.accuracy:.4f} | {report.macro_f1:.4f} | {report.ece:.4f}" in row
        assert f"| {report.brier:.4f} | {report.log_loss:.4f} |" in row
        below = text[text.index(row) :].splitlines()[1]
        for name in ("accuracy", "macro_f1", "ece", "brier"):
            assert between(report.intervals[name]) in below
        for code, scores in report.to_json()["per_class"].items():
            assert f"| {code} | {scores['precision']:.3f} | {scores['recall']:.3f} |" in text
    assert "没有见过这些工单" in text
    assert "重新训练" in text


def test_the_card_lists_every_limit_and_what_is_not_promised() -> None:
    text = card(trained(), starter())
    manifest = trained().model.manifest
    for head, spec in manifest["heads"].items():
        for code, limit in spec["limits"].items():
            shown = "不能承诺" if limit["auto"] is None else f"{limit['auto']:.3f}"
            assert f"| {head} | {code} | {shown} | {limit['n']} | {limit['errors']} |" in text
    assert "30.0 %" in text
    assert all(f"{name} {version}" in text for name, version in manifest["versions"].items())


def test_the_card_shows_every_promise_and_every_calibration() -> None:
    text = card(trained(), starter())
    for head, spec in trained().model.manifest["heads"].items():
        promise = spec["promise"]
        assert f"| {head} | 30.0 % | {promise['n']:,} | {promise['errors']:,} |" in text
        part = text[text.index("## 校准") : text.index("## 自动处理")]
        row = next(line for line in part.splitlines() if line.startswith(f"| {head} |"))
        taken = spec["calibrations"][spec.get("calibrated_by", spec["calibration"]["method"])]
        assert f"**{taken['log_loss']:.4f} ± " in row
        assert row.count("**") == 2
        for figures in spec["calibrations"].values():
            assert f"{figures['log_loss']:.4f} ± {figures['log_loss_se']:.4f} ({figures['ece']:.3f})" in row


def test_the_card_is_tidy_markdown() -> None:
    text = card(trained(), starter())
    assert "\n\n\n" not in text
    assert text.endswith("```\n")
    for line, after in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        if line.startswith("|") and after.startswith("|"):
            assert line.count("|") == after.count("|")
    assert [level for level in re.findall(r"^#+ .*", text, re.M) if level.startswith("# ")] == ["# 模型说明 Model card"]


@pytest.fixture(scope="module")
def tiny() -> tuple[str, str]:
    texts = [f"{a}{b}" for a in ("退款没有到", "发票没有开") for b in ("吗", "啊", "呢", "了", "吧")]
    rows = corpus(texts, {"category": ["甲"] * 5 + ["乙"] * 5}, [datetime(2026, 1, 1, tzinfo=UTC)] * 10)
    made = train(rows, Taxonomy.infer(rows.labels))
    return card(made, rows), made.notes[-1]


def test_without_held_out_tickets_the_card_says_so(tiny: tuple[str, str]) -> None:
    text, note = tiny
    assert "没有成绩" in text
    assert note in text
    assert "| head | n |" not in text


def test_inferred_labels_are_named_once(tiny: tuple[str, str]) -> None:
    assert "10 条带标签：乙、甲" in tiny[0]


def test_a_share_is_shown_as_percent() -> None:
    assert percent(0.1234) == "12.3 %"
    assert percent(0.1234, 2) == "12.34 %"
    assert percent(None) == "–"


def test_an_interval_is_shown_as_a_span() -> None:
    assert between((0.1234, 0.5)) == "0.123–0.500"
    assert between([0.0123, 0.0456], 2, percent=True) == "1.23–4.56 %"
    assert between(None) == "–"

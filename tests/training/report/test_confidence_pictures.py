"""The pictures of confidence show every bin and every limit, and the model's point where its figures are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.training.report.builders import report, texts
from training.report.confidence_pictures import _TOP, coverage, reliability


def test_reliability_draws_every_bin_and_its_interval() -> None:
    one = report(4, 300)
    axes = reliability(one).axes[0]
    line = axes.lines[1]
    assert line.get_xdata() == pytest.approx(np.minimum(one.bins.confidence, _TOP), abs=1e-6)
    assert line.get_ydata() == pytest.approx(np.clip(one.bins.accuracy, axes.get_ylim()[0], _TOP), abs=1e-6)
    whiskers = axes.collections[0].get_segments()
    assert len(whiskers) == len(one.bins.count)
    for (x, low), (_, high) in whiskers:
        assert x <= _TOP
        assert low <= high


def test_every_answer_is_in_the_histogram() -> None:
    one = report(4, 300)
    right, wrong = reliability(one).axes[1].containers
    assert sum(bar.get_height() for bar in right) == one.correct.sum()
    assert sum(bar.get_height() for bar in wrong) == (~one.correct).sum()


def test_limits_are_marked_in_both_parts_and_named_once() -> None:
    one = replace(report(4, 300), limits=np.array([np.nan, 0.8, 0.95, 0.95]))
    figure = reliability(one)
    for axes in figure.axes:
        marked = {line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]}
        assert marked == {0.8, 0.95}
    assert len(figure.axes[0].get_legend().get_texts()) == 1


def test_without_a_limit_there_is_no_mark() -> None:
    one = replace(report(3, 100), limits=np.full(3, np.nan))
    assert reliability(one).axes[0].get_legend() is None


def test_figures_stand_with_their_intervals() -> None:
    one = report(3, 200)
    low, high = one.intervals["ece"]
    assert any(f"ECE {one.ece:.3f}  [{low:.3f}, {high:.3f}]" in text for text in texts(reliability(one)))


def test_coverage_ends_at_the_error_of_all_answers() -> None:
    one = report(4, 3000, right=0.9)
    axes = coverage(one).axes[0]
    curve = axes.lines[0]
    assert curve.get_xdata()[-1] == 1.0
    assert curve.get_ydata()[-1] == pytest.approx(100 * (1 - one.accuracy))
    assert (np.diff(curve.get_xdata()) > 0).all()
    assert len(curve.get_xdata()) <= 400
    target, point = axes.lines[1:3]
    assert list(target.get_ydata()) == [3, 3]
    assert point.get_xdata()[0] == one.coverage
    assert point.get_ydata()[0] == pytest.approx(100 * one.selective_error)
    assert any(f"{one.coverage:.1%} → {one.selective_error:.2%}" in text for text in texts(coverage(one)))
    bottom, top = axes.get_ylim()
    assert bottom <= point.get_ydata()[0] <= top


def test_a_point_is_drawn_only_where_something_is_automatic_and_a_target_where_one_is() -> None:
    one = report(3, 200)
    nothing = replace(one, automatic=np.zeros(200, bool))
    assert len(coverage(nothing).axes[0].lines) == 2
    assert len(coverage(replace(nothing, target=None)).axes[0].lines) == 1


@pytest.mark.parametrize("right", [0.0, 1.0])
@pytest.mark.parametrize("n", [1, 2, 25])
def test_all_right_and_all_wrong_can_be_drawn(n: int, right: float) -> None:
    one = report(2, n, right=right)
    for figure in (reliability(one), coverage(one)):
        figure.canvas.draw()

"""Pictures are drawn, hold what they should, and show no empty boxes whatever fonts there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib import font_manager

from tests.training_fixtures import taxonomy, trained
from training import metrics, pictures
from training.evaluate import HeadReport


def report(k: int = 3, n: int = 40, codes: tuple[str, ...] = ()) -> HeadReport:
    rng = np.random.default_rng(k)
    truth, answer = rng.integers(0, k, n), rng.integers(0, k, n)
    confidence = rng.uniform(1 / k, 1, n)
    return HeadReport(
        "category",
        codes or tuple(f"label_{i}" for i in range(k)),
        metrics.confusion(truth, answer, k),
        metrics.reliability(confidence, truth == answer),
        0.5,
        np.zeros(k, np.int64),
        np.zeros(k, np.int64),
    )


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    fonts = [entry for entry in font_manager.fontManager.ttflist if entry.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    pictures.chinese_font.cache_clear()
    yield
    pictures.chinese_font.cache_clear()


def texts(figure) -> list[str]:
    axes = figure.axes[0]
    return [item.get_text() for item in (*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels())]


def missing_glyphs(figure, recwarn: pytest.WarningsRecorder) -> list[str]:
    figure.canvas.draw()
    return [str(w.message) for w in recwarn.list if "missing from font" in str(w.message)]


def test_three_pictures_a_head(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    paths = pictures.draw(trained().reports, taxonomy().heads, tmp_path / "new")
    assert {path.name for path in paths} == {
        f"{kind}_{head}.png" for kind in ("confusion", "reliability", "classes") for head in trained().reports
    }
    for path in paths:
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG")
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        assert 400 < width < 2000
        assert 250 < height < 2000
    assert not [w for w in recwarn.list if "missing from font" in str(w.message)]


def test_the_matrix_shows_count_and_share_of_every_cell() -> None:
    one = report()
    shown = texts(pictures.confusion(one, one.labels))
    for row in range(3):
        for count in one.confusion[row]:
            assert not count or f"{count / one.confusion[row].sum():.0%}\n{count}" in shown
    assert f"label_0  ({one.confusion[0].sum()})" in shown


def test_classes_stand_in_the_order_of_their_size() -> None:
    one = report(5, 200)
    figure = pictures.classes(one, one.labels)
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == sorted(widths), "the largest is drawn last, on top"
    assert widths[-1] == one.confusion.sum(axis=1).max()


def test_reliability_draws_every_bin() -> None:
    one = report(4, 300)
    line = pictures.reliability(one).axes[0].lines[1]
    assert np.array_equal(line.get_xdata(), one.bins.confidence)
    assert np.array_equal(line.get_ydata(), one.bins.accuracy)


def test_one_ticket_and_one_bin_are_enough(tmp_path: Path) -> None:
    one = report(2, 1)
    assert len(pictures.draw({"category": one}, {}, tmp_path)) == 3


def test_without_a_chinese_font_codes_are_drawn(no_chinese_font, recwarn: pytest.WarningsRecorder) -> None:
    assert pictures.chinese_font() is None
    one = report(2, codes=("refund", "城乡建设"))
    labels = pictures._shown(one.labels, taxonomy().heads["category"])
    assert labels == ("refund", "#2")
    for figure in (pictures.confusion(one, labels), pictures.reliability(one), pictures.classes(one, labels)):
        assert not missing_glyphs(figure, recwarn)


def test_a_font_installed_after_matplotlib_made_its_list_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures.chinese_font.cache_clear()
    there = pictures.chinese_font()
    if there is None:
        pytest.skip("no Chinese font on this machine")
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [e for e in manager.ttflist if e.name.startswith("DejaVu")])
    pictures.chinese_font.cache_clear()
    assert pictures.chinese_font() == there
    pictures.chinese_font.cache_clear()


def test_with_a_chinese_font_names_are_drawn(recwarn: pytest.WarningsRecorder) -> None:
    pictures.chinese_font.cache_clear()
    if pictures.chinese_font() is None:
        pytest.skip("no Chinese font on this machine")
    one = report(2, codes=("refund", "invoice"))
    labels = pictures._shown(one.labels, taxonomy().heads["category"])
    assert labels == ("退款进度", "发票")
    for figure in (pictures.confusion(one, labels), pictures.reliability(one), pictures.classes(one, labels)):
        assert not missing_glyphs(figure, recwarn)

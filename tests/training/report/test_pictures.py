"""Pictures are drawn, hold what they should, and show no empty boxes whatever fonts there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib import font_manager

from tests.training.builders import taxonomy, trained
from tests.training.report.builders import missing_glyphs, report, texts
from training.report import pictures
from training.report import style as picture_style
from training.report.confidence_pictures import coverage, reliability

NAMES = {"refund": "退款进度", "invoice": "发票"}


@pytest.mark.slow
def test_four_pictures_a_head(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    paths = pictures.draw(trained().reports, taxonomy().heads, tmp_path / "new")
    assert {path.name for path in paths} == {
        f"{kind}_{head}.png"
        for kind in ("confusion", "reliability", "coverage", "classes")
        for head in trained().reports
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


def test_one_ticket_and_one_bin_are_enough(tmp_path: Path) -> None:
    one = report(2, 1)
    assert len(pictures.draw({"category": one}, {}, tmp_path)) == 4


def test_without_a_chinese_font_codes_are_drawn(no_chinese_font, recwarn: pytest.WarningsRecorder) -> None:
    assert picture_style.chinese_font() is None
    one = report(2, codes=("refund", "城乡建设"))
    labels = picture_style.shown(one.labels, NAMES)
    assert labels == ("refund", "#2")
    for figure in (pictures.confusion(one, labels), reliability(one), coverage(one), pictures.classes(one, labels)):
        assert not missing_glyphs(figure, recwarn)


def test_a_sign_that_no_font_has_is_not_drawn() -> None:
    sign = chr(0xF0000)
    assert picture_style.shown(("refund", f"{sign}b", "c"), {"refund": f"退款{sign}", "c": "C"}) == (
        "refund",
        "#2",
        "C",
    )
    assert not picture_style.drawable(sign)


def test_a_font_installed_after_matplotlib_made_its_list_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    picture_style.chinese_font.cache_clear()
    there = picture_style.chinese_font()
    if there is None:
        pytest.skip("no Chinese font on this machine")
    manager = font_manager.fontManager
    monkeypatch.setattr(manager, "ttflist", [e for e in manager.ttflist if e.name.startswith("DejaVu")])
    picture_style.chinese_font.cache_clear()
    assert picture_style.chinese_font() == there
    picture_style.chinese_font.cache_clear()


def test_with_a_chinese_font_names_are_drawn(recwarn: pytest.WarningsRecorder) -> None:
    picture_style.chinese_font.cache_clear()
    if picture_style.chinese_font() is None:
        pytest.skip("no Chinese font on this machine")
    one = report(2, codes=("refund", "invoice"))
    labels = picture_style.shown(one.labels, NAMES)
    assert labels == ("退款进度", "发票")
    for figure in (pictures.confusion(one, labels), reliability(one), coverage(one), pictures.classes(one, labels)):
        assert not missing_glyphs(figure, recwarn)

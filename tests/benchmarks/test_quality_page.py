"""Figures, words and picture of ``benchmarks.quality`` from records made up so that the right answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality_figures, quality_page, quality_picture, quality_remarks
from benchmarks.quality_cache import Record
from benchmarks.quality_data import Part
from benchmarks.quality_figures import Board
from tests.benchmarks.test_quality_cache import RECORD
from tests.training.builders import corpus
from triage.taxonomy import Taxonomy

N = 200
TRUTH = ["a", "b"] * (N // 2)


def part() -> Part:
    test = corpus(["text"] * N, {"category": TRUTH})
    taxonomy = Taxonomy.infer({"category": TRUTH})
    return Part("auto_opinions", test, test, taxonomy, ("category",), np.arange(N), "f")


def record(system: str, right: int, *, dev: float | None = None, auto: int | None = None) -> Record:
    """A system that answers the first ``right`` tickets rightly, and routes the last ``auto`` by itself."""
    answers = [TRUTH[i] if i < right else {"a": "b", "b": "a"}[TRUTH[i]] for i in range(N)]
    routed = None if auto is None else [int(i >= N - auto) for i in range(N)]
    return replace(
        RECORD,
        corpus="auto_opinions",
        system=system,
        labels=["b", "a"],
        answers=[["b", "a"].index(one) for one in answers],
        dev=dev,
        auto=routed,
        predicted=N,
    )


def board(*records: Record) -> Board:
    (made,) = quality_figures.boards([part()], {(r.corpus, r.head, r.system): r for r in records}, draws=200)
    return made


def test_signs_say_who_is_better_and_whether_it_is_chance() -> None:
    made = board(
        record("naive", 120), record("union", 159), record("fasttext", 160), record("textcnn", 162),
        record("linear", 160, dev=0.8), record("encoder", 190, dev=0.7),
    )  # fmt: skip
    assert (made.best, made.chosen_on, made.n, made.k) == ("linear", "dev", N, 2)
    signs = {line.name: line.against and line.against.accuracy_sign for line in made.lines}
    assert signs == {"naive": "▼", "union": "▽", "fasttext": "＝", "textcnn": "△", "linear": None, "encoder": "▲"}
    against = made.line("naive").against
    assert against is not None
    assert (against.test.only_a, against.test.only_b) == (0, 40)
    assert against.accuracy.value == pytest.approx(-0.2)
    assert against.accuracy.low < -0.2 < against.accuracy.high < 0
    assert [line.name for line in made.better_peers] == ["textcnn"], "another of ours is no peer"


def test_labels_are_joined_by_code_not_by_number() -> None:
    swapped = record("naive", 150)
    swapped = replace(swapped, labels=["a", "b"], answers=[1 - i for i in swapped.answers])
    assert board(swapped).line("naive").accuracy.value == board(record("naive", 150)).line("naive").accuracy.value


def test_without_held_out_figures_the_best_is_taken_by_test_figures_and_the_table_says_so() -> None:
    made = board(record("linear", 160, dev=0.9), record("encoder", 170))
    assert (made.best, made.chosen_on) == ("encoder", "test")
    assert "按测试准确率挑的" in quality_page.table(made, ("linear", "encoder"), {})


def test_automatic_answers_and_their_errors() -> None:
    line = board(record("linear", 198, dev=0.9, auto=100)).line("linear")
    assert line.auto == 0.5
    assert line.auto_error is not None
    assert line.auto_error.value == pytest.approx(0.02)
    assert line.auto_error.low < 0.02 < line.auto_error.high
    none = board(record("linear", 198, dev=0.9, auto=0)).line("linear")
    assert (none.auto, none.auto_error) == (0.0, None)
    assert "0.0% · –" in quality_page.table(board(none.record), ("linear",), {})


def test_where_a_peer_is_better_stands_in_words() -> None:
    (count, _, said) = quality_page.worse([board(record("union", 190), record("linear", 150, dev=0.8))])
    assert "1 张表里有 0 张" in count
    assert "▲ 显著" in said
    assert "accuracy +0.2000" in said
    assert quality_remarks.remark("auto_opinions", "category", "union")[0] in said
    (count,) = quality_page.worse([board(record("union", 150), record("linear", 190, dev=0.8))])
    assert "1 张表里有 1 张" in count
    assert "None of ours" in quality_page.worse([board(record("union", 150))])[0]


def test_the_closest_remark_counts() -> None:
    given = {("c", "h", "s"): ("一", "one"), ("c", "", ""): ("二", "two"), ("", "", "s"): ("三", "three")}
    assert quality_remarks.remark("c", "h", "s", given)[1] == "one"
    assert quality_remarks.remark("c", "x", "s", given)[1] == "three"
    assert quality_remarks.remark("c", "x", "y", given)[1] == "two"
    assert quality_remarks.remark("d", "x", "y", given) == quality_remarks.UNKNOWN


def test_every_row_has_every_column_and_missing_systems_are_named() -> None:
    systems = ("naive", "fasttext", "linear")
    missing = {"fasttext": "没有安装 fasttext"}
    made = board(record("naive", 150), record("linear", 160, dev=0.8, auto=10))
    rows = [line for line in quality_page.table(made, systems, missing).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert len({row.count("|") for row in rows}) == 1
    text = quality_page.page(
        [made], systems, missing, picture="img/x.png", command="make x", seed=0, small=False
    )  # fmt: skip
    assert "没有安装 fasttext" in text
    assert "--small" not in text
    assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.parametrize("count", [1, 3])
def test_the_picture_is_drawn_for_any_number_of_boards(tmp_path: Path, count: int) -> None:
    made = board(record("naive", 150), record("linear", 160, dev=0.8))
    quality_picture.draw([made] * count, ("naive", "union", "linear"), tmp_path / "img" / "x.png")
    assert (tmp_path / "img" / "x.png").stat().st_size > 5000

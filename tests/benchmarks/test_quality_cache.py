"""What ``benchmarks.quality`` keeps, and what makes it measure again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import quality_cache as cache

RECORD = cache.Record(
    key="k",
    corpus="starter",
    head="category",
    system="naive",
    labels=["退款", "b"],
    answers=[0, 1, 1],
    auto=None,
    dev=None,
    covers=1,
    train_seconds=1.5,
    predict_seconds=0.5,
    predicted=3,
    size=10,
    settings={"max_iter": 1000},
    seed=0,
    versions={"jieba": "0.42.1"},
    machine="2 cores",
    measured_at="2026-01-01T00:00:00+00:00",
    load=[0.1, 0.2],
)


def test_a_record_comes_back_whole(tmp_path: Path) -> None:
    path = cache.path_of(tmp_path, "starter", "category", "naive")
    cache.write(path, RECORD)
    assert cache.read(path, "k") == RECORD
    cache.write(path, replace(RECORD, auto=[0, 1, 1]))
    assert cache.read(path, "k") == replace(RECORD, auto=[0, 1, 1])
    assert [one.name for one in path.parent.iterdir()] == ["naive.json"]


@pytest.mark.parametrize("content", [None, "", '{"key": "k"', '{"key": "k"}', "[]", '{"key": "k", "more": 1}'])
def test_what_cannot_be_read_is_measured_again(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "naive.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert cache.read(path, "k") is None


def test_another_key_is_another_measurement(tmp_path: Path) -> None:
    cache.write(tmp_path / "a.json", RECORD)
    assert cache.read(tmp_path / "a.json", "other") is None
    base = {"data": "d", "settings": {"a": 1}, "seed": 0, "versions": {"numpy": "2"}, "code": "c"}
    keys = [cache.key(**base)] + [  # type: ignore[arg-type]
        cache.key(**{**base, **change})  # type: ignore[arg-type]
        for change in ({"data": "e"}, {"settings": {"a": 2}}, {"seed": 1}, {"versions": {"numpy": "3"}}, {"code": "x"})
    ]
    assert len(set(keys)) == 6
    assert cache.key(**base) == keys[0]  # type: ignore[arg-type]


def code(root: Path, **files: str) -> str:
    for name, text in files.items():
        path = root / "training" / name.replace("_txt", ".txt")
        path = path if path.suffix else path.with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    cache.code_key.cache_clear()
    return cache.code_key("training.a", root)


def test_code_counts_by_what_it_says(tmp_path: Path) -> None:
    first = code(
        tmp_path,
        a="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from training import c\n"
        "def f():\n    from training import b\n    return b.x\n",
        b="x = 1\n",
        c="y = 1\n",
        d="z = 1\n",
        words_txt="电饭煲",
    )
    assert code(tmp_path, b='"""Words."""\n# more words\nx = 1\n') == first
    assert code(tmp_path, c="y = 2\n", d="z = 2\n") == first, "not imported when it runs"
    second = code(tmp_path, b="x = 2\n")
    assert second != first
    assert code(tmp_path, words_txt="电饭锅") != second, "data files decide too"


def test_a_peer_does_not_depend_on_our_models() -> None:
    for peer in ("naive", "union", "fasttext", "textcnn"):
        files = {path.name for path in cache._closure(f"benchmarks.peers_{peer}", cache.ROOT)}
        assert files <= {"__init__.py", "peers_sklearn.py", f"peers_{peer}.py"}
    mine = {path.relative_to(cache.ROOT).as_posix() for path in cache._closure("benchmarks.peers_ours", cache.ROOT)}
    assert {"training/fit/fit.py", "models/triage_model.py", "features/hashing.py"} <= mine

"""Near-duplicates fall into one group: the fast join agrees with comparing every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.builders import starter
from training.data.duplicates import group, shingles

FEW = st.text("一二三四五 ，！", max_size=9)
"""Texts of few letters are often near each other."""


def brute_force(texts: list[str], threshold: float) -> list[int]:
    sets = shingles(texts)
    ids = [frozenset(sets.ids[a:b].tolist()) for a, b in zip(sets.bounds, sets.bounds[1:], strict=False)]
    group = list(range(len(texts)))
    for i in range(len(texts)):
        for j in range(i):
            both = len(ids[i] | ids[j])
            if both and len(ids[i] & ids[j]) >= threshold * both - 1e-9:
                low, high = sorted((group[i], group[j]))
                group = [low if g == high else g for g in group]
    return group


@settings(max_examples=200)
@given(texts=st.lists(FEW, min_size=1, max_size=25), threshold=st.sampled_from([0.3, 0.5, 0.7, 1.0]))
def test_it_is_exact(texts: list[str], threshold: float) -> None:
    assert group(texts, threshold).tolist() == brute_force(texts, threshold)


def test_it_is_exact_on_real_tickets_and_their_edits() -> None:
    rng = np.random.default_rng(0)
    texts = list(starter().texts)
    for text in starter().texts[:60]:
        cut = rng.integers(0, max(1, len(text) // 2))
        texts.append(text[cut:] + "麻烦快点处理"[: rng.integers(0, 6)])
    found = group(texts)
    assert found.tolist() == brute_force(texts, 0.5)
    assert len(set(found.tolist())) < len(texts)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("退款三天了还没有到账", "退款三天了还没有到账！！！", True),
        ("退款三天了还没有到账", "退款 三天了，还没有到账。", True),
        ("退款都三天了还没有到我的银行卡账上", "退款都三天了还没有到我的信用卡账上", True),
        ("退款三天了还没有到账", "请问这款衣服有大码吗", False),
        ("好", "好", True),
        ("好", "坏", False),
        ("", "  ", True),
        ("！！！", "？？？", False),
        ("退款到账了吗", "退款到賬了嗎", True),
    ],
)
def test_what_counts_as_a_copy(a: str, b: str, same: bool) -> None:
    assert group([a, b]).tolist() == ([0, 0] if same else [0, 1])


@given(st.lists(FEW, min_size=1, max_size=12), st.randoms())
def test_the_order_of_rows_changes_no_group(texts: list[str], rng) -> None:
    order = list(range(len(texts)))
    rng.shuffle(order)
    plain, mixed = group(texts), group([texts[i] for i in order])
    pairs = {(i, j) for i in order for j in order if plain[i] == plain[j]}
    assert pairs == {(order[i], order[j]) for i in range(len(order)) for j in range(len(order)) if mixed[i] == mixed[j]}


def test_no_text_and_no_threshold() -> None:
    assert group([]).shape == (0,)
    with pytest.raises(ValueError, match="threshold"):
        group(["a"], 0.0)

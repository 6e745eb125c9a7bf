"""The key that near-duplicates share."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.mask import mask
from serving.review.kind import LENGTH, kind_of


@given(st.text(max_size=200))
def test_every_text_has_a_key(text: str) -> None:
    masked = mask(text)
    assert len(kind_of(masked)) == LENGTH
    assert kind_of(masked) == kind_of(masked)


@pytest.mark.parametrize(
    "copy",
    [
        "优惠券 用不了，显示不可用！！！",
        "优惠券用不了，显示不可用",
        "優惠券用不了，顯示不可用",
        "优惠券用不了,显示不可用 20261111",
        mask("优惠券用不了，显示不可用 13812345678"),
    ],
)
def test_copies_that_differ_in_signs_digits_and_masked_data_are_one_kind(copy: str) -> None:
    assert kind_of(copy) == kind_of("优惠券用不了，显示不可用。")


def test_short_and_empty_texts() -> None:
    kinds = [kind_of(text) for text in ("", "？", "急", "。。", "退款")]
    assert len(set(kinds)) == len(kinds)


def test_strangers_among_the_starter_tickets_seldom_share_a_kind(root: Path) -> None:
    lines = (root / "datasets" / "starter" / "tickets.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines[:1500]]
    sizes = Counter(kind_of(text) for text in texts)
    assert sum(n * (n - 1) for n in sizes.values()) / len(texts) < 0.2
    assert max(sizes.values()) <= 10


def test_most_lightly_edited_copies_keep_their_kind(root: Path) -> None:
    lines = (root / "datasets" / "starter" / "tickets.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines[:1000]]
    same = sum(kind_of(text) == kind_of(f"{text}，麻烦看一下") for text in texts)
    assert same / len(texts) > 0.6

"""Segmentation: jieba's words, word for word."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import jieba
import pytest
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from features.segment import HAN_FIRST, HAN_LAST, segment, user_words

HAN = st.characters(min_codepoint=HAN_FIRST, max_codepoint=HAN_LAST)
COMMON = st.sampled_from("的一是不了我你好退款发货快递没收到请问什么时候到账客服催单尾款定金价保满减差评投诉")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> jieba.Tokenizer:
    """jieba itself with our words."""
    jieba.setLogLevel(logging.ERROR)
    made = jieba.Tokenizer()
    made.tmp_dir = str(tmp_path_factory.mktemp("jieba"))
    made.initialize()
    for word, frequency in user_words().items():
        made.add_word(word, frequency)
    return made


@given(st.one_of(st.text(alphabet=COMMON, max_size=40), st.text(alphabet=HAN, max_size=20)))
def test_equals_jieba_on_any_chinese(tokenizer: jieba.Tokenizer, text: str) -> None:
    assert segment(text) == tokenizer.lcut(text)


@pytest.mark.parametrize("text", ["很好好好很好", "赞赞赞赞赞", "好不好不好不好", "买买买买吃"])
def test_equals_jieba_where_paths_tie(tokenizer: jieba.Tokenizer, text: str) -> None:
    assert segment(text) == tokenizer.lcut(text)


def test_the_rust_port_takes_other_paths_on_ties() -> None:
    """Why ``rjieba`` is a peer in benchmarks/ and not what we read with. Should this fail one day, look at it again."""
    rust = rjieba.Jieba()
    python = jieba.Tokenizer()
    assert python.lcut("赞赞赞赞赞很好") != list(rust.cut("赞赞赞赞赞很好"))


@given(st.text(max_size=60))
def test_words_concatenate_to_the_text(text: str) -> None:
    words = segment(text)
    assert "".join(words) == text
    assert all(words)


def test_our_words_stay_whole() -> None:
    assert segment("申请仅退款和价保，付尾款，催发货") == [
        "申请",
        "仅退款",
        "和",
        "价保",
        "，",
        "付尾款",
        "，",
        "催发货",
    ]
    for word in user_words():
        assert segment(word) == [word]


def test_latin_and_numbers_split_by_kind() -> None:
    assert segment("iPhone15要XL码") == ["iPhone", "15", "要", "XL", "码"]


@pytest.mark.corpora
def test_equals_jieba_on_the_corpora(tokenizer: jieba.Tokenizer, corpora: Path) -> None:
    seen = 0
    for text in _texts(corpora):
        chinese = re.sub(f"[^{chr(HAN_FIRST)}-{chr(HAN_LAST)}]", "\n", text)
        assert segment(chinese) == tokenizer.lcut(chinese)
        seen += 1
    assert seen > 60_000


def _texts(corpora: Path) -> Iterator[str]:
    for path in sorted(corpora.glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["text"] for row in csv.DictReader(file))

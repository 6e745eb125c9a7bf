"""Folding: what is kept, what is folded, and that offsets lead back to the raw text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.normalise import MAX_RUN, SEPARATOR, URL_SIGN, clean, fold, fold_same_length, fold_table


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("ＡＢＣ１２３，ｏｋ", "abc123,ok"),
        ("這個訂單還沒發貨", "这个订单还没发货"),
        ("？？？？？？", "???"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("10000元", "10000元"),
        ("😡😡😡😡 生气", "😡😡😡 生气"),
        ("  两 \t\n 行  ", "两 行"),
        ("零\u200b宽\ufe0f", "零宽"),
        ("看https://a.cn/x?y=1和www.b.com/z", f"看{chr(URL_SIGN)}和{chr(URL_SIGN)}"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_folds(raw: str, folded: str) -> None:
    assert fold([raw]).text() == folded


def test_a_long_run_is_counted_not_lost() -> None:
    folded = fold(["快点！！！！！！！"])
    assert folded.text() == "快点!!!"
    assert folded.runs.tolist() == [0, 0, 0, 0, 7, 0]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_offsets_lead_back_to_the_raw_text(texts: list[str]) -> None:
    folded = fold(texts)
    table = fold_table()
    assert len(folded.bounds) == len(texts) + 1
    for t, raw in enumerate(texts):
        a, b = int(folded.bounds[t]), int(folded.bounds[t + 1]) - 1
        assert folded.codes[b] == SEPARATOR
        assert folded.offsets[b] == len(raw)
        steps = folded.offsets[a : b + 1].tolist()
        assert steps == sorted(set(steps)) or b == a
        for i in range(a, b):
            code = int(folded.codes[i])
            if code != URL_SIGN:
                source = ord(raw[folded.offsets[i]])
                assert code == (int(table[source]) if source < len(table) else source)


@given(st.lists(st.text(max_size=40), min_size=2, max_size=5))
def test_a_text_folds_alike_alone_and_in_a_batch(texts: list[str]) -> None:
    together = fold(texts)
    assert [together.text(t) for t in range(len(texts))] == [fold([text]).text() for text in texts]


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_and_keeps_every_letter(text: str) -> None:
    once = fold([text]).text()
    assert fold([once]).text() == once
    assert len(fold_same_length(text)) == len(text)
    for char in set(once):
        assert unicodedata.category(char) != "Cc"


@given(st.text(alphabet=st.characters(), max_size=60))
def test_clean_makes_any_string_storable(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned


def test_no_run_is_longer_than_the_limit() -> None:
    text = fold(["啊" * 50 + "!" * 50]).text()
    assert text == "啊" * MAX_RUN + "!" * MAX_RUN

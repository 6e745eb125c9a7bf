"""Usual words for urgency and sentiment, and words for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.words import _WORDS, STANDARD, TOP, folded_label, is_placeholder, is_unsaid, settle_top, usual_code

URGENCY = {
    "critical": "特急 非常紧急 最高 致命 Blocker Highest emergency very_high",
    TOP: "紧急 緊急 Urgent CRITICAL 紧急。 P1-紧急 紧急(P0) 1-Critical",
    "high": "高 High 加急 重要 严重 major 较急 2-High 高（P1） Ｈｉｇｈ 高优先级",
    "normal": "中 普通 一般 Medium normal 正常 3-moderate 中等 P2中",
    "low": "低 不急 Low minor trivial 较低 次要 低优先级 Lowest",
}
SENTIMENT = {
    "positive": "好评 正面 积极 满意 Positive pos 五星",
    "neutral": "中评 中性 一般 Neutral 平静",
    "negative": "差评 负面 消极 不满 Negative NEG 愤怒",
}


@pytest.mark.parametrize(("head", "words"), [("urgency", URGENCY), ("sentiment", SENTIMENT)])
def test_usual_words(head: str, words: dict[str, str]) -> None:
    for code, line in words.items():
        assert {word: usual_code(head, word) for word in line.split()} == dict.fromkeys(line.split(), code)


@pytest.mark.parametrize("word", ["", "退款", "超急", "P1", "3", "高级客服", "中国", "urgently needed"])
def test_other_words_are_not_usual(word: str) -> None:
    assert usual_code("urgency", word) == ""
    assert usual_code("category", word) == ""


def test_a_word_stands_for_one_code() -> None:
    for table in _WORDS.values():
        words = [folded_label(word) for line in table.values() for word in line.split("、")]
        assert sorted({word for word in words if words.count(word) > 1}) == []


def test_urgent_is_second_only_below_a_higher_word() -> None:
    assert settle_top({"critical", TOP, "normal"}) == "high"
    assert settle_top({"critical", TOP, "high"}) == "critical"
    assert settle_top({TOP, "high", "low"}) == "critical"


def test_standard_codes_are_their_own_words() -> None:
    for head, codes in STANDARD.items():
        for code, name in codes.items():
            assert usual_code(head, code).rstrip("?") == code
            assert usual_code(head, name).rstrip("?") == code


@pytest.mark.parametrize(
    "word", ["NaN", "nan", "NULL", "None", "N/A", "#N/A", "-", "—", "（空）", "(空)", "空", "<NA>", "#VALUE!"]
)
def test_placeholders(word: str) -> None:
    assert is_placeholder(word)


@pytest.mark.parametrize(
    "word", ["无", "無", "未分类", "未分類", "待定", "其它?", "其他？", "未知", "（未选择）", "TBD", "Unclassified"]
)
def test_nothing_was_chosen(word: str) -> None:
    assert is_unsaid(word)


@pytest.mark.parametrize("word", ["其他", "其它", "无理由退货", "退款", "待发货", "unknown sender"])
def test_these_are_labels(word: str) -> None:
    assert not is_placeholder(word)
    assert not is_unsaid(word)


@given(st.text(min_size=1, max_size=20))
def test_folding_twice_changes_nothing(word: str) -> None:
    assert folded_label(folded_label(word)) == folded_label(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("维修", "維修"),
        ("退款", "退款。"),
        ("退款", " 退 款 "),
        ("ＷＸ", "wx"),
        ("Refund request", "refund_request"),
        ("其它", "其他"),
    ],
)
def test_twins_fold_to_the_same(one: str, other: str) -> None:
    assert folded_label(one) == folded_label(other)

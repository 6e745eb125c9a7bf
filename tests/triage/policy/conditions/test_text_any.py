"""Words in the customer's own words: found with and without a gap, and read with care."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triage.policy.builders import NOW
from triage.errors import ProfileError
from triage.policy import Facts
from triage.policy.conditions.text_any import TextAny
from triage.policy.conditions.values import Vocabulary
from triage.ticket import Ticket


def made(*words: Any) -> TextAny:
    condition = TextAny.read(list(words), "rules[0].when.text_any", Vocabulary())
    assert isinstance(condition, TextAny)
    return condition


def facts(text: str) -> Facts:
    return Facts.gather(Ticket(text=text), None, NOW)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["冒烟"], "用着用着冒烟了", "冒烟"),
        (["冒烟", "冒烟了"], "用着用着冒烟了", "冒烟了"),
        (["冒烟"], "没有冒烟", None),
        (["冒烟"], "上次没有冒烟，这次冒烟了", "冒烟"),
        (["电池…鼓"], "手机电池才半年就鼓起来", "电池才半年就鼓"),
        (["电池…鼓"], "电池鼓了", "电池鼓"),
        (["电池…鼓"], "电池不错。包装鼓鼓的", None),
        (["电池…鼓"], "电池寄出后十二三四五六七八九天才到鼓楼", None),
        (["电池…鼓"], "电池没有鼓", None),
        (["手…夹住"], "手机夹住拿不出来，手也夹住了", "手也夹住"),
        (["孩子…吞…颗"], "孩子刚才吞了一颗", "孩子刚才吞了一颗"),
        (["SOS"], "sos 救命", "sos"),
        (["a.c"], "abc", None),
        (["(("], "((", "(("),
    ],
)
def test_finds_what_is_stated(words: list[str], text: str, found: str | None) -> None:
    condition = made(*words)
    assert condition.find(text) == found
    assert condition.holds(facts(text)) == (found is not None)
    assert condition.found(facts(text)) == ("" if found is None else f"文中有“{found}”")


def test_without_the_text_nothing_is_known() -> None:
    gone = facts("冒烟")._replace(text=None)
    assert made("冒烟").holds(gone) is None
    assert made("冒烟").found(gone) == ""


def test_says_some_of_its_words() -> None:
    assert made("冒烟", "起火").says() == "文中有 冒烟、起火（其一）"
    assert (
        made("冒烟", "起火", "着火", "漏电", "触电", "爆炸").says()
        == "文中有 冒烟、起火、着火、漏电、触电 等 6 个词之一"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("冒烟", r"text_any：应是一个列表"),
        ([], "text_any：应有 1 到 500 个词；收到的是 0 个"),
        ([f"词{i}" for i in range(501)], "收到的是 501 个"),
        (["烟"], r"text_any\[0\]：应有两个字以上"),
        (["…烟"], r"text_any\[0\]：.*… 只能写在字中间"),
        (["冒烟", "电池…"], r"text_any\[1\]：.*… 只能写在字中间"),
        ([119], r'text_any\[0\]：119 不是文字；给它加上引号，写成 "119"'),
        ([True], r"text_any\[0\]：True 不是文字"),
        (["长" * 31], r"text_any\[0\]：应是 1–30 个字的文字"),
    ],
)
def test_refuses_what_would_not_work(words: Any, said: str) -> None:
    with pytest.raises(ProfileError, match=said):
        TextAny.read(words, "rules[0].when.text_any", Vocabulary())


@given(
    st.lists(st.text(min_size=2, max_size=6).filter(lambda w: len(w.strip()) > 1 and "…" not in w), min_size=1),
    st.text(),
)
def test_any_words_are_safe_and_found_as_they_are(words: list[str], text: str) -> None:
    """No word is a pattern: whatever signs it has, it is found where it stands, and only there."""
    condition = made(*words)
    found = condition.find(text)
    assert found is None or (found in text and found in condition.value)
    alone = condition.value[0]
    assert condition.find(alone) is not None or "没" in alone or "不" in alone or "吗" in alone or alone[0].isdigit()


def test_a_long_hostile_text_is_read_to_its_end() -> None:
    condition = made("冒烟", "冒…烟", "烧…洞")
    assert condition.find("没冒" * 7_000) is None
    assert condition.find("没冒烟" * 6_000 + "。冒烟了") == "冒烟"

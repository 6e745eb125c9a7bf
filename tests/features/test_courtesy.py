"""Courtesies leave the words' layer where they are a clause, open one or close one, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.features.test_tone import layered, said

MATTERS = ("电池鼓包烧到我手了", "退款三天没到账", "怎么还不发货", "发票抬头错了")

GREETINGS = (
    "您好，",
    "你好呀！",
    "在吗？",
    "亲，在吗",
    "客服你好，",
    "尊敬的客服：\n   您好！\n",
    "hi，",
    "Dear all,\n",
    "请问有人吗？",
    "不好意思打扰一下，",
    "早上好，请问，",
    "麻烦帮我看一下，",
)
THANKS = (
    "，谢谢",
    "，谢谢！",
    "。麻烦了，谢谢。",
    "，辛苦你们了",
    "\n此致\n敬礼",
    " 谢谢您",
    "，请帮忙看一下，谢谢",
    "，拜托了",
)


CLOSINGS = (
    "\n此致\n敬礼\n王女士",
    "\n祝好\n赵工\n远山科技",
    "\n\nBest regards,\n郑凯\n清和商贸有限公司",
)


@pytest.mark.parametrize("greeting", GREETINGS)
@pytest.mark.parametrize("matter", MATTERS)
def test_a_greeting_is_nobodys_matter(greeting: str, matter: str) -> None:
    assert said(greeting + matter) == said(matter)


@pytest.mark.parametrize("thanks", THANKS)
@pytest.mark.parametrize("matter", MATTERS)
def test_thanks_are_nobodys_matter(thanks: str, matter: str) -> None:
    assert said(matter + thanks) == said(matter)


@pytest.mark.parametrize("closing", CLOSINGS)
@pytest.mark.parametrize("matter", MATTERS)
def test_who_signs_below_a_closing_is_nobodys_matter(closing: str, matter: str) -> None:
    assert said(matter + closing) == said(matter)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("请问发货了吗", "发货了吗"),
        ("你好我的快递没到", "我的快递没到"),
        ("能退吗谢谢", "能退吗"),
        ("能退吗？谢谢", "能退吗?"),
        ("退款没到，谢谢，快点", "退款没到,快点"),
        ("订单号：20261103123456789，没到", "没到"),
        ("没到，我的订单号是20261103123456789", "没到"),
        ("（订单号 20261103123456789）没到", "没到"),
        ("运单号SF2290317765123没到", "运单号没到"),
    ],
)
def test_it_leaves_with_its_mark(raw: str, words: str) -> None:
    assert said(raw) == words


@pytest.mark.parametrize(
    "raw",
    [
        "说声谢谢都没有",
        "太麻烦了",
        "麻烦死了,退货",
        "真是谢谢你们了,等了半个月",
        "谢谢你们的耐心",
        "亲子装尺码",
        "谢谢",
        "你好",
        "麻烦的是没法退",
    ],
)
def test_where_it_is_meant_or_nothing_else_would_remain_it_stays(raw: str) -> None:
    assert said(raw) == raw


def test_what_was_left_out_is_a_sign_of_tone() -> None:
    signs = layered("您好，退款没到，谢谢")
    assert sum(0xE200 <= code < 0xE300 for code in signs.signs.tolist()) == 2
    alone = layered("谢谢")
    assert not alone.signs.any()


@given(st.text(alphabet="谢您好你在吗请问麻烦了一下，。！ \n亲客服订单号：退款没到的", max_size=40))
def test_something_always_remains_of_a_text_that_says_something(text: str) -> None:
    letters = [c for c in text if "\u4e00" <= c <= "\u9fff"]
    assert bool(said(text).strip(",? :：")) == bool(letters)

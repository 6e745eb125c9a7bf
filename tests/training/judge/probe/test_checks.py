"""The checks' changes: the same every time, sane, and never of what they promise to leave alone."""

from __future__ import annotations

import html
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.hashing import read
from features.normalise import fold
from features.reading import read as read_text
from tests.models.builders import ODD_TEXTS
from tests.training.judge.probe.builders import TICKETS
from training.judge.probe import CHECKS, Check
from training.judge.probe.checks import order_number, typo
from triage.ticket import MAX_TEXT

BY_NAME = {check.name: check for check in CHECKS}
TEXTS = st.one_of(st.sampled_from(TICKETS), ODD_TEXTS)

ADDED = (
    "emoji",
    "greeting",
    "politeness",
    "signature",
    "quoted_mail",
    "transcript",
    "deadline",
    "third_contact",
    "harm",
    "thanks",
)
"""Checks that only put something around the words."""


def letters(text: str) -> str:
    """Chinese, letters and digits."""
    return "".join(c for c in text if c.isalnum())


def made(name: str, text: str, seed: int = 0) -> tuple[str, ...]:
    return BY_NAME[name].variants(text, seed)


def test_names_are_codes_and_stand_once() -> None:
    assert len(BY_NAME) == len(CHECKS) > 15
    for check in CHECKS:
        assert re.fullmatch(r"[a-z_]+", check.name)
        assert any("\u4e00" <= c <= "\u9fff" for c in check.title)
        directed = (*check.not_down, *check.not_up)
        assert bool(directed) == (check.kind == "direction")


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
@given(text=TEXTS, seed=st.integers(0, 3))
def test_a_change_is_sane_and_the_same_every_time(check: Check, text: str, seed: int) -> None:
    found = check.variants(text, seed)
    assert found == check.variants(text, seed)
    assert len(set(found)) == len(found) <= 3
    for one in found:
        assert one != text
        assert one.strip()
        assert len(one) <= min(MAX_TEXT, 6 * len(text) + 1500)
    if not text.strip():
        assert found == ()


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_it_applies_to_some_tickets_and_varies(check: Check) -> None:
    found = [one for text in TICKETS for one in check.variants(text)]
    assert found, "no ticket of two hundred"
    again = [one for text in TICKETS for one in check.variants(text, 1)]
    assert found != again or check.name in ("capitals", "width", "dates")


@pytest.mark.parametrize("name", ADDED)
@given(text=TEXTS)
def test_what_is_added_leaves_the_words_whole(name: str, text: str) -> None:
    for one in made(name, text):
        assert letters(text) in letters(one)


@given(TEXTS)
def test_marks_change_marks_alone(text: str) -> None:
    for one in made("marks", text):
        assert letters(one) == letters(text)


@given(TEXTS)
def test_width_and_capitals_fold_to_the_same_text(text: str) -> None:
    for name in ("width", "capitals"):
        for one in made(name, text):
            if "http" not in text.lower() and "www" not in text.lower():
                assert letters(fold([one]).text()) == letters(fold([text]).text())


@given(st.sampled_from(TICKETS))
def test_a_frame_holds_the_words_escaped(text: str) -> None:
    for one in made("html_frame", text):
        plain = html.unescape(re.sub(r"<style.*?</style>|<!--.*?-->|<[^>]*>", "", one, flags=re.DOTALL))
        assert letters(text) in letters(plain)
        assert "&lt;" in one or "<" not in text


def test_the_customers_words_are_found_in_every_frame() -> None:
    """What the reading stage promises: of mail, quotation and chat the customer's own words remain, and they alone."""
    text = "退款退了三天还没到账，麻烦查一下"
    for name in ("html_frame", "quoted_mail", "transcript"):
        for seed in range(20):
            for one in made(name, text, seed):
                assert letters(str(read_text(one).masked)) == letters(text), one


def test_traditional_characters_fold_back() -> None:
    (one,) = made("traditional", "这个订单还没发货")
    assert one == "這個訂單還沒發貨"
    assert read([one]).folded.text() == "这个订单还没发货"
    assert made("traditional", "已送") == ()


@given(st.sampled_from(TICKETS), st.integers(0, 5))
def test_a_typo_is_one_word_of_the_table(text: str, seed: int) -> None:
    for one in made("typo", text, seed):
        assert len(one) == len(text)
        places = [i for i in range(len(text)) if text[i] != one[i]]
        assert 1 <= len(places) <= 2
        assert places[-1] - places[0] <= 1


def test_the_table_of_typos_holds_no_word_and_no_length_of_another() -> None:
    for word, errors in typo.ERRORS.items():
        assert len(set(errors)) == len(errors)
        for error in errors:
            assert error != word
            assert len(error) == len(word)
            assert error not in typo.ERRORS


def test_an_order_number_is_replaced_where_there_is_one() -> None:
    for raw in ("订单20261103123456789没到", "订单[订单号]***********没到", "NT-20261103123456没到"):
        (one,) = made("order_number", raw)
        assert one.endswith("没到")
        assert "20261103123456" not in one
        assert "*" not in one
    (added,) = made("order_number", "退款没到")
    assert letters("退款没到") in letters(added)
    (phone,) = made("order_number", "打13812345678没人接")
    assert "13812345678" in phone, "a telephone number is none"
    assert order_number.perturb("退款没到", random.Random(0)) is not None


def test_a_brand_is_exchanged_for_one_of_its_kind() -> None:
    for seed in range(8):
        (one,) = made("brand", "我的小米手机坏了，小米手机客服不管", seed)
        name = one[2 : one.index("手机")]
        assert name != "小米"
        assert one == f"我的{name}手机坏了，{name}手机客服不管"
    assert made("brand", "买了两斤小米，是陈的") == ()
    (shop,) = made("brand", "@云朵家电 洗衣机不转")
    assert re.fullmatch(r"@..家电 洗衣机不转", shop)


def test_dates_move_together_and_deadlines_stay() -> None:
    (one,) = made("dates", "9月3日退的货，9月10日你们签收，钱没到")
    first, second = re.findall(r"(\d+)月(\d+)日", one)
    assert (first, second) != (("9", "3"), ("9", "10"))
    from datetime import date

    apart = date(2025, int(second[0]), int(second[1])) - date(2025, int(first[0]), int(first[1]))
    assert apart.days in (7, 7 - 365)
    for text in ("9月3日之前要用", "今天9月3日还没到", "9月3日婚礼用", "双11买的9月3日到", "没有日期", "2月31日退的"):
        assert made("dates", text) == (), text


def test_a_sum_grows_and_keeps_its_way_of_writing() -> None:
    (one,) = made("amount", "退款1,280.50元没到，运费12元")
    found = re.match(r"退款([\d,]+)\.50元没到，运费12元", one)
    assert found
    assert "," in found[1]
    assert int(found[1].replace(",", "")) >= 5 * 1280
    assert made("amount", "退款没到") == ()
    assert made("amount", "订单20261103没到") == ()


def test_who_is_greeted_or_thanked_already_is_left_alone() -> None:
    for text in ("您好，退款没到", "亲，在吗", "尊敬的客服：\n退款没到", "hello 退款没到"):
        assert made("greeting", text) == ()
    for text in ("麻烦退一下", "退款没到，谢谢"):
        assert made("politeness", text) == ()
    for text in ("第一行\n第二行", "客服：您好"):
        assert made("transcript", text) == ()

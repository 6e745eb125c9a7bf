"""Masking: what must be hidden is hidden, what must stay stays, lengths never change."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.mask import KINDS, find, mask

HIDDEN = [
    ("我手机13812345678换号了", "手机号", "13812345678"),
    ("電話１３８１２３４５６７８", "手机号", "１３８１２３４５６７８"),
    ("打 138 1234 5678 找我", "手机号", "138 1234 5678"),
    ("+86 138-1234-5678", "手机号", "+86 138-1234-5678"),
    ("身份证110101199003074514没通过", "身份证号", "110101199003074514"),
    ("身份证11010119900307451x没通过", "身份证号", "11010119900307451x"),
    ("卡号6222 0212 3456 7890 128", "银行卡号", "6222 0212 3456 7890 128"),
    ("邮箱Zhang.San@qq.com谢谢", "邮箱", "Zhang.San@qq.com"),
    ("订单号2026111198765432还没发", "订单号", "2026111198765432"),
    ("SF1234567890123到哪了", "订单号", "SF1234567890123"),
    ("编码" + "0" * 20 + "０13000000000错了", "订单号", "0" * 20 + "０13000000000"),
    ("税号91330106MA2CFRXY3K", "税号", "91330106MA2CFRXY3K"),
    ("电话0571-88886666", "电话", "0571-88886666"),
    ("改到文三路128号3单元502室谢谢", "地址", "文三路128号3单元502室"),
    ("阳光花园5栋2单元1801", "地址", "阳光花园5栋2单元1801"),
    ("碧波路690弄2号楼1203", "地址", "碧波路690弄2号楼1203"),
]
KEPT = [
    "20261111买的",
    "买了3件1299元",
    "我在3号楼",
    "等了3个小时5号发货",
    "2号付的尾款12号还没发",
    "双11满300减50",
    "12315投诉",
    "在人民路等了三天",
    "XL码还是XXL码",
    "",
]


@pytest.mark.parametrize(("text", "kind", "secret"), HIDDEN)
def test_personal_data_is_overwritten_by_its_kind(text: str, kind: str, secret: str) -> None:
    masked = mask(text)
    assert secret not in masked
    assert f"[{kind}]" in masked
    assert masked.replace(masked[text.index(secret) : text.index(secret) + len(secret)], secret) == text


@pytest.mark.parametrize("text", KEPT)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text) == text


PIECES = st.sampled_from(
    [
        "13812345678",
        "订单",
        "号",
        "文三路12号",
        "a@b.cn",
        "🙂",
        "６",
        "110101199003074514",
        " ",
        "-",
        "\n",
        "[手机号]",
        "***",
        "\ud800",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join))


@given(TEXTS)
def test_length_stays_and_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert len(once) == len(text)
    assert mask(once) == once
    once.encode("utf-8")  # storable: no lone surrogate is left


@given(TEXTS)
def test_no_mobile_number_survives(text: str) -> None:
    assert not re.search(r"(?<![0-9a-zA-Z])1[3-9][0-9]{9}(?![0-9])", mask(text))


def test_finds_are_ordered_and_apart() -> None:
    text = "我13812345678，邮箱a@b.cn，订单2026111198765432"
    found = list(find(text))
    assert [kind for _, _, kind in found] == ["手机号", "邮箱", "订单号"]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
    assert {kind for _, _, kind in found} <= set(KINDS)


@pytest.mark.parametrize(
    "piece", ["a", "1", "a@", "路", "文三路1号", "1号", "a.b@c.", "一", "13812345678 ", "[手机号]"]
)
def test_hostile_text_is_masked_in_linear_work(piece: str) -> None:
    """A pattern that backtracks would take hours on this, not the blink that it takes."""
    text = (piece * 200_000)[:200_000]
    assert len(mask(text)) == len(text)

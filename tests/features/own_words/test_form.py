"""Forms: what was written under a label that asks for it is read, labels and data that only identify are not."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("工单来源：在线客服\n受理时间：2026-11-11\n客户诉求：退货已签收，钱一直没退", "退货已签收，钱一直没退"),
        ("【订单编号】2026111198765432\n【联系电话】13812345678\n【问题描述】屏幕碎了，\n要换", "屏幕碎了， 要换"),
        ("姓名:张三 电话:13812345678 问题描述:杯子碎了", "杯子碎了"),
        ("1. 订单号：2026111198765432\n2. 商品名称：热水器\n3. 问题类型：不能用\n4. 问题描述：\n不点火", "热水器 不能用 不点火"),
        ("<table><tr><td>订单号</td><td>2026111198765432</td></tr><tr><td>问题描述</td><td>热水器不点火</td></tr></table>", "热水器不点火"),
        ("Name: 王\nPhone: 13812345678\nMessage: 灯不亮", "灯不亮"),
        ("问题描述：\n登录不了", "登录不了"),
        ("*订单号*：A1\n*备注*：发红色的", "发红色的"),
        ("提交时间：2026-11-03 10:05:12\n会员等级：金卡\n留言内容：券用不了！\n附件：无", "券用不了！"),
        ("订单号：2026111198765432，反馈时间：11月3日，问题描述：灯不亮", "灯不亮"),
    ],
)  # fmt: skip
def test_what_was_asked_for_is_read(text: str, words: str) -> None:
    assert own(text).strip("， ") == words or own(text).replace("， ", "") == words
    assert "form" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "订单号：2026111198765432，一直没发货，催一下",
        "客户诉求：退货已签收，钱一直没退",
        "用户反馈：面膜订单未发货时取消，至今第4天未退回",
        "麻烦改成\n收货地址：文三路128号\n联系电话：13812345678",
        "页面上写着内容：无，状态也不对",
        "说明书没有，备注也没看",
        "优先级：能不能高一点",
    ],
)
def test_a_label_in_a_sentence_stays(text: str) -> None:
    assert not read(text).found

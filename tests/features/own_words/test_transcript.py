"""Transcripts of chats: the customer's turns are read."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own

TRANSCRIPTS = [
    ("客服(10:23:11)：您好，请问有什么可以帮您\n客户(10:23:40)：热水器不点火\n客服(10:24:02)：请稍等", "热水器不点火"),
    ("[10:23] 客服: 您好\n[10:24] 用户: 退款没到\n都八天了\n[10:25] 客服: 已催", "退款没到 都八天了"),
    ("2026-11-03 10:05:12 客服小李\n您好\n2026-11-03 10:06:12 tb12345\n杯子碎了\n怎么赔\n2026-11-03 10:07:12 客服小李\n好的", "杯子碎了 怎么赔"),
    ("小李 2026/11/3 10:05:12\n您好，很高兴为您服务\n阿花 2026/11/3 10:06:00\n耳机没声音\n小李 2026/11/3 10:07:12\n请稍等", "耳机没声音"),
    ("云朵家电旗舰店:小美 (2026-11-03 10:05:12):\n亲，在的\ntb_9 (2026-11-03 10:06:12):\n发票什么时候开", "发票什么时候开"),
    ("京东客服-小东 10:05:12\n您好\njd_4f2a 10:06:01\n价保差多少", "价保差多少"),
    ("机器人：您好，请选择问题 用户：登录收不到验证码 机器人：正在为您转人工", "登录收不到验证码"),
    ("客服：爱买不买\n我：你什么态度\n客服：就这态度", "你什么态度"),
    ("*** 小美 joined the chat ***\n(10:23:11 AM) 小美: 很高兴为您服务\n(10:24:00 AM) Visitor 12345: 退货怎么操作\n(10:24:30 AM) 小美: 单号？", "退货怎么操作"),
    ("[Nov 3, 10:05] Agent: Hi\n[Nov 3, 10:06] Customer: 包裹停了四天", "包裹停了四天"),
    ("10:05 Bot: 请选择\n10:06 Visitor: 转人工，灯不亮", "转人工，灯不亮"),
    ("【客服】您好\n【买家】我要退货\n【客服】好的", "我要退货"),
    ("系统消息：会话开始\n智能客服：您好\n顾客：少发了一个\n人工客服小王：好的\n----- 会话结束 -----", "少发了一个"),
    ("用户 2026-11-03 10:05:12\n退差价\n商家 2026-11-03 10:06:12\n不支持", "退差价"),
    ("2026年11月3日 上午10:05 店小二：您好\n2026年11月3日 上午10:06 买家：红包没到", "红包没到"),
    ("聊天记录如下，帮我评评理\n卖家：不退\n买家：质量问题凭什么不退\n卖家：看说明", "聊天记录如下，帮我评评理 质量问题凭什么不退"),
    ("客服：\n您好\n用户：\n退货运费谁出\n客服：\n您出", "退货运费谁出"),
    ("客服小美(10:05)：亲\n买家(10:06)：裂了\n客服小美(10:07)：好的\n\n以上是记录，请尽快退款", "裂了 以上是记录，请尽快退款"),
    ("客服：这个不能退\n我都说了是破损\n客服：那也不退", "我都说了是破损"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), TRANSCRIPTS, ids=range(len(TRANSCRIPTS)))
def test_turns_of_the_customer_are_read(text: str, words: str) -> None:
    assert own(text) == words
    assert own(text.replace("\n", "\r\n")) == words
    assert kinds(text) == {"transcript"}


@pytest.mark.parametrize(
    "text",
    [
        "客服：你们什么态度",
        "客服说不能退，我不服。客服说：那算了",
        "客服：\n11月1日买的，没发货\n客户：张三",
        "客服：\n11月1日买的，没发货\n王小明",
        "11-03 10:05 下单\n11-03 12:00 付款\n11-05 09:00 还没发货",
        "11-03 10:05 我打电话：没人接\n11-04 09:00 又打：占线",
        "券送重复了。机器人：“亲，想了解怎么蒸吗？”我：退券。机器人：“亲，冷水下锅哦。”给个人工谢谢",
        "营业时间 9:00-18:00，20:15还没人回",
        "客服态度：差\n物流速度：慢",
        "问了三个人，第一个：不知道；第二个：不清楚",
        "投诉直播间客服：顾客指出印次与宣传不符，被禁言",
        "我：就想问一句，什么时候发货",
        "比分10:05，快递员：李师傅",
    ],
)
def test_what_only_tells_of_a_talk_stays(text: str) -> None:
    assert not read(text).found


def test_traditional_characters_are_known_too() -> None:
    text = "機器人：您好，請選擇問題\n用戶：退款一直沒到\n機器人：正在為您轉人工"
    assert own(text) == "退款一直没到"


def test_a_transcript_without_the_customer_is_read_whole() -> None:
    answer = read("客服(10:05)：您好\n客服(10:06)：在吗")
    assert answer.reading == "nothing_left"
    assert answer.masked == answer.whole


def test_names_that_tell_nothing_lose_only_heads() -> None:
    text = "阿花 10:05:12\n灯坏了\n小李 10:06:12\n哪个灯\n阿花 10:07:12\n客厅的"
    assert own(text) == "灯坏了 哪个灯 客厅的"

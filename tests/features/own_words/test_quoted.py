"""Quoted history in plain text, in the forms of the mail programs in use."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own

BLOCK = "发件人: 云朵家电 <kf@yun.cn>\n发送时间: 2026年11月3日 10:05\n收件人: 王小明 <w@qq.com>\n主题: 答复: 退款\n\n"
HEADERS = [
    "-----原始邮件-----\n" + BLOCK,
    BLOCK,
    '------------------ 原始邮件 ------------------\n发件人: "云朵家电" <kf@yun.cn>;\n发送时间: 2026年11月3日(星期二) 上午10:05\n'
    '收件人: "王小明"<1@qq.com>;\n抄送: "李"<2@qq.com>;\n主题: 退款\n\n',
    "------------------&nbsp;原始邮件&nbsp;------------------ 发件人: \"云朵\"<kf@yun.cn&gt;; 发送时间: 2026年11月3日(星期二) 晚上8:43 "
    "收件人: \"王\"<1@qq.com&gt;; 主题: Re: 退款\n",
    "---- 回复的原邮件 ----\n| 发件人 | 云朵家电<kf@yun.cn> |\n| 日期 | 2026年11月03日 10:05 |\n| 收件人 | w@163.com |\n| 主题 | 退款 |\n",
    "________________________________\n" + BLOCK,
    "*发件人:* 云朵 <kf@yun.cn>\n*发送时间:* 2026年11月3日 10:05\n*收件人:* 王\n*主题:* 退款\n\n",
    "在 2026年11月3日，10:05，云朵家电 <kf@yun.cn> 写道：\n\n",
    "在 2026-11-03 10:05:12，\"云朵家电\" <kf@yun.cn> 写道：\n",
    "云朵家电 <kf@yun.cn> 于2026年11月3日周二 10:05写道：\n\n",
    "云朵家电 (<kf@yun.cn>) 在 2026年11月3日星期二 下午05:48:53 [GMT+8] 寫道：\n",
    "2026年11月3日 上午2:59，云朵家电 <kf@yun.cn> 写道：\n",
    "---- 在 星期二, 03 十一月 2026 17:55:32 +0800 云朵 <kf@yun.cn> 撰写 ----\n",
    "On Tue, Nov 3, 2026 at 10:05 AM Yunduo Support <\nkf@yun.cn> wrote:\n",
    "On Nov 3, 2026, at 10:05, Yunduo <kf@yun.cn> wrote:\n",
    'At 2026-11-03 10:05:38, "云朵家电" <kf@yun.cn> wrote:\n',
    "-----Original Message-----\nFrom: Yunduo <kf@yun.cn>\nSent: Tuesday, November 3, 2026 10:05 AM\nTo: Wang\nSubject: RE: refund\n\n",
    "------------------ Original ------------------\nFrom: <kf@yun.cn>\nDate: Tue, Nov 3, 2026 10:05 AM\nTo: <1@qq.com>\nSubject: Re: refund\n",
    "发件人：[邮箱]*****\n日期：2026年11月3日\n收件人：[邮箱]***\n主题：退款\n",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_below_a_header_nothing_is_read(header: str, end: str) -> None:
    text = f"退货都签收了，钱还没到。\n\n{header}您好，我们已经在处理发票。\n祝好\n".replace("\n", end)
    assert own(text) == "退货都签收了，钱还没到。"
    assert kinds(text) <= {"quoted", "html"}


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
@pytest.mark.parametrize("lead", ["", "请看下面\n", "转发：退款\n", "您好！\n如下，请处理，谢谢\n发自我的iPhone\n"])
def test_a_forwarded_mail_is_read_without_its_header(header: str, lead: str) -> None:
    words = own(f"{lead}{header}杯子碎了要退货")
    assert words.endswith("杯子碎了要退货")
    assert "kf@" not in words
    assert "邮箱" not in words
    assert "写道" not in words
    assert "2026" not in words


def test_traditional_characters_are_known_too() -> None:
    text = "退貨都簽收了\n\n寄件者: 雲朵 <kf@yun.cn>\n寄件日期: 2026年11月3日 10:05\n收件者: 王\n主旨: 回覆: 退款\n\n已入庫"
    assert own(text) == "退货都签收了"
    assert own("轉寄：退款\n杯子碎了") == "退款 杯子碎了"


FORWARDED = [
    "---------- Forwarded message ---------\n发件人：小王 <w@x.com>\nDate: 2026年11月3日周二 10:05\nSubject: 退货\nTo: <kf@x.com>\n\n",
    "-------- 转发邮件信息 --------\n发件人：小王 <w@x.com>\n发送日期：2026-11-03 10:05:12\n收件人：kf@x.com\n主题：退货\n",
    "Begin forwarded message:\n\nFrom: W <w@x.com>\nSubject: Refund\nDate: November 3, 2026 at 10:05:12 GMT+8\nTo: kf@x.com\n\n",
    "开始转发的邮件：\n\n发件人: 小王 <w@x.com>\n主题: 退货\n日期: 2026年11月3日 GMT+8 10:05:12\n收件人: kf@x.com\n\n",
]


@pytest.mark.parametrize("header", FORWARDED)
def test_what_says_that_it_was_forwarded_is_read_below_a_few_words(header: str) -> None:
    assert own(f"帮我看看这个\n\n{header}杯子碎了要退货") == "帮我看看这个 杯子碎了要退货"
    assert own(f"{header}杯子碎了要退货") == "杯子碎了要退货"


def test_of_a_forwarded_mail_its_own_history_is_not_read() -> None:
    text = f"{FORWARDED[0]}杯子碎了要退货\n\n{HEADERS[0]}您好，已发出"
    assert own(text) == "杯子碎了要退货"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("还没收到\n\n在 2026年11月3日，10:05，客服 <kf@x.com> 写道：\n\n> 您好\n> 已发货", "还没收到"),
        ("On Tue, Nov 3, 2026 at 10:05 AM Shop <kf@x.com> wrote:\n> 什么颜色？\n红色，不要蓝的\n> > 什么尺码？\nM码", "红色，不要蓝的 M码"),
        ("> 您好，请问还要吗\n不要了，退货", "不要了，退货"),
        ("> 今天还没发货", "今天还没发货"),
        ("「客服小美：亲，已经发货了」\n- - - - - - - - - - - - - - -\n根本没有物流信息", "根本没有物流信息"),
        ("Re: 回复：关于退款\n还没到账", "关于退款 还没到账"),
        ("FW：Fwd: 破损", "破损"),
        ("还没到 在 2026年11月3日，10:05，客服 <kf@x.com> 写道： 您好，已发货", "还没到"),
        ("还没到 ------------------ 原始邮件 ------------------ 发件人: \"k\"<k@x.cn>; 发送时间: 2026年11月3日 收件人: 我; 主题: 退款 您好", "还没到"),
    ],
)  # fmt: skip
def test_other_quotations(text: str, words: str) -> None:
    assert own(text) == words


@pytest.mark.parametrize(
    "text",
    [
        ">_< 怎么又坏了",
        ">3天了还不发",
        "客户在2026年11月3日的评价里写道：质量不行，要求退货",
        "我2026年11月3日写道歉信给你们？",
        "发件人：张三，收件人：李四，快递三天没动",
        "快递面单上发件人: 云朵仓 收件人: 王 时间: 11月3日，地址写错了",
        "转发抽金条，中奖名单是我，一直没人理",
        "说好的回复呢，主题活动也没有",
        "From now on 不买了",
        "——一个等了一个月的人",
        "请在回复中写道歉的话",
        "页面写：原始邮件地址不对，改不了",
    ],
)
def test_what_only_speaks_of_mail_stays(text: str) -> None:
    assert not read(text).found

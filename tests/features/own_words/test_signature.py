"""Signatures, devices' lines, disclaimers."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own

BELOW = [
    "发自我的 iPhone",
    "发自我的iPhone",
    "发自我的华为手机",
    "发自网易邮箱大师",
    "发自 网易邮箱手机版",
    "来自 Outlook",
    "来自我的小米手机",
    "来自 Windows 版邮件",
    "从我的 iPhone 发送",
    "从 Windows 版邮件发送",
    "通过钉钉邮箱发送",
    "获取 Outlook for iOS",
    "获取适用于 iOS 的 Outlook",
    "下载 Outlook for Android<https://aka.ms/x>",
    "Sent from my iPhone",
    "Sent from Mail for Windows",
    "Get Outlook for Android",
    "Sent with Proton Mail secure email.",
    "签名由 网易邮箱大师 定制",
    "-- \n王小明\n云朵科技有限公司",
    "--\n王小明",
    "此邮件及其附件含有保密信息，仅限于收件人使用。\n未经许可不得转发。",
    "本邮件及所有附件可能包含机密信息，如您不是收件人，请删除。",
    "保密提示：本邮件仅供指定收件人阅读",
    "免责声明：以上不代表公司立场",
    "This email and any attachments are confidential and intended solely for the addressee.",
    "CONFIDENTIALITY NOTICE: do not read",
    "The information contained in this message is privileged.",
    "祝好\n王小明\n云朵科技有限公司 采购部\n电话：0571-88886666\n邮箱：w@yun.cn\n地址：杭州市文三路128号",
    "Best regards,\nWang\nTel: 0571-88886666 | Fax: 0571-88886667\nE-mail: w@yun.cn",
    "云朵科技有限公司\n联系电话：13812345678\nwww.yun.cn\n邮箱：w@yun.cn",
]


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_stands_below_a_mail_is_not_read(below: str, end: str) -> None:
    text = f"耳机右边没声音，要换。\n\n{below}".replace("\n", end)
    assert own(text) == "耳机右边没声音，要换。"
    assert "signature" in kinds(text)


def test_in_one_line_and_above() -> None:
    assert own("耳机没声音。 发自我的iPhone") == "耳机没声音。"
    assert own("【外部邮件】此邮件来自外部，请谨慎点击链接\n没到货") == "没到货"
    assert own("CAUTION: This email originated from outside the organization.\n没到货") == "没到货"


@pytest.mark.parametrize(
    "text",
    [
        "发自内心的感谢",
        "这批货来自福建，壳是裂的",
        "我的iPhone发不出验证码",
        "谢谢\n行政部 小顾",
        "此致\n沈",
        "请开票。\n财务 沙\n联系电话 0551-63000012",
        "麻烦把收货信息改成\n收货人：张三\n电话：13812345678\n地址：文三路128号3单元502室",
        "请核对我的信息，不要泄露，商品页写着机密配方",
        "你们发的邮件仅供参考？什么意思",
        "——一个快被逼疯的人",
        "电话：没人接\n邮箱：没人回\n地址：也没有，你们到底在哪",
        "通过手机号查不到订单",
        "从小米手机上下单的",
    ],
)
def test_what_the_customer_says_stays(text: str) -> None:
    assert read(text).reading == "whole"

"""What a telephone or a mail program puts below the words: where it was sent from, a name, a firm, a disclaimer."""

from __future__ import annotations

import random

from training.judge.probe.check import Check

_DEVICES = (
    "发自我的iPhone",
    "发自我的 iPhone",
    "发自我的华为手机",
    "发自我的小米手机",
    "从我的 Android 版 Outlook 发送",
    "来自我的iPad",
    "Sent from my iPhone",
    "发自 网易邮箱大师",
    "来自QQ邮箱手机版",
    "获取 Outlook for iOS",
)
_NAMES = ("王女士", "李先生", "陈晓东", "周敏", "赵工", "刘思雨", "何老师", "Amy Lin", "郑凯")
_POSTS = ("采购部", "行政部", "财务部 会计", "客户经理", "项目组", "运营", "人事行政专员")
_FIRMS = ("清和商贸有限公司", "远山科技（杭州）有限公司", "城南实验小学", "北辰建筑设计院", "小满文化传媒有限公司")
_NOTICE = (
    "本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人或群组。如果您错收了本邮件，请立即通知发件人并删除本邮件。",
    "此邮件由系统代发，内容仅供收件人使用，未经许可请勿转发。",
    "保护环境，请在打印前三思。",
)


def perturb(text: str, rng: random.Random) -> str:
    name, post, firm = rng.choice(_NAMES), rng.choice(_POSTS), rng.choice(_FIRMS)
    number = f"1{rng.choice('3578')}{rng.randint(0, 10**9 - 1):09}"
    block = rng.choice(
        (
            rng.choice(_DEVICES),
            rng.choice(_DEVICES),
            f"此致\n敬礼\n{name}",
            f"祝好\n{name}",
            f"--\n{name}\n{firm} {post}\n电话：{number}",
            f"——————————\n{name} | {post}\n{firm}\n手机：{number}\n邮箱：mail@example.com",
            f"Best regards,\n{name}\n{firm}",
            f"{name}\n{post}\n{firm}\nTel: {number}\n\n{rng.choice(_NOTICE)}",
            f"{name}\n\n{rng.choice(_DEVICES)}",
        )
    )
    return f"{text.rstrip()}\n\n{block}"


CHECK = Check("signature", "落款与签名", "invariance", perturb)

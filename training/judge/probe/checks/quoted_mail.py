"""An older mail about something else, quoted below as the usual programs quote it."""

from __future__ import annotations

import random

from training.judge.probe.check import Check

_OLD = (
    "您好，您的来信我们已经收到，会在一个工作日内回复您，请耐心等待。",
    "尊敬的会员：\n本周新品已上架，关注店铺可领取满减券，欢迎选购。",
    "您好，您申请的电子发票已开具，请在附件中查收。",
    "您好，感谢您对本店的支持！请对本次服务作出评价：非常满意 / 满意 / 一般。",
    "上次买的杯子很好看，请问有没有大一号的，颜色要一样的。",
    "您好，您咨询的面料是纯棉的，可以机洗，水温请不要超过三十度。",
    "亲，地址已经帮您改好了，请放心。",
    "各位客户：\n春节期间客服工作时间为9:00至18:00，给您带来不便敬请谅解。",
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_SUBJECTS = ("回复：咨询", "关于您的来信", "自动回复", "店铺通知", "Re: 商品咨询")


def perturb(text: str, rng: random.Random) -> list[str]:
    """Two programs, two old mails."""
    out = []
    for client, old in zip(rng.sample(_CLIENTS, 2), rng.sample(_OLD, 2), strict=True):
        out.append(f"{text.rstrip()}\n\n{client(old, rng)}")
    return out


def _moment(rng: random.Random) -> tuple[int, int, int, int, int]:
    return rng.choice((2025, 2026)), rng.randint(1, 12), rng.randint(1, 28), rng.randint(8, 21), rng.randint(0, 59)


def _arrows(old: str) -> str:
    return "\n".join(f"> {line}" for line in old.split("\n"))


def _qq(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return (
        "------------------&nbsp;原始邮件&nbsp;------------------\n".replace("&nbsp;", " ")
        + '发件人: "客服中心"<service@example.com>;\n'
        + f"发送时间: {y}年{mo}月{d}日(星期{rng.choice('一二三四五')}) {h}:{mi:02}\n"
        + f'收件人: "我"<me@example.com>;\n主题: {rng.choice(_SUBJECTS)}\n\n{old}'
    )


def _netease(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return f'在 {y}-{mo:02}-{d:02} {h:02}:{mi:02}:{rng.randint(0, 59):02}，"客服" <service@example.com> 写道：\n\n{_arrows(old)}'


def _outlook(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return (
        f"________________________________\n发件人: 客服中心 <service@example.com>\n发送时间: {y}年{mo}月{d}日 {h}:{mi:02}\n"
        f"收件人: me@example.com\n主题: {rng.choice(_SUBJECTS)}\n\n{old}"
    )


def _outlook_english(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return (
        f"-----Original Message-----\nFrom: Service <service@example.com>\nSent: {y}-{mo:02}-{d:02} {h}:{mi:02}\n"
        f"To: me@example.com\nSubject: {rng.choice(_SUBJECTS)}\n\n{old}"
    )


def _gmail(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return f"客服中心 <service@example.com> 于{y}年{mo}月{d}日周{rng.choice('一二三四五')} {h:02}:{mi:02}写道：\n\n{_arrows(old)}"


def _gmail_english(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    month = _MONTHS[3 * mo - 3 : 3 * mo]
    return f"On {month} {d}, {y} at {h}:{mi:02}, Service <service@example.com> wrote:\n\n{_arrows(old)}"


def _apple(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    half = "上午" if h < 12 else "下午"
    return f"> 在 {y}年{mo}月{d}日，{half}{(h - 1) % 12 + 1}:{mi:02}，客服中心 <service@example.com> 写道：\n> \n{_arrows(old)}"


def _foxmail(old: str, rng: random.Random) -> str:
    y, mo, d, h, mi = _moment(rng)
    return (
        f"发件人： service@example.com\n发送时间： {y}-{mo:02}-{d:02} {h:02}:{mi:02}\n收件人： me@example.com\n"
        f"主题： {rng.choice(_SUBJECTS)}\n{old}"
    )


_CLIENTS = (_qq, _netease, _outlook, _outlook_english, _gmail, _gmail_english, _apple, _foxmail)

CHECK = Check("quoted_mail", "下面引用的旧邮件", "invariance", perturb)

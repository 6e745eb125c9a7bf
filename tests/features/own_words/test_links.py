"""Links and the texts that shops' apps share."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("这个https://item.taobao.com/item.htm?id=6789012345678&spm=a1.b2多少钱", "这个 多少钱"),
        ("看www.a.cn/x，和m.tb.cn/h.5abc这两个", "看 ，和 这两个"),
        ("【淘宝】7天无理由退货 https://e.tb.cn/h.7?tk=GeU CZ321 「热水器 包邮」\n点击链接直接打开 或者 淘宝搜索直接打开\n这个有货吗", "这个有货吗"),
        ("【京东】https://3.cn/-2WC?jkl=@YC@ CA1507 「可编程键盘」\n点击链接直接打开 或者复制文案打开京东 能开专票吗", "能开专票吗"),
        ("【闲鱼】https://m.tb.cn/h.TV?tk=eA MF1643 「快来看看吧～」点击链接直接打开", None),
        ("3.21 复制打开抖音，看看【小美】好物 https://v.douyin.com/abc/ 这款什么时候发货", "【小美】好物 这款什么时候发货"),
        ("￥AbCd1234Ef￥复制这条信息，打开手机淘宝即可查看 这个补货吗", "这个补货吗"),
        ("进度查 https://a.cn/x?a=1&b=[订单号]*****&c=3 查不到。", "进度查 查不到。"),
        ("见(https://a.cn/b)。", "见( )。"),
    ],
)  # fmt: skip
def test_words_beside_links_are_read(text: str, words: str | None) -> None:
    if words is None:
        assert read(text).reading == "nothing_left"
    else:
        assert own(text) == words
        assert kinds(text) == {"link"}


def test_a_text_that_is_only_a_link_is_read_whole_and_said_to_be_one() -> None:
    answer = read("https://item.example.com/item.htm?id=123456")
    assert answer.reading == "nothing_left"
    assert answer.masked == answer.whole
    assert [part.kind for part in answer.found] == ["link"]


@pytest.mark.parametrize(
    "text",
    [
        "http打不开",
        "www打不开",
        "发到a@b.com了",
        "3.5cm的",
        "官网yun.com打不开",
        "复制了也打不开",
        "复印件要几份",
        "1.5/2.0",
    ],
)
def test_what_is_no_link_stays(text: str) -> None:
    assert not read(text).found

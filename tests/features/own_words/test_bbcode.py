"""BBCode and CQ codes."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[img]http://a.cn/b.png[/img]到货[b]破[/b]损", "到货破损"),
        ("见[url=http://x.cn/1]这张图[/url]，[COLOR=red]急[/COLOR]", "见这张图，急"),
        ("[quote]小美：已发货[/quote]根本没发", "根本没发"),
        ("[quote]只有引用[/quote]", "只有引用"),
        ("[CQ:reply,id=1][CQ:at,qq=2] 退货[CQ:face,id=178]", "退货"),
        ("[size=3][font=宋体]灯不亮[/font][/size]", "灯不亮"),
    ],
)
def test_words_between_tags_are_read(text: str, words: str) -> None:
    assert own(text) == words
    assert kinds(text) == {"bbcode"}


@pytest.mark.parametrize(
    "text", ["选[S]还是[M]", "[b]没有结束", "没有开始[/b]", "[微笑][强]", "[图片]", "[手机号]******", "a[i]和b[i]"]
)
def test_a_lone_bracket_stays(text: str) -> None:
    assert not read(text).found

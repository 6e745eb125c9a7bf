"""Markdown of chat tools."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![图](https://a.cn/x.png)屏幕**碎了**", "屏幕碎了"),
        ('见[这个链接](https://a.cn/b_(1) "标题")打不开', "见这个链接打不开"),
        ("## 问题\n登录不了", "问题 登录不了"),
        ("```json\n错误码 500\n```\n登录不了", "错误码 500 登录不了"),
        ("[写信](mailto:a@b.cn)没人回", "写信没人回"),
    ],
)
def test_words_are_read_without_marks(text: str, words: str) -> None:
    assert own(text) == words
    assert kinds(text) == {"markdown"}


@pytest.mark.parametrize(
    "text",
    [
        "#双11翻车# 耳机没发",
        "收件人张**，单号YT88****031",
        "[手机号]****** 和 [手机号]******",
        "[手机号](急)",
        "2**3**4",
        "****",
        "5*3=15",
        "`代码`",
    ],
)
def test_what_is_no_markdown_stays(text: str) -> None:
    assert not read(text).found

"""What a person says of a file, and that it comes back as it was said."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.options import ReadOptions, quoted
from triage.errors import InputError

SAID = ReadOptions.of(
    ["text=客户 原话", "created_at="],
    ["urgency.P1=critical", "category.退款;投诉=退款", "category.a.b=c"],
    "工单 数据",
    "big5",
)


def test_words_of_the_command_line() -> None:
    assert SAID.columns == {"text": "客户 原话", "created_at": ""}
    assert SAID.labels == {"urgency": {"P1": "critical"}, "category": {"退款;投诉": "退款", "a.b": "c"}}
    assert (SAID.sheet, SAID.encoding) == ("工单 数据", "big5")


def test_they_can_be_typed_again() -> None:
    words = shlex.split(SAID.words())
    found: dict[str, list[str]] = {}
    for option, value in zip(words[::2], words[1::2], strict=True):
        found.setdefault(option, []).append(value)
    assert ReadOptions.of(found["--column"], found["--label"], found["--sheet"][0], found["--encoding"][0]) == SAID
    assert ReadOptions().words() == ""


def test_they_are_kept_as_plain_data() -> None:
    assert ReadOptions.from_json(SAID.to_json()) == SAID
    assert ReadOptions().to_json() == {}


@pytest.mark.parametrize(
    ("columns", "labels", "says"),
    [
        (["内容"], [], "用途=列名"),
        (["内容=words"], [], "text、subject、body"),
        (["text=a", "text=b"], [], "给了两次 text"),
        ([], ["P1=critical"], "项.文件里的说法=标签"),
        ([], ["urgency.=critical"], "看不懂"),
    ],
)
def test_what_is_not_understood_is_told_with_an_example(columns: list[str], labels: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        ReadOptions.of(columns, labels)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12))
def test_quoted_words_are_one_word_to_a_shell(word: str) -> None:
    assert shlex.split(quoted(word)) == [word]


def test_a_shop_may_have_heads_of_its_own() -> None:
    own = ReadOptions.of(["product_line=产品线"], ["product_line.空调=aircon"])
    own.check(("text", "product_line"), ("category", "product_line"))
    with pytest.raises(InputError, match="用途是 text、category 之一"):
        own.check(("text", "category"), ("category",))
    with pytest.raises(InputError, match="项是 category、urgency 之一"):
        ReadOptions.of([], ["queue.P1=critical"]).check((), ("category", "urgency"))

"""Reading: lengths stay, what was read once reads the same, nothing is lost silently, hostile texts cost linear work."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given

from features import hashing
from features.mask import mask
from features.normalise import fold
from features.own_words import FINDERS, MOST_ROUNDS, mark, may_have_regions
from features.own_words.region import JOINER, view
from features.reading import OwnWords, ReadText, as_shown, own_words, read, read_many
from tests.features.own_words.builders import PIECES, TEXTS, own
from triage.own_words import KIND_NAMES, Kind
from triage.ticket import MAX_TEXT

PLAIN = ["", " ", "退款没到", "尺码<M", "客服：你们什么态度", "我手机13812345678换号了"]
MARKED = [
    "<p>我手机<b>138</b>12345678换号了</p>",
    '{"content":"<p>退款&nbsp;没到<\\/p>"}',
    "客服(10:05)：您好\n客户(10:06)：灯不亮\n\n发自我的iPhone",
    '<div>退款没到</div><div id="appendonsend"></div>客服(10:05)：您好',
]


@given(TEXTS)
@example("&nbsp13812345678")
@example("138<b>1234</b>5678")
@example("<<b>b>")
@example("\u2060<\u2060p>a</p>")
def test_lengths_stay_and_reading_twice_changes_nothing(text: str) -> None:
    once = read(text)
    assert len(once.masked) == len(once.whole) == len(text) == once.length
    assert read(once.masked).masked == once.masked
    assert read(once.whole) == once  # the stored text says again what was not read
    assert mask(once.masked) == once.masked
    assert mask(once.whole) == once.whole
    once.masked.encode("utf-8")


@given(TEXTS)
def test_the_cheap_look_overlooks_nothing(text: str) -> None:
    masked = mask(text)
    if not may_have_regions(masked):
        assert mark(masked).text == masked


@given(TEXTS)
def test_what_is_not_read_is_said(text: str) -> None:
    answer = read(text)
    assert list(answer.unread) == sorted(answer.unread)
    assert all(a.end <= b.start for a, b in zip(answer.unread, answer.unread[1:], strict=False))
    assert all(0 <= part.start < part.end <= len(text) and part.kind in KIND_NAMES for part in answer.found)
    assert (answer.reading == "own_words") == bool(answer.unread)
    if answer.reading in ("whole", "own_words"):
        read_ones = {i for start, end in answer.own for i in range(start, end)}
        for i, char in enumerate(answer.masked):  # blanks do not matter; no word is read that is said to be left out
            if char.isalnum():
                assert i in read_ones
    else:
        assert answer.masked == answer.whole


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_text_is_masked_and_nothing_else(text: str) -> None:
    assert read(text) == ReadText(OwnWords(mask(text)), mask(text))


def test_of_the_starter_tickets_only_transcripts_are_touched(root: Path) -> None:
    with (root / "datasets" / "starter" / "tickets.jsonl").open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    touched = [
        text for text, answer in zip(texts, read_many(texts), strict=True) if answer != ReadText(*[mask(text)] * 2)
    ]
    assert len(touched) == 7
    for text in touched:
        turns = re.split("(客户：|客服：)", text)[1:]
        said = [words for who, words in zip(turns[::2], turns[1::2], strict=True) if who == "客户："]
        assert own(text) == " ".join(said)


def test_several_are_read_as_each_alone() -> None:
    assert read_many([*PLAIN, *MARKED]) == [read(text) for text in (*PLAIN, *MARKED)]


def test_personal_data_that_tags_part_is_hidden_in_what_is_stored_too() -> None:
    answer = read("<p>我手机138<b>1234</b>5678换号了</p>")
    assert fold([answer.masked]).text() == "我手机[手机号]***换号了"  # folding cuts runs
    assert not any(char.isdigit() for char in answer.whole)
    assert answer.whole.startswith("<p>我手机[手")
    assert answer.whole.endswith("换号了</p>")


def test_kinds_are_told_apart() -> None:
    text = '{"content":"<p>退款没到</p>\\n\\n发自我的iPhone"}'
    answer = read(text)
    assert [text[part.start : part.end] for part in answer.unread if part.kind == "signature"] == ["发自我的iPhone"]
    assert [part.kind for part in answer.unread] == ["envelope", "html", "html", "signature", "envelope"]
    assert [text[start:end] for start, end in answer.own][:1] == ["退款没到"]


def test_every_kind_has_its_finder() -> None:
    assert tuple(finder.kind for finder in FINDERS) == tuple(KIND_NAMES) == get_args(Kind)


def test_a_text_that_never_settles_is_read_whole() -> None:
    deep = 3 * MOST_ROUNDS
    text = "[" * deep + "[b]" + "b]" * deep + "灯不亮" + "[/b" * deep + "[/b]" + "]" * deep
    answer = read(text)
    assert answer.reading == "tangled"
    assert answer.masked == answer.whole == mask(text)


def steps(call: Callable[[], object]) -> int:
    """Lines of Python that ``call`` runs: a count of work that no other process disturbs."""
    count = 0

    def trace(frame: object, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        call()
    finally:
        sys.settrace(None)
    return count


HOSTILE = [
    *PIECES,
    "客服：\n",
    "客服：您好\n客户：好\n",
    '<a "',
    "<a '",
    "<!--<",
    "</",
    "&amp;",
    "[url=",
    "](",
    "From: ",
    "发件人：x\n主题：y\n时间：1\n",
]


@pytest.mark.parametrize("piece", sorted(set(HOSTILE)))
def test_hostile_texts_cost_linear_work(piece: str) -> None:
    """Twice the text, about twice the steps; a pattern that backtracks would not come back from the longest at all."""
    small, large = (piece * (n // len(piece)) for n in (1_000, 2_000))
    read(small)
    few, many = steps(lambda: read(small)), steps(lambda: read(large))
    assert many <= 3 * few + 1_000
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    assert len(read(text).masked) == len(text)


def test_joiners_are_dropped_by_folding() -> None:
    assert fold([f"退{JOINER}{JOINER}货"]).text() == "退货"
    assert view(f"退{JOINER}货  款 ").text == "退货 款 "


def test_what_was_read_is_not_read_again() -> None:
    for text in (*PLAIN, *MARKED):
        words = read(text).masked
        assert own_words(words) is words
        assert own_words(text) == words
    assert hashing.read([MARKED[0], read(MARKED[0]).masked]).texts == (read(MARKED[0]).masked,) * 2


def test_what_people_see_of_a_stretch_has_no_filling() -> None:
    assert as_shown(f"退{JOINER * 3}货   单") == "退货 单"
    assert as_shown("没收到 货") == "没收到 货"

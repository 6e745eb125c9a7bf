"""What many tickets have in common makes no two of them alike; what they say does."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.builders import starter
from training.data.duplicates import group, group_whole, grouping
from training.data.frames import LEAST, NO_FRAMES, SAMPLE, cover, find
from training.data.letters import letters

NAMES = ("王小明", "李芳", "欧阳文静", "赵磊")

Dress = Callable[[str, int], str]


def form(text: str, i: int) -> str:
    return f"受理渠道：门店热线\n登记时间：2026-10-{i % 28 + 1:02d} {i % 24:02d}:{i % 60:02d}\n客户反映：{text}\n办理要求：一个工作日内答复"


def greeting(text: str, _: int) -> str:
    return f"亲亲您好呀，这里是青禾家纺官方店，小禾为您服务，有什么可以帮到您的呢～ {text}"


def disclaimer(text: str, _: int) -> str:
    return f"{text}\n--\n此邮件可能含有商业秘密，如果您不是指定的收件人，请立即删除并通知发件人，谢谢您的配合。"


def transfer(text: str, i: int) -> str:
    return f"尊敬的{NAMES[i % 4]}，您的来电已转交二线处理，流水号{7919 * i + 10**7}，请等候回复。原话：{text}"


def fields(text: str, i: int) -> str:
    kinds = ("家用电器", "床上用品", "服装鞋帽")
    return f"商品大类：{kinds[i % 3]}\n是否会员：{'是否'[i % 2]}\n是否加急：{'否是'[i % 5 == 0]}\n详细描述：{text}"


def in_turn(text: str, i: int) -> str:
    return (form, greeting, disclaimer)[i % 3](text, i)


def forty_and_sixty(text: str, i: int) -> str:
    return (greeting if i % 10 < 4 else form)(text, i)


def one_in_twenty(text: str, i: int) -> str:
    return disclaimer(text, i) if i % 20 == 0 else text


def one_in_another(text: str, i: int) -> str:
    return disclaimer(form(text, i), i)


DRESSES = (form, greeting, disclaimer, transfer, fields, in_turn, forty_and_sixty, one_in_twenty, one_in_another)


def some(n: int, seed: int = 0) -> list[str]:
    return random.Random(seed).sample(list(starter().texts), n)


def same(first: np.ndarray, second: np.ndarray) -> bool:
    return bool((first == second).all())


@pytest.mark.parametrize("dress", DRESSES)
def test_tickets_in_a_frame_are_as_alike_as_without_it(dress: Dress) -> None:
    texts = [*some(180), *(f"{text}，急" for text in some(20))]
    plain = group(texts)
    assert len(set(plain.tolist())) <= 180
    assert same(group([dress(text, i) for i, text in enumerate(texts)]), plain)


@pytest.mark.parametrize("dress", [form, greeting, disclaimer, in_turn, one_in_another])
def test_the_same_words_in_a_form_are_copies(dress: Dress) -> None:
    """Another day, another number, another channel: the words count."""
    texts = [text for text in some(60) if len(text) > 12]
    twice = [dress(text, i) for i, text in enumerate(texts)] + [dress(text, i + 7) for i, text in enumerate(texts)]
    found = group(twice)
    assert same(found[len(texts) :], found[: len(texts)])
    assert len(set(found.tolist())) == len(texts)


@pytest.mark.parametrize("dress", [form, greeting, disclaimer, forty_and_sixty])
def test_twenty_tickets_show_their_frame(dress: Dress) -> None:
    texts = [dress(text, i) for i, text in enumerate(some(20))]
    found = grouping(texts)
    assert len(set(found.groups.tolist())) == 20
    assert found.shared.texts == 20


def test_a_handful_shows_none_but_may_be_told() -> None:
    texts = [form(text, i) for i, text in enumerate(["钱没退", "柜门坏了", "发票呢", "尺码小"])]
    assert len(set(group(texts).tolist())) == 1
    known = grouping([form(text, i) for i, text in enumerate(some(60))]).frames
    assert len(set(grouping(texts, known=known).groups.tolist())) == 4


def test_what_hundreds_ask_in_the_same_words_is_no_frame() -> None:
    asked = "定金膨胀的尾款今晚几点可以付"
    variants = [f"{asked}{tail}" for tail in ("", "啊", "？？", "，谢谢", "，急", "呢亲", "，在吗", "！")]
    numbers = [f"{asked}，订单尾号{1000 + 37 * i}" for i in range(40)]
    texts = [*some(150), *[asked] * 80, *variants, *(f"请问{one}" for one in variants), *numbers]
    found = grouping(texts)
    assert found.shared.texts == 0
    assert len(set(found.groups[150:].tolist())) == 1


def test_a_ticket_that_is_nothing_but_frame_is_like_those_only() -> None:
    texts = [*(form(text, i) for i, text in enumerate(some(60))), form("", 3), form("", 9)]
    found = group(texts)
    assert found[60] == found[61] == 60
    assert len(set(found[:60].tolist())) == 60


def test_plain_tickets_have_no_frame() -> None:
    found = grouping(starter().texts)
    assert len(found.frames) == 0
    assert same(found.groups, group_whole(starter().texts))
    assert found.shared.notes() == ()


def test_the_note_says_the_words_and_no_number() -> None:
    found = grouping([form(text, i) for i, text in enumerate(some(60))])
    (note,) = found.shared.notes()
    assert note.startswith("60 条工单里")
    assert "受理渠道：门店热线 登记时间：… 客户反映" in note
    assert "办理要求：一个工作日内答复" in note
    assert not any(digit in note.removeprefix("60") for digit in "0123456789")


def test_two_channels_are_both_named() -> None:
    words = grouping([forty_and_sixty(text, i) for i, text in enumerate(some(100))]).shared.words
    assert any("青禾家纺" in one for one in words)
    assert any("门店热线" in one for one in words)


def test_more_different_texts_than_are_counted() -> None:
    filler = [chr(c) for c in range(0x4E00, 0x4E00 + 3000)]
    rng = random.Random(5)
    texts = ["".join(rng.sample(filler, 8)) for _ in range(SAMPLE + 500)]
    found = grouping([greeting(text, 0) if i % 10 == 0 else text for i, text in enumerate(texts)])
    assert found.shared.texts == (SAMPLE + 500) // 10
    assert len(set(found.groups.tolist())) == len(texts)


PIECES = st.text("退换修坏款货票快慢急单付", min_size=5, max_size=9)


@settings(max_examples=50)
@given(st.lists(PIECES, min_size=LEAST, max_size=14, unique=True), st.sampled_from(DRESSES), st.randoms())
def test_the_order_of_tickets_shows_no_other_frame(pieces: list[str], dress: Dress, rng: random.Random) -> None:
    texts = [dress(text, i) for i, text in enumerate(pieces)]
    mixed = texts[:]
    rng.shuffle(mixed)
    first, second = find(letters(texts), len(texts)), find(letters(mixed), len(texts))
    assert first.keys.tolist() == second.keys.tolist()
    assert first.shares.tolist() == second.shares.tolist()


@settings(max_examples=50)
@given(st.lists(PIECES, min_size=1, max_size=14), st.sampled_from(DRESSES))
def test_equal_texts_are_copies_and_something_always_counts(pieces: list[str], dress: Dress) -> None:
    texts = [dress(text, i % 4) for i, text in enumerate([*pieces, *pieces])]
    assert all(
        a == b
        for i, a in enumerate(group(texts).tolist())
        for j, b in enumerate(group(texts).tolist())
        if texts[i] == texts[j]
    )
    found = letters(texts)
    covered = cover(found, len(texts), find(found, len(texts)))
    assert (np.bincount(found.owner[covered.rest], minlength=len(texts)) > 0).all()
    gone = np.zeros(len(found.codes), np.bool_)
    bounds = found.bounds(len(texts))
    for text, start, end in covered.stretches.tolist():
        gone[bounds[text] + start : bounds[text] + end + 1] = True
    assert same(gone, ~covered.rest)


def test_what_is_known_of_both_is_joined() -> None:
    one = grouping([form(text, i) for i, text in enumerate(some(30))]).frames
    other = grouping([greeting(text, i) for i, text in enumerate(some(40, 1))]).frames
    both = one.joined(other)
    assert set(both.keys.tolist()) == set(one.keys.tolist()) | set(other.keys.tolist())
    assert both.joined(one).shares.tolist() == both.shares.tolist()
    assert one.joined(NO_FRAMES).keys.tolist() == one.keys.tolist()

"""Two layers of a text: what it says, and how loudly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.hashing import FeatureSettings, count, is_char, is_tone, read
from features.tone import Layers, layers
from tests.models.builders import ODD_BATCHES, ODD_TEXTS

TICKETS = ("收到了", "发票呢", "电池鼓包烧到我手了", "退款三天没到账，催了两次", "能开专票吗？", "包裹不动了 快点")


def layered(text: str) -> Layers:
    return layers(read([text]).folded, 2)


def said(text: str) -> str:
    """The layer of words, as a string."""
    codes = layered(text).codes[:-1]
    return "".join(chr(code) for code in codes if code)


def loud(text: str) -> list[tuple[str, int]]:
    found = layered(text)
    return [(chr(s), int(n)) for s, n in zip(found.signs, found.often, strict=True) if n]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("收到了！！！", "收到了"),
        ("收到了。", "收到了"),
        ("收到了😭😭，东西坏了！！ 快点", "收到了,东西坏了,快点"),
        ("发票呢？？？！！", "发票呢?"),
        ("39.9元的...还没到", "39.9元的,还没到"),
        ("太好了[微笑][发怒]", "太好了"),
        ("好的/难过", "好的"),
        ("好^_^快点", "好,快点"),
        ("好(ಥ_ಥ)", "好"),
        ("退/换货（1）", "退/换货(1)"),
        ("[退款]快点", "[退款]快点"),
        ("插座🔥了", "插座🔥了"),
        ("38℃的水", "38℃的水"),
        ("哈哈哈哈哈哈！", "哈哈哈"),
        ("电话13812345678打不通", "电话打不通"),
        ("！！！", ""),
        ("", ""),
    ],
)
def test_words(raw: str, words: str) -> None:
    assert said(raw) == words


def test_signs_are_counted_where_they_stand() -> None:
    assert loud("快点！！！！！！！😡😡") == [("!", 7), ("😡", 2)]
    assert loud("到了吗？？") == [("?", 2)]
    found = layered("好[微笑]快点！！")
    assert found.places[found.often > 0].tolist() == [4, 2]


@given(st.sampled_from(TICKETS), st.text(alphabet="！!。~…，；😡😊👍🏻", max_size=30))
def test_marks_and_emoji_at_the_end_leave_the_words_as_they_are(text: str, marks: str) -> None:
    settings = FeatureSettings()
    plain, marked = (count(read([one]), settings).words for one in (text, text + marks))
    assert np.array_equal(plain.keys, marked.keys)
    assert np.array_equal(plain.counts, marked.counts)


@given(ODD_TEXTS)
def test_layers_are_as_long_as_the_folded_text_and_say_nothing_new(text: str) -> None:
    batch = read([text])
    found = layers(batch.folded, 2)
    folded = batch.folded.codes
    assert len({len(part) for part in (*found, folded)}) == 1
    kept = found.codes != 0
    new = kept & (found.codes != folded)
    assert set(found.codes[new].tolist()) <= {ord(","), ord("?"), ord(" "), *range(0xE010, 0xE020)}
    assert (found.often >= 0).all()
    assert ((found.often > 0) == (found.signs > 0)).all()
    assert ((found.often > 0) == (found.places > 0)).all()


@given(ODD_BATCHES)
def test_version_1_has_one_layer(texts: list[str]) -> None:
    batch = read(texts)
    found = layers(batch.folded, 1)
    assert found.codes is batch.folded.codes
    assert not len(found.signs)
    counts = count(batch, FeatureSettings(version=1))
    assert not counts.toned
    assert set(counts.block.tolist()) <= {0, 1}


@given(ODD_BATCHES)
def test_blocks_of_version_2_are_apart(texts: list[str]) -> None:
    counts = count(read(texts), FeatureSettings())
    assert np.array_equal(counts.block, np.where(is_char(counts.keys), 1, np.where(is_tone(counts.keys), 2, 0)))
    words = counts.words
    assert not is_tone(words.keys).any()
    assert len(words.indptr) == len(texts) + 1
    assert words.indptr[-1] == len(words.keys)
    every = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))[counts.block < 2]
    assert np.array_equal(every, np.repeat(np.arange(len(texts)), np.diff(words.indptr)))

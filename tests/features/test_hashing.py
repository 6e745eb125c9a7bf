"""Hashed features: the same counts as a plain reading of the definition, alone or in a batch."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.hashing import FeatureSettings, count, is_char, read
from features.normalise import fold
from features.segment import segment
from features.tone import VERSIONS

TEXTS = st.lists(st.text(alphabet="退款发货快递我的abc12 ！?😡\n", max_size=30), min_size=1, max_size=6)


@given(TEXTS)
def test_counts_match_the_definition(texts: list[str]) -> None:
    settings = FeatureSettings(word_ngram=2, char_ngram=3, version=1)
    counts = count(read(texts), settings)
    for t, text in enumerate(texts):
        part = slice(int(counts.indptr[t]), int(counts.indptr[t + 1]))
        folded = fold([text])
        plain = folded.text()
        words = [w for w in segment(plain) if w != " "]
        numbers = sum(w.isdigit() and len(w) >= 3 for w in words)
        runs = int((folded.runs > 0).sum())
        characters = Counter(
            plain[i : i + n]
            for i in range(len(plain))
            for n in (1, 2, 3)
            if i + n <= len(plain) and plain[i : i + n] != " "
        )
        char = is_char(counts.keys[part])
        assert sorted(counts.counts[part][char].tolist()) == sorted(characters.values())
        assert counts.counts[part][~char].sum() == len(words) + max(0, len(words) - 1) + numbers + runs


@given(TEXTS, st.sampled_from(VERSIONS))
def test_a_text_reads_alike_alone_and_in_a_batch(texts: list[str], version: int) -> None:
    settings = FeatureSettings(version=version)
    together = count(read(texts), settings)
    for t, text in enumerate(texts):
        alone = count(read([text]), settings)
        part = slice(int(together.indptr[t]), int(together.indptr[t + 1]))
        assert np.array_equal(together.keys[part], alone.keys)
        assert np.array_equal(together.counts[part], alone.counts)


def test_different_features_have_different_keys() -> None:
    texts = [chr(c) + chr(d) for c in range(0x4E00, 0x4E80) for d in range(0x4E00, 0x4E40)]
    keys = count(read(texts), FeatureSettings(word_ngram=1, char_ngram=2, version=1)).keys
    folded = [fold([text]).text() for text in texts]
    plain = {g for text in folded for g in (text, text[0], text[1])}
    words = {w for text in folded for w in segment(text)}
    assert len(np.unique(keys)) == len(plain) + len(words)


def test_masked_and_raw_text_read_alike() -> None:
    a = count(read(["电话13812345678没人接"]), FeatureSettings())
    b = count(read(["电话13987654321没人接"]), FeatureSettings())
    assert np.array_equal(a.keys, b.keys)


def test_shouting_and_sums_are_seen() -> None:
    def keys(text: str) -> set[int]:
        return set(count(read([text]), FeatureSettings()).keys.tolist())

    assert keys("快点！！！") != keys("快点！！！！！！！！")
    assert keys("退1299元") & keys("退3588元") > keys("退元元元") & keys("退3588元")

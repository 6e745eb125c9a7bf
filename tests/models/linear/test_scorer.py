"""The linear scorer: what it gives to the folder, it takes back; anything else it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from numpy.typing import NDArray

from features.hashing import FeatureSettings, count, read
from models.core.weight_table import FeatureVocabulary, Heads, build_vocabulary
from models.linear.scorer import LinearScorer
from tests.models.builders import ODD_BATCHES

WORDS = ["退款还没到账", "发票没开", "退款退到哪里", "快递没到", "发票抬头错了", "快递退款"]
OUTPUTS = [3, 2]


def scorer(seed: int = 0) -> LinearScorer:
    rng = np.random.default_rng(seed)
    vocabulary = build_vocabulary(count(read(WORDS), FeatureSettings()))
    weights = rng.normal(size=(len(vocabulary.keys), 5)).astype(np.float32)
    return LinearScorer(vocabulary, weights, rng.normal(size=5).astype(np.float32), OUTPUTS, FeatureSettings())


@given(ODD_BATCHES)
@example(WORDS)
def test_it_comes_back_to_the_bit(texts: list[str]) -> None:
    one = scorer()
    again = LinearScorer.from_arrays(one.arrays(), OUTPUTS, FeatureSettings())
    assert len(again.vocabulary.keys) == len(one.vocabulary.keys) > 0
    a, b = (s.score(read([*texts, *WORDS]), explain=True) for s in (one, again))
    for found, expected in zip(b, a, strict=True):
        assert np.array_equal(found, expected)


def test_without_more_said_the_largest_score_is_the_answer() -> None:
    found = scorer().score(read(WORDS))
    assert found.best.tolist() == [[int(s[:3].argmax()), int(s[3:].argmax())] for s in found.scores]


def test_a_scale_and_a_shift_move_the_answer_and_not_the_scores() -> None:
    one = scorer()
    plain = one.score(read(WORDS))
    heads = Heads(np.array([0, 3, 5]), np.ones(5), np.array([0.0, 100.0, 0.0, 0.0, 0.0]))
    moved = one.score(read(WORDS), heads=heads)
    assert np.array_equal(moved.scores, plain.scores)
    assert moved.best[:, 0].tolist() == [1] * len(WORDS)
    assert np.array_equal(moved.best[:, 1], plain.best[:, 1])


def test_a_given_answer_is_explained_instead() -> None:
    one = scorer()
    given_ = np.full((len(WORDS), 2), 1, np.int32)
    found = one.score(read(WORDS), explain=True, given=given_)
    assert np.array_equal(found.best, given_)
    own = one.score(read(WORDS), explain=True)
    assert not np.array_equal(found.shares, own.shares)
    assert np.array_equal(found.scores, own.scores)


CHANGES: list[tuple[str, Any]] = [
    ("keys", lambda a: a.astype(np.int64)),
    ("keys", lambda a: a[:-1]),
    ("idf", lambda a: a[:, None]),
    ("idf", lambda a: a.astype(np.float64)),
    ("idf", lambda a: np.full_like(a, np.nan)),
    ("weights", lambda a: a[:, :-1]),
    ("weights", lambda a: a.T.copy()),
    ("weights", lambda a: np.where(a == a.max(), np.float32(np.inf), a)),
    ("bias", lambda a: a[:-1]),
    ("bias", lambda a: a.astype(np.float16)),
    ("bias", lambda a: np.full_like(a, np.nan)),
]


@pytest.mark.parametrize(("name", "change"), CHANGES, ids=range(len(CHANGES)))
def test_arrays_that_cannot_be_weights_are_refused(name: str, change: Any) -> None:
    arrays: dict[str, NDArray[Any]] = {**scorer().arrays()}
    arrays[name] = change(arrays[name])
    with pytest.raises(ValueError, match=r"keys|idf|weights|bias"):
        LinearScorer.from_arrays(arrays, OUTPUTS, FeatureSettings())


@pytest.mark.parametrize("name", ["keys", "idf", "weights", "bias"])
def test_an_array_that_is_missing_is_refused(name: str) -> None:
    arrays = {n: a for n, a in scorer().arrays().items() if n != name}
    with pytest.raises(KeyError):
        LinearScorer.from_arrays(arrays, OUTPUTS, FeatureSettings())


def test_other_outputs_than_it_was_written_with_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        LinearScorer.from_arrays(scorer().arrays(), [3, 3], FeatureSettings())


def test_no_feature_at_all_still_answers_by_the_biases() -> None:
    empty = FeatureVocabulary(np.empty(0, np.uint64), np.empty(0, np.float32))
    one = LinearScorer(empty, np.empty((0, 5), np.float32), np.arange(5, dtype=np.float32), OUTPUTS, FeatureSettings())
    found = one.score(read(WORDS))
    assert found.scores.tolist() == [[0.0, 1.0, 2.0, 3.0, 4.0]] * len(WORDS)
    assert not found.known.any()

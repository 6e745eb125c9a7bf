"""The weight table: its scores are those of a plain matrix product, whatever the text and whatever stands beside it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.hashing import FeatureCounts, FeatureSettings, count, is_char, is_tone, read
from features.kernels import TONE_SHARE, _row
from features.tone import VERSIONS
from models.core.weight_table import (
    MOST_ROWS,
    BatchScores,
    FeatureVocabulary,
    Heads,
    build_vocabulary,
    build_weight_table,
    score,
    to_matrix,
)
from tests.models.builders import ODD_BATCHES, ODD_TEXTS, linear, small_model, some_tickets
from triage.errors import TrainingError

TEXTS = [row["text"] for row in some_tickets()]


def scored(texts: list[str], *, explain: bool = False) -> BatchScores:
    model = small_model()
    assert model._one_pass is not None
    return linear(model).score(read(texts), explain=explain, heads=model._one_pass)


def plain(texts: list[str]) -> NDArray[np.float64]:
    """Scores by SciPy: the matrix that training sees, times the weights."""
    own = linear(small_model())
    data, indices, indptr = to_matrix(count(read(texts), own.settings), own.vocabulary)
    matrix = csr_matrix((data, indices, indptr), shape=(len(texts), len(own.vocabulary.keys)))
    scores: NDArray[np.float64] = matrix.astype(np.float64) @ own.arrays()["weights"].astype(np.float64)
    return scores + own.arrays()["bias"]


def test_scores_are_the_matrix_product_on_tickets() -> None:
    assert np.abs(scored(TEXTS).scores - plain(TEXTS)).max() < 1e-5


@given(ODD_BATCHES)
def test_scores_are_the_matrix_product_on_anything(texts: list[str]) -> None:
    assert np.abs(scored(texts).scores - plain(texts)).max() < 1e-5


@given(ODD_BATCHES)
def test_alone_and_in_a_batch_are_the_same_to_the_bit(texts: list[str]) -> None:
    together = scored(texts)
    alone = [scored([text]) for text in texts]
    for field in ("scores", "best", "known"):
        assert np.array_equal(getattr(together, field), np.concatenate([getattr(a, field) for a in alone]))


def test_explaining_changes_no_score() -> None:
    a, b = scored(TEXTS), scored(TEXTS, explain=True)
    assert np.array_equal(a.scores, b.scores)
    assert np.array_equal(a.best, b.best)
    assert a.shares.size == 0
    assert b.shares.shape == (3, len(read(TEXTS).folded.codes))


@given(ODD_TEXTS)
def test_known_counts_the_distinct_known_features_of_what_is_said(text: str) -> None:
    own = linear(small_model())
    counts = count(read([text]), own.settings).words
    assert scored([text]).known[0] == np.isin(counts.keys, own.vocabulary.keys).sum()


def test_unknown_features_add_nothing() -> None:
    """A text of characters that no ticket has scores the biases, nothing else."""
    nothing = scored(["ሀሁሂ ꀀꀁꀂ"])
    assert nothing.known[0] == 0
    assert np.array_equal(nothing.scores[0], linear(small_model()).arrays()["bias"])


def test_the_answer_is_the_best_label_by_probability_and_weight() -> None:
    answers = scored(TEXTS).best
    found = small_model()._probabilities(small_model()._scored(read(TEXTS)))
    for h, (name, p) in enumerate(found.items()):
        weighed = p * small_model()._heads[name].weights
        rows = np.arange(len(TEXTS))
        assert np.allclose(weighed[rows, answers[:, h]], weighed.max(axis=1), rtol=0, atol=1e-12)


def test_a_long_text_is_as_exact_as_a_short_one() -> None:
    text = "".join(TEXTS)
    assert len(text) > 10_000
    expected = plain([text])
    assert np.abs(scored([text]).scores - expected).max() < 2e-5 * np.abs(expected).max()  # float32, thousands of terms


# --- vocabulary and matrix


def _counts(rows: list[dict[int, int]]) -> FeatureCounts:
    keys = [sorted(row) for row in rows]
    return FeatureCounts(
        np.cumsum([0, *map(len, rows)]).astype(np.int64),
        np.array([k for row in keys for k in row], np.uint64),
        np.array([rows[i][k] for i, row in enumerate(keys) for k in row], np.int32),
    )


def test_vocabulary_keeps_what_two_texts_share_and_weighs_it_by_rarity() -> None:
    vocabulary = build_vocabulary(_counts([{5: 1, 9: 3}, {5: 2, 7: 1}, {9: 1, 5: 1}]))
    assert vocabulary.keys.tolist() == [5, 9]
    assert vocabulary.idf == pytest.approx([np.log(4 / 4) + 1, np.log(4 / 3) + 1])


def test_matrix_is_two_unit_blocks_of_sublinear_tf_idf() -> None:
    char = 1 << 63
    vocabulary = FeatureVocabulary(np.array([5, 9, char | 2, char | 4], np.uint64), np.array([1, 2, 1, 3], np.float32))
    counts = _counts([{5: 1, 6: 7, 9: 3, char | 2: 1, char | 4: 2}, {6: 1}, {9: 4}])
    data, indices, indptr = to_matrix(counts, vocabulary)
    dense = csr_matrix((data, indices, indptr), shape=(3, 4)).toarray()
    words = np.array([1.0, 2 * (1 + np.log(3))])
    chars = np.array([1.0, 3 * (1 + np.log(2))])
    assert dense[0] == pytest.approx([*words / np.linalg.norm(words), *chars / np.linalg.norm(chars)], rel=1e-6)
    assert dense[1].tolist() == [0, 0, 0, 0]
    assert dense[2] == pytest.approx([0, 1, 0, 0])


@given(ODD_BATCHES)
def test_each_block_of_a_row_has_its_length_or_nothing(texts: list[str]) -> None:
    """The words and the characters one, marks and emoji a share of it."""
    own = linear(small_model())
    data, indices, indptr = to_matrix(count(read(texts), own.settings), own.vocabulary)
    keys = own.vocabulary.keys[indices]
    tone, char = is_tone(keys), is_char(keys)
    for t in range(len(texts)):
        part = slice(int(indptr[t]), int(indptr[t + 1]))
        for chosen, wanted in ((char[part], 1.0), (tone[part], float(TONE_SHARE)), (~(char | tone)[part], 1.0)):
            length = float(np.sqrt(np.square(data[part][chosen].astype(np.float64)).sum()))
            assert length == pytest.approx(wanted, abs=1e-5) or not chosen.any()


@given(st.sets(st.integers(1, 2**64 - 1), min_size=1, max_size=200), st.integers(0, 2**32 - 1))
def test_keys_that_collide_in_the_table_are_told_apart(extra: set[int], low: int) -> None:
    """All these keys have the same address; each is found by probing, and a key that is not there is not."""
    keys = np.array(sorted({(k & ~((1 << 24) - 1)) | (low & 0xFFF) | 1 for k in extra}), np.uint64)
    table = build_weight_table(
        FeatureVocabulary(keys, np.ones(len(keys), np.float32)),
        np.zeros((len(keys), 1), np.float32),
        np.zeros(1, np.float32),
    )
    assert [int(_row(key, table.slots)) for key in keys] == list(range(len(keys)))
    assert _row(keys[0] ^ np.uint64(1 << 40), table.slots) == -1 or int(keys[0]) ^ (1 << 40) in keys.tolist()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_table_of_hand_made_weights(version: int) -> None:
    """Two labels, one text of one word: score = weight of the word / 1 + weights of its characters / their norm + bias."""
    settings = FeatureSettings(word_ngram=1, char_ngram=1, version=version)
    batch = read(["退款"])
    keys = count(batch, settings).keys
    vocabulary = FeatureVocabulary(keys, np.array([1.0, 1.0, 1.0], np.float32))  # one word, two characters
    weights = np.array([[1, 0], [2, 0], [4, -4]], np.float32)  # keys of words are the smaller ones
    table = build_weight_table(vocabulary, weights, np.array([0.5, 0.25], np.float32))
    heads = Heads(np.array([0, 2]), np.array([1.0]), np.zeros(2))
    found = score(batch, settings, table, heads)
    assert found.scores[0] == pytest.approx([0.5 + 1 + 6 / np.sqrt(2), 0.25 - 4 / np.sqrt(2)], rel=1e-6)
    assert found.known.tolist() == [3]
    assert found.best.tolist() == [[0]]


def test_too_many_features_are_refused_before_memory_is_taken() -> None:
    many = np.broadcast_to(np.uint64(1), (MOST_ROWS + 1,))
    with pytest.raises(TrainingError, match="上限"):
        build_weight_table(
            FeatureVocabulary(many, np.broadcast_to(np.float32(1), many.shape)),
            np.zeros((0, 1), np.float32),
            np.zeros(1, np.float32),
        )

"""The fitted encoder: it learns, answers the same whatever stands beside a text, and takes any text."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from features.hashing import read
from models.encoder.kind import EncoderKind
from tests.models.encoder.builders import LABELS, ODD, TEXTS, EncoderScorer, answers, encoded, fitted, tiny, torch
from triage.errors import TrainingError


def test_it_learns_an_easy_set() -> None:
    for head in LABELS:
        assert (answers(fitted(), TEXTS, head) == np.array(LABELS[head])).mean() > 0.95
    assert answers(fitted(), ["退款等了很久,很生气"], "sentiment").tolist() == ["差"]


def test_shapes_and_kinds() -> None:
    scored = fitted().score(read(TEXTS[:5]))
    assert EncoderKind.name == "encoder"
    assert fitted().heads == {"category": tuple(sorted(set(LABELS["category"]))), "sentiment": ("好", "差")}
    assert (scored.scores.shape, scored.scores.dtype) == ((5, 6), np.float32)
    assert (scored.best.shape, scored.best.dtype) == ((5, 2), np.int32)
    assert (scored.known.shape, scored.known.dtype) == ((5,), np.int32)
    assert (scored.shares.shape, scored.shares.dtype) == ((2, 0), np.float32)
    assert (scored.best[:, 0] == scored.scores[:, :4].argmax(axis=1)).all()
    assert (scored.best[:, 1] == scored.scores[:, 4:].argmax(axis=1)).all()
    empty = fitted().score(read([]), explain=True)
    assert (empty.scores.shape, empty.best.shape, empty.known.shape, empty.shares.shape) == (
        (0, 6),
        (0, 2),
        (0,),
        (2, 0),
    )


def test_any_text_is_scored_and_what_is_unknown_says_so() -> None:
    scored = fitted().score(read(ODD), explain=True)
    assert np.isfinite(scored.scores).all()
    assert np.isfinite(scored.shares).all()
    assert scored.known[:3].tolist() == [0, 0, 0]
    assert scored.known[4] == 0
    assert scored.known[3] > 0  # 😡 was learned
    assert scored.known[7] == tiny().max_length - 2


def test_a_score_does_not_depend_on_the_neighbours() -> None:
    texts = [*TEXTS[:20], *ODD]
    together = fitted().score(read(texts)).scores
    alone = np.vstack([fitted().score(read([t])).scores for t in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert (together.argmax(axis=1) == alone.argmax(axis=1)).all()


def test_of_a_long_text_the_beginning_and_the_end_are_read() -> None:
    middle = "快递" * 300
    a, b, c = fitted().score(read([f"发票{middle}要投诉", f"发票{middle}{middle}要投诉", f"发票{middle}谢谢"])).scores
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_other_answers_can_be_explained() -> None:
    """The calibrated answer need not be the largest score."""
    batch = read(TEXTS[:6])
    own = fitted().score(batch, explain=True)
    other = fitted().score(batch, explain=True, given=(own.best + 1) % np.array([4, 2], np.int32))
    assert (other.best != own.best).all()
    np.testing.assert_array_equal(other.scores, own.scores)
    np.testing.assert_allclose(other.shares[1], -own.shares[1], atol=1e-5)  # of two labels


def test_several_threads_score_at_once() -> None:
    batches = [read(TEXTS[i : i + 12]) for i in range(0, 96, 12)]
    alone = [fitted().score(b, explain=True) for b in batches]
    together: list[object] = [None] * len(batches)

    def work(i: int) -> None:
        together[i] = fitted().score(batches[i], explain=True)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(batches))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for one, other in zip(alone, together, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))  # type: ignore[call-overload]


def test_eight_bits_answer_as_full_precision_does() -> None:
    scorer = fitted()
    texts = [a + b for a in TEXTS[:48] for b in TEXTS[:48:5]]
    folded = [read([t]).folded.text() for t in texts]
    ids = scorer._stored.tokens.encode(folded, scorer.settings.max_length)
    from models.encoder.fit import run_network

    full = run_network(scorer._stored.network, ids, 0, 4096, torch.device("cpu"))
    eight = scorer.score(read(texts)).scores
    for columns in (slice(0, 4), slice(4, 6)):
        assert (full[:, columns].argmax(axis=1) == eight[:, columns].argmax(axis=1)).mean() >= 0.99
    assert not np.array_equal(full, eight)


def test_nothing_to_learn_is_said() -> None:
    with pytest.raises(TrainingError, match="没有标签列"):
        EncoderScorer.fit(TEXTS, {}, settings=tiny())
    with pytest.raises(TrainingError, match="没有可读的字词"):
        EncoderScorer.fit([" "] * len(TEXTS), encoded(), settings=tiny())
    with pytest.raises(TrainingError, match="valid 有 3 行"):
        EncoderScorer.fit(TEXTS, encoded(), settings=tiny(), valid=np.zeros(3, bool))
    with pytest.raises(TrainingError, match="没有一条有标签"):
        EncoderScorer.fit(TEXTS, encoded(), settings=tiny(), valid=np.ones(len(TEXTS), bool))

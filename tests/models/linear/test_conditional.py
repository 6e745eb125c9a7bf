"""Heads that are conditional on another: what a word says of the tone depends on the topic, where it does; and one pass finds it so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from features.hashing import FeatureSettings, count, read
from models import TriageModel
from models.core.labels import Encoded
from models.core.weight_table import build_vocabulary
from models.linear import conditional as room
from models.linear.fit import FittedHead, fit_heads
from models.linear.recipe import Recipe
from models.linear.scorer import LinearScorer, join_blocks
from models.linear.svm import LinearSvm
from tests.models.builders import ODD_BATCHES, fit_texts
from triage.errors import ArtefactError
from triage.taxonomy import Taxonomy

RECIPES = {"category": (Recipe(0.5),), "sentiment": (Recipe(0.5),)}

# --- fitting


def world(n: int, *, turned: bool, seed: int = 0) -> tuple[csr_matrix, NDArray[np.int64], NDArray[np.int64]]:
    """Tickets of two topics, each with some of its ten words and three of the ten words of tone.

    With ``turned`` the words of tone say the opposite in the second topic.
    """
    rng = np.random.default_rng(seed)
    topic, tone = rng.integers(0, 2, n), rng.integers(0, 2, n)
    said = np.where(topic == 1, 1 - tone, tone) if turned else tone
    x = np.zeros((n, 40), np.float32)
    for i in range(n):
        x[i, 10 * topic[i] + rng.choice(10, 3, replace=False)] = 1.0
        x[i, 20 + 10 * said[i] + rng.choice(10, 3, replace=False)] = 1.0
    return csr_matrix(x / np.sqrt(6)), topic, tone


def encoded(topic: NDArray[np.int64], tone: NDArray[np.int64]) -> dict[str, Encoded]:
    rows = np.arange(len(topic))
    return {"sentiment": (("bad", "good"), rows, tone), "category": (("flat", "phone"), rows, topic)}


def fitted(x: csr_matrix, topic: NDArray[np.int64], tone: NDArray[np.int64], **options: Any) -> FittedHead:
    found = fit_heads(x, encoded(topic, tone), np.arange(len(topic)), recipes=RECIPES, **options)
    assert list(found) == ["sentiment", "category"], "in the order that was given, whoever leads"
    assert found["category"].conditional is None
    return found["sentiment"]


def right(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    return float((scores.argmax(axis=1) == truth).mean())


def test_a_word_that_turns_with_the_topic_is_understood() -> None:
    x, topic, tone = world(1600, turned=True)
    plain, head = fitted(x, topic, tone, conditional=False), fitted(x, topic, tone)
    assert right(plain.unseen, tone) < 0.7
    assert right(head.unseen, tone) > 0.97
    assert head.log_loss < 0.5 * plain.log_loss
    assert head.conditional is not None
    fresh, topic, tone = world(500, turned=True, seed=1)
    scores = np.asarray(fresh @ head.conditional.weights + head.conditional.bias).reshape(len(tone), 2, 2)
    assert right(scores[np.arange(len(tone)), topic], tone) > 0.97
    assert np.array_equal(head.svm.weights, plain.svm.weights), "the plain machine is as it was"


def test_where_words_mean_the_same_everywhere_no_head_is_conditional() -> None:
    x, topic, tone = world(1600, turned=False)
    assert fitted(x, topic, tone).conditional is None


def test_with_labels_drawn_at_random_no_head_is_conditional() -> None:
    """Were a ticket scored by a machine that had seen it, being conditional would seem to pay here."""
    x, topic, _ = world(1600, turned=True)
    tone = np.random.default_rng(5).integers(0, 2, len(topic))
    head = fitted(x, topic, tone)
    assert head.conditional is None
    assert right(head.unseen, tone) < 0.56


def test_a_rare_topic_has_the_machine_of_all() -> None:
    _, topic, _ = world(1600, turned=True)
    some = np.flatnonzero((topic == 0) | (np.cumsum(topic) <= room.LEAST - 1))
    parent = room.ParentAnswers(2, topic[some], topic[some], topic[some])
    assert room.own_labels(parent, np.ones(len(some), bool)) == [0]
    plain, own = (LinearSvm(np.full((3, 2), v, np.float32), np.full(2, v, np.float32)) for v in (1.0, 2.0))
    blocks = room.conditional_blocks(parent, plain, {0: own})
    assert blocks.weights.tolist() == [[2, 2, 1, 1]] * 3
    assert blocks.bias.tolist() == [2, 2, 1, 1]


def test_scores_from_the_past_go_by_what_the_past_knew() -> None:
    x, topic, tone = world(4000, turned=True)
    when = np.arange(len(tone), dtype=np.float64)
    head = fitted(x, topic, tone, when=when)
    assert len(head.later)
    assert right(head.from_past, tone[head.later]) > 0.95
    assert right(fitted(x, topic, tone, when=when, conditional=False).from_past, tone[head.later]) < 0.7


def test_tickets_without_a_topic_are_scored_without() -> None:
    x, topic, tone = world(1600, turned=True)
    rows = np.arange(0, 1600, 2)
    some = {**encoded(topic, tone), "category": (("flat", "phone"), rows, topic[rows])}
    head = fit_heads(x, some, np.arange(1600), recipes=RECIPES)["sentiment"]
    assert head.conditional is not None
    assert right(head.unseen[rows], tone[rows]) > 0.95
    assert right(head.unseen[rows + 1], tone[rows + 1]) < 0.7


# --- scoring

WORDS = ["退款还没到账", "发票没开", "退款退到哪里", "快递没到", "发票抬头错了", "快递退款"]
OUTPUTS, PARENTS = [2, 3, 2], [-1, 0, 0]


def scorer(outputs: list[int] = OUTPUTS, parents: list[int] = PARENTS, seed: int = 0) -> LinearScorer:
    rng = np.random.default_rng(seed)
    vocabulary = build_vocabulary(count(read(WORDS), FeatureSettings()))

    def some(columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        weights = rng.normal(size=(len(vocabulary.keys), columns)).astype(np.float32)
        return weights, rng.normal(size=columns).astype(np.float32)

    weights, bias = some(sum(outputs))
    blocks = {h: some(outputs[h] * outputs[parent]) for h, parent in enumerate(parents) if parent >= 0}
    conditional = join_blocks(blocks, outputs, parents)
    return LinearScorer(vocabulary, weights, bias, outputs, FeatureSettings(), conditional)


def alone(one: LinearScorer, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> LinearScorer:
    return LinearScorer(one.vocabulary, weights, bias, [len(bias)], FeatureSettings())


@given(ODD_BATCHES)
@example(WORDS)
def test_one_pass_gives_what_each_block_would_alone(texts: list[str]) -> None:
    one, batch = scorer(), read([*texts, *WORDS])
    found = one.score(batch, explain=True)
    plain = scorer(parents=[-1, -1, -1]).score(batch)
    assert np.array_equal(found.scores[:, :2], plain.scores[:, :2])
    said = found.scores[:, :2].argmax(axis=1)
    blocks = one.conditional
    assert blocks is not None
    for h, first in ((1, 2), (2, 5)):
        width = OUTPUTS[h]
        for c in range(2):
            at = slice(int(blocks.offset[h]) + c * width, int(blocks.offset[h]) + (c + 1) * width)
            wanted = alone(one, blocks.weights[:, at], blocks.bias[at]).score(batch, explain=True)
            mine = said == c
            assert np.allclose(found.scores[mine, first : first + width], wanted.scores[mine], atol=1e-4)
            assert np.array_equal(found.best[mine, h], found.scores[mine, first : first + width].argmax(axis=1))
            bounds = batch.folded.bounds
            for t in np.flatnonzero(mine & (found.best[:, h] == wanted.best[:, 0])):
                own = slice(bounds[t], bounds[t + 1])
                assert np.allclose(found.shares[h, own], wanted.shares[0, own], atol=1e-5)


def test_what_is_conditional_comes_back_to_the_bit() -> None:
    one = scorer()
    again = LinearScorer.from_arrays(one.arrays(), OUTPUTS, FeatureSettings(), PARENTS)
    for a, b in zip(one.score(read(WORDS), explain=True), again.score(read(WORDS), explain=True), strict=True):
        assert np.array_equal(a, b)
    assert "heard_weights" not in scorer(parents=[-1, -1, -1]).arrays()


@pytest.mark.parametrize("parents", [[0, -1, -1], [-1, 3, -1], [-1, -2, -1], [1, 2, -1], [-1, 0]])
def test_parents_that_cannot_be_are_refused(parents: list[int]) -> None:
    with pytest.raises(ValueError, match=r"conditional|parents"):
        LinearScorer.from_arrays(scorer().arrays(), OUTPUTS, FeatureSettings(), parents)


@pytest.mark.parametrize("name", ["heard_weights", "heard_bias"])
@pytest.mark.parametrize("change", [lambda a: a[..., :-1], lambda a: a.astype(np.float64), lambda a: a * np.nan])
def test_blocks_that_do_not_fit_are_refused(name: str, change: Any) -> None:
    arrays = scorer().arrays()
    with pytest.raises(ValueError, match=name):
        LinearScorer.from_arrays({**arrays, name: change(arrays[name])}, OUTPUTS, FeatureSettings(), PARENTS)


# --- in a model


@pytest.fixture(scope="module")
def model() -> TriageModel:
    """Of rooms and phones: a small phone is good, a small room is not."""
    rng = np.random.default_rng(0)
    topics = (("房间", "酒店", "床", "窗户"), ("手机", "屏幕", "电池", "机身"))
    tones = (("小", "轻", "薄"), ("大", "宽", "厚"))
    texts, topic, tone = [], [], []
    for i in range(900):
        c, t = i % 2, int(rng.integers(0, 2))
        word = tones[t if c else 1 - t]
        texts.append(f"{rng.choice(topics[c])}{rng.choice(word)}第{i}次{rng.choice(topics[c])}{rng.choice(word)}")
        topic.append(("room", "phone")[c])
        tone.append(("positive", "negative")[t])
    labels = {"category": topic, "sentiment": tone}
    return fit_texts(texts, labels, taxonomy=Taxonomy.infer(labels), recipes=RECIPES, target_error=0.1)


def test_a_model_says_so_and_answers_by_it(model: TriageModel) -> None:
    assert {h: spec["listens_to"] for h, spec in model.manifest["heads"].items()} == {
        "category": None,
        "sentiment": "category",
    }
    small, large = "房间小酒店小", "手机小屏幕小"
    given_ = [p.heads["sentiment"].label for p in model.predict([small, large], evidence=True)]
    assert given_ == ["negative", "positive"]


def test_a_conditional_model_comes_back_from_its_folder(model: TriageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    again = TriageModel.load(tmp_path / "m")
    texts = ["房间小酒店小", "手机大屏幕宽", "", "别的"]
    for head, p in model.predict_proba(texts).items():
        assert np.array_equal(p, again.predict_proba(texts)[head])
    assert model.predict(texts, evidence=True) == again.predict(texts, evidence=True)


@pytest.mark.parametrize("parent", ["urgency", "sentiment", 3])
def test_a_folder_whose_head_is_conditional_on_none_there_is_is_refused(
    model: TriageModel, tmp_path: Path, parent: Any
) -> None:
    model.manifest["heads"]["sentiment"]["listens_to"], kept = parent, "category"
    try:
        model.save(tmp_path / "m")
    finally:
        model.manifest["heads"]["sentiment"]["listens_to"] = kept
    with pytest.raises(ArtefactError):
        TriageModel.load(tmp_path / "m")

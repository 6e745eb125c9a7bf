"""Evidence: it adds up exactly, it points at what it shows, and it shows what means something."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given

from features.hashing import read
from features.reading import read as read_own
from models.core.evidence import MOST_SPANS
from models.linear.recipe import Recipe
from tests.models.builders import ODD_BATCHES, ODD_TEXTS, fit_texts, linear, small_model, some_tickets, taxonomy
from triage.prediction import Evidence

TEXTS = [row["text"] for row in some_tickets()]
HARD = "【急】我的快遞還沒收到😡😡😡😡😡😡！！！！！！！！手機１３８１２３４５６７８，見 https://example.com/x?y=1 謝謝\u200b👨‍👩‍👧𠮷野家　 \n"


def evidence_of(text: str) -> tuple[Evidence, ...]:
    return small_model().predict([text], evidence=True)[0].evidence


@given(ODD_BATCHES)
@example([HARD, "", HARD])
@example(TEXTS)
def test_shares_add_up_to_the_score_minus_the_mean(texts: list[str]) -> None:
    """Exact, not an approximation: for each head the characters' shares sum to score[answer] - mean(scores), biases apart."""
    model = small_model()
    batch = read(texts)
    scored = linear(model).score(batch, explain=True, heads=model._one_pass)
    weighed = scored.scores - linear(model).arrays()["bias"]
    bounds, groups = batch.folded.bounds, model._groups
    for t in range(len(texts)):
        for h in range(len(groups) - 1):
            own = weighed[t, groups[h] : groups[h + 1]]
            total = float(scored.shares[h, bounds[t] : bounds[t + 1]].sum(dtype=np.float64))
            assert total == pytest.approx(float(own[scored.best[t, h]] - own.mean()), abs=2e-5)


@given(ODD_BATCHES)
@example(TEXTS[:20])
def test_shares_of_an_answer_that_is_given_speak_for_that_answer(texts: list[str]) -> None:
    """Where something else than the largest score decides, what is explained is what was decided."""
    model = small_model()
    batch = read(texts)
    own = linear(model)
    bounds, groups = batch.folded.bounds, model._groups
    given_ = np.array([[t % n for n in np.diff(groups)] for t in range(len(texts))], np.int32)
    scored = own.score(batch, explain=True, given=given_)
    assert np.array_equal(scored.best, given_)
    weighed = scored.scores - own.arrays()["bias"]
    for t in range(len(texts)):
        for h in range(len(groups) - 1):
            mine = weighed[t, groups[h] : groups[h + 1]]
            total = float(scored.shares[h, bounds[t] : bounds[t + 1]].sum(dtype=np.float64))
            assert total == pytest.approx(float(mine[given_[t, h]] - mine.mean()), abs=2e-5)


def check(raw: str, found: tuple[Evidence, ...]) -> None:
    masked = read_own(raw).masked  # a number that stood beside a link is hidden, too
    for e in found:
        assert 0 <= e.start < e.end <= len(raw)
        assert masked[e.start : e.end] == e.text
        assert e.weight > 0
        assert e.head in small_model().heads
        assert e.text == e.text.strip()
        e.text.encode("utf-8")
        kinds = [unicodedata.category(c) for c in unicodedata.normalize("NFKC", e.text) if c not in "!?"]
        dull = all(k[0] in "PZ" or k in ("Sm", "Sk", "Cc", "Cf") for k in kinds)
        assert not dull or set(unicodedata.normalize("NFKC", e.text)) & {"!", "?"}, e
    per_head = Counter(e.head for e in found)
    assert all(n <= MOST_SPANS for n in per_head.values())
    for head in per_head:
        own = [e for e in found if e.head == head]
        assert [e.weight for e in own] == sorted((e.weight for e in own), reverse=True)
        places = sorted((e.start, e.end) for e in own)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))


@given(ODD_TEXTS)
@example(HARD)
@example(HARD[::-1])
@example("退款https://example.com/a?b=1\u200b")
def test_offsets_point_at_what_is_shown(raw: str) -> None:
    check(raw, evidence_of(raw))


def test_offsets_point_at_what_is_shown_on_tickets() -> None:
    for raw, prediction in zip(TEXTS, small_model().predict(TEXTS, evidence=True), strict=True):
        check(raw, prediction.evidence)
        assert {e.head for e in prediction.evidence} == set(small_model().heads)


@given(ODD_BATCHES)
def test_evidence_is_the_same_alone_and_in_a_batch(texts: list[str]) -> None:
    together = small_model().predict(texts, evidence=True)
    assert [p.evidence for p in together] == [evidence_of(text) for text in texts]


def test_evidence_changes_no_answer() -> None:
    explained = small_model().predict(TEXTS, evidence=True)
    assert [p.heads for p in explained] == [p.heads for p in small_model().predict(TEXTS)]
    assert all(p.evidence == () for p in small_model().predict(TEXTS))


@pytest.mark.parametrize("text", ["", " ", "\n\t\x00", "，。、；：", "【】（）《》", "……——", "ሀሁሂ"])
def test_nothing_that_means_something_is_no_evidence(text: str) -> None:
    assert evidence_of(text) == ()


def test_the_words_that_decide_are_shown() -> None:
    shown = {e.text for e in evidence_of("你好，麻烦开一张增值税发票，谢谢") if e.head == "category"}
    assert any("发票" in text for text in shown), shown


def test_offsets_hold_behind_astral_characters_runs_and_links() -> None:
    """What stands in front of a word moves its offsets by exactly its raw length, be it folded, cut or dropped."""
    for front in (
        "😡😡😡😡😡😡😡 ",
        "https://example.com/a/b?c=d ",
        "！！！！！！！！ ",
        "\u200b\u200b ",
        "𠮷𠮷 ",
        "ﬁ ",
        "   \n  ",
    ):
        found = [e for e in evidence_of(front + "我要开发票") if e.head == "category" and "发票" in e.text]
        assert found, front
        word = found[0]
        assert (front + "我要开发票")[word.start : word.end] == word.text
        assert word.end == len(front) + 5


def test_a_run_of_one_sign_is_shown_as_one_piece() -> None:
    words = [row["text"] for row in some_tickets()[:60]]
    texts = [
        *words,
        *(f"{text}！！！！！！！！😡😡😡😡😡" for text in words),
    ]  # nothing but the signs tells the two moods apart
    moods = {"sentiment": ["neutral"] * len(words) + ["negative"] * len(words)}
    model = fit_texts(texts, moods, taxonomy=taxonomy(), recipes={"sentiment": (Recipe(1.0),)})
    (found,) = model.predict(["还没到！！！！！！！！😡😡😡😡😡"], evidence=True)
    shown = [e.text for e in found.evidence]
    assert found.heads["sentiment"].label == "negative"
    assert {"！" * 8, "😡" * 5} <= set(shown)
    assert sum("！" in text for text in shown) == sum("😡" in text for text in shown) == 1

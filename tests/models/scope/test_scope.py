"""The in-domain share: foreign text has none, tickets of the day keep theirs, and its p-values are what they say."""

from __future__ import annotations

import csv
import functools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from features.hashing import FeatureCounts, FeatureSettings, count, read
from models.core.weight_table import build_vocabulary
from models.scope.scope import FAR, FOREIGN, LEAST_KNOWN, LEVELS, RAMP, Scope, _limits
from models.scope.walk import seen_by_others
from tests.models.builders import ODD_BATCHES, small_model, some_tickets, tickets
from training.data.duplicates import group
from triage.prediction import IN_SCOPE

POEM = """Shall I compare thee to a summer's day? Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May, And summer's lease hath all too short a date;
Two roads diverged in a yellow wood, And sorry I could not travel both
Because I could not stop for Death – He kindly stopped for me –
I wandered lonely as a cloud that floats on high o'er vales and hills
Tyger Tyger, burning bright, In the forests of the night;
Do not go gentle into that good night
Once upon a midnight dreary, while I pondered, weak and weary
Hope is the thing with feathers that perches in the soul
It was the best of times, it was the worst of times""".splitlines()

CODE = """def fit(self, texts, labels): return [x for x in range(10) if x % 2 == 0]
#include <stdio.h> int main(void) { printf("Hello, world!"); return 0; }
SELECT id, name FROM users WHERE created_at > '2024-01-01' ORDER BY id DESC LIMIT 10;
const app = express(); app.get('/', (req, res) => res.send('ok'));
git commit -m "fix: off by one in loop" && git push origin main
{"name": "demo", "version": "1.0.0", "dependencies": {"react": "^18.2.0"}}
.container > p:first-child { color: #336699; margin: 0 auto; }
fn main() { let v: Vec<i32> = vec![1, 2, 3]; println!("{:?}", v); }
UPDATE orders SET status='paid' WHERE order_id=10086;
def 计算总价(订单): return sum(x.价格 for x in 订单)""".splitlines()

OTHER_SCRIPTS = """注文した商品がまだ届いていません。いつ届きますか？
Где мой заказ? Я жду уже две недели.
주문한 상품이 아직 도착하지 않았어요.
https://example.com/a/b?c=1 http://t.example/abc
3.1415926535897932384626 2.7182818284590452 1.4142135623730950""".splitlines()

SIGNS = [chr(c) for c in range(0x4E00, 0x9FA6)]
RANDOM = ["".join(random.Random(seed).choices(SIGNS, k=5 + seed)) for seed in range(40)]


@functools.cache
def halves() -> tuple[Scope, list[str]]:
    """Fitted on four fifths of the starter tickets, and the other fifth; near-duplicates stand on one side."""
    texts = [row["text"] for row in tickets()]
    groups = group(texts)
    held = np.isin(
        groups, np.random.default_rng(1).choice(np.unique(groups), len(np.unique(groups)) // 5, replace=False)
    )
    kept = [text for text, out in zip(texts, held, strict=True) if not out]
    fitted = Scope.fit(read(kept), FeatureSettings(), groups[~held])
    return fitted, [text for text, out in zip(texts, held, strict=True) if out]


@functools.cache
def small() -> Scope:
    texts = [row["text"] for row in some_tickets()]
    return Scope.fit(read(texts), FeatureSettings(), group(texts))


@pytest.mark.parametrize("foreign", [POEM, CODE, OTHER_SCRIPTS, RANDOM], ids=["poem", "code", "scripts", "random"])
@pytest.mark.parametrize("fitted", ["all", "300"])
def test_foreign_text_has_no_share(foreign: list[str], fitted: str) -> None:
    domain = halves()[0] if fitted == "all" else small()
    found = domain.score(read(foreign))
    assert found.trust.max() < 0.5
    assert (found.trust == 0).mean() >= 0.8
    assert found.share.max() < IN_SCOPE
    assert found.far.all()


def test_tickets_that_were_not_learned_from_keep_theirs() -> None:
    domain, unseen = halves()
    found, p = domain.score(read(unseen)), domain.p_values(read(unseen))
    assert (found.trust == 1).mean() > 0.96
    assert np.array_equal(found.share == 1, found.trust == 1)
    assert (found.share >= IN_SCOPE).mean() > 0.99
    assert np.array_equal(found.far, p < FAR)
    for level in (0.01, RAMP[1], 0.05, 0.1, 0.2, 0.5):  # valid: no more of them than the level, but for chance
        assert (p <= level).sum() <= binom.ppf(0.999, len(p), level), level


def test_shuffled_characters_are_told_from_tickets() -> None:
    domain, unseen = halves()
    rng = random.Random(3)
    shuffled = ["".join(rng.sample(text, len(text))) for text in unseen]
    assert (domain.score(read(shuffled)).trust < 0.9).mean() > 0.75


def test_messages_of_another_business_are_told_from_tickets(corpora: Path) -> None:
    with (corpora / "citizen_messages" / "train.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:300]
    assert (halves()[0].score(read(texts)).trust < 0.9).mean() > 0.6


def test_a_model_only_guesses_at_foreign_text() -> None:
    for prediction in small_model().predict([*POEM, *CODE, *OTHER_SCRIPTS, *RANDOM, ""]):
        assert not prediction.in_scope
        assert {head.action for head in prediction.heads.values()} == {"human"}


def test_what_a_text_may_do_grows_with_its_p_value() -> None:
    domain, unseen = halves()
    batch = read([*unseen, *POEM, *RANDOM])
    found, p = domain.score(batch), domain.p_values(batch)
    known = domain.walk(batch)[:, [1, 3]].sum(axis=1) / domain.walk(batch)[:, [0, 2]].sum(axis=1) >= LEAST_KNOWN
    order = np.argsort(p[known])
    for part in (found.share, found.trust):
        assert (np.diff(part[known][order]) >= 0).all()
    assert np.array_equal(found.share[known] >= IN_SCOPE, p[known] >= FOREIGN)
    assert (found.share[~known] < IN_SCOPE).all()


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "𠮷", "ԱԲԳ"])
def test_nothing_known_is_no_ticket(text: str) -> None:
    found = halves()[0].score(read([text]))
    assert (found.share.tolist(), found.trust.tolist()) == ([0.0], [0.0])


def test_no_texts_no_shares() -> None:
    assert [part.shape for part in halves()[0].score(read([]))] == [(0,)] * 3


@given(ODD_BATCHES)
def test_walk_counts_each_occurrence_and_alone_as_in_a_batch(texts: list[str]) -> None:
    domain = small()
    known = set(domain.keys.tolist())
    walked, share = domain.walk(read(texts)), domain.score(read(texts)).share
    assert (share >= 0).all()
    assert (share <= 1).all()
    for text, row, one in zip(texts, walked.tolist(), share.tolist(), strict=True):
        counts = count(read([text]), domain.settings).words
        wanted = [0, 0, 0, 0]
        for key, times in zip(counts.keys.tolist(), counts.counts.tolist(), strict=True):
            block = 2 * (key >> 63)
            wanted[block] += times
            wanted[block + 1] += times * (key in known)
        assert row == wanted
        assert domain.score(read([text])).share.tolist() == [one]


def test_a_pass_that_has_counted_already_is_believed() -> None:
    domain, unseen = halves()
    batch = read(unseen[:50])
    walked = domain.walk(batch)
    assert np.array_equal(np.array(domain.score(batch, walked)), np.array(domain.score(batch)))
    assert np.array_equal(domain.p_values(batch, walked), domain.p_values(batch))
    assert (domain.score(batch, walked * [1, 0, 1, 0]).share == 0).all()


@given(st.lists(st.lists(st.integers(0, 6), unique=True, max_size=5), min_size=1, max_size=8), st.data())
def test_a_ticket_is_measured_without_its_group(texts: list[list[int]], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(0, 3), min_size=len(texts), max_size=len(texts)))
    keys = np.array([key for text in texts for key in sorted(text)], np.uint64)
    indptr = np.cumsum([0, *map(len, texts)])
    found = seen_by_others(FeatureCounts(indptr, keys, np.ones(len(keys), np.int32)), np.array(groups))
    wanted = [
        sum(key in other and g != mine for other, g in zip(texts, groups, strict=True)) >= 2
        for text, mine in zip(texts, groups, strict=True)
        for key in sorted(text)
    ]
    assert found.tolist() == wanted


@given(st.lists(st.floats(0, 9), min_size=1, max_size=60), st.floats(0, 9))
def test_limits_give_the_conformal_p_value_rounded_up_to_a_level(distances: list[float], distance: float) -> None:
    least = 1 / (len(distances) + 1)
    exact = (1 + sum(d >= distance for d in distances)) * least
    passed = np.searchsorted(_limits(np.array(distances)), distance, side="left")
    found = max(np.append(1.0, LEVELS)[passed], least)
    rounded = min(level for level in (1.0, *LEVELS) if level >= exact - 1e-9)
    assert found == pytest.approx(rounded if distance <= max(distances) else least)


@pytest.mark.parametrize("texts", [["退款"], ["退款"] * 30, [f"第{i}单退款" for i in range(12)], ["a"], ["", "退款"]])
def test_few_or_equal_tickets_can_be_fitted(texts: list[str]) -> None:
    for groups in (np.zeros(len(texts), np.int64), np.arange(len(texts))):
        for share in Scope.fit(read(texts), FeatureSettings(), groups).score(read([*texts, *POEM]))[:2]:
            assert ((share >= 0) & (share <= 1)).all()


def test_few_tickets_know_a_poem_from_a_ticket() -> None:
    texts = [row["text"] for row in some_tickets()[:40]]
    domain = Scope.fit(read(texts), FeatureSettings(), np.arange(40))
    assert (domain.score(read(POEM)).trust == 0).all()
    assert (domain.score(read(POEM)).share < IN_SCOPE).all()
    later = domain.score(read([row["text"] for row in some_tickets()[40:]]))
    assert (later.trust > 0.9).mean() > 0.9
    assert (later.share >= IN_SCOPE).mean() > 0.95


def test_the_same_tickets_give_the_same_domain() -> None:
    texts = [row["text"] for row in some_tickets()]
    again = Scope.fit(read(texts), FeatureSettings(), group(texts)).arrays()
    assert all(np.array_equal(array, again[name]) for name, array in small().arrays().items())


def test_arrays_give_the_domain_back() -> None:
    domain, unseen = halves()
    batch = read([*unseen[:200], *POEM, *CODE])
    shares = np.array(domain.score(batch))
    assert np.array_equal(np.array(Scope.from_arrays(domain.arrays()).score(batch)), shares)
    vocabulary = build_vocabulary(count(batch, domain.settings))._replace(keys=domain.keys)
    assert np.array_equal(np.array(Scope.from_arrays(domain.arrays(keys=False), vocabulary).score(batch)), shares)


def changed(name: str, value: Any) -> dict[str, NDArray[Any]]:
    return {**small().arrays(), name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sizes", np.zeros(0, np.int64)),
        ("sizes", np.array(-1, np.int64)),
        ("sizes", np.array([-1])),
        ("sizes", np.array([300, 300])),
        ("sizes", np.array([300.0])),
        ("keys", np.array([[1]], np.uint64)),
        ("keys", np.array([2, 1], np.uint64)),
        ("keys", np.array([1, 1], np.uint64)),
        ("keys", np.array([1, 2])),
        ("mean", np.full((3, 3), np.nan)),
        ("mean", np.full((3, 3), 1e300)),
        ("mean", np.zeros((3, 3), np.float32)),
        ("mean", np.zeros((2, 3))),
        ("spread", np.full((3, 2), 1e300)),
        ("range", np.array([2.0, 1.0])),
        ("range", np.array([-2.0, 1.0])),
        ("limits", np.zeros((1, 3))),
        ("limits", np.full((1, len(LEVELS)), -1.0)),
        ("limits", np.full((1, len(LEVELS)), np.inf)),
        ("limits", np.linspace(9, 0, len(LEVELS))[None]),
        ("edges", np.array([5.0])),
        ("ngrams", np.array([3, 3, 1])),
        ("ngrams", np.array([2, 7, 1])),
        ("ngrams", np.array([2, 3, 99])),
        ("ngrams", np.array(["2", "3", "1"])),
        ("weights", np.zeros(3)),
        ("contrast", np.zeros(3, np.float32)),
        ("idf", np.zeros(3, np.float32)),
    ],
)
def test_arrays_that_cannot_be_a_domain_are_refused(name: str, value: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="domain"):
        Scope.from_arrays(changed(name, value))


@pytest.mark.parametrize("name", ["keys", "ngrams", "range", "mean", "spread", "edges", "limits", "sizes"])
def test_a_missing_array_is_refused(name: str) -> None:
    arrays = small().arrays()
    del arrays[name]
    with pytest.raises(ValueError, match="domain"):
        Scope.from_arrays(arrays)

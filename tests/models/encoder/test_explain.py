"""Evidence of the encoder: the words that decide, at their places in the raw text."""

from __future__ import annotations

import numpy as np
import pytest

from features.hashing import read
from models.core.evidence import spans
from models.encoder.explain import MOST_PARTS
from tests.models.encoder.builders import ODD, TEXTS, fitted


@pytest.mark.parametrize(
    ("text", "category", "sentiment"),
    [
        ("發票　　等了很久 😡", "發票", "等了很久"),
        ("  快遞，，太差了，，再也不買", "快遞", "太差了再也不買"),
        ("谢谢\u200b退款，特别喜欢", "退款", "谢谢特别喜欢"),
    ],
)
def test_the_words_that_decide_are_named_where_they_stand(text: str, category: str, sentiment: str) -> None:
    batch = read([text])
    (found,) = spans(batch, fitted().score(batch, explain=True).shares, tuple(fitted().heads))
    assert all(text[e.start : e.end].rstrip() == e.text for e in found)
    top = {e.head: e for e in reversed(found)}  # heaviest first
    assert category in top["category"].text
    assert set(top["sentiment"].text) & set(sentiment)


def test_a_share_is_what_the_answer_loses_without_the_word() -> None:
    text = "退款,谢谢"
    batch = read([text])
    scored = fitted().score(batch, explain=True)
    assert scored.shares.shape == (2, len(batch.folded.codes))
    tokens = fitted()._stored.tokens.pieces([batch.folded.text()], 32)[0]
    for start, stop in ((0, 2), (2, 3), (3, 5)):
        seen = ~((tokens.starts < stop) & (tokens.stops > start))
        without = fitted()._run([tokens.ids], [seen])
        for h, columns in enumerate((slice(0, 4), slice(4, 6))):
            full, less = scored.scores[0, columns], without[0, columns]
            answer = int(scored.best[0, h])
            lost = (full[answer] - full.mean()) - (less[answer] - less.mean())
            assert scored.shares[h, start:stop].sum() == pytest.approx(lost, abs=2e-5)
            assert np.ptp(scored.shares[h, start:stop]) == 0


def test_each_text_of_a_batch_is_explained_as_alone() -> None:
    texts = [*TEXTS[:10], *ODD]
    together = read(texts)
    shares = fitted().score(together, explain=True).shares
    bounds = together.folded.bounds
    for t, text in enumerate(texts):
        alone = fitted().score(read([text]), explain=True).shares
        np.testing.assert_allclose(shares[:, bounds[t] : bounds[t + 1]], alone, atol=2e-5)


def test_separators_and_what_is_cut_away_weigh_nothing() -> None:
    batch = read(["快递" * 300 + "很满意", "", "谢谢"])
    shares = fitted().score(batch, explain=True).shares
    assert (shares[:, batch.folded.bounds[1:] - 1] == 0).all()
    assert (shares[:, 100:400] == 0).all()
    assert (shares[:, :4] != 0).any()


def test_a_text_of_many_words_takes_a_bounded_number_of_passes() -> None:
    from models.encoder.explain import _parts
    from models.encoder.tokens import Piece

    n = 10 * MOST_PARTS + 3
    place = np.arange(n, dtype=np.int32)
    parts = list(_parts(Piece(place, place, place + 1), place + 1))
    assert MOST_PARTS // 2 < len(parts) <= MOST_PARTS
    assert sum(p.tokens.astype(int) for p in parts).tolist() == [1] * n  # type: ignore[union-attr]
    assert [p.start for p in parts[1:]] == [p.stop for p in parts[:-1]]

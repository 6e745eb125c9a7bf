"""What the tests of the encoder share: a few easy tickets, a tiny net, a fitted one."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from models.core.labels import encode  # noqa: E402
from models.encoder import EncoderScorer, EncoderSettings  # noqa: E402 (only where torch is)

THINGS = ("快递", "发票", "退款", "客服")
GOOD = ("很满意", "非常好👍", "又快又好", "谢谢,好评", "特别喜欢", "值得推荐")
BAD = ("太差了", "等了很久😡", "很生气", "要投诉", "差评!!!", "再也不买")
TEXTS = tuple(f"{thing}{tone}" for tone in (*GOOD, *BAD) for thing in THINGS) * 2
LABELS: dict[str, Sequence[str | None]] = {
    "category": [THINGS[i % 4] for i in range(len(TEXTS))],
    "sentiment": ["好" if i // 4 % 12 < 6 else "差" for i in range(len(TEXTS))],
}
ODD = (
    "",
    "   ",
    "\x00",
    "😡😡😡😡😡😡",
    "\ud83d",
    "坏\udc00了",
    "👨‍👩‍👧",
    "快递" * 3000,
    "https://example.com/a?b=1",
    "abc １２９９元",
)


def tiny(**changed: Any) -> EncoderSettings:
    """Settings of a net that learns :data:`TEXTS` in a second."""
    small: dict[str, Any] = {
        "layers": 1, "width": 16, "attention_heads": 2, "feed_forward": 32, "filters": 8, "vocabulary": 300,
        "max_length": 32, "epochs": 12, "batch": 8, "learning_rate": 1e-2, "dropout": 0.1, "token_dropout": 0.05,
    }  # fmt: skip
    return EncoderSettings(**{**small, **changed})


def encoded(labels: Mapping[str, Sequence[str | None]] = LABELS) -> dict[str, Any]:
    return {h: encode(h, column, sorted({v for v in column if v})) for h, column in labels.items()}


def answers(scorer: EncoderScorer, texts: Sequence[str], head: str) -> NDArray[np.str_]:
    """The label of each text."""
    from features.hashing import read

    best = scorer.score(read(texts)).best[:, list(scorer.heads).index(head)]
    return np.array(scorer.heads[head])[best]


@functools.cache
def fitted() -> EncoderScorer:
    """A tiny net that has learned :data:`TEXTS`."""
    torch.set_num_threads(1)  # a tiny net is slower on two, and sums are the same every time
    return EncoderScorer.fit(TEXTS, encoded(), settings=tiny())

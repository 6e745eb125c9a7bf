"""Word segmentation: jieba, its Rust port rjieba, and ours; speed, and how many texts differ from jieba."""

from __future__ import annotations

import csv
import itertools
import logging
import re
from pathlib import Path

import jieba
import rjieba

from benchmarks.timing import medians, table
from features.normalise import code_points
from features.segment import HAN_FIRST, HAN_LAST, load_lexicon, segment, user_words, word_ends


def main(corpora: Path, rounds: int, most: int = 10_000) -> None:
    """Times the three on the Chinese runs of ``most`` reviews and counts differences."""
    jieba.setLogLevel(logging.ERROR)
    python, rust = jieba.Tokenizer(), rjieba.Jieba()
    python.initialize()
    for word, frequency in user_words().items():
        python.add_word(word, frequency)
        rust.add_word(word, frequency, None)
    with (corpora / "shopping_reviews" / "test.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["text"] for row in itertools.islice(csv.DictReader(file), most)]
    texts = [re.sub(f"[^{chr(HAN_FIRST)}-{chr(HAN_LAST)}]", "\n", row) for row in rows]
    seconds = medians(
        {
            "jieba": lambda: [python.lcut(text) for text in texts],
            "rjieba": lambda: [rust.cut(text) for text in texts],
            "Fendan, text by text": lambda: [segment(text) for text in texts],
            "Fendan, a batch (as the model reads)": lambda: word_ends(code_points("\n".join(texts)), load_lexicon()),
        },
        min(rounds, 3),
    )
    print(f"## Segmentation: {len(texts):,} reviews of {sum(map(len, texts)) / len(texts):.0f} characters\n")
    print(table(seconds, len(texts), "texts", "jieba"))
    truth = [python.lcut(text) for text in texts]
    ours = sum(a != segment(text) for a, text in zip(truth, texts, strict=True))
    theirs = sum(a != list(rust.cut(text)) for a, text in zip(truth, texts, strict=True))
    print(f"\nTexts cut otherwise than by jieba: Fendan {ours}, rjieba {theirs}.")

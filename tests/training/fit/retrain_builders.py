"""A shop whose customers find new words: base data, and a store with corrections that came later. Fits in a second."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from serving.store import Store
from tests.serving.audit.builders import fill, said, ticket
from tests.training.builders import write_jsonl
from training.data.corpus import Corpus, read_corpus
from training.fit.recipe_file import read_recipe
from training.fit.spec import TrainingSpec

START = datetime(2025, 9, 1, 9, 0, tzinfo=timezone(timedelta(hours=8)))
WORDS = {"logistics": "快递一直没有动静", "refund": "钱什么时候退给我", "invoice": "发票抬头开错了"}
NEW_WORDS = {**WORDS, "invoice": "数电凭证没有推送"}
"""After the drift one category is spoken of in words that nobody has used before."""

_FILLER = [chr(c) for c in range(0x4E00, 0x4E00 + 3000)]

RECIPE = """
features: {word_ngram: 1, char_ngram: 2}
heads:
  category: [{penalty: 1.0}]
"""


def rows(
    n: int, words: dict[str, str] = WORDS, *, seed: int = 0, since: datetime = START, name: str = "B"
) -> list[dict[str, Any]]:
    """``n`` tickets, one every ten minutes, no two of them alike but for what they are about."""
    rng = random.Random(seed)
    codes = list(words)
    return [
        {
            "ticket_id": f"{name}-{i:04d}",
            "text": "".join(rng.sample(_FILLER, 8)) + words[codes[i % 3]] + "".join(rng.sample(_FILLER, 8)),
            "category": codes[i % 3],
            "created_at": (since + timedelta(minutes=10 * i)).isoformat(),
        }
        for i in range(n)
    ]


def later(n: int, words: dict[str, str] = NEW_WORDS, *, seed: int = 1, name: str = "T") -> list[dict[str, Any]]:
    """Tickets of a month later."""
    return rows(n, words, seed=seed, since=START + timedelta(days=30), name=name)


def corpus(found: Sequence[dict[str, Any]], place: Path) -> Corpus:
    return read_corpus([write_jsonl(place / "rows.jsonl", found)])


def put(url: str, found: Sequence[dict[str, Any]], *, wrong: dict[str, str] | None = None) -> None:
    """Stores tickets with a correction each; ``wrong`` maps what is true to what is said."""
    store = Store(url)
    with store._write.begin() as connection:
        fill(
            connection,
            [
                ticket(
                    row["ticket_id"],
                    text=row["text"],
                    customer_id="",
                    created_at=(at := datetime.fromisoformat(row["created_at"])),
                    received_at=at,
                )
                for row in found
            ],
            answers=[
                said(
                    row["ticket_id"],
                    category=(wrong or {}).get(row["category"], row["category"]),
                    at=datetime.fromisoformat(row["created_at"]) + timedelta(hours=1),
                )
                for row in found
            ],
        )
    store.close()


def recipe(place: Path) -> Path:
    path = place / "recipe.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def spec(place: Path, **rest: Any) -> TrainingSpec:
    features, recipes = read_recipe(recipe(place))
    return TrainingSpec(features=features, recipes=recipes, **{"refit": False, **rest})


def told(out: str) -> dict[str, Any]:
    """The JSON a command printed."""
    found: dict[str, Any] = json.loads(out)
    return found

"""What the tests of the models room share: the taxonomy, the starter tickets, models fitted on some or all of them."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from models import TriageModel
from models.fit.model import LabelledTexts, fit_model
from models.linear.recipe import Recipe
from models.linear.scorer import LinearScorer
from models.promise.targets import Targets
from models.spec import ModelSpec
from tests.shared import once_per_run
from training.data.duplicates import group
from training.data.standard import load_elsewhere
from triage.taxonomy import Taxonomy

ROOT = Path(__file__).resolve().parents[2]
HEADS = ("category", "urgency", "sentiment")

_WORDS = "退款 发票 快递 没收到 优惠券 投诉 谢谢 着火 换货 退貨 發票 還沒 客服 维修 密码 ＡＢＣ abc １２９９元 1299 13812345678 000000000 哈哈哈哈哈哈哈"
_SIGNS = "！ ？？？？？？ …… ， 。 【 】 ～ 、 ! 😡 😡😡😡😡😡 👍🏻 👨‍👩‍👧 𠮷 𝟙 ① ㎏ é あ 한 � 文三路128号3单元502室 https://example.com/a?b=1 www.example.com"
PIECES = (*_WORDS.split(" "), *_SIGNS.split(" "), "\n", "  ", "\u200b", "\ufe0f", "\t", "\x00", "\ud83d")
"""What tickets are made of, and what breaks programs that read them."""

ODD_TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=40))
"""Strings, lone surrogates among them."""

ODD_BATCHES = st.lists(ODD_TEXTS, min_size=1, max_size=6)


QUICK = {head: (Recipe(0.5, 0.25),) for head in HEADS}
"""Recipes for fits whose choice of one does not matter to the test: nothing is raced."""


def linear(model: TriageModel) -> LinearScorer:
    """The linear machine inside a model."""
    found = model._scorers[0]
    assert isinstance(found, LinearScorer)
    return found


@functools.cache
def taxonomy() -> Taxonomy:
    return Taxonomy.from_mapping(yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text(encoding="utf-8")))


@functools.cache
def tickets() -> list[dict[str, Any]]:
    """The starter tickets of the first round that models are trained on (never the sealed part): these tests' figures are theirs."""
    lines = (ROOT / "datasets" / "starter" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["ticket_id"] <= "S-04793"]


@functools.cache
def some_tickets() -> list[dict[str, Any]]:
    """300 of them, always the same."""
    return random.Random(7).sample(tickets(), 300)


def fit(rows: list[dict[str, Any]], **options: Any) -> TriageModel:
    """A model of all heads, fitted on ``rows``."""
    labels = {head: [row[head] for row in rows] for head in HEADS}
    return fit_texts([row["text"] for row in rows], labels, taxonomy=taxonomy(), **options)


def fit_texts(
    texts: Sequence[str], labels: Mapping[str, Sequence[str | None]], *, taxonomy: Taxonomy, **options: Any
) -> TriageModel:
    """A model; ``options`` are fields of the specification, of what is learned from, and of the fit. A target may be a number."""
    calls = {name: options.pop(name) for name in ("progress", "checkpoint") if name in options}
    learned = {f.name: options.pop(f.name) for f in fields(LabelledTexts) if f.name in options}
    if isinstance(target := options.pop("target_error", Targets()), float | int):
        target = Targets(target)
    return fit_model(LabelledTexts(texts, labels, taxonomy, **learned), ModelSpec(targets=target, **options), **calls)


@once_per_run
def small_model() -> TriageModel:
    """Fitted on 300 tickets, with an error rate generous enough that some classes are promised."""
    return fit(some_tickets(), target_error=0.2)


@once_per_run
def other_model() -> TriageModel:
    """Another one, fitted on fewer tickets."""
    return fit(some_tickets()[:150])


@once_per_run
def full_model() -> TriageModel:
    """Fitted on all starter tickets, as ``fendan train`` does, with the recipes that it chooses there."""
    pair, middle, plain = (Recipe(0.25), Recipe(0.5, 0.25)), (Recipe(0.5, 0.5),), (Recipe(0.5, 0.25),)
    return fit(tickets(), recipes={"category": pair, "urgency": middle, "sentiment": plain})


@once_per_run
def starter_model() -> TriageModel:
    """Fitted on every starter ticket that models are trained on, as ``make run`` ships it, but for the race of recipes."""
    lines = (ROOT / "datasets" / "starter" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    pair, middle, plain = (Recipe(0.25), Recipe(0.5, 0.25)), (Recipe(0.5, 0.5),), (Recipe(0.5, 0.25),)
    return fit(
        rows,
        recipes={"category": pair, "urgency": middle, "sentiment": plain},
        groups=group([row["text"] for row in rows]),
        elsewhere=load_elsewhere([ROOT / "datasets" / "elsewhere" / "texts.txt"]),
    )

"""An encoder as files: what comes back scores the same to the bit, and what was altered is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load, save

from features.hashing import read
from tests.models.encoder.builders import ODD, TEXTS, EncoderScorer, fitted, torch
from triage.errors import ArtefactError


def _changed(change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    files = fitted().files()
    config = json.loads(files["encoder.json"])
    change(config)
    return {**files, "encoder.json": json.dumps(config).encode()}


def _reweighed(change: Callable[[dict[str, Any]], object]) -> dict[str, bytes]:
    files = fitted().files()
    weights = load(files["encoder.safetensors"])
    change(weights)
    return {**files, "encoder.safetensors": save(weights)}


def test_it_comes_back_the_same_to_the_bit() -> None:
    files = fitted().files()
    assert set(files) == {"encoder.json", "encoder.safetensors", "tokenizer.json"}
    back = EncoderScorer.from_files(files)
    batch = read([*TEXTS[:30], *ODD])
    for a, b in zip(fitted().score(batch, explain=True), back.score(batch, explain=True), strict=True):
        np.testing.assert_array_equal(a, b)
    assert back.files() == files
    assert (back.heads, back.settings, back.history) == (fitted().heads, fitted().settings, fitted().history)


def test_weights_are_stored_in_half_precision() -> None:
    weights = load(fitted().files()["encoder.safetensors"])
    assert {w.dtype for w in weights.values()} == {torch.float16}


@pytest.mark.parametrize("name", ["encoder.json", "encoder.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("data", [None, b"", b"{", b"[]", b"\x80\x04N.", b"\xff" * 64, b"{}"])
def test_a_file_that_is_missing_or_is_not_what_it_should_be(name: str, data: bytes | None) -> None:
    files = {k: v for k, v in fitted().files().items() if k != name}
    if data is not None:
        files[name] = data
    with pytest.raises(ArtefactError):
        EncoderScorer.from_files(files)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(kind="linear"),
        lambda c: c.update(version=2),
        lambda c: c.update(version=True),
        lambda c: c.update(more=1),
        lambda c: c.pop("history"),
        lambda c: c.update(history=[{"loss": "x"}]),
        lambda c: c.update(history=[{"loss": float("inf")}]),
        lambda c: c.update(heads={}),
        lambda c: c["heads"].update(sentiment=["好"]),
        lambda c: c["heads"].update(sentiment=["好", "好"]),
        lambda c: c["heads"].update(sentiment=["好", 1]),
        lambda c: c["heads"].update(sentiment=["好", "中", "差"]),
        lambda c: c["settings"].update(dropout=2),
        lambda c: c["settings"].update(unknown=2),
        lambda c: c["settings"].update(filters=4),
        lambda c: c["settings"].update(max_length=64),
        lambda c: c.update(settings=[]),
        lambda c: c.update(special=[]),
        lambda c: c["special"].update(pad=-1),
        lambda c: c["special"].update(mask=10_000),
        lambda c: c["special"].pop("cls"),
        lambda c: c.update(trunk=[]),
        lambda c: c["trunk"].update(model_type="llama"),
        lambda c: c["trunk"].update(model_type=None),
        lambda c: c["trunk"].update(auto_map={"AutoModel": "evil.Model"}),
        lambda c: c["trunk"].update(_attn_implementation="someone/kernel"),
        lambda c: c["trunk"].update(attn_implementation="someone/kernel"),
        lambda c: c["trunk"].update(quantization_config={}),
        lambda c: c["trunk"].update(hidden_size=32),
        lambda c: c["trunk"].update(hidden_size=10**9),
        lambda c: c["trunk"].update(hidden_size=-1),
        lambda c: c["trunk"].update(hidden_size="16"),
        lambda c: c["trunk"].update(num_hidden_layers=2),
        lambda c: c["trunk"].update(num_hidden_layers=900_000),
        lambda c: c["trunk"].update(vocab_size=20),
        lambda c: c["trunk"].update(hidden_act="os.system"),
        lambda c: c["trunk"].update(num_attention_heads=3),
    ],
)
def test_a_forged_configuration_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ArtefactError):
        EncoderScorer.from_files(_changed(change))


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.pop("head.bias"),
        lambda w: w.update(extra=torch.zeros(1)),
        lambda w: w.update({"head.bias": torch.zeros(5)}),
        lambda w: w.update({"head.bias": torch.zeros(6, dtype=torch.int64)}),
        lambda w: w.update({"head.bias": torch.full((6,), float("nan"))}),
        lambda w: w.update({"head.bias": torch.full((6,), float("inf"), dtype=torch.float16)}),
        lambda w: w.update({"trunk.embeddings.word_embeddings.weight": torch.zeros(4, 16)}),
    ],
)
def test_forged_weights_are_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(ArtefactError):
        EncoderScorer.from_files(_reweighed(change))


def test_a_tokenizer_that_is_larger_than_the_table_is_refused() -> None:
    files = fitted().files()
    tokenizer = json.loads(files["tokenizer.json"])
    tokenizer["model"]["vocab"]["龘"] = 5000
    with pytest.raises(ArtefactError, match="词表"):
        EncoderScorer.from_files({**files, "tokenizer.json": json.dumps(tokenizer).encode()})

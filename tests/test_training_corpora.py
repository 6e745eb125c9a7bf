"""The promised accuracy on the public corpora, through the command line as a user would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training_fixtures import (
    fendan,
)


@pytest.mark.corpora
def test_citizen_messages_reach_the_promised_accuracy(corpora: Path, tmp_path: Path) -> None:
    data = corpora / "citizen_messages"
    made = fendan("train", data / "train.csv", "--taxonomy", "infer", "--out", "M", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    done = fendan("evaluate", "M", data / "test.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["heads"]["category"]["accuracy"] >= 0.92


@pytest.mark.corpora
def test_shopping_reviews_reach_the_promised_accuracy_on_both_heads(corpora: Path, tmp_path: Path) -> None:
    data = corpora / "shopping_reviews"
    made = fendan("train", data / "train.csv", "--taxonomy", "infer", "--out", "M", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    done = fendan("evaluate", "M", data / "test.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    heads = json.loads(done.stdout)["heads"]
    assert heads["category"]["accuracy"] >= 0.885
    assert heads["sentiment"]["accuracy"] >= 0.942

"""The contrast set keeps what its card promises: plain lines, no text twice, no ticket among them, the counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.data.duplicates import group
from training.data.standard import ELSEWHERE, load_elsewhere


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "datasets" / "elsewhere"


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[str]:
    raw = (folder / "texts.txt").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    return raw.decode("utf-8").splitlines()


def test_every_text_stands_once_under_a_walk_of_life(lines: list[str], folder: Path) -> None:
    texts = load_elsewhere([folder / "texts.txt"])
    walks = [line for line in lines if line.startswith("#")]
    assert lines[0] == walks[0]
    assert len(walks) == len(set(walks)) == 39
    assert len(texts) == len(set(texts)) == 1125
    assert len(texts) + len(walks) == sum(map(bool, lines))
    assert all(text == text.strip() for text in texts)
    assert all(2 <= len(text) <= 157 for text in texts)
    assert sorted(map(len, texts))[len(texts) // 2] == 21
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "1,125" in card
    assert "39" in card


def test_none_is_a_ticket_or_nearly_another(folder: Path, root: Path) -> None:
    texts = load_elsewhere([folder / "texts.txt"])
    starter = root / "datasets" / "starter"
    tickets = [
        json.loads(line)["text"]
        for name in ("tickets.jsonl", "test.jsonl")
        for line in (starter / name).read_text(encoding="utf-8").splitlines()
    ]
    found = group([*texts, *tickets])[: len(texts)]
    assert len(set(found.tolist())) == len(texts)
    assert not set(found.tolist()) & set(group([*texts, *tickets])[len(texts) :].tolist())


def test_it_is_found_beside_the_code_and_missing_it_is_no_error(folder: Path, tmp_path: Path) -> None:
    assert ELSEWHERE[0] == folder / "texts.txt"
    assert load_elsewhere() == load_elsewhere([folder / "texts.txt"])
    assert load_elsewhere([tmp_path / "texts.txt"]) == ()
    assert load_elsewhere([tmp_path / "texts.txt", folder / "texts.txt"]) == load_elsewhere()

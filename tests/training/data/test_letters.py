"""What of a text counts for likeness, and where it stands in the raw text."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.data.letters import letters


def shown(texts: list[str]) -> list[str]:
    found = letters(texts)
    bounds = found.bounds(len(texts))
    return ["".join(map(chr, found.codes[a:b])) for a, b in itertools.pairwise(bounds)]


def test_letters_and_digits_stay_and_signs_go() -> None:
    assert shown(["退款，第 3 天了！", "ＡＰＰ打不開", "？？", "", "  "]) == [
        "退款第3天了",
        "app打不开",
        "??",
        "\n",
        "\n",
    ]


@given(st.lists(st.text("退款 ，。3a\n", max_size=12), min_size=1, max_size=8))
def test_every_letter_knows_its_place(texts: list[str]) -> None:
    found = letters(texts)
    assert (np.diff(found.owner) >= 0).all()
    for code, owner, offset in zip(found.codes, found.owner, found.offsets, strict=True):
        if chr(code).isalnum():
            assert texts[owner][offset] == chr(code)
    half = np.arange(len(found.codes)) % 2 == 0
    assert found.where(half).codes.tolist() == found.codes[half].tolist()

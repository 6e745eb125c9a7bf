"""Tokenizers built from the tickets: offsets, the two kinds, and the same one every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.hashing import read
from tests.models.encoder.builders import ODD, TEXTS, tiny

from models.encoder.tokens import EncoderTokenizer, build_tokens  # isort: skip (after the fixtures, which skip without torch)


@pytest.mark.parametrize("kind", ["char", "piece"])
def test_the_same_texts_give_the_same_tokenizer(kind: str) -> None:
    batch = read([*TEXTS, *ODD, "𠮷野家", "\ue000", "한국 é"])
    folded = [batch.folded.text(t) for t in range(batch.size)]
    first, second = (build_tokens(folded, tiny(tokens=kind)).to_json() for _ in range(2))
    assert first == second


def test_characters_or_pieces() -> None:
    folded = read(["快递等了很久😡😡"]).folded.text()
    char, piece = (build_tokens(TEXTS, tiny(tokens=k)).pieces([folded], 32)[0] for k in ("char", "piece"))
    assert [folded[a:b] for a, b in zip(char.starts, char.stops, strict=True)] == ["", *folded, ""]
    assert [folded[a:b] for a, b in zip(piece.starts, piece.stops, strict=True)][1] == "快递"


_CHAR = build_tokens([*TEXTS, "abc 123"] * 2, tiny(tokens="char"))


@given(
    st.one_of(
        st.lists(st.sampled_from([*ODD[:7], *ODD[8:], *TEXTS[:9]]), max_size=6).map("".join), st.text(max_size=40)
    )
)
def test_offsets_lie_in_order_within_the_folded_text(text: str) -> None:
    folded = read([text]).folded.text()
    (piece,) = _CHAR.pieces([folded], 1000)
    (ids,) = _CHAR.encode([folded], 1000)
    np.testing.assert_array_equal(ids, piece.ids)
    inner = slice(1, -1)
    assert (piece.starts[inner] < piece.stops[inner]).all()
    assert (piece.stops[inner][:-1] <= piece.starts[inner][1:]).all()
    assert "".join(folded[a:b] for a, b in zip(piece.starts, piece.stops, strict=True)) == folded.replace(" ", "")


def test_head_and_tail_of_a_long_text() -> None:
    (ids,) = _CHAR.encode(["快" * 100 + "递" * 100], 9)
    (piece,) = _CHAR.pieces(["快" * 100 + "递" * 100], 9)
    assert piece.starts.tolist() == [0, 0, 1, 2, 3, 197, 198, 199, 0]
    assert len(set(ids[1:5].tolist())) == len(set(ids[5:8].tolist())) == 1
    assert ids[1] != ids[5]


def test_it_goes_through_json_and_back() -> None:
    back = EncoderTokenizer.from_json(_CHAR.to_json(), _CHAR.special)
    assert back.to_json() == _CHAR.to_json()
    assert back.size == _CHAR.size
    assert back.encode(TEXTS[:3], 32)[2].tolist() == _CHAR.encode(TEXTS[:3], 32)[2].tolist()

"""Quoted-printable that nobody decoded."""

from __future__ import annotations

import quopri

import pytest

from features.reading import read
from tests.features.own_words.builders import own

SAID = "退款一直没到账，麻烦查一下。包裹停在转运中心四天没动，订单A=B，谢谢！"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_bytes_are_read_as_what_they_stand_for(encoding: str) -> None:
    text = quopri.encodestring(SAID.encode(encoding)).decode("ascii")
    assert "=\n" in text
    assert own(text) == SAID


def test_markup_in_it_is_found() -> None:
    assert own('<p class=3D"x">=E9=80=80=E6=AC=BE=E6=B2=A1=E5=88=B0=3D</p>') == "退款没到="


@pytest.mark.parametrize("text", ["满=300减=50", "a=3D模型", "x=E9", "=====", "1+1=20=20", "=41=42=43=44"])
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert not read(text).found

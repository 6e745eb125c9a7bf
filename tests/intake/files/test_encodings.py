"""The encodings that Chinese files come in are read; what cannot be told for sure is refused by name."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.files.encodings import decode
from tests.training.builders import starter_rows
from triage.errors import DataError

PATH = Path("导出.csv")
TEXT = "text,category\r\n快递显示签收了可我没收到，帮我查一下,logistics\r\n发票抬头开错了！,invoice\r\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
def test_these_are_read(encoding: str, name: str) -> None:
    assert decode(TEXT.encode(encoding), PATH) == (TEXT, name)


def test_big_endian_with_its_mark() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be"), PATH).text == TEXT


@given(st.lists(st.sampled_from(range(200)), min_size=1, max_size=5))
def test_real_tickets_in_gb18030_are_read(numbers: list[int]) -> None:
    text = "\n".join(starter_rows()[number]["text"] for number in numbers)
    assert decode(text.encode("gb18030"), PATH).text == text


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufeff")))
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    assert decode(text.encode(), PATH) == (text, "utf-8")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("text\nDie Lieferung ist größtenteils zurückgeschickt, süß\n".encode("latin-1"), "编码不是 UTF-8"),
        ("text\n請問這個訂單什麼時候會出貨呢謝謝您的幫忙\n".encode("big5"), "编码不是 UTF-8"),
        ("text\n商品がまだ届いていません、確認してください\n".encode("shift-jis"), "编码不是 UTF-8"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "编码不是 UTF-8"),
        (TEXT.encode("utf-16-le"), "没有 BOM 的 UTF-16"),
        (TEXT.encode("utf-16")[:-1], "第 3 行有坏字节"),
        (("好" * 50 + "\n" + "行" * 50).encode() + b"\xff", "第 2 行有坏字节 0xff"),
    ],
)
def test_the_rest_is_refused_with_a_way_out(raw: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        decode(raw, PATH)
    assert "导出.csv" in str(caught.value)
    assert "另存为 UTF-8" in str(caught.value)


def test_the_likely_encoding_is_named() -> None:
    long = "請問這個訂單什麼時候會出貨呢，謝謝您的幫忙。我已經等了三天了，還沒有收到任何通知。\n" * 20
    with pytest.raises(DataError, match="big5"):
        decode(long.encode("big5"), PATH)


def test_noise_is_not_read() -> None:
    with pytest.raises(DataError):
        decode(random.Random(0).randbytes(5000), PATH)

"""Letters that nobody decoded: quoted-printable, and escapes of JSON outside it."""

from __future__ import annotations

import json
import quopri

import pytest

from features.normalise import fold
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


def test_escapes_are_decoded_before_numbers_are_looked_for() -> None:
    assert own(json.dumps({"content": "积分2300没到，六幢二单元501，😡"})) == own("积分2300没到，六幢二单元501，😡")
    assert own(r"\u5206\u65702300\u6ca1\u5230") == "分数2300没到"
    assert own(r"\\u5206\\u65702300") == "分数2300"
    hidden = read(r"\u7535\u8bdd\u0031\u0033\u0038\u0031\u0032\u0033\u0034\u0035\u0036\u0037\u0038")
    assert fold([hidden.masked]).text() == fold([hidden.whole]).text() == "电话[手机号]***"


@pytest.mark.parametrize(
    "text",
    [
        r"C:\users\udp",
        r"\u12",
        r"\ud800",
        r"\u0022",
        "满=300减=50",
        "a=3D模型",
        "x=E9",
        "=====",
        "1+1=20=20",
        "=41=42=43=44",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert not read(text).found

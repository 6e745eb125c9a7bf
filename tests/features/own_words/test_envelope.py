"""Envelopes of chat messages: the message is read, with its escapes as what they mean."""

from __future__ import annotations

import json

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own

SAID = "热水器不点火\n怎么办\t“急”😡"
ENVELOPES = [
    {"msgtype": "text", "text": {"content": SAID}},
    {
        "msgid": "CAIQ16HMjQYY",
        "aibotid": "A",
        "from": {"userid": "zhang"},
        "msgtype": "text",
        "text": {"content": SAID},
    },
    {"msgtype": "text", "text": {"content": SAID}, "quote": {"msgtype": "text", "text": {"content": "旧的话"}}},
    {
        "conversationId": "cid1=",
        "senderNick": "小王",
        "msgtype": "text",
        "text": {"content": SAID},
        "createAt": 1793700000000,
    },
    {"msg_type": "text", "content": SAID, "from": "wx_user", "agent": None},
    {
        "event": "message_created",
        "id": 1,
        "content": SAID,
        "message_type": "incoming",
        "conversation": {"messages": [{"content": "旧的话"}]},
    },
    [{"type": "text", "data": {"text": SAID}}, {"type": "image", "data": {"file": "a.jpg"}}],
    {
        "schema": "2.0",
        "event": {"message": {"message_type": "text", "content": json.dumps({"text": SAID}, ensure_ascii=False)}},
    },
    {"schema": "2.0", "event": {"message": {"message_type": "text", "content": json.dumps({"text": SAID})}}},
    {"messages": [{"role": "assistant", "content": "请问有什么可以帮您"}, {"role": "user", "content": SAID}]},
    {"渠道": "微信", "内容": SAID},
]


@pytest.mark.parametrize("envelope", ENVELOPES, ids=range(len(ENVELOPES)))
@pytest.mark.parametrize("form", ["plain", "escaped", "indented", "repr"])
def test_the_message_is_read(envelope: object, form: str) -> None:
    text = {
        "plain": json.dumps(envelope, ensure_ascii=False, separators=(",", ":")),
        "escaped": json.dumps(envelope),
        "indented": json.dumps(envelope, ensure_ascii=False, indent=2),
        "repr": repr(envelope),
    }[form]
    if form == "repr" and "schema" in text:
        pytest.skip("str() of a dict that holds JSON: two kinds of quotation marks, nobody sends this")
    assert own(text) == " ".join(SAID.split())
    assert kinds(text) == {"envelope"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"content":"包裹停在转运中心', "包裹停在转运中心"),
        ('{"content":"包裹停了","phone":[订单号]***,"n":-1.5e3}', "包裹停了"),
        ('{"title":"退货","content":"杯子碎了"}', "退货 杯子碎了"),
        ('{"content":"第一条"}\n{"content":"第二条"}', "第一条 第二条"),
        ('{"content":"<p>退款&nbsp;没到<\\/p>"}', "退款 没到"),
        ('{"content":"路径 C:\\\\n 没了"}', "路径 C:\\n 没了"),
        ("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[券用不了]]></Content></xml>", "券用不了"),
        ("<xml><MsgType>voice</MsgType><Recognition><![CDATA[快递没到]]></Recognition><MediaId>x</MediaId></xml>", "快递没到"),
    ],
)  # fmt: skip
def test_other_envelopes(text: str, words: str) -> None:
    assert own(text) == words


@pytest.mark.parametrize(
    "text",
    [
        '{"msgtype":"image","image":{"media_id":"XX_1"}}',
        '{"event":"conversation_typing_on","id":5}',
        "<xml><MsgType>image</MsgType></xml>",
    ],
)
def test_an_envelope_without_a_message_is_read_whole_and_said_to_be_one(text: str) -> None:
    answer = read(text)
    assert answer.reading == "nothing_left"
    assert answer.masked == answer.whole
    assert answer.unread == ()
    assert {part.kind for part in answer.found} == {"envelope"}


@pytest.mark.parametrize(
    "text",
    ["[微笑]你好，{尺码}是M", '{"尺码"}写的是M', '用户说{"content": 这样}不行', "{}", "[1,2]", '["a","b"]', "{'好'}"],
)
def test_what_is_no_envelope_stays(text: str) -> None:
    assert not read(text).found

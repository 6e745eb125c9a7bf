"""Markup of mails: what is read of them, and what looks like markup and is none."""

from __future__ import annotations

import pytest

from features.reading import read
from tests.features.own_words.builders import kinds, own

OUTLOOK = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html; charset=gb2312">'
    "<style><!-- p.MsoNormal {margin:0cm;font-size:10.5pt} @font-face {font-family:宋体} --></style>"
    '<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026"/></xml><![endif]--></head>'
    "<body lang=ZH-CN><div class=WordSection1><p class=MsoNormal>"
    "<span style='font-family:宋体'>发票抬头<b>开错</b>了<span lang=EN-US><o:p></o:p></span></span></p>"
    "<p class=MsoNormal><![if !supportLists]><span>1.</span><![endif]>请重开&#12290;<o:p>&nbsp;</o:p></p></div></body></html>"
)
READ = [
    ("<p>您好：</p><p>退款一直没到账</p><p>&nbsp;</p>谢谢", "您好： 退款一直没到账 谢谢"),
    (OUTLOOK, "发票抬头开错了 1.请重开。"),
    ("包裹破了<br/>请<BR >赔", "包裹破了 请 赔"),
    ("<B>退</B><font color='red'>货</font>单", "退货单"),  # a word goes on across tags inside a line
    ("尺码&lt;M&gt;码，3&lt;5，A&amp;B，&ldquo;好&rdquo;&hellip;", "尺码<M>码，3<5，A&B，“好”…"),
    ("&amp;nbsp;两次转义&amp;lt;3", "两次转义<3"),
    ("&#36864;&#x6b3e;没到&#0;&#xd800;", "退款没到"),
    ('<div style="display:none;max-height:0px">618 预热 点开有礼</div><div>没收到货</div>', "没收到货"),
    ('<span class="preheader">预览文字</span>灯不亮<img src="https://t.cn/o.gif" width="1" height="1">', "灯不亮"),
    ("<div hidden>甲<div>乙</div>丙</div>丁坏了", "丁坏了"),
    ("<table><tr><td>颜色</td><td>红</td></tr></table>", "颜色 红"),
    ("<script>if (a < b) alert('退货')</script>要换货<style>.退款{}</style>", "要换货"),
    ("<title>新邮件</title><p>要换货", "要换货"),
    ("<!DOCTYPE html><?xml version='1.0'?><p>碎了", "碎了"),
    ("<p>碎了</p><style>p {", "碎了"),  # cut by the length of a field
    ("<p>碎了</p></di", "碎了"),
    ('<p>碎了</p><img src="cid:image', "碎了"),
    ('<a href="https://a.cn>点这里</a>没反应', "点这里没反应"),  # a quotation mark is missing
    ('<a title="a>b" href=x>图</a>裂了', "图裂了"),
    ("<p>灯<!-- 注释 -->不亮<!-- 没有结束 <p>快修", "灯不亮快修"),
    ("<p>价格<100的有吗", "价格<100的有吗"),
    ("<![CDATA[水管漏了]]>", "水管漏了"),
]
KEPT = [
    "尺码<M",
    "3<5，<3 喜欢",
    "尺码<S>和<M>哪个大",
    "1<2>0",
    "价格a<b 但是c>d 不对",
    "->这个<-坏了",
    "<<<急>>>",
    "A&B店买的，R&D;",
    "<小美>说的",
    "写信到<zhang@qq.com>没人回",
    "<https>",
    "a < b > c",
    "<div",
    "x<b",
]


@pytest.mark.parametrize(("text", "words"), READ)
def test_words_of_markup_are_read(text: str, words: str) -> None:
    assert own(text) == words
    assert kinds(text) <= {"html"}


@pytest.mark.parametrize("text", KEPT)
def test_what_is_not_markup_stays(text: str) -> None:
    if text == "<div":
        assert read(text).reading == "nothing_left"  # nothing but a tag that was cut off
    else:
        assert not read(text).found


GMAIL = (
    '<div dir="ltr">还是没收到</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">云朵家电 &lt;<a href="mailto:kf@yun.cn">'
    'kf@yun.cn</a>&gt; 于2026年11月3日周二 10:05写道：<br></div><blockquote class="gmail_quote" style="margin:0px">您好，已经退货入库</blockquote></div>'
)
NETEASE = (
    '钱没到账<br><br>At 2026-11-03 11:20:38, "云朵家电" &lt;kf@yun.cn&gt; wrote:<br><blockquote id="isReplyContent" '
    'style="PADDING-LEFT: 1ex"><div>已经退货入库</div></blockquote><br><span title="neteasefooter"><p>&nbsp;</p></span>'
)
OUTLOOK_REPLY = (
    '<body dir="ltr"><div>钱没到账</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg">'
    "<b>发件人:</b> 云朵家电 &lt;kf@yun.cn&gt;<br><b>发送时间:</b> 2026年11月3日 10:05<br><b>收件人:</b> 我<br><b>主题:</b> 退款</div><div>已入库</div>"
)
QQ = (
    '<div>钱没到账</div><div><includetail><!--<![endif]--></includetail></div><div style="font-size:12px">------------------&nbsp;原始邮件&nbsp;'
    '------------------</div><div style="background:#efefef"><div><b>发件人:</b> "云朵家电"&lt;kf@yun.cn&gt;;</div><div><b>发送时间:</b> '
    '2026年11月3日(星期二) 中午11:18</div><div><b>收件人:</b> "我"&lt;1@qq.com&gt;;</div><div><b>主题:</b> 退款</div></div><div>已入库</div>'
)
APPLE = '钱没到账<br><blockquote type="cite"><div>在 2026年11月3日，10:05，云朵家电 &lt;kf@yun.cn&gt; 写道：</div><div>已入库</div></blockquote>'
SINA = '钱没到账<div id="origbody">----- 原始邮件 -----<br>发件人：kf@yun.cn<br>收件人：我<br>主题：退款<br>日期：2026年11月03日 11点27分<br>已入库</div>'
FOXMAIL = (
    '<div>钱没到账</div><hr color="#b5c4df"><div><span>王</span></div><blockquote style="margin-Top: 0px; margin-Bottom: 0px; margin-Left: 0.5em">'
    "<div><b>发件人：</b> 云朵家电</div><div><b>发送时间：</b> 2026-11-03 10:05</div><div><b>收件人：</b> 我</div>"
    "<div><b>主题：</b> 退款</div>已入库</blockquote>"
)


@pytest.mark.parametrize("text", [GMAIL, NETEASE, OUTLOOK_REPLY, QQ, APPLE, SINA, FOXMAIL])
def test_what_a_mail_program_quotes_is_not_read(text: str) -> None:
    words = own(text)
    assert "没" in words
    assert "入库" not in words
    assert "发件人" not in words


@pytest.mark.parametrize("mail", [GMAIL, NETEASE, OUTLOOK_REPLY, QQ, APPLE, SINA, FOXMAIL])
def test_a_mail_that_only_forwards_is_read(mail: str) -> None:
    text = mail.replace("还是没收到", "").replace("钱没到账", "").replace(">王<", "><")
    assert "入库" in own(text)
    assert "yun.cn" not in own(text)


def test_a_signature_that_is_marked_is_not_read() -> None:
    text = '<div>灯不亮</div><div class="gmail_signature">王小明<br>云朵科技</div>'
    assert own(text) == "灯不亮"


def test_a_line_break_stays_a_line_break() -> None:
    read_text = read("红的<br>不要")
    assert read_text.masked == "红的\n   不要"
    assert read("退<b>货</b>").masked == "退\u2060\u2060\u2060货\u2060\u2060\u2060\u2060"

"""What the tests of all kinds share: the words that are read, what is left out, and texts made of hostile pieces."""

from __future__ import annotations

from hypothesis import strategies as st

from features.own_words.region import view
from features.reading import read


def own(text: str) -> str:
    """The words that are read, in simplified characters, blanks and line breaks as one blank."""
    return " ".join(view(read(text).masked).text.split())


def kinds(text: str) -> set[str]:
    """The kinds of what is left out."""
    return {part.kind for part in read(text).unread}


PIECES = [
    *"<>&[](){}*#`=|\\/:：;,.-_!\"'~ \n\t\r",
    "<p>", "</p>", "<br>", "<b>", "</b>", "<div style='display:none'>", "<div>", "</div>", "<!--", "-->", "<style>", "</style>",
    '<blockquote type="cite">', "</blockquote>", '<div id="appendonsend">', "<S>", "<td>", "</td>", "<a href=\"x", "<o:p>", "</bo",
    "&nbsp;", "&lt;", "&amp;lt;", "&#x6b3e;", "&gt;", "&amp;", "&bogus;", "&nbsp",
    '{"content":"', '{"text":{"content":"', '"}', '"}}', "\\n", "\\u9000", "\\\"", "<xml>", "<Content><![CDATA[", "]]>", "[{", "}]",
    "[b]", "[/b]", "[img]", "[/img]", "[quote]", "[/quote]", "[CQ:face,id=1]", "[文](https://a.cn)", "**重**", "# ", "```\n",
    "=E9=80=80", "=\n", "=3D", "\u2060", "\u200b", "\ud800", "  ",
    "-----原始邮件-----\n", "发件人: a@b.cn\n", "发送时间: 2026年11月3日 10:05\n", "收件人: c\n", "主题: 退款\n", "回复：", "Fw: ",
    "在 2026年11月3日，10:05，小王 <w@b.cn> 写道：\n", "\n> ", ">_<", "「甲：乙」\n- - - - - -\n",
    "客服：", "客户：", "\n客服(10:05:00)：", "\n[10:06] 用户: ", "\n2026-11-03 10:05:12 小李\n", "客服小美", "我：", "系统消息：", "为您服务",
    "发自我的 iPhone", "\n-- \n", "本邮件及附件机密", "祝好\n", "电话：0571-88886666\n", "邮箱：w@b.cn\n", "云朵科技有限公司\n",
    "\n订单号：", "\n问题描述：", "联系电话：", "13812345678", "138", "1234", "5678", "文三路12号", "姓名：张三\n",
    "https://a.cn/b?c=1", "www.a.cn/b", "【淘宝】", "「标题」", "点击链接直接打开", "复制这条信息",
    "退款没到", "谢谢", "您好，", "M码", "🙂", "？",
]  # fmt: skip

TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
"""Any text, and texts of pieces that finders look for."""

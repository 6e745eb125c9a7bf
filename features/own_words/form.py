"""A form's labels, and the values that only identify: order number, telephone, name, time, source.

What was written under 问题描述, 诉求, 留言 is the customer's; of a product, a reason, a kind only the label goes. One label in a
sentence (订单号：…，一直没发货) is no form: it takes two at the beginning of lines, or one that asks for the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from features.own_words.region import Finder, Region, vocabulary

_IDENTIFYING = (
    "(?:平台|商家|店铺|内部|关联|原|退款|退货|售后|交易|购买|相关|淘宝|京东|天猫)?"
    "(?:订单|工单|运单|快递单|物流单|受理单|流水|案件|会员|客户|用户|会话|售后单|发票|业务|投诉)(?:号码?|编号|ID|id|Id)"
    "|单号|编号|序号|(?:联系|客户|用户|手机|收货|固定|来电|您的|申请人|投诉人)?(?:电话号码|电话|手机号码|手机号|手机|号码|联系方式)"
    "|联系(?:人|方式)(?:电话)?|(?:客户|用户|您的|投诉人|申请人|收货人|联系人|会员)?(?:姓名|昵称|称呼|名称|账号|账户名?|旺旺|邮箱地址|邮箱|微信号?)"
    "|(?:提交|受理|创建|申请|反馈|购买|下单|来电|建单|发起|投诉|工单|接入|留言|填写|登记|记录)(?:时间|日期)|时间|日期"
    "|(?:工单|订单|客户|用户|会话|信息|反馈|投诉|受理)?(?:来源|渠道)|受理(?:人|渠道|部门|客服|员)|(?:提交|处理|登记|经办|记录|创建)人"
    "|(?:客户|会员|用户)(?:等级|级别|类型)|用户名|优先级|工单状态|状态|所属店铺|店铺(?:名称?)?|收货地址|联系地址|地址|设备(?:型号)?"
    "|系统版本|浏览器|IP|ip|来源页面|页面|附件|截图|图片|凭证|Order (?:No\\.?|number|ID)|Name|Phone|E-?mail|Date"
)
_KEPT = (
    "(?:商品|产品|宝贝|货品)(?:名称|型号|标题|信息|链接)?|型号|规格|(?:问题|投诉|咨询|反馈|工单|业务|售后|退款|退货|服务)(?:类型|类别|分类|原因)"
    "|(?:问题|工单)?标题|主题|期望(?:处理)?(?:结果|方案)?|处理诉求|(?:退款|申请|订单)?金额|数量|Subject|Product"
)
_ASKING = (
    "(?:客户|用户|买家|您的?|主要|具体|投诉|工单|来电|本次|反馈|详细|咨询|留言|沟通|情况|申请|退款|退货|售后|故障|其他|补充|问题)?"
    "(?:问题描述|情况描述|详细描述|问题详情|诉求(?:内容|描述)?|描述|详情|说明)"
    "|(?:问题|咨询|投诉|反馈|留言|工单|评价|来电|诉求|申请|建议|客户|沟通|备注)(?:内容|详情)"
    "|(?:客户|用户|买家|您的|订单)?(?:留言|备注|原话|反馈|问题|意见|建议|需求)|内容|正文|Message|Description|Comments?|Question"
)
_STRONG = (
    "问题描述 情况描述 详细描述 问题详情 客户诉求 用户诉求 客户描述 用户描述 投诉内容 反馈内容 留言内容 工单内容 咨询内容 诉求内容 来电内容 "
    "客户原话 客户留言 用户留言 客户反馈 用户反馈 您的留言 您的问题 问题内容"
)
_STRONG_LABELS = vocabulary(_STRONG)
"""Alone in its line, such a label makes a form by itself."""

_BEGIN = r"(?P<line>(?:\A|(?<=[\n\r]))[ \t]{0,8}(?:[\-*•·●▪◆■]|\d{1,2}[.、)）])?[ \t]{0,4})|(?<=[\s；;，,|｜。、])"
_LABEL = re.compile(
    rf"(?:{_BEGIN})[【\[]?\*{{0,2}}(?:(?P<identifying>{_IDENTIFYING})|(?P<kept>{_KEPT})|(?P<asking>{_ASKING}))"
    r"(?:[(（][^)）\n]{1,16}[)）])?\*{0,2}[】\]]?(?:[ \t]{0,3}[：:]\*{0,2}|\t[ \t]*|(?<=[】\]]))"
)
_VALUE = re.compile(r"[ \t]{0,8}[^\n\r，,；;。|｜！？]{0,60}")
_DATA = re.compile(r"[0-9A-Za-z]|\[[\u4e00-\u9fff]{2,4}\]")
_LEAST_INLINE = 3


class _Field(NamedTuple):
    """A label: where it and its value begin, the label, its group, whether a line begins with it."""

    start: int
    value: int
    label: str
    group: str
    first: bool


def find(text: str) -> Iterator[Region]:
    """Labels; and values of identifying fields up to the end of the line, the next label or the next pause."""
    fields = [
        _Field(m.start(), m.end(), m[m.lastgroup or 0], m.lastgroup or "", m["line"] is not None)
        for m in _LABEL.finditer(text)
    ]
    leading = [field for field in fields if field.first]
    strong = [
        field
        for field in leading
        if field.group == "asking" and field.label in _STRONG_LABELS and text[field.value : field.value + 1] in "\r\n"
    ]
    if len(leading) < 2 and len(fields) < _LEAST_INLINE and not strong:
        return
    if len(leading) > 1:
        fields = leading  # what looks like a label in the middle of a line is then what somebody wrote
    stops = [field.start for field in fields[1:]] + [len(text)]
    if all(field.group == "identifying" for field in fields):
        data = sum(_DATA.search(text, field.value, stop) is not None for field, stop in zip(fields, stops, strict=True))
        if text[: fields[0].start].strip() or data * 2 < len(fields):
            return  # 麻烦把收货信息改成：… is data in a message; 电话：没人接 is what the customer says
    for field, stop in zip(fields, stops, strict=True):
        end = field.value
        if field.group == "identifying":
            value = _VALUE.match(text, field.value, stop)
            end = value.end() if value else end
        yield Region(field.start, end)


_LABEL_ENDS = "号码述题话名求容言注间期道源型人级式因情明见议馈额量格址箱果案态片图证员"
_SIGN = re.compile(
    rf"【|\t|：(?<=[{_LABEL_ENDS}D)）】*].)|:(?<=[{_LABEL_ENDS}a-zA-Z)）】*. ].)|：(?<=[ \t].)",
)
_STRONG_ALONE = re.compile(rf"(?:{'|'.join(sorted(_STRONG_LABELS))})[^\n]{{0,8}}[：:\t】]")


def _may(text: str) -> bool:
    marks = text.count("：") + text.count(":") + text.count("】") + text.count("\t")
    return (_SIGN if marks > 1 else _STRONG_ALONE).search(text) is not None


FINDER = Finder("form", ("】", "\t", *sorted(_STRONG_LABELS)), _may, find, colons=True)

"""Headings that helpdesks give their columns, in both languages -> what a column is for.

Collected from what Zendesk, Zoho Desk, Freshdesk, Jira, OTRS and Znuny, RT, osTicket, Zammad, Chatwoot, Intercom and the
Chinese shops' systems (千牛, 京东, 抖店, 拼多多, 有赞, 美洽, 智齿, 网易七鱼) call them. Each role lists groups from the surest to the
weakest: a weaker heading counts only where no surer one stands in the file.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from intake.script import simplified

ROLES: tuple[str, ...] = (
    "text", "subject", "body", "category", "urgency", "sentiment", "ticket_id", "customer_id", "created_at", "channel",
    "customer_tier", "order_amount", "contact_count", "revision", "by", "at", "note",
)  # fmt: skip
"""What a column can be for. The last four are those of labels given elsewhere (``fendan import``)."""

WORDS: tuple[str, ...] = ("text", "subject", "body")
"""Roles that hold what the customer said."""

OURS_ONLY = ("revision", "by", "at", "note")
"""Roles that are read by our own names alone: other systems mean other things by 备注 or 版本."""

_HEADINGS: dict[str, tuple[str, ...]] = {
    "text": (
        "text、ticket text、full text、文本、全文、工单全文",
    ),
    "subject": (
        "subject、title、summary、ticket subject、ticket title、issue summary、标题、主题、工单标题、工单主题",
        "问题标题、邮件主题、邮件标题、反馈标题、留言标题、主旨、问题摘要、摘要、topic、headline",
    ),
    "body": (
        "body、description、description text、content、message、ticket description、ticket body、ticket content、issue description、"
        "case description、message body、message content、first message、initial message、customer message、first article、article body、"
        "comment body、plain body、body text、body plain、ticket message、inquiry、enquiry、request description、正文、内容、描述、"
        "工单内容、工单描述、工单正文、问题描述、问题内容、客户诉求、诉求、诉求内容、诉求描述、用户诉求、买家诉求、留言、留言内容、"
        "客户留言、买家留言、用户留言、咨询内容、投诉内容、反馈内容、用户反馈、客户反馈、反馈描述、消息内容、邮件正文、邮件内容、"
        "来信内容、来电内容、客户问题、用户问题、买家问题、客户描述、用户描述、买家描述、详细描述、问题详情、问题说明、客户原话、"
        "用户原话、买家原话、售后描述、申请描述、退款说明、申请说明、退货说明、投诉描述、故障描述、需求描述、反映内容、讯息内容、"
        "問題內容、客户说的话",
        "comment、first comment、latest comment、comments、details、detail、conversation、transcript、messages、question、问题、详情、"
        "消息、聊天内容、聊天记录、会话内容、会话记录、对话内容、对话记录、原文、受理内容、服务内容、事件描述、评价内容、评论内容",
    ),
    "category": (
        "category、ticket category、分类、类别、工单分类、工单类别、问题分类、问题类别、咨询分类、业务分类、诉求分类",
        "class、classification、ticket type、issue type、request type、case type、case category、contact reason、reason for contact、"
        "problem type、help topic、topic category、问题类型、工单类型、类型、业务类型、咨询类型、诉求类型、投诉类型、投诉分类、反馈类型、"
        "反馈分类、售后类型、一级分类、二级分类、三级分类、服务类型、事件类型、归类、意图、分类名称、类别名称、小结分类、会话分类、"
        "咨询小结、服务小结",
        "type、label、tag、标签、标注、工单标签、intent",
    ),
    "urgency": (
        "urgency、紧急程度、紧急度、紧急级别、紧急等级、急迫程度、紧迫程度、加急程度",
        "priority、ticket priority、优先级、工单优先级、优先级别、优先程度、优先顺序、优先权、重要程度",
        "severity、严重程度、严重级别",
    ),
    "sentiment": (
        "sentiment、情绪、情感、情感倾向、情绪倾向、客户情绪、用户情绪、情感分类、情绪分类、情感极性、语气",
        "tone、mood、emotion、polarity、评价等级、好中差评、评价类型",
    ),
    "ticket_id": (
        "ticket id、工单编号、工单号、工单id、工单号码、工单单号",
        "ticket number、ticket no、ticket、ticket #、case id、case number、case no、issue key、request id、display id、conversation id、"
        "会话id、会话编号、会话号、案件编号、事件编号、受理编号、受理单号、服务单号、售后单号、售后编号、反馈编号、投诉编号、投诉单号、"
        "留言编号、流水号、工单流水号、申请单号、记录编号、问题编号、咨询单号、咨询编号",
        "id、编号、单号、key、number、#、issue id、no",
    ),
    "customer_id": (
        "customer id、客户编号、客户id、用户id、用户编号、买家id、会员id、会员编号、客户号",
        "requester id、contact id、user id、account id、buyer id、member id、customer number、customerid、访客id",
    ),
    "created_at": (
        "created at、创建时间、创建日期、工单创建时间、工单创建日期、created、created time、created date、create time、creation time、"
        "creation date、date created、create date、created on、ticket created、ticket created at、opened at、created at utc、建立时间、"
        "建立日期、开单时间、建单时间",
        "提交时间、提交日期、发起时间、受理时间、咨询时间、留言时间、来电时间、进线时间、反馈时间、投诉时间、接入时间、申请时间、"
        "会话开始时间、会话时间、开始时间、登记时间、登记日期、接收时间、收到时间、来信时间、发送时间、评价时间、评论时间、报修时间、"
        "submitted at、submitted、received at、received、opened、open date、requested at、request date、reported at、started at、"
        "conversation started at、first message at、created at date、date received、sent at",
        "时间、日期、time、date、timestamp、datetime",
    ),
    "channel": (
        "channel、渠道、来源渠道、工单渠道、进线渠道、咨询渠道、受理渠道、渠道来源、客户渠道、会话渠道、反馈渠道、接入渠道",
        "source、via、via channel、ticket channel、ticket source、来源、工单来源、会话来源、来源平台、反馈来源、受理来源",
    ),
    "customer_tier": (
        "customer tier、客户等级、客户级别、会员等级、会员级别、用户等级、用户级别、买家等级、会员类型、vip等级、vip级别",
        "tier、membership、membership level、membership tier、customer level、member level、loyalty tier、客户类型、会员卡",
    ),
    "order_amount": (
        "order amount、订单金额、订单总额、订单总金额、order total、order value",
        "实付金额、实际支付金额、支付金额、付款金额、成交金额、交易金额、买家实付、买家实付金额、涉及金额、消费金额",
        "金额、amount、total",
    ),
    "contact_count": (
        "contact count、联系次数、进线次数、来电次数、咨询次数、反馈次数、重复进线次数、客户联系次数、催单次数",
        "contacts、number of contacts、第几次联系、第几次进线、第几次咨询",
    ),
    "revision": (
        "revision",
    ),
    "by": (
        "by、annotator",
    ),
    "at": (
        "at、updated at",
    ),
    "note": (
        "note",
    ),
}  # fmt: skip
"""Role -> groups of headings, each with 、 between."""

_BRACKETS = re.compile(r"[(\[【<《「{][^)\]】>》」}]*[)\]】>》」}]")
_ZONE = re.compile(r"(?:utc|gmt)\s*([+-]\s*\d{1,2})?", re.IGNORECASE)
_STRAY = re.compile(r"[\s_\-./:*'\"`]+")


def normal(heading: str) -> str:
    """A heading for comparison: width, case, script, brackets with remarks, blanks and marks levelled."""
    text = unicodedata.normalize("NFKC", heading).casefold().strip()
    bare = _BRACKETS.sub(" ", text).strip(" *:,;") or text.strip("()[]【】<>《》「」{} ")
    words = _STRAY.sub(" ", bare).strip(" ,;，；、。?!")
    return words or bare


@functools.cache
def _places() -> dict[str, tuple[str, int]]:
    return {
        normal(name): (role, rank)
        for role, groups in _HEADINGS.items()
        for rank, group in enumerate(groups, start=1)
        for name in group.split("、")
    }


def role_of(heading: str) -> tuple[str, int] | None:
    """The role a heading names and how sure that is: 0 our own name, 1 the surest of the others; None for unknown ones."""
    stripped = heading.strip()
    if stripped in ROLES:
        return stripped, 0
    places = _places()
    name = normal(heading)
    found = places.get(name)
    if found is None:
        found = places.get(simplified(name)) or places.get(simplified(name).replace(" ", ""))
    if found is None or (found[0] in OURS_ONLY and stripped.casefold() not in ("annotator", "updated_at", *OURS_ONLY)):
        return None
    return found


def zone_hours(heading: str) -> float | None:
    """The zone that a heading names, in hours east of Greenwich: 0 for ``Created at (UTC)``; None where it names none."""
    found = _ZONE.search(unicodedata.normalize("NFKC", heading))
    return float((found[1] or "0").replace(" ", "")) if found else None

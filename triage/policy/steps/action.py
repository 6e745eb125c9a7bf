"""How boldly the ticket may be handled: the worst action among the heads that the profile requires."""

from __future__ import annotations

from triage.decision import MANUAL
from triage.policy.draft import Case, Draft
from triage.policy.names import HEAD_NAMES

_TO_PEOPLE = f"queue→{MANUAL}"


def limit_action(draft: Draft, case: Case) -> None:
    """Holds the action, with a reason for each head that is not ``auto``."""
    facts, profile = case.facts, case.profile
    if facts.blank:
        return draft.tell(
            "blank", "工单没有文字内容（可能只有图片或表情），请人工查看", _TO_PEOPLE, draft.hold("human")
        )
    if not facts.read:
        return draft.tell("degraded", "暂时没有可用的模型，工单已收下，转人工分派", _TO_PEOPLE, draft.hold("human"))
    if "category" not in facts.heads:
        return draft.tell("missing_head", "模型不回答“分类”，无法定队列，转人工", _TO_PEOPLE, draft.hold("human"))
    if not facts.understood:
        return draft.tell(
            "scope", "没有读懂：内容不像模型学过的工单，标签只是猜测，不作数，请人查看", draft.hold("human")
        )
    for name in profile.auto_requires:
        head = facts.heads.get(name)
        title = HEAD_NAMES.get(name) or case.taxonomy.title(name)
        if head is None:
            text = f"方案要求“{title}”也有把握，但模型不回答它，请人确认"
            draft.tell("missing_head", text, draft.hold("suggest"))
        elif head.action != "auto":
            label = case.taxonomy.name(name, head.label)
            text = f"{title}最像“{label}”，把握 {head.confidence:.0%}，"
            text += "内容不太像模型学过的工单，" if facts.scope is not None and facts.scope < 1 else ""
            text += "还不够自动处理，请人确认" if head.action == "suggest" else "不足以给出建议，交给人判断"
            draft.tell("confidence", text, draft.hold(head.action))
    return None

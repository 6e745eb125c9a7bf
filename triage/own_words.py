"""How a ticket's text was read: which stretches are not the customer's own words, and what a decision says about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from triage.decision import Decision, Reason

Kind = Literal["envelope", "html", "bbcode", "markdown", "quoted", "transcript", "signature", "form", "link"]

KIND_NAMES: dict[Kind, str] = {
    "envelope": "聊天消息的外壳（JSON、XML）",
    "html": "网页标记",
    "bbcode": "论坛标记",
    "markdown": "Markdown 标记",
    "quoted": "引用的往来邮件",
    "transcript": "聊天记录里别人的话",
    "signature": "签名和声明",
    "form": "表单的栏目",
    "link": "链接",
}

Reading = Literal["whole", "own_words", "nothing_left", "tangled"]
"""How a text is read: there is nothing to leave out; only the customer's own words; whole, as nothing would be left; whole,
as its parts could not be told from each other."""


class Unread(NamedTuple):
    """A stretch that is not read: offsets in code points into the text as it was sent, and what it is."""

    start: int
    end: int
    kind: Kind


def with_reading(decision: Decision, reading: Reading, found: Sequence[Unread]) -> Decision:
    """``decision`` with what was not read, and a reason that says so; unchanged when the text was read as it stands.

    Args:
        found: what was left out; with ``nothing_left`` what would have been.
    """
    if decision.degraded or reading in ("whole", "tangled"):
        return decision
    names = "、".join(KIND_NAMES[kind] for kind in dict.fromkeys(part.kind for part in found))
    if reading == "own_words":
        reason = Reason("own_words", f"只读了客户自己的话；没有读的是{names}", "")
        return replace(decision, unread=tuple(found), reasons=(reason, *decision.reasons))
    reason = Reason("nothing_left", f"像是只有{names}，没有客户自己的话，按原文读了", "")
    return replace(decision, reasons=(reason, *decision.reasons))

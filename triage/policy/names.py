"""What the policy calls things when it speaks to people."""

from __future__ import annotations

TIER_NAMES = {"regular": "普通客户", "silver": "银卡客户", "gold": "金卡客户", "vip": "VIP 客户"}

HEAD_NAMES = {"category": "分类", "urgency": "紧急程度", "sentiment": "情绪"}


def duration(minutes: float) -> str:
    """``3 天 4 小时``: the two largest units that are not zero."""
    whole = int(minutes)
    days, hours, rest = whole // 1440, whole // 60 % 24, whole % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "天"), (hours, "小时"), (rest, "分钟")) if n]
    return " ".join(parts[:2]) or "不到 1 分钟"

"""Usual words for urgency and sentiment in Chinese and English -> the standard codes, and words that say that nothing is said."""

from __future__ import annotations

import functools
import re
import unicodedata

from intake.script import simplified
from triage.values import is_null

STANDARD: dict[str, dict[str, str]] = {
    "urgency": {"critical": "紧急", "high": "高", "normal": "普通", "low": "低"},
    "sentiment": {"negative": "负面", "neutral": "中性", "positive": "正面"},
}
"""Head -> standard code -> its name; urgency from the most to the least severe."""

TOP = "critical?"
"""What 紧急 stands for: ``critical``, unless the same column has a word above it (非常紧急) and none between it and 普通."""

_WORDS: dict[str, dict[str, str]] = {
    "urgency": {
        "critical": "特急、特别紧急、非常紧急、十分紧急、极其紧急、极急、火急、万分紧急、最紧急、最高、极高、非常高、很高、致命、非常严重、特别严重、"
        "特大、blocker、highest、very high、emergency、immediate、showstopper、catastrophic",
        TOP: "紧急、急件、紧急工单、紧急处理、危急、critical、urgent",
        "high": "高、较高、偏高、重要、急、较急、比较急、比较紧急、较紧急、加急、加急处理、高优先级、高优、优先、优先处理、严重、较严重、重大、"
        "大、high、high priority、hi、major、important、severe",
        "normal": "中、中等、普通、一般、正常、常规、标准、默认、中级、中优先级、中优、一般紧急、一般重要、平急、medium、medium priority、med、mid、"
        "normal、normal priority、moderate、standard、default、average、regular、ordinary",
        "low": "低、较低、偏低、很低、非常低、最低、极低、不急、不紧急、不着急、不加急、不重要、低优先级、低优、次要、轻微、轻度、可延后、可缓、"
        "宽松、无关紧要、提示、建议、微小、小、low、lowest、very low、low priority、lo、minor、trivial、cosmetic、planning",
    },
    "sentiment": {
        "positive": "正面、正向、积极、好评、满意、非常满意、很满意、开心、高兴、愉快、喜悦、表扬、赞扬、赞美、感谢、正、褒义、喜欢、乐观、友好、"
        "五星、5星、四星、4星、positive、very positive、pos、happy、good、satisfied、great、praise、pleased",
        "neutral": "中性、中立、中评、中、一般、普通、平静、正常、无情绪、平和、无明显情绪、无情感、客观、平淡、中等、三星、3星、neutral、neu、"
        "normal、mixed、calm、neither",
        "negative": "负面、负向、消极、差评、不满、不满意、非常不满意、很不满意、非常不满、愤怒、生气、气愤、失望、焦虑、着急、抱怨、难过、悲伤、"
        "激动、负、贬义、悲观、投诉、恼火、暴怒、急躁、一星、1星、二星、两星、2星、negative、very negative、neg、unhappy、bad、angry、"
        "dissatisfied、unsatisfied、frustrated、upset",
    },
}  # fmt: skip
"""Head -> code -> usual words, with 、 between."""

_UNSAID = (
    "无、未分类、待分类、未分、未归类、未定、待定、未知、不详、不明、未填、未填写、未选择、未选、未指定、未设置、未标注、待标注、未标、"
    "暂无、没有、无分类、无类别、未归档、待确认、待处理、不确定、不清楚、不知道、请选择、选择、其它?、其他?、tbd、todo、unknown、"
    "unclassified、uncategorized、uncategorised、unassigned、unspecified、undecided、pending、not set、not specified、not classified、"
    "not applicable、no category、unprioritized、无优先级、未设优先级、未设置优先级、to be determined"
)
"""What people write where they chose no label."""

_ENDS = " \t.,;:!?。、·~…'\"“”‘’`*_-"
_NUMBER_BEFORE = re.compile(r"(?:p|s|sev|level|lv|优先级|级别)?\s*\d\s*级?[\s\-.:、)_/|]*")
_NUMBER_BEHIND = re.compile(r"[\s\-(\[/:]*(?:p|s|sev|level|lv)?\s*\d[\s)\]]*$")
_TAILS = ("优先级", "级别", "级", "程度", " priority", "priority", "情绪", "情感", "评价", "的")


def folded_label(word: str) -> str:
    """A label for comparison: width, case, script, blanks and marks at the ends levelled; 其它 is 其他."""
    text = "".join(char for char in unicodedata.normalize("NFKC", word) if unicodedata.category(char) != "Cf")
    text = " ".join(text.casefold().split()).strip(_ENDS)
    is_chinese = any("\u3400" <= char <= "\u9fff" for char in text)
    text = simplified(re.sub(r"[\s_\-]+", "" if is_chinese else " ", text))
    return text.replace("其它", "其他") or " ".join(word.casefold().split())


def is_placeholder(word: str) -> bool:
    """Whether a label cell holds what programs write for nothing: NaN, #N/A, NULL, —."""
    return is_null(_levelled(word))


def is_unsaid(word: str) -> bool:
    """Whether a person wrote that no label was chosen: 无, 未分类, 待定."""
    text = _levelled(word)
    bare = text.strip(_ENDS + "()[]<>")
    return text in _unsaid() or bare in _unsaid()


def usual_code(head: str, word: str) -> str:
    """The standard code that a usual word stands for, or :data:`TOP`; empty for other words.

    A number before or behind a word that is known does not count (``1 - Critical``, ``紧急(P0)``).
    """
    known = _table(head)
    text = folded_label(word)
    tries = [text]
    if match := _NUMBER_BEFORE.match(text):
        tries.append(text[match.end() :])
    tries.append(_NUMBER_BEHIND.sub("", text))
    tries += [t.removesuffix(tail) for t in tuple(tries) for tail in _TAILS if t.endswith(tail)]
    return next((known[t] for one in tries if (t := one.strip(_ENDS + "()[]")) in known), "")


def settle_top(codes: set[str]) -> str:
    """What 紧急 stands for in a column with these codes: the second level where a higher one is used and the second is not."""
    return "high" if "critical" in codes and "high" not in codes else "critical"


@functools.cache
def _unsaid() -> frozenset[str]:
    return frozenset(_UNSAID.split("、"))


@functools.cache
def _table(head: str) -> dict[str, str]:
    return {folded_label(word): code for code, words in _WORDS.get(head, {}).items() for word in words.split("、")}


def _levelled(word: str) -> str:
    return simplified(" ".join(unicodedata.normalize("NFKC", word).casefold().split()))

"""Why a peer is better somewhere, in a person's words; ``benchmarks.quality_page`` prints a remark only where the figures say so.

Keys: (corpus, head, system), or with "" for any of the three; the closest key counts.
"""

from __future__ import annotations

from collections.abc import Mapping

REMARKS: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("auto_opinions", "sentiment", ""): (
        "四分之三的训练数据是 neutral，对手多答 neutral 换来准确率；我们按准确率加 macro-F1 选答案，少见的类因此答得更多",
        "three quarters of the training part are neutral, and answering neutral buys accuracy; our answers are chosen by accuracy plus "
        "macro-F1, so that rare classes are said more often",
    ),
    ("", "", "encoder"): (
        "没有预训练底座，网络只能从这些工单里学语言，不如直接数词；有中文底座时用 --trunk，没有时它在合议里有用",
        "without a pretrained trunk the net has to learn the language from these tickets alone, and counting words does better; with a "
        "Chinese trunk use --trunk, without one it is of use in a blend",
    ),
    ("starter", "category", "blend"): (
        "差两张测试工单，在误差之内",
        "two test tickets, within chance",
    ),
}
"""-> (Chinese, English)."""

UNKNOWN = ("原因还没有查明", "the reason has not been found yet")


def remark(
    corpus: str, head: str, system: str, remarks: Mapping[tuple[str, str, str], tuple[str, str]] | None = None
) -> tuple[str, str]:
    """The closest remark, or that there is none."""
    found = REMARKS if remarks is None else remarks
    for key in ((corpus, head, system), ("", "", system), (corpus, head, ""), (corpus, "", system), (corpus, "", "")):
        if key in found:
            return found[key]
    return UNKNOWN

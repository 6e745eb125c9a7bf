"""Why a peer is better somewhere, in a person's words; ``benchmarks.quality_page`` prints a remark only where the figures say so.

Keys: (corpus, head, system), or with "" for any of the three; the closest key counts.
"""

from __future__ import annotations

from collections.abc import Mapping

REMARKS: Mapping[tuple[str, str, str], tuple[str, str]] = {}
"""-> (Chinese, English)."""

UNKNOWN = ("原因还没有查明", "the reason has not been found yet")


def remark(
    corpus: str, head: str, system: str, remarks: Mapping[tuple[str, str, str], tuple[str, str]] | None = None
) -> tuple[str, str]:
    """The closest remark, or that there is none."""
    found = REMARKS if remarks is None else remarks
    for key in ((corpus, head, system), (corpus, head, ""), (corpus, "", system), ("", "", system), (corpus, "", "")):
        if key in found:
            return found[key]
    return UNKNOWN

"""Cells that a spreadsheet must not take for formulas (CWE-1236; OWASP, "CSV Injection"), and the way back."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
"""What a spreadsheet may calculate: some locales read full-width signs, too. Quotes in front are counted in, so that
:func:`plain` can take back exactly what :func:`harmless` put there."""


def harmless(text: str) -> str:
    """``text`` with a quote in front if a spreadsheet might run it; everything else as it is."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """What :func:`harmless` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text

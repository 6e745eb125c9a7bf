"""Traditional characters -> simplified ones, so that headings and words are compared without regard to script."""

from __future__ import annotations

import functools


@functools.cache
def simplifier() -> object:
    """Traditional to simplified characters (OpenCC), made when it is first needed."""
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """``text`` in simplified characters; what has none of Chinese stays as it is."""
    if not any("\u3400" <= char <= "\u9fff" for char in text):
        return text
    return str(simplifier().convert(text))  # type: ignore[attr-defined]

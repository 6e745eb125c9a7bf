"""A machine without a Chinese font."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Matplotlib finds its own font and no other."""
    from matplotlib import font_manager

    from training.report import style

    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    fonts = [entry for entry in font_manager.fontManager.ttflist if entry.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    style.chinese_font.cache_clear()
    yield
    style.chinese_font.cache_clear()

"""How our pictures look: Chinese where the machine has a font for it, never empty boxes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT, GRID, BLUE, PALE, RED = "#1f2933", "#66727f", "#e3e8ee", "#2563a8", "#a9c4e2", "#c2410c"

_PROBE = "单投诉订"
"""A font that can draw these can draw simplified Chinese."""

_PREFERRED = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi", "SimHei")


@functools.cache
def chinese_font() -> str | None:
    """Family name of an installed font that draws simplified Chinese; None when there is none."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    found = _best(manager.ttflist)
    if found is None:  # Matplotlib lists fonts once and for all; those that were installed later are found here
        known = {entry.fname for entry in manager.ttflist}
        new = [path for path in font_manager.findSystemFonts() if path not in known and _draws_chinese(path)]
        for path in new:
            manager.addfont(path)
        found = _best(manager.ttflist) if new else None
    return found


def _best(entries: Sequence[Any]) -> str | None:
    def rank(entry: Any) -> tuple[int, int, str]:
        place = next((i for i, family in enumerate(_PREFERRED) if entry.name.startswith(family)), len(_PREFERRED))
        return place, abs(int(entry.weight) - 400) if isinstance(entry.weight, int) else 0, entry.name

    return next((str(entry.name) for entry in sorted(entries, key=rank) if _draws_chinese(entry.fname)), None)


def _draws_chinese(path: str) -> bool:
    from matplotlib import ft2font

    try:
        face = ft2font.FT2Font(path)
    except (OSError, RuntimeError):
        return False
    glyphs = {face.get_char_index(ord(char)) for char in _PROBE}
    return len(glyphs) == len(_PROBE) and 0 not in glyphs  # a last-resort font has one box for all of them


def new(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of its own, size in inches: no pyplot, so no global state and no window."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    plain(axes)
    return figure, axes


def plain(axes: Axes) -> None:
    """Light frame, ticks in ink, marks above the grid."""
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_color(GRID)
    axes.tick_params(colors=INK, labelsize=9)


def title(axes: Axes, head: str, what: str, figures: str) -> None:
    """Titles the picture; call it when everything else is drawn."""
    axes.set_title(f"{head} · {what}      {figures}", loc="left", fontsize=11, color=INK, pad=12)
    speak(axes)


def speak(axes: Axes) -> None:
    """Sets the Chinese font, where there is one, on every text drawn so far."""
    font = chinese_font()
    if font is None:
        return
    legend = axes.get_legend()
    items = [axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *axes.texts]  # type: ignore[attr-defined]
    items += legend.get_texts() if legend else []
    for item in (*items, *axes.get_xticklabels(), *axes.get_yticklabels()):
        item.set_fontfamily([font, "DejaVu Sans"])


def shown(codes: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """What is drawn for each label: its name, else its code, else its number in this order; what can be drawn is taken."""
    found = []
    for i, code in enumerate(codes, start=1):
        found.append(next((text for text in (names.get(code, code), code) if drawable(text)), f"#{i}"))
    return tuple(found)


def drawable(text: str) -> bool:
    """Whether the fonts that :func:`speak` sets have every character of ``text``."""
    font = chinese_font()
    known = [_characters("DejaVu Sans"), *([_characters(font)] if font else [])]
    return all(any(ord(char) in one for one in known) for char in text)


@functools.cache
def _characters(family: str) -> frozenset[int]:
    from matplotlib import font_manager, ft2font

    return frozenset(ft2font.FT2Font(font_manager.findfont(family)).get_charmap())


def say(chinese: str, english: str) -> str:
    """What can be drawn here."""
    return chinese if chinese_font() else english

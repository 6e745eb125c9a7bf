"""Small readers for hand-written configuration: each checks one value and names its path when it is wrong.

A path reads like the file itself (``points.tier.vip``, ``rules[2].when.category``), so that whoever edits the YAML
finds the line.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from triage.errors import ProfileError

T = TypeVar("T")


def wrong(path: str, what: str) -> NoReturn:
    """Raises the error of one value: ``path：what``."""
    raise ProfileError(f"{path}：{what}", field=path)


def join(path: str, key: object) -> str:
    """The path of a key below ``path`` (the empty path is the whole file)."""
    return f"{path}.{key}" if path else str(key)


def guess(word: object, allowed: Iterable[str]) -> str:
    """``；是不是想写 …？`` where an allowed word looks like ``word``, else nothing."""
    by_lower = {option.lower(): option for option in allowed}
    near = difflib.get_close_matches(str(word).lower(), list(by_lower), n=1, cutoff=0.6)
    return f"；是不是想写 {by_lower[near[0]]}？" if near else ""


def mapping(value: Any, path: str, *, known: Iterable[str] | None = None, needed: Iterable[str] = ()) -> dict[str, Any]:
    """A mapping with string keys, none unknown, none of ``needed`` missing."""
    here = path or "方案文件"
    if not isinstance(value, Mapping):
        wrong(here, f"应是一组“键: 值”；收到的是 {value!r:.60}")
    known = None if known is None else tuple(known)
    for key in value:
        if not isinstance(key, str):
            wrong(here, f"键应是文字；收到的是 {key!r:.60}（在 YAML 里给它加上引号）")
        if known is not None and key not in known:
            wrong(join(path, key), f"不认识的键；可用的是 {'、'.join(known)}{guess(key, known)}")
    for key in needed:
        if key not in value:
            wrong(join(path, key), "缺少这一项，必须写")
    return dict(value)


def sequence(value: Any, path: str, read: Callable[[Any, str], T]) -> tuple[T, ...]:
    """A list whose entries are read one by one."""
    if not isinstance(value, list):
        wrong(path, f"应是一个列表（每项前加 - ，或写成 [a, b]）；收到的是 {value!r:.60}")
    return tuple(read(entry, f"{path}[{i}]") for i, entry in enumerate(value))


def whole(value: Any, path: str, low: int, high: int) -> int:
    """A whole number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        wrong(path, f"应是 {low} 到 {high} 的整数；收到的是 {value!r:.60}")
    return value


def number(value: Any, path: str, low: float, high: float) -> float:
    """A finite number in [low, high]."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or not low <= value <= high:
        wrong(path, f"应是 {low:g} 到 {high:g} 的数；收到的是 {value!r:.60}")
    return float(value)


def flag(value: Any, path: str) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        wrong(path, f"应是 true 或 false；收到的是 {value!r:.60}")
    return value


def text(value: Any, path: str, limit: int = 200) -> str:
    """Text for people, 1 to ``limit`` characters."""
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        wrong(path, f"应是 1–{limit} 个字的文字；收到的是 {value!r:.60}")
    return value.strip()


def code(value: Any, path: str) -> str:
    """A short identifier without blanks: a queue, a label, a group, a rule."""
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable() or " " in value:
        wrong(path, f"应是 1–64 个字符、不含空白的代码，如 refund；收到的是 {value!r:.60}")
    return value


def choice(value: Any, path: str, allowed: Iterable[str]) -> str:
    """One of ``allowed``."""
    allowed = tuple(allowed)
    if value not in allowed:
        wrong(path, f"应是 {'、'.join(allowed)} 之一；收到的是 {value!r:.60}{guess(value, allowed)}")
    return str(value)

"""The recipe file: what ``fendan tune`` writes and ``fendan train --recipe`` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from features.hashing import FeatureSettings
from models.linear.recipe import Recipe
from triage.errors import FendanError, InputError

_PARTS = ("features", "heads", "chosen_on")
_RANGES = {"word_ngram": (1, 2), "char_ngram": (1, 6)}

_HEADER = """# fendan tune 写出的配方；用法：fendan train 数据 --recipe 这个文件
# features 数哪些特征；heads 每一项的机器（两个即取平均）；chosen_on 在什么数据上、凭什么选的。
"""


def write_recipe(
    path: Path, features: FeatureSettings, heads: Mapping[str, Sequence[Recipe]], chosen_on: Mapping[str, Any]
) -> None:
    """Writes the file whole or not at all. ``chosen_on``: plain values, for people and for the record.

    Raises:
        InputError: the file cannot be written.
    """
    data = {
        "features": features.to_mapping(),
        "heads": {head: [recipe.to_mapping() for recipe in recipes] for head, recipes in heads.items()},
        "chosen_on": dict(chosen_on),
    }
    text = _HEADER + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(f"写不了配方 {path}：{error.strerror or error}；请换一个 --out", field="out") from error


def read_recipe(path: str | Path) -> tuple[FeatureSettings, dict[str, tuple[Recipe, ...]]]:
    """What to count, and head -> the recipes of its machines (several: their mean).

    Raises:
        InputError: there is no such file, or it is no recipe; says where and what it should be.
    """
    path = Path(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(path, f"读不了：{error.strerror or error}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise _wrong(path, f"不是有效的 YAML：{str(error).splitlines()[0]}") from None
    if not isinstance(data, Mapping):
        raise _wrong(path, f"内容应是一个对象，有 {'、'.join(_PARTS)}；收到的是 {_short(data)}")
    _only(path, data, _PARTS, "")
    return _features(path, data.get("features")), _heads(path, data.get("heads"))


def check_place(path: Path) -> None:
    """Whether the recipe may be written there: asked before the search, not after.

    Raises:
        InputError: something else lies there, or it is no place for a file.
    """
    if path.is_dir():
        raise InputError(f"--out {path} 是一个文件夹；请给一个文件名，如 {path / 'recipe.yaml'}", field="out")
    if path.exists():
        try:
            read_recipe(path)
        except InputError:
            raise InputError(f"{path} 已存在且不是配方，不覆盖；请换一个 --out", field="out") from None
    above = path.resolve().parent
    if above.exists() and not above.is_dir():
        raise InputError(f"--out {path}：{above} 不是文件夹；请换一个 --out", field="out")


def _features(path: Path, data: Any) -> FeatureSettings:
    if not isinstance(data, Mapping):
        raise _wrong(path, f"features 应是一个对象，如 {{word_ngram: 2, char_ngram: 3}}；收到的是 {_short(data)}")
    _only(path, data, (*_RANGES, "version"), "features.")
    for name, (low, high) in _RANGES.items():
        value = data.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(path, f"features.{name} 应是 {low} 到 {high} 的整数；收到的是 {_short(value)}")
    now = FeatureSettings().version
    if data.get("version", now) != now:
        raise _wrong(
            path, f"features.version 是 {_short(data['version'])}，这个 Fendan 是 {now}；请重新运行 fendan tune"
        )
    return FeatureSettings(data["word_ngram"], data["char_ngram"])


def _heads(path: Path, data: Any) -> dict[str, tuple[Recipe, ...]]:
    if not isinstance(data, Mapping) or not data:
        raise _wrong(path, f"heads 应是一个对象，如 {{category: [{{penalty: 0.5}}]}}；收到的是 {_short(data)}")
    out = {}
    for head, recipes in data.items():
        if not isinstance(head, str):
            raise _wrong(path, f"heads 里的名字应是文字，如 category；收到的是 {_short(head)}")
        if not isinstance(recipes, list) or not recipes:
            raise _wrong(path, f"heads.{head} 应是配方的列表，至少一个；收到的是 {_short(recipes)}")
        out[head] = tuple(_recipe(path, f"heads.{head} 的第 {i} 个", one) for i, one in enumerate(recipes, 1))
    return out


def _recipe(path: Path, where: str, data: Any) -> Recipe:
    if not isinstance(data, Mapping) or "penalty" not in data:
        raise _wrong(path, f"{where}应是一个对象，如 {{penalty: 0.5, ratio: 0, balance: 0}}；收到的是 {_short(data)}")
    try:
        return Recipe.from_mapping({str(name): value for name, value in data.items()})
    except FendanError as error:
        raise _wrong(path, f"{where}：{error.message}") from None


def _only(path: Path, data: Mapping[Any, Any], known: Sequence[str], prefix: str) -> None:
    unknown = sorted(str(name) for name in data if name not in known)
    if unknown:
        raise _wrong(path, f"不认识 {prefix}{unknown[0]}；可以有的是 {'、'.join(known)}")


def _wrong(path: Path, what: str) -> InputError:
    return InputError(f"配方 {path}：{what}", field="recipe")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"

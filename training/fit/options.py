"""What the options of ``fendan train`` say, read and checked before anything long begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from models.encoder.kind import ENCODER
from models.linear.kind import LINEAR
from models.promise.targets import Targets
from models.scorers import kinds
from triage.errors import InputError

if TYPE_CHECKING:
    from models.encoder import EncoderSettings
    from training.fit.spec import TrainingSpec

_TARGET_EXAMPLE = "0.03，或 category=0.02,urgency=0.05，或一个 YAML 文件（每一类也可以有自己的）"

_WORDS = ("trunk", "tokens")
"""Settings of an encoder that are words, were they written in digits."""


def targets(value: str) -> Targets:
    """``0.03``, ``category=0.02,urgency=0.05``, or a YAML file as :meth:`models.promise.targets.Targets.from_mapping` reads it.

    Raises:
        InputError: it is none of these; TrainingError: a rate out of range.
    """
    if Path(value).suffix.lower() in (".yaml", ".yml", ".json"):
        return Targets.from_mapping(_mapping(Path(value), "target_error"))
    if "=" not in value:
        return Targets(_number(value, "target_error", _TARGET_EXAMPLE))
    pairs = _pairs(value, "target_error", _TARGET_EXAMPLE)
    heads = {name: _number(rate, "target_error", _TARGET_EXAMPLE) for name, rate in pairs.items()}
    return Targets(heads.pop("default", 0.03), heads)


def costs(value: str) -> dict[str, dict[str, float]]:
    """``urgency.critical=3,category.complaint=2``: what missing a label costs; empty: nothing said.

    Raises:
        InputError: it is not of that form.
    """
    example = "urgency.critical=3,category.complaint=2"
    out: dict[str, dict[str, float]] = {}
    for name, cost in _pairs(value, "cost", example).items():
        head, _, label = name.partition(".")
        if not label:
            raise InputError(f"--cost 里的 {name} 应写成 项.类别=代价；例如 {example}", field="cost")
        out.setdefault(head, {})[label] = _number(cost, "cost", example)
    return out


@dataclass(frozen=True, slots=True)
class SpecOptions:
    """What was said of a training on the command line; None (of an encoder also an empty string) where nothing was.

    Attributes:
        kind, target_error, cost, recipe, trunk, encoder, encoder_folds: the options of ``fendan train``.
        seed, refit, hold_out: always said; a champion's are not taken over.
    """

    kind: str | None = None
    target_error: str | None = None
    cost: str | None = None
    recipe: Path | None = None
    trunk: str = ""
    encoder: str = ""
    encoder_folds: int | None = None
    seed: int = 0
    refit: bool = True
    hold_out: bool = True

    def applied_to(self, base: TrainingSpec) -> TrainingSpec:
        """``base`` with what was said; what was not said stays.

        Raises:
            InputError: an option is not of its form, or does nothing beside the others; TrainingError: a value out of range.
        """
        name = base.kind if self.kind is None else self.kind
        known = kinds()
        if name not in known:
            raise InputError(f"--model 应是 {'、'.join(known)} 之一；收到的是 {name!r}", field="model")
        kind = known[name]
        if not kind.has(ENCODER) and (self.trunk or self.encoder or self.encoder_folds):
            raise InputError(
                "--trunk、--encoder、--encoder-folds 是编码器的；请加 --model encoder 或 blend", field="model"
            )
        if not kind.has(LINEAR) and self.recipe:
            raise InputError("--recipe 是线性部分的；请用 --model linear 或 blend", field="model")
        made = replace(base, kind=name, seed=self.seed, refit=self.refit, hold_out=self.hold_out)
        if self.target_error is not None:
            made = replace(made, targets=targets(self.target_error))
        if self.cost is not None:
            made = replace(made, costs=costs(self.cost))
        if self.recipe is not None:
            from training.fit.recipe_file import read_recipe

            features, recipes = read_recipe(self.recipe)
            made = replace(made, features=features, recipes=recipes)
        if not kind.has(LINEAR):  # it has no linear machines that a champion's recipes could be for
            made = replace(made, recipes={})
        if not kind.has(ENCODER):
            return replace(made, encoder=None, encoder_folds=1)
        return replace(
            made,
            encoder=encoder(self.encoder, self.trunk, self.seed, base.encoder),
            encoder_folds=self.encoder_folds or base.encoder_folds,
        )


def encoder(value: str, trunk: str, seed: int, base: EncoderSettings | None = None) -> EncoderSettings:
    """Settings of an encoder from ``layers=4,epochs=10`` or a YAML file, and the trunk; what is not said is as in ``base``.

    Raises:
        InputError: not of that form; TrainingError: an unknown setting or a value out of range.
    """
    from models.encoder.settings import EncoderSettings

    given: dict[str, Any] = {}
    if Path(value).suffix.lower() in (".yaml", ".yml", ".json"):
        given = dict(_mapping(Path(value), "encoder"))
    elif value:
        given = dict(_pairs(value, "encoder", "layers=4,epochs=10"))
    given = {name: _plain(v) if isinstance(v, str) and name not in _WORDS else v for name, v in given.items()}
    if trunk:
        given["trunk"] = trunk
    return EncoderSettings.from_mapping({**(base.to_mapping() if base else {}), "seed": seed, **given})


def _mapping(path: Path, field: str) -> Mapping[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} 读不了：{str(error).splitlines()[0]}", field=field) from None
    if not isinstance(data, Mapping):
        raise InputError(f"{path} 的内容应是一个对象（名字: 值）", field=field)
    return data


def _pairs(value: str, field: str, example: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in value.split(","))):
        name, sign, text = part.partition("=")
        if not sign or not name.strip() or not text.strip():
            raise InputError(f"--{field.replace('_', '-')} 里的 {part!r} 看不懂；例如 {example}", field=field)
        if name.strip() in out:
            raise InputError(f"--{field.replace('_', '-')} 里的 {name.strip()} 给了两次；请只留一个", field=field)
        out[name.strip()] = text.strip()
    return out


def _plain(text: str) -> Any:
    """A number or a truth value where it is one (YAML would take ``1e-3`` for a word), else the word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False, "null": None}.get(text.lower(), text)


def _number(value: str, field: str, example: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InputError(f"--{field.replace('_', '-')} 里的 {value!r} 不是数；例如 {example}", field=field) from None

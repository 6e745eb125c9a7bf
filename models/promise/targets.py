"""What error is promised where: for everything, for a head, for a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from triage.errors import TrainingError

MOST = 0.5
"""A larger share of wrong answers is no promise."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Promised error rates of automatic answers, each in (0, 0.5].

    Attributes:
        default: of every head that is not named.
        heads: head -> its own.
        classes: head -> label -> its own; such a class is tested alone, the others of its head together.

    Raises:
        TrainingError: a rate out of range.
    """

    default: float = 0.03
    heads: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named = {"target_error": self.default, **self.heads}
        for head, own in self.classes.items():
            named |= {f"{head}.{label}": value for label, value in own.items()}
        for name, value in named.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST:
                raise TrainingError(
                    f"目标错误率应大于 0、不超过 {MOST}；{name} 收到的是 {value!r}", field="target_error"
                )

    def head(self, name: str) -> float:
        return self.heads.get(name, self.default)

    def check(self, heads: Mapping[str, tuple[str, ...]]) -> None:
        """Whether every head and class that is named is one of ``heads`` (head -> labels).

        Raises:
            TrainingError: names the one that is not, and those there are.
        """
        for name in {*self.heads, *self.classes}:
            if name not in heads:
                raise TrainingError(
                    f"目标错误率里的 {name} 不是这次训练的一项；有的是：{'、'.join(heads)}", field="target_error"
                )
        for name, own in self.classes.items():
            for label in own:
                if label not in heads[name]:
                    raise TrainingError(
                        f"目标错误率里的 {name}.{label} 在数据里没有；{name} 有的是：{'、'.join(heads[name])}",
                        field="target_error",
                    )

    def to_mapping(self) -> dict[str, Any]:
        """The shape of a target file: ``{"default": 0.03, "category": {"default": 0.02, "complaint": 0.01}}``."""
        out: dict[str, Any] = {"default": self.default}
        for head in sorted({*self.heads, *self.classes}):
            out[head] = {"default": self.head(head), **self.classes.get(head, {})}
        return out

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Targets:
        """Reads :meth:`to_mapping`; a head may also be given as one number.

        Raises:
            TrainingError: a rate that is no number in (0, 0.5].
        """
        if not isinstance(data, Mapping):
            raise TrainingError(
                "目标错误率文件应是一个对象，如 {default: 0.03, category: {default: 0.02, complaint: 0.01}}",
                field="target_error",
            )
        heads: dict[str, float] = {}
        classes: dict[str, dict[str, float]] = {}
        for head, value in data.items():
            if head == "default":
                continue
            if isinstance(value, Mapping):
                if "default" in value:
                    heads[str(head)] = value["default"]
                own = {str(label): rate for label, rate in value.items() if label != "default"}
                if own:
                    classes[str(head)] = own
            else:
                heads[str(head)] = value
        return cls(data.get("default", 0.03), heads, classes)

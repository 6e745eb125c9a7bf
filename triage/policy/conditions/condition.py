"""What a condition of a rule is. Each kind is one file of this folder, listed once in its ``__init__``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from triage.policy.conditions.values import Value, Vocabulary
from triage.policy.facts import Facts

T = TypeVar("T")


@dataclass(frozen=True)
class Condition(Generic[T]):
    """One test of a rule, with the value that a profile gives it.

    More pressing facts must not make a condition fail that held: thresholds are lower bounds. The property test of
    monotonicity takes every listed kind, with values drawn from its ``schema``.

    Attributes:
        name: the key in a profile, under ``rules.when``.
        meaning: for people; the row in docs/policy.md.
        example: a value as a profile writes it.
        schema: how a value is read and checked.
        head: whose label it compares with those in ``value``; empty where it asks for something else.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]
    example: ClassVar[Any]
    schema: ClassVar[Value[Any]]
    head: ClassVar[str] = ""

    value: T

    @classmethod
    def read(cls, value: Any, path: str, vocabulary: Vocabulary) -> Condition[T]:
        """The condition with a value from parsed YAML.

        Raises:
            ProfileError: the value is wrong; names ``path`` and what is allowed.
        """
        return cls(cls.schema.read(value, path, vocabulary))

    def holds(self, facts: Facts) -> bool | None:
        """Whether it holds; None where the facts do not say. A rule acts on what is known to hold, never on None."""
        raise NotImplementedError

    def says(self) -> str:
        """The condition with its value, for people: ``订单金额不少于 5,000 元``."""
        raise NotImplementedError

    def found(self, _facts: Facts) -> str:
        """What in the facts made it hold, for the reason of a rule; empty where the rule's own text says it all."""
        return ""

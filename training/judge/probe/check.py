"""What a behaviour check is: a change of a ticket's words, and what that change may not do to the answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from triage.ticket import MAX_TEXT

Kind = Literal["invariance", "direction"]

Perturb = Callable[[str, random.Random], Sequence[str] | str | None]
"""A ticket's words, a source of choices -> the changed words (one or several ways), None where the check does not apply."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: code, as in ``probe --json``.
        title: for people, Chinese.
        kind: ``invariance``: the answers have to stay; ``direction``: one head may move one way only.
        perturb: the same words and the same random source give the same result.
        free: heads that the change may move (an emoji may make a text sound angry); they are counted, never judged.
        not_down: ordinal heads that may not become less severe; ``not_up``: that may not become more severe.
    """

    name: str
    title: str
    kind: Kind
    perturb: Perturb
    free: frozenset[str] = frozenset()
    not_down: tuple[str, ...] = ()
    not_up: tuple[str, ...] = ()

    def variants(self, text: str, seed: int = 0) -> tuple[str, ...]:
        """The changed texts, without repetitions and without the text itself; empty where the check does not apply.

        They hang on the text and the seed alone, not on the tickets around it: two models, or the same one a month later,
        are asked the same.
        """
        if not text.strip():
            return ()
        name = f"{seed}/{self.name}/{text}".encode("utf-8", "surrogatepass")
        found = self.perturb(text, random.Random(name))  # noqa: S311 - choices, not secrets
        several = (found,) if isinstance(found, str) else tuple(found or ())
        return tuple(one for one in dict.fromkeys(several) if one != text and len(one) <= MAX_TEXT)


def ended(text: str, addition: str) -> str:
    """``text`` with a sentence put behind it; a comma stands between where the text ends without a mark."""
    said = text.rstrip()
    return f"{said}{addition}" if said[-1:] in "。！？!?…~～；;，,、\n" else f"{said}，{addition}"

"""Two models on the same changed tickets: who holds still."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.judge.probe.builders import TICKETS, RuledModel, always, shouted, steady
from training.judge.gate import ALPHA_BEHAVIOUR, decide
from training.judge.probe import Brittleness, brittleness, compared, run

TEXTS = TICKETS[:80]


def both(first: RuledModel, second: RuledModel, units: list[int] | None = None) -> list[Brittleness]:
    own = np.arange(len(TEXTS)) if units is None else np.array(units)
    return compared(first, second, TEXTS, own)  # type: ignore[arg-type]


def brittle(found: list[Brittleness]) -> list[tuple[str, str]]:
    reasons = decide({}, behaviour=found).reasons
    return [(one.label, one.head) for one in reasons if one.code == "brittle"]


def test_equals_are_equal() -> None:
    found = both(steady(urgency=shouted), steady(urgency=shouted))
    assert all(one.of.difference == 0 and one.of.p == 1 for one in found)
    verdict = decide({}, behaviour=found)
    assert not any(reason.code == "brittle" for reason in verdict.reasons)
    assert [note.code for note in verdict.notes] == ["behaviour"]


def test_one_that_shouting_moves_is_refused_for_it_by_name() -> None:
    found = both(steady(), steady(urgency=shouted))
    assert brittle(found) == [("marks", "urgency")]
    reason = next(r for r in decide({}, behaviour=found).reasons if r.code == "brittle")
    assert "重复的感叹号" in reason.text
    assert "marks" in reason.text
    assert "urgency" in reason.text
    assert reason.champion == 0
    assert reason.challenger is not None
    assert reason.challenger > 0.3
    assert reason.low is not None
    assert reason.low > 0
    assert brittle(both(steady(urgency=shouted), steady())) == []


def test_one_customers_tickets_have_one_voice() -> None:
    found = both(steady(), steady(urgency=shouted), [0] * len(TEXTS))
    assert all(one.of.units == 1 for one in found)
    assert brittle(found) == []


def test_heads_that_may_move_and_heads_of_one_alone_are_left_out() -> None:
    found = both(steady(), RuledModel({"urgency": always("normal"), "sentiment": always("neutral")}))
    assert {one.head for one in found} == {"urgency", "sentiment"}
    assert not any(one.check.name == "marks" and one.head == "sentiment" for one in found)
    assert {one.head for one in found if one.check.kind == "direction"} == {"urgency"}


def test_reports_of_other_tickets_cannot_be_paired() -> None:
    first, second = run(steady(), TEXTS[:5]), run(steady(), TEXTS[5:10])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="paired"):
        brittleness(first, second, np.arange(5))
    with pytest.raises(ValueError, match="paired"):
        brittleness(first, run(steady(), TEXTS[:5], 1), np.arange(5))  # type: ignore[arg-type]


def test_equally_brittle_ones_are_refused_as_rarely_as_promised() -> None:
    """Each flips a tenth of the changed tickets, each its own."""
    runs, refused = 40, 0
    for seed in range(runs):
        rules = [
            lambda text, salt=salt: "critical" if hash((text, salt)) % 10 == 0 else "normal"  # type: ignore[misc]
            for salt in (2 * seed, 2 * seed + 1)
        ]
        refused += bool(brittle(both(steady(urgency=rules[0]), steady(urgency=rules[1]))))
    assert refused <= ALPHA_BEHAVIOUR * runs + 2


def test_figures_of_both_stand_in_the_verdict() -> None:
    verdict = decide({}, behaviour=both(steady(), steady(urgency=shouted)))
    marks = verdict.to_json()["checks"]["marks"]["urgency"]
    assert marks["champion"] == 0
    assert marks["challenger"] > 0
    assert marks["difference"] == pytest.approx(-marks["challenger"])

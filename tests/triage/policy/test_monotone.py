"""The policy over every profile that loads: more pressing is never behind, and the reasons add up."""

from __future__ import annotations

from hypothesis import given

from tests.triage.policy.builders import MODEL, NOW, TAXONOMY, Pair, pressing_pairs, profiles
from triage.policy import decide
from triage.policy.profile import Profile


@given(profiles(), pressing_pairs())
def test_more_pressing_is_never_behind(profile: Profile, pair: Pair) -> None:
    calm, pressed = (
        decide(ticket, prediction, profile=profile, taxonomy=TAXONOMY, now=NOW, model=MODEL)
        for ticket, prediction in pair
    )
    assert pressed.priority <= calm.priority
    assert pressed.due_at <= calm.due_at


@given(profiles(), pressing_pairs())
def test_the_reasons_add_up(profile: Profile, pair: Pair) -> None:
    decision = decide(*pair[0], profile=profile, taxonomy=TAXONOMY, now=NOW, model=MODEL)
    effects = [effect for reason in decision.reasons for effect in reason.effect.split(",")]
    total = sum(int(effect) for effect in effects if effect.startswith("+"))
    told = next(reason for reason in decision.reasons if reason.rule == "points.total")
    assert f"合计 {total} 分" in told.text
    priority = told.effect
    for effect in effects[effects.index(told.effect) + 1 :]:
        if effect.startswith("P"):
            before, _, after = effect.partition("→")
            assert before == priority
            assert after == "" or after < before
            priority = after or before
    assert priority == decision.priority
    routed = [effect.removeprefix("queue→") for effect in effects if effect.startswith("queue→")]
    assert routed[-1:] == [decision.queue] or (decision.queue == "manual" and not routed)

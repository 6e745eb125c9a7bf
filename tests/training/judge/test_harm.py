"""What becomes of the tickets that must not be missed."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.training.builders import ROOT, corpus, trained
from tests.training.judge.probe.builders import RuledModel, always, steady
from training.judge.harm import harm
from training.judge.wording import harm_words
from triage.policy.profile import load_profile
from triage.taxonomy import Taxonomy

PROFILE = load_profile("default", ROOT / "serving" / "profiles")
TEXTS = ["充电宝冒烟起火了", "快递到哪了", "我妈触电送医院了", "发票开错了"]
LABELS = {"urgency": ["critical", "low", "critical", "normal"]}


def test_those_named_are_found() -> None:
    found = harm(steady(urgency=always("critical")), corpus(TEXTS, LABELS), PROFILE)  # type: ignore[arg-type]
    assert found is not None
    assert (found.label, found.n, found.found, found.missed, found.lost) == ("critical", 2, 2, 0, 0)
    assert found.recall == 1
    assert "没有漏掉的" in harm_words(found)


def test_of_those_missed_it_says_who_still_comes_in_time() -> None:
    """The model says low of everything and is sure; the profile's rules read the words."""
    found = harm(steady(urgency=always("low")), corpus(TEXTS, LABELS), PROFILE)  # type: ignore[arg-type]
    assert found is not None
    assert found.found == 0
    assert found.missed == 2
    assert found.missed_caught == 2
    assert found.lost == 0
    blind = harm(
        steady(urgency=always("low")),  # type: ignore[arg-type]
        corpus(["东西用着用着出了点状况", "快递到哪了"], {"urgency": ["critical", "low"]}),
        PROFILE,
    )
    assert blind is not None
    assert (blind.missed, blind.missed_pressing, blind.missed_seen, blind.lost) == (1, 0, 0, 1)
    assert "两样都没有的 1 条" in harm_words(blind)


def test_counts_fit_together_and_are_json() -> None:
    done = trained()
    assert done.judged is not None
    found = harm(done.judged, corpus(TEXTS, LABELS), PROFILE)
    assert found is not None
    assert max(found.missed_pressing, found.missed_seen) <= found.missed_caught <= found.missed
    assert found.missed == found.n - found.found
    data = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert data["recall"] == found.found / 2
    assert data["recall_interval"][0] <= data["recall"] <= data["recall_interval"][1]


def test_where_nothing_is_most_severe_there_is_nothing_to_say() -> None:
    model = steady()
    assert harm(model, corpus(TEXTS, {"category": ["refund"] * 4}), PROFILE) is None  # type: ignore[arg-type]
    assert harm(model, corpus(TEXTS, {"urgency": ["low"] * 4}), PROFILE) is None  # type: ignore[arg-type]
    inferred = Taxonomy.infer({"urgency": ["critical", "low"]})
    unordered = RuledModel({"urgency": always("low")}, inferred)
    assert harm(unordered, corpus(TEXTS, LABELS), PROFILE) is None  # type: ignore[arg-type]
    assert harm(replace(model, rules={"category": always("refund")}), corpus(TEXTS, LABELS), PROFILE) is None  # type: ignore[arg-type]

"""What strangers asked on the first day: the starter model and the default profile, on tickets in our words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from features.reading import in_plain_letters, own_words
from tests.models.builders import ROOT, starter_model
from triage.decision import Decision, ModelRef
from triage.moments import SHOP_TIME
from triage.policy import decide
from triage.policy.profile import load_profile
from triage.ticket import Ticket

KINDS: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "answers.yaml").read_text("utf-8"))
KEYS = {"text", "category", "urgency", "harm", "person", "or_person", "least", "most"}
EACH = [pytest.param(one, id=f"{kind}: {one['text'][:24]}") for kind, found in KINDS.items() for one in found["each"]]


def decided(text: str) -> Decision:
    """As the service decides it, at noon on a working day, of a customer it knows nothing of."""
    (prediction,) = starter_model().predict([text])
    return decide(
        Ticket(text=text),
        prediction,
        profile=load_profile("default", ROOT / "serving" / "profiles"),
        taxonomy=starter_model().taxonomy,
        now=datetime(2026, 11, 3, 12, tzinfo=SHOP_TIME),
        model=ModelRef(),
        text=in_plain_letters(own_words(text)),
    )


@pytest.mark.parametrize("case", EACH)
def test_a_ticket_is_filed_as_its_writer_means_it(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    answer = decided(case["text"])
    said = {head: one.label for head, one in answer.heads.items()}
    told = f"{said} {answer.priority} {answer.action} scope {answer.scope}"
    person = answer.action != "auto"
    for head in ("category", "urgency"):
        if head in case:
            right = case[head] if isinstance(case[head], list) else [case[head]]
            assert said[head] in right or (person and case.get("or_person")), told
    if case.get("harm"):
        assert said["urgency"] == "critical" or (answer.priority in ("P1", "P2") and person), told
    if case.get("person"):
        assert answer.action == "human" or person, told
    assert answer.priority <= case.get("least", "P4"), told
    assert answer.priority >= case.get("most", "P1"), told


@pytest.mark.parametrize(
    "text", ["收到了", "发票呢", "尺码小了", "快点发货", "五星", "太慢了", "怎么还没退款", "已签收没见到货"]
)
@pytest.mark.parametrize("marks", ["！", "！！！", "!!!", "！" * 20, "😡😡😡", "~~~", "。。。。"])
def test_marks_move_no_urgency(text: str, marks: str) -> None:
    plain, loud = starter_model().predict([text, text + marks])
    assert plain.heads["urgency"].label == loud.heads["urgency"].label
    assert plain.heads["category"].label == loud.heads["category"].label

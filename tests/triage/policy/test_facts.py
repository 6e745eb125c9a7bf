"""Facts: what is gathered of a ticket, and that a replay from stored facts decides the same."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.triage.policy.builders import NOW, TAXONOMY, Pair, pressing_pairs, profiles
from triage.policy import Facts, judge
from triage.policy.profile import Profile
from triage.prediction import HeadPrediction, Prediction
from triage.ticket import Ticket

URGENT = HeadPrediction("critical", 0.1 + 0.2, "auto", ("critical", "low"), (0.1 + 0.2, 0.7))


def test_the_unread_and_the_blank_have_no_labels() -> None:
    prediction = Prediction({"urgency": URGENT}, scope=0.6)
    read = Facts.gather(Ticket(text="冒烟了"), prediction, NOW)
    assert (read.text, read.read, read.blank, read.scope) == ("冒烟了", True, False, 0.6)
    assert (read.understood, read.label("urgency"), read.answer("urgency")) == (True, "critical", URGENT)
    blank = Facts.gather(Ticket(text=" \u200b"), prediction, NOW)
    assert (blank.read, blank.blank, blank.scope, blank.label("urgency")) == (True, True, None, None)
    unread = Facts.gather(Ticket(text="冒烟了"), None, NOW)
    assert (unread.read, unread.blank, unread.heads, unread.scope) == (False, False, {}, None)
    assert not blank.understood
    assert not unread.understood


def test_a_guess_is_kept_but_no_answer() -> None:
    foreign = Facts.gather(Ticket(text="冒烟了"), Prediction({"urgency": URGENT}, scope=0.4), NOW)
    assert foreign.heads["urgency"] == URGENT
    assert (foreign.understood, foreign.label("urgency"), foreign.answer("urgency")) == (False, None, None)


def test_the_own_words_may_be_less_than_the_content() -> None:
    ticket = Ticket(subject="投诉", body="冒烟了\n> 您好，请问有没有冒烟？")
    assert Facts.gather(ticket, None, NOW).text == "投诉\n冒烟了\n> 您好，请问有没有冒烟？"
    assert Facts.gather(ticket, None, NOW, "投诉\n冒烟了").text == "投诉\n冒烟了"


def test_nobody_has_waited_for_less_than_nothing() -> None:
    assert Facts.gather(Ticket(created_at=NOW + timedelta(days=1)), None, NOW).waited == 0
    assert Facts.gather(Ticket(created_at=NOW - timedelta(minutes=90)), None, NOW).waited == 90


@given(profiles(), pressing_pairs(), st.text() | st.none())
def test_stored_facts_are_judged_the_same(profile: Profile, pair: Pair, text: str | None) -> None:
    facts = Facts.gather(*pair[0], NOW, text)
    stored = Facts.from_json(json.loads(json.dumps(facts.to_json())))
    assert stored == facts
    assert judge(stored, profile, TAXONOMY) == judge(facts, profile, TAXONOMY)

"""The desk: leases, answers, skips, undo, overlap, conflicts, and blind cards that hold nothing of the prediction."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from serving.app import label_record
from serving.ids import new_id
from serving.labels.correcting import CorrectionError
from serving.labels.corrections import NewCorrection
from serving.review.desk import Desk
from serving.store import Store
from tests.serving.builders import NOW, correct, run
from tests.serving.review.builders import Clock, answers, auto, desk, items, put, row
from triage.errors import ConflictError, NotFoundError


def take(made: Desk, who: str, **options: Any) -> dict[str, Any]:
    card = run(made.next(who, **options))
    assert card is not None
    return card


def answer(made: Desk, who: str, label: str = "refund", **options: Any) -> dict[str, Any]:
    """Takes the next ticket and says what it is."""
    card = take(made, who, **options)
    run(made.submit(card["item_id"], who, {"category": label}))
    return card


def test_a_card(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    card = take(desk(any_store, clock), "小王")
    assert json.loads(json.dumps(card)) == card
    assert (card["ticket_id"], card["revision"], card["reason"], card["blind"]) == ("T-1", 1, "unsure", False)
    assert card["text"] == "快递三天没动了"
    assert card["customer"] == {"id": "C-1", "tier": "vip", "contacts": 2}
    assert card["order"] == {"amount": 199.0}
    assert card["decision"]["category"]["label"] == "logistics"
    assert card["evidence"][0]["text"] == "快递"
    assert (card["doubt_head"], card["doubt"]) == ("category", ["logistics", "shipping"])
    assert "出库" in card["hint"]["zh"]
    assert card["received_at"] == NOW.isoformat()
    assert card["lease_until"] == (NOW + timedelta(minutes=10)).isoformat()
    assert card["similar"] == []


def leaves(value: Any) -> list[str]:
    """Every key and every value of a JSON value, as text."""
    if isinstance(value, dict):
        return [*value, *(leaf for part in value.values() for leaf in leaves(part))]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [str(value)]


@pytest.mark.parametrize("reported", [False, True])
def test_a_blind_card_holds_nothing_of_the_prediction(store: Store, clock: Clock, reported: bool) -> None:
    planted = {
        "label": "warranty_repair",
        "confidence": 0.987654,
        "queue": "planted-queue",
        "priority": "P3",
        "due_at": "2031-01-01T00:00:00+08:00",
    }
    put(store, auto("T-1", "空调装歪了", **planted), blind_rate=1.0)
    if reported:
        new = NewCorrection(new_id(), "T-1", None, {"category": "complaint"}, "helpdesk", "", "planted-note", NOW)
        correct(store, new, label_record())
    made = desk(store, clock)
    for card in (take(made, "小王"), take(made, "小王")):
        assert (card["blind"], card["reason"]) == (True, "blind")
        seen = leaves(card)
        for secret in (*planted.values(), "complaint", "planted-note", "auto", "shipping", "normal", "fendan", "abc"):
            assert str(secret) not in seen
        assert all(card[key] is None for key in ("decision", "evidence", "doubt", "doubt_head", "hint", "answers"))


def test_the_same_ticket_until_it_is_answered(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1", "一"), row("T-2", "二"), row("T-3", "三"))
    made = desk(any_store, clock)
    first = take(made, "小王")
    assert take(made, "小王")["item_id"] == first["item_id"]
    ahead = take(made, "小王", after=first["item_id"])
    assert ahead["item_id"] != first["item_id"]
    assert take(made, "小王", after=first["item_id"])["item_id"] == ahead["item_id"]  # two at most
    assert take(made, "小王")["item_id"] == first["item_id"]  # after a reload, what was on the screen
    other = take(made, "小李")
    assert other["item_id"] not in (first["item_id"], ahead["item_id"])
    assert run(made.next("小张")) is None


def test_a_lease_ends_by_the_clock(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, clock)
    card = take(made, "小王")
    clock.later(minutes=9, seconds=59)
    assert run(made.next("小李")) is None
    run(made.card(card["item_id"], "小王"))  # looked at: the time begins anew
    clock.later(minutes=9, seconds=59)
    assert run(made.next("小李")) is None
    clock.later(seconds=2)
    assert take(made, "小李")["item_id"] == card["item_id"]
    for call in (made.submit(card["item_id"], "小王", {"category": "refund"}), made.card(card["item_id"], "小王")):
        with pytest.raises(ConflictError, match="不在你手上"):
            run(call)
    with pytest.raises(ConflictError):
        run(made.skip(card["item_id"], "小王"))
    assert answers(any_store) == []


def test_a_lease_that_ran_out_is_good_while_nobody_else_wants_it(store: Store, clock: Clock) -> None:
    put(store, row("T-1"))
    made = desk(store, clock)
    card = take(made, "小王")
    clock.later(hours=1)
    run(made.submit(card["item_id"], "小王", {"category": "refund"}))
    assert len(answers(store)) == 1


def test_an_answer_is_kept_with_all_that_belongs_to_it(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, clock)
    card = take(made, "小王")
    labels = {"category": "refund", "urgency": "high", "sentiment": "negative"}
    correction = run(made.submit(card["item_id"], "小王", labels, "电话 13812345678"))
    kept = answers(any_store)[0]
    assert (kept.id, kept.item_id, kept.source, kept.by) == (correction, card["item_id"], "reviewer", "小王")
    assert (kept.blind, kept.reason, kept.model_version, kept.withdrawn_at) == (False, "unsure", "7", None)
    assert kept.labels == labels
    assert "13812345678" not in kept.note
    item = items(any_store)[0]
    assert (item.state, item.done_by, item.lease_by) == ("done", "小王", None)
    with pytest.raises(ConflictError, match="答完"):
        run(made.submit(card["item_id"], "小王", labels))
    assert run(made.next("小王")) is None


def test_an_answer_that_breaks_the_contract_changes_nothing(store: Store, clock: Clock) -> None:
    put(store, row("T-1"))
    made = desk(store, clock)
    item_id = take(made, "小王")["item_id"]
    for labels, note in (({}, ""), ({"category": "nonsense"}, ""), (None, ""), ({"category": "refund"}, "长" * 2001)):
        with pytest.raises(CorrectionError):
            run(made.submit(item_id, "小王", labels, note))  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        run(made.submit(new_id(), "小王", {"category": "refund"}))
    assert items(store)[0].state == "open"


def test_skipped_by_three_it_is_for_leads(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, clock)
    for who in ("甲", "乙", "丙"):
        card = take(made, who)
        run(made.skip(card["item_id"], who))
        assert run(made.next(who)) is None
    assert run(made.next("丁")) is None
    assert run(made.next("甲", role="lead")) is None  # whoever skipped it, skipped it
    assert take(made, "老李", role="lead")["item_id"] == card["item_id"]


def test_given_back(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1", "一"), row("T-2", "二"))
    made = desk(any_store, clock)
    first = take(made, "小王")
    second = take(made, "小王", after=first["item_id"])
    run(made.release(first["item_id"], "小李"))  # not theirs
    assert run(made.next("小李")) is None
    run(made.release(second["item_id"], "小王"))
    assert take(made, "小李")["item_id"] == second["item_id"]
    run(made.release(None, "小王"))
    assert take(made, "小张")["item_id"] == first["item_id"]


def test_undo_goes_back_step_by_step(any_store: Store, clock: Clock) -> None:
    put(any_store, *(row(f"T-{i}", f"第{'一二三四'[i]}件事") for i in range(4)))
    made = desk(any_store, clock)
    done = []
    for _ in range(3):
        done.append(answer(made, "小王")["item_id"])
        clock.later(seconds=5)
    screen = take(made, "小王")["item_id"]
    undone = [run(made.undo("小王")) for _ in range(4)]
    assert undone == [*reversed(done), None]
    assert all(kept.withdrawn_at is not None for kept in answers(any_store))
    assert run(made.counts("小王")) == {"open": 4, "reasons": {"unsure": 4}, "conflicts": 0, "mine": 0}
    assert run(made.next("小李")) is None  # what was taken back is still with who answered it
    assert take(made, "小王", after=done[0])["item_id"] in (*done, screen)
    for item_id in done:
        run(made.submit(item_id, "小王", {"category": "invoice"}))
    assert [kept.labels["category"] for kept in answers(any_store) if kept.withdrawn_at is None] == ["invoice"] * 3


def test_undo_is_for_ones_own_answers_of_this_shift(store: Store, clock: Clock) -> None:
    put(store, row("T-1", "一"), row("T-2", "二"))
    made = desk(store, clock)
    answer(made, "小王")
    assert run(made.undo("小李")) is None
    assert run(made.undo("")) is None
    clock.later(hours=13)
    assert run(made.undo("小王")) is None
    assert answers(store)[0].withdrawn_at is None


def test_overlap_asks_a_second_person_and_never_the_same(any_store: Store, clock: Clock) -> None:
    put(any_store, auto("T-1"), blind_rate=1.0)
    made = desk(any_store, clock, overlap_share=1.0)
    first = answer(made, "小王", "refund")
    assert run(made.next("小王")) is None
    assert run(made.next("小王", role="lead")) is None
    second = answer(made, "小李", "refund")
    assert (second["ticket_id"], second["blind"], second["reason"]) == ("T-1", True, "blind")
    assert second["item_id"] != first["item_id"]
    assert [(item.copy, item.state) for item in items(any_store)] == [(0, "done"), (1, "done")]
    assert run(made.next("小张")) is None
    assert [kept.blind for kept in answers(any_store)] == [True, True]


def test_overlap_is_the_same_draw_everywhere(store: Store, clock: Clock) -> None:
    put(store, *(row(f"T-{i}", f"第 {i} 件", label="refund") for i in range(60)))
    made = desk(store, clock, overlap_share=0.3)
    for _ in range(60):
        answer(made, "小王")
    copies = {item.ticket_id for item in items(store, copy=1)}
    assert 6 < len(copies) < 32
    for _ in range(60):
        assert run(made.undo("小王"))
    for _ in range(60):
        answer(desk(store, clock, overlap_share=0.3), "小王")
    assert {item.ticket_id for item in items(store, copy=1)} == copies
    assert len(items(store, copy=1)) == len(copies)


def test_a_conflict_goes_to_the_lead_with_all_answers(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, clock, overlap_share=1.0)
    answer(made, "小王", "refund")
    clock.later(minutes=1)
    answer(made, "小李", "logistics")
    assert run(made.counts("小王"))["conflicts"] == 1
    assert run(made.next("小张")) is None
    assert run(made.next("老李", role="lead")) is None  # conflicts are settled on a page of their own
    card = run(made.conflicts())[0]
    assert [entry["labels"] for entry in card["answers"]] == [{"category": "refund"}, {"category": "logistics"}]
    assert not {"小王", "小李"} & set(leaves(card))
    assert [entry["by"] for entry in run(made.conflicts(names=True))[0]["answers"]] == ["小王", "小李"]
    run(made.settle(card["item_id"], "老李", {"category": "refund"}, "钱没到"))
    kept = answers(any_store)[-1]
    assert (kept.source, kept.reason, kept.blind, kept.item_id) == ("lead", "conflict", False, card["item_id"])
    with pytest.raises(ConflictError, match="裁定"):
        run(made.settle(card["item_id"], "另一位", {"category": "refund"}))
    assert run(made.conflicts()) == []
    with pytest.raises(ConflictError):
        run(made.unsettle(card["item_id"], "另一位"))
    run(made.unsettle(card["item_id"], "老李"))
    assert len(run(made.conflicts())) == 1
    with pytest.raises(ConflictError, match="不是冲突"):
        run(made.settle(items(any_store, copy=0)[0].id, "老李", {"category": "refund"}))


def test_a_conflict_about_a_blind_ticket_is_settled_blind(store: Store, clock: Clock) -> None:
    put(store, auto("T-1"), blind_rate=1.0)
    made = desk(store, clock, overlap_share=1.0)
    answer(made, "小王", "refund")
    answer(made, "小李", "complaint")
    card = run(made.conflicts())[0]
    assert (card["blind"], card["decision"], card["evidence"]) == (True, None, None)
    run(made.settle(card["item_id"], "老李", {"category": "refund"}))
    assert answers(store)[-1].blind is True


def test_an_undone_answer_makes_no_conflict(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1"))
    made = desk(any_store, clock, overlap_share=1.0)
    answer(made, "小王", "refund")
    card = answer(made, "小李", "logistics")
    assert run(made.undo("小李")) == card["item_id"]
    assert run(made.conflicts()) == []
    assert items(any_store, copy=2)[0].state == "void"
    run(made.submit(card["item_id"], "小李", {"category": "complaint"}))
    assert len(run(made.conflicts())) == 1


def test_helpdesk_against_reviewer_is_a_conflict_whoever_speaks_first(store: Store, clock: Clock) -> None:
    put(store, row("T-1", "一"), row("T-2", "二"), row("T-3", "三"))
    made = desk(store, clock)

    def helpdesk(ticket_id: str, label: str) -> None:
        new = NewCorrection(new_id(), ticket_id, None, {"category": label}, "helpdesk", "", "", clock())
        correct(store, new, label_record())

    helpdesk("T-1", "refund")
    cards = [answer(made, "小王", "invoice") for _ in range(3)]
    assert cards[0]["ticket_id"] in ("T-1", "T-2", "T-3")
    reported = next(card for card in cards if card["ticket_id"] == "T-1")
    assert reported["answers"][0]["labels"] == {"category": "refund"}
    helpdesk("T-2", "complaint")
    helpdesk("T-3", "invoice")
    assert {card["ticket_id"] for card in run(made.conflicts())} == {"T-1", "T-2"}


def test_random_calls_and_lanes_reach_everything(store: Store, clock: Clock) -> None:
    put(
        store,
        *(auto(f"A-{i}", f"甲{i}") for i in range(30)),
        *(row(f"B-{i}", f"乙{i}") for i in range(30)),
        blind_rate=0.5,
    )
    left = len(items(store))
    made = desk(store, clock, random_share=0.5)
    seen = [answer(made, "小王")["reason"] for _ in range(left)]
    assert run(made.next("小王")) is None
    assert "blind" in seen[:10]
    assert "unsure" in seen[:10]


def test_copies_answered_lately_wait_behind_the_rest(store: Store, clock: Clock) -> None:
    words = ["快递员态度很差", "发票抬头开错了", "会员积分没有到账", "预约安装没人上门"]
    put(store, *(row(f"C-{i}", "优惠券用不了", confidence=0.4) for i in range(6)))
    put(store, *(row(f"D-{i}", text, confidence=0.6) for i, text in enumerate(words)))
    made = desk(store, clock, chance=lambda: 0.9)
    assert [answer(made, "小王")["ticket_id"][0] for _ in range(6)].count("C") <= 2


@pytest.mark.parametrize("random_share", [0.0, 1.0])
def test_who_skipped_many_still_finds_the_rest(any_store: Store, clock: Clock, random_share: float) -> None:
    put(any_store, *(row(f"T-{i}", f"第{i}件") for i in range(45)))
    made = desk(any_store, clock, random_share=random_share)
    seen = set()
    while (card := run(made.next("小王"))) is not None:
        assert card["item_id"] not in seen
        seen.add(card["item_id"])
        run(made.skip(card["item_id"], "小王"))
    assert len(seen) == 45
    assert run(made.next("小李")) is not None

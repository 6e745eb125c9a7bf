"""From tickets to durable decisions: masked, decided by one call of the model, kept; people take over when it fails."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from serving.store import Store
from serving.tickets.engine import Engine
from tests.serving.builders import NOW, engine, profile, run, small_model, taxonomy, ticket_of
from triage.prediction import Prediction
from triage.ticket import Ticket

PHONE = "我手机 13812345678，快递显示签收了可我没收到"


class Spy:
    """The real model; remembers what it was asked, and fails on texts with 坏."""

    def __init__(self) -> None:
        self.heads = small_model().heads
        self.manifest = small_model().manifest
        self.calls: list[list[str]] = []

    def predict(self, texts: Sequence[str], *, evidence: bool = False) -> list[Prediction]:
        self.calls.append(list(texts))
        if any("坏" in text for text in texts):
            raise RuntimeError("坏了")
        predictions: list[Prediction] = small_model().predict(texts, evidence=evidence)
        return predictions


def test_a_decision_carries_what_the_model_says(store: Store) -> None:
    text = "快递显示签收了可我没收到"
    decision = json.loads(run(engine(store).triage([Ticket(ticket_id="T-1", text=text)]))[0].decision)
    head = small_model().predict([text])[0].heads["category"]
    assert decision["category"]["label"] == head.label == "logistics"
    assert decision["category"]["confidence"] == pytest.approx(head.confidence, abs=1e-6)
    assert decision["model"] == {"name": "fendan", "version": "7"}
    assert decision["evidence"]
    assert not decision["degraded"]


def test_personal_data_reaches_neither_the_store_nor_the_answer(store: Store, tmp_path: Path) -> None:
    ticket = Ticket(subject="卡号 6222021234567890128", body=PHONE, customer_id="wang@example.com")
    outcome = run(engine(store).triage([ticket]))[0]
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + outcome.decision
    for secret in ("13812345678", "6222021234567890128", "wang@example.com"):
        assert secret.encode() not in kept
    assert "[手机号]" in outcome.row.text


def test_only_the_customers_own_words_are_read_and_the_answer_says_so(store: Store) -> None:
    plain = "快递显示签收了可我没收到"
    html = f"<p>{plain}</p><p>发自我的iPhone</p>"
    asked = [Ticket(ticket_id=str(i), text=text) for i, text in enumerate((plain, html, "https://a.cn/b?c=1"))]
    outcomes = run(engine(store).triage(asked))
    first, second, third = (json.loads(outcome.decision) for outcome in outcomes)
    assert "unread" not in first
    assert second["category"] == first["category"]
    assert second["action"] == first["action"]
    assert [html[part["start"] : part["end"]] for part in second["unread"] if part["kind"] == "signature"] == [
        "发自我的iPhone"
    ]
    assert second["reasons"][0] == {
        "rule": "own_words",
        "text": "只读了客户自己的话；没有读的是网页标记、签名和声明",
        "effect": "",
    }
    assert outcomes[1].row.text == html, "the store keeps the whole text, so that people see it"
    assert "unread" not in third
    assert third["reasons"][0]["rule"] == "nothing_left"
    assert "链接" in third["reasons"][0]["text"]


def test_a_ticket_without_an_id_gets_one_that_sorts_by_time(store: Store) -> None:
    outcomes = run(engine(store).triage([Ticket(text="钱没退回来")] * 20))
    ids = [json.loads(outcome.decision)["ticket_id"] for outcome in outcomes]
    assert ids == sorted(ids)
    assert len(set(ids)) == 20


def test_the_same_ticket_again_gets_the_same_bytes(store: Store) -> None:
    ticket = Ticket(ticket_id="T-1", text=PHONE)
    first, again = (run(engine(store).triage([ticket]))[0] for _ in range(2))
    later = run(engine(store, model=None).triage([Ticket(ticket_id="T-1", text=PHONE, customer_tier="vip")]))[0]
    assert first.decision == again.decision == later.decision
    assert (first.created, again.created, later.created) == (True, False, False)


def test_a_batch_is_one_call_of_the_model(store: Store) -> None:
    spy = Spy()
    outcomes = run(engine(store, model=spy).triage([Ticket(text=f"第 {i} 件，钱没退回来") for i in range(30)]))
    assert [len(call) for call in spy.calls] == [30]
    assert all(outcome.row.category == "refund" for outcome in outcomes)


def test_tickets_that_come_together_share_a_call_of_the_model(store: Store) -> None:
    async def rush(made: Any) -> list[Any]:
        return await asyncio.gather(
            *(made.triage([Ticket(ticket_id=f"T-{i}", text="优惠券用不了")]) for i in range(16))
        )

    spy = Spy()
    outcomes = run(rush(engine(store, model=spy)))
    assert [len(call) for call in spy.calls] == [16]
    assert [outcome[0].row.ticket_id for outcome in outcomes] == [f"T-{i}" for i in range(16)]


def test_a_defect_reaches_only_the_ticket_that_shows_it(store: Store) -> None:
    class Broken(Engine):
        def _decide(self, ticket: Ticket, *others: Any) -> Any:
            if ticket.ticket_id == "T-2":
                raise ZeroDivisionError
            return super()._decide(ticket, *others)

    async def rush(made: Any) -> list[Any]:
        tickets = [[Ticket(ticket_id=f"T-{i}", text="优惠券用不了")] for i in range(4)]
        return await asyncio.gather(*map(made.triage, tickets), return_exceptions=True)

    broken = Broken(store=store, profile=profile(), taxonomy=taxonomy(), model=small_model())
    outcomes = run(rush(broken))
    assert [isinstance(outcome, ZeroDivisionError) for outcome in outcomes] == [False, False, True, False]


def test_a_rehearsal_keeps_nothing(store: Store) -> None:
    outcome = run(engine(store).triage([Ticket(ticket_id="T-1", text="钱没退回来")], store=False))[0]
    assert json.loads(outcome.decision)["queue"]
    assert not outcome.created
    assert ticket_of(store, "T-1") is None


@pytest.mark.parametrize("model", [None, Spy()])
def test_without_an_answer_people_take_the_ticket(store: Store, model: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    outcome = run(engine(store, model=model).triage([Ticket(ticket_id="T-1", text="坏")]))[0]
    decision = json.loads(outcome.decision)
    assert (decision["degraded"], decision["queue"], decision["action"]) == (True, "manual", "human")
    assert decision["category"] is None
    assert outcome.row.degraded
    assert ticket_of(store, "T-1") is not None


def test_a_ticket_that_breaks_the_model_breaks_no_other(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    tickets = [Ticket(text="钱没退回来"), Ticket(text=f"坏 {PHONE}"), Ticket(text="优惠券用不了")]
    with caplog.at_level(logging.WARNING):
        outcomes = run(engine(store, model=Spy()).triage(tickets))
    assert [outcome.row.degraded for outcome in outcomes] == [False, True, False]
    assert "the model failed" in caplog.text
    assert "13812345678" not in caplog.text


def test_times_come_from_the_clock(store: Store) -> None:
    outcome = run(engine(store).triage([Ticket(text="钱没退回来")]))[0]
    assert outcome.row.received_at == NOW
    assert outcome.row.due_at is not None
    assert outcome.row.due_at > NOW


def test_nothing_in_nothing_out(store: Store) -> None:
    assert run(engine(store).triage([])) == []

"""Similar past tickets, the guideline, and that both come from people and words alone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import yaml

from serving.ids import new_id
from serving.labels.corrections import NewCorrection
from serving.labels.record import LabelRecord
from serving.review.guidelines import FILE, load_guidelines
from serving.review.similar import Index, Past, Similar
from serving.store import Store
from tests.serving.builders import NOW, Client, app_of, correct, engine, run
from tests.serving.review.builders import Clock, auto, desk, put, row
from tests.serving.web.builders import matches
from triage.labels import Source
from triage.paths import ROOT
from triage.ticket import Ticket

PAST = [
    Past("a", "快递三天没动了，麻烦催一下", {"category": "logistics"}),
    Past("b", "退款什么时候到账", {"category": "refund"}),
    Past("c", "包裹停在中转站三天没动", {"category": "logistics"}),
    Past("d", "优惠券用不了", {"category": "promotion"}),
]


def said(ticket_id: str, label: str, source: Source = "reviewer", by: str = "小王", minutes: int = 0) -> NewCorrection:
    at = NOW + timedelta(minutes=minutes)
    return NewCorrection(new_id(), ticket_id, None, {"category": label}, source, by, "", at)


def test_the_nearest_words_come_first() -> None:
    found = Index(PAST).find("快递停了，三天没动", but="")
    assert [one.ticket_id for one in found] == ["a", "c"]
    assert Index(PAST).find("快递三天没动了，麻烦催一下", but="a")[0].ticket_id == "c"
    assert Index(PAST).find("今天天气", but="") == []
    assert Index(PAST).find("", but="") == []
    assert Index([]).find("快递", but="") == []


def test_what_people_said_last_or_a_lead_settled(any_store: Store, clock: Clock) -> None:
    put(any_store, row("T-1", "快递三天没动了"), row("T-2", "快递四天没动了"), row("T-3", "快递五天没动了"))
    for new in (
        said("T-1", "refund"),
        said("T-1", "logistics", minutes=1),
        said("T-2", "shipping", source="lead", by="老李"),
        said("T-2", "logistics", minutes=2),
    ):
        correct(any_store, new)
    similar = Similar(any_store, clock)
    found = run(similar.find("快递三天没动", but="T-9"))
    assert {one["ticket_id"]: one["labels"]["category"] for one in found} == {"T-1": "logistics", "T-2": "shipping"}
    assert run(similar.find("快递三天没动", but="T-1"))[0]["ticket_id"] == "T-2"


def test_a_minute_later_new_labels_are_seen(store: Store, clock: Clock) -> None:
    put(store, row("T-1", "快递三天没动了"), row("T-2", "快递四天没动了"))
    similar = Similar(store, clock)

    async def work() -> list[int]:
        seen = [len(await similar.find("快递没动", but=""))]
        await store.write(lambda connection: LabelRecord().add(connection, [said("T-1", "logistics")], NOW))
        seen.append(len(await similar.find("快递没动", but="")))
        clock.later(minutes=2)
        await similar.find("快递没动", but="")  # the old index answers; the new one is made beside
        assert similar._task is not None
        await similar._task
        seen.append(len(await similar.find("快递没动", but="")))
        return seen

    assert run(work()) == [0, 0, 1]


def test_a_blind_ticket_has_similar_ones_by_its_words_whatever_the_model_said(store: Store, clock: Clock) -> None:
    put(store, row("L-1", "快递三天没动了", label="refund"))
    correct(store, said("L-1", "logistics"))
    put(store, auto("T-1", "快递三天没动", label="refund"), blind_rate=1.0)
    card = run(desk(store, clock, chance=lambda: 0.3).next("小王"))
    assert card is not None
    assert card["blind"]
    assert card["similar"] == [{"ticket_id": "L-1", "text": "快递三天没动了", "labels": {"category": "logistics"}}]


def test_the_guideline_knows_every_label_of_the_standard_taxonomy() -> None:
    guidelines = load_guidelines()
    heads = yaml.safe_load((ROOT / "datasets" / "taxonomy.yaml").read_text("utf-8"))["heads"]
    for head, spec in heads.items():
        codes = [label["code"] for label in spec["labels"]]
        assert sorted(guidelines.labels[head]) == sorted(codes)
        for code in codes:
            assert all(guidelines.labels[head][code][language].strip() for language in ("zh", "en"))
        for pair, text in guidelines.pairs[head].items():
            assert set(pair) <= set(codes)
            assert text["zh"]
            assert text["en"]
    assert FILE.is_file()


def test_hints_in_either_order_and_none_for_a_shops_own_labels() -> None:
    guidelines = load_guidelines()
    hint = guidelines.hint("category", "shipping", "logistics")
    assert hint is not None
    assert hint == guidelines.hint("category", "logistics", "shipping")
    assert guidelines.hint("category", "shipping", "my_own") is None
    assert guidelines.hint("my_head", "a", "b") is None
    assert guidelines.of("category", "my_own") is None
    assert guidelines.to_json()["category"]["pairs"][0]["codes"] == ["logistics", "shipping"]


@pytest.mark.parametrize("head", ["category", "urgency", "sentiment"])
def test_guidelines_are_short(head: str) -> None:
    guidelines = load_guidelines()
    for text in (*guidelines.labels[head].values(), *guidelines.pairs[head].values()):
        assert len(text["zh"]) <= 60
        assert len(text["en"]) <= 130


def labelled(store: Store) -> None:
    put(store, row("T-1", "快递三天没动了"), row("T-2", "快递四天没动了，" + "急" * 300), row("T-3", "快递五天没动了"))
    for ticket_id, label in (("T-1", "logistics"), ("T-2", "shipping")):
        correct(store, said(ticket_id, label))
    mood = {"sentiment": "negative"}
    correct(store, NewCorrection(new_id(), "T-3", None, mood, "reviewer", "小王", "", NOW))


def test_an_answer_gets_what_is_at_hand_and_waits_for_nothing(store: Store, clock: Clock) -> None:
    labelled(store)
    similar = Similar(store, clock)
    assert similar.at_hand("快递三天没动", "T-9") == []
    run(similar.refresh())
    first, second = similar.at_hand("快递三天没动", "T-9")  # T-3 has no category from people
    assert first == {"ticket_id": "T-1", "text": "快递三天没动了", "category": "logistics"}
    assert (second["ticket_id"], len(second["text"]), second["text"][-1]) == ("T-2", 120, "…")
    assert [one["ticket_id"] for one in similar.at_hand("快递三天没动", "T-1")] == ["T-2"]


def test_answers_carry_them_and_a_failure_costs_no_decision(store: Store, clock: Clock) -> None:
    labelled(store)
    app = app_of(store, clock=clock)
    client = Client(app.asgi)
    ticket = {"ticket_id": "T-8", "text": "快递三天没动"}
    assert client.post("/v1/triage", json={**ticket, "ticket_id": "T-7"}).json()["similar"] == []
    run(app.parts.similar.refresh())
    answer = client.post("/v1/triage", json=ticket).json()
    assert [one["ticket_id"] for one in answer["similar"]] == ["T-1", "T-2"]
    assert matches(answer, {"$ref": "#/components/schemas/Decision"}) == []

    def broken(_text: str, _but: str) -> list[dict[str, str]]:
        raise ValueError("broken")

    made = engine(store, similar=broken)
    decision = json.loads(run(made.triage([Ticket(text="快递三天没动")]))[0].decision)
    assert (decision["similar"], decision["degraded"]) == ([], False)


def test_a_blind_card_shows_nothing_of_the_similar_ones_in_the_answer(store: Store, clock: Clock) -> None:
    shown = [{"ticket_id": "秘密", "text": "秘密", "category": "refund"}]
    put(store, auto("T-1", "快递三天没动", similar=shown), blind_rate=1.0)
    card = run(desk(store, clock, chance=lambda: 0.3).next("小王"))
    assert card is not None
    assert card["blind"]
    assert "秘密" not in json.dumps(card, ensure_ascii=False)

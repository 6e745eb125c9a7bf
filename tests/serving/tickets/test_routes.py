"""The HTTP contract: what goes in, what comes out, and one shape for everything that goes wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from serving.app import assemble
from serving.settings import Settings
from serving.start import Loaded
from serving.store import Store
from tests.serving.builders import Client, app_of, run, taxonomy
from tests.serving.web.builders import JSON, error, matches
from triage.decision import ModelRef
from triage.ticket import MAX_TEXT

TEXT = "快递显示签收了可我没收到"


@pytest.fixture
def client(store: Store) -> Client:
    return Client(app_of(store, Settings(max_body=300_000, max_batch=50, max_batch_body=400_000)).asgi)


# Triage


def test_one_ticket(client: Client) -> None:
    response = client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT})
    assert response.status_code == 200
    decision = response.json()
    assert decision["category"]["label"] == "logistics"
    assert "物流配送" in response.text  # Chinese is not escaped
    assert client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT}).content == response.content
    assert matches(decision, {"$ref": "#/components/schemas/Decision"}) == []


def test_another_text_is_a_new_revision(client: Client) -> None:
    first = client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT}).json()
    second = client.post("/v1/triage", json={"ticket_id": "T-1", "text": "钱没退回来"}).json()
    record = client.get("/v1/tickets/T-1").json()
    assert record["revision"] == 2
    assert record["decision"] == second
    assert [r["decision"] for r in record["revisions"]] == [first, second]
    assert [entry["event"] for entry in record["history"]] == ["decided", "revised"]


def test_a_dry_run_keeps_nothing(client: Client) -> None:
    response = client.post("/v1/triage?dry_run=true", json={"ticket_id": "T-1", "text": TEXT})
    assert response.json()["category"]["label"] == "logistics"
    error(client.get("/v1/tickets/T-1"), 404, "not_found")
    assert error(client.post("/v1/triage?dry_run=ja", json={"text": TEXT}), 400, "invalid_input")["field"] == "dry_run"


@pytest.mark.parametrize("ticket_id", ["A/1", "工单 7", "T-1?x=1", "%2F", "a+b"])
def test_ids_with_odd_characters_are_found_again(client: Client, ticket_id: str) -> None:
    from urllib.parse import quote

    client.post("/v1/triage", json={"ticket_id": ticket_id, "text": TEXT})
    assert client.get(f"/v1/tickets/{quote(ticket_id, safe='')}").json()["ticket_id"] == ticket_id


GOOD = {
    "empty": {"text": ""},
    "blank": {"text": " \n\t　"},
    "5,000 emoji": {"text": "😡" * 5000},
    "control characters": {"text": "快递\x00\x07没到\x1b[31m"},
    "the longest": {"text": "长" * MAX_TEXT},
    "year one": {"text": TEXT, "created_at": "0001-01-02T00:00:00Z"},
    "the far future": {"text": TEXT, "created_at": "9999-12-31T23:59:59"},
    "a fortune": {"text": TEXT, "order_amount": 1e300},
    "nulls": {"text": TEXT, "channel": None, "order_amount": None},
    "only a picture": {"text": None, "channel": "wechat"},
    "a mail without words": {"subject": None, "body": None},
    "as a sheet has it": {"text": TEXT, "customer_tier": "VIP", "order_amount": "1,280.00", "contact_count": "2"},
    "as people write it": {
        "text": TEXT,
        "customer_tier": " 黄金会员 ",
        "order_amount": "¥1.2万",
        "contact_count": "第2次",
    },
    "a moment as in China": {"text": TEXT, "created_at": "2026年11月3日 上午10:05"},
    "not given, in words": {"text": TEXT, "customer_tier": "", "order_amount": "—", "channel": "null"},
    "right to left": {"text": "\u202e没到\u202c \ufeff"},
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_good_tickets_are_filed(client: Client, name: str) -> None:
    response = client.post("/v1/triage", json={"ticket_id": "T-1", **GOOD[name]})
    assert response.status_code == 200, response.text
    assert matches(response.json(), {"$ref": "#/components/schemas/Decision"}) == []
    assert client.get("/v1/tickets/T-1").status_code == 200


@pytest.mark.parametrize("sent", [r'{"text":"没到\ud800"}', r'{"text":"没到\udfff\ud83d"}'])
def test_lone_surrogates_are_cleaned(client: Client, sent: str) -> None:
    ticket_id = client.post("/v1/triage", content=sent, headers=JSON).json()["ticket_id"]
    assert "没到\ufffd" in client.get(f"/v1/tickets/{ticket_id}").json()["revisions"][0]["text"]


BAD_TICKETS: dict[str, tuple[Any, str | None]] = {
    "not an object": ([1], None),
    "no text": ({"ticket_id": "T-1"}, "text"),
    "text of the wrong type": ({"text": 5}, "text"),
    "unknown field": ({"text": TEXT, "txet": 1}, "txet"),
    "unknown tier": ({"text": TEXT, "customer_tier": "SVIP"}, "customer_tier"),
    "negative amount": ({"text": TEXT, "order_amount": -1}, "order_amount"),
    "a truth for an amount": ({"text": TEXT, "order_amount": True}, "order_amount"),
    "half a contact": ({"text": TEXT, "contact_count": 1.5}, "contact_count"),
    "no moment": ({"text": TEXT, "created_at": "昨天"}, "created_at"),
    "a day or a month": ({"text": TEXT, "created_at": "11/12/2026"}, "created_at"),
    "an id without its digits": ({"text": TEXT, "ticket_id": "2.02611E+17"}, "ticket_id"),
    "before time": ({"text": TEXT, "created_at": "0001-01-01T00:00:00+14:00"}, "created_at"),
    "text and body": ({"text": TEXT, "body": TEXT}, "text"),
    "an id too long": ({"text": TEXT, "ticket_id": "x" * 129}, "ticket_id"),
    "an id nobody can see": ({"text": TEXT, "ticket_id": "a\x00b"}, "ticket_id"),
}


@pytest.mark.parametrize("name", BAD_TICKETS)
def test_bad_tickets_are_refused_by_field(client: Client, name: str) -> None:
    ticket, field = BAD_TICKETS[name]
    assert error(client.post("/v1/triage", json=ticket), 400, "invalid_ticket").get("field") == field


BAD_JSON: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "invalid_json", "空的"),
    "only blanks": (b" \n", "invalid_json", "空的"),
    "cut off": (b'{"text": "a', "invalid_json", "第 1 行第 10 列"),
    "a comma too many": (b'{\n "text": "a",\n}', "invalid_json", "第 3 行第 1 列"),
    "single quotes": (b"{'text': 'a'}", "invalid_json", "双引号"),
    "two values": (b'{"text": "a"} {"text": "b"}', "invalid_json", "多余"),
    "NaN": (b'{"text": "a", "order_amount": NaN}', "invalid_json", "NaN"),
    "Infinity": (b'{"text": "a", "order_amount": -Infinity}', "invalid_json", "Infinity"),
    "a key twice": (b'{"text": "a", "text": "b"}', "invalid_json", "text"),
    "too deep": (b"[" * 100_000, "invalid_json", "太深"),
    "a raw line break": (b'{"text": "a\nb"}', "invalid_json", "控制字符"),
    "a number without end": (b'{"contact_count": ' + b"9" * 5000 + b"}", "invalid_json", "数"),
    "GBK": ('{"text": "没到"}'.encode("gbk"), "invalid_encoding", "0xb5"),
    "UTF-16": ('{"text": "没到"}'.encode("utf-16"), "invalid_encoding", "第 1 个字节"),
    "a surrogate in UTF-8": (b'{"text": "\xed\xa0\x80"}', "invalid_encoding", "0xed"),
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_what_is_no_json_is_refused_by_place(client: Client, name: str) -> None:
    body, code, says = BAD_JSON[name]
    assert says in error(client.post("/v1/triage", content=body, headers=JSON), 400, code)["message"]


def test_an_error_can_quote_what_no_utf8_can_carry(client: Client) -> None:
    said = error(client.post("/v1/triage", content=rb'{"\ud800": 1, "text": "a"}', headers=JSON), 400, "invalid_ticket")
    assert said["field"] == "\ufffd"


def test_a_byte_order_mark_is_fine(client: Client) -> None:
    assert client.post("/v1/triage", content=b'\xef\xbb\xbf{"text": "a"}', headers=JSON).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk"])
def test_what_is_not_announced_as_json_is_refused(client: Client, kind: str) -> None:
    response = client.post("/v1/triage", content=b'{"text": "a"}', headers={"Content-Type": kind})
    error(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", [None, "application/json; charset=UTF-8", "Application/JSON", "application/x+json"])
def test_what_is_announced_as_json_is_taken(client: Client, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert client.post("/v1/triage", content=b'{"text": "a"}', headers=headers).status_code == 200


def test_a_text_too_long_is_named(client: Client) -> None:
    said = error(client.post("/v1/triage", json={"text": "长" * (MAX_TEXT + 1)}), 413, "too_large")
    assert said["field"] == "text"
    assert "20,001" in said["message"]


def test_a_body_too_long_is_given_up_early(client: Client) -> None:
    taken = []

    async def endless() -> Any:
        for _ in range(10_000):
            taken.append(1)
            yield b"x" * 1000

    error(client.post("/v1/triage", content=endless(), headers=JSON), 413, "too_large")
    assert len(taken) < 400
    error(client.post("/v1/triage", content=b"x" * 300_001, headers=JSON), 413, "too_large")


# Batches


@pytest.mark.parametrize("wrap", [lambda items: items, lambda items: {"tickets": items}])
def test_a_bad_ticket_of_a_batch_fails_alone(client: Client, wrap: Any) -> None:
    items = [
        {"ticket_id": "T-1", "text": TEXT},
        {"text": 5},
        "?",
        {"ticket_id": "T-2", "text": "长" * 30_000},
        {"text": ""},
    ]
    response = client.post("/v1/triage/batch", json=wrap(items))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["ok"], answer["failed"]) == (2, 3)
    assert [result["index"] for result in answer["results"]] == [0, 1, 2, 3, 4]
    assert [result.get("error", {}).get("code") for result in answer["results"]] == [
        None,
        "invalid_ticket",
        "invalid_ticket",
        "too_large",
        None,
    ]
    assert matches(answer, {"$ref": "#/components/schemas/BatchAnswer"}) == []
    assert client.get("/v1/tickets/T-1").json()["decision"] == answer["results"][0]["decision"]


def test_an_id_twice_in_a_batch(client: Client) -> None:
    items = [{"ticket_id": "T-1", "text": TEXT}, {"ticket_id": "T-1", "text": TEXT}, {"ticket_id": "T-1", "text": "钱"}]
    results = client.post("/v1/triage/batch", json=items).json()["results"]
    assert results[0]["decision"] == results[1]["decision"] != results[2]["decision"]
    assert client.get("/v1/tickets/T-1").json()["revision"] == 2


def test_limits_of_a_batch(client: Client) -> None:
    assert client.post("/v1/triage/batch", json=[]).json() == {"results": [], "ok": 0, "failed": 0}
    assert client.post("/v1/triage/batch", json=[{"text": TEXT}] * 50).json()["ok"] == 50
    assert "51" in error(client.post("/v1/triage/batch", json=[{"text": TEXT}] * 51), 413, "too_large")["message"]
    error(client.post("/v1/triage/batch", json={"text": TEXT}), 400, "invalid_ticket")
    error(client.post("/v1/triage/batch", json=[{"text": "长" * 9000}] * 50), 413, "too_large")


# Tickets and corrections


def test_corrections_are_shown_in_order(client: Client) -> None:
    client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT})
    sent = {"ticket_id": "T-1", "labels": {"category": "refund"}, "by": "小王", "note": "回电 13812345678"}
    first = client.post("/v1/corrections", json=sent)
    assert first.status_code == 201
    made = first.json()
    assert (made["revision"], made["source"], made["note"]) == (1, "helpdesk", "回电 [手机号]******")
    assert matches(made, {"$ref": "#/components/schemas/Correction"}) == []
    second = client.post("/v1/corrections", json={**sent, "source": "reviewer", "labels": {"urgency": "low"}}).json()
    record = client.get("/v1/tickets/T-1").json()
    assert record["corrections"] == [made, second]
    assert [entry["event"] for entry in record["history"]] == ["decided", "corrected", "corrected"]
    assert matches(record, {"$ref": "#/components/schemas/TicketRecord"}) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"category": "发票"}, {"category": "invoice"}),
        ({"category": " REFUND "}, {"category": "refund"}),
        ({"urgency": "特急", "sentiment": "差评"}, {"urgency": "critical", "sentiment": "negative"}),
    ],
)
def test_a_label_may_be_called_by_its_name(client: Client, said: dict[str, str], code: dict[str, str]) -> None:
    client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT})
    made = client.post("/v1/corrections", json={"ticket_id": "T-1", "labels": said})
    assert made.status_code == 201, made.text
    assert made.json()["labels"] == code


LABELS = {"labels": {"category": "refund"}}
BAD_CORRECTIONS: dict[str, tuple[Any, str | None]] = {
    "not an object": ([], None),
    "no ticket": (LABELS, "ticket_id"),
    "no labels": ({"ticket_id": "T-1"}, "labels"),
    "empty labels": ({"ticket_id": "T-1", "labels": {}}, "labels"),
    "unknown head": ({"ticket_id": "T-1", "labels": {"mood": "bad"}}, "labels.mood"),
    "unknown label": ({"ticket_id": "T-1", "labels": {"category": "reefund"}}, "labels.category"),
    "a label that is a list": ({"ticket_id": "T-1", "labels": {"category": ["refund"]}}, "labels.category"),
    "unknown source": ({"ticket_id": "T-1", **LABELS, "source": "boss"}, "source"),
    "a source that is a list": ({"ticket_id": "T-1", **LABELS, "source": []}, "source"),
    "unknown field": ({"ticket_id": "T-1", **LABELS, "why": "?"}, "why"),
    "revision zero": ({"ticket_id": "T-1", **LABELS, "revision": 0}, "revision"),
    "revision true": ({"ticket_id": "T-1", **LABELS, "revision": True}, "revision"),
    "a note without end": ({"ticket_id": "T-1", **LABELS, "note": "长" * 2001}, "note"),
    "by nobody one can see": ({"ticket_id": "T-1", **LABELS, "by": "a\x00"}, "by"),
}


@pytest.mark.parametrize("name", BAD_CORRECTIONS)
def test_bad_corrections_are_refused_by_field(client: Client, name: str) -> None:
    body, field = BAD_CORRECTIONS[name]
    assert error(client.post("/v1/corrections", json=body), 400, "invalid_correction").get("field") == field


def test_a_correction_of_an_unknown_ticket(client: Client) -> None:
    error(client.post("/v1/corrections", json={"ticket_id": "T-9", **LABELS}), 404, "not_found")


# Everything else that can go wrong


def test_unknown_addresses_and_methods(client: Client) -> None:
    error(client.get("/v2/triage"), 404, "not_found")
    error(client.post("/v1/triage/", json={}), 404, "not_found")
    response = client.get("/v1/triage")
    assert "POST" in error(response, 405, "method_not_allowed")["message"]
    assert response.headers["allow"] == "POST"


def test_a_defect_is_an_answer_too(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    app = app_of(store)
    app.engine.clock = lambda: 1 / 0  # type: ignore[assignment, return-value]
    client = Client(app.asgi)
    said = error(client.post("/v1/triage", json={"text": "手机 13812345678"}), 500, "internal")
    assert said["request_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "13812345678" not in caplog.text


def test_a_caller_that_goes_away_is_no_defect(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/triage", "headers": [], "query_string": b""}
    run(client.app(scope, receive, send))
    assert not caplog.text
    assert 'http_response_code="499"' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("abc-123", True), ("a" * 128, True), ("a" * 129, False), ("", False), ("bad id", False), ("x\u00e9", False)],
)
def test_request_ids(client: Client, sent: str, kept: bool) -> None:
    got = client.get("/healthz", headers={"X-Request-ID": sent.encode("latin-1")}).headers["x-request-id"]  # type: ignore[dict-item]
    assert got == sent if kept else re.fullmatch(r"[0-9a-f]{32}", got)


def test_a_store_that_fails_is_said_and_the_next_ticket_is_taken(store: Store, client: Client) -> None:
    full = [True]
    event.listen(store._write, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count={1 if full[0] else 9999}"))
    long = {"ticket_id": "T-1", "text": "没到" * 5000}
    response = client.post("/v1/triage", json=long)
    assert "已满" in error(response, 503, "store_unavailable")["message"]
    assert response.headers["retry-after"] == "1"
    error(client.post("/v1/triage/batch", json=[long]), 503, "store_unavailable")
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert ready.json()["error"]["code"] == "store_unavailable"
    full[0] = False
    error(client.get("/v1/tickets/T-1"), 404, "not_found")
    assert client.post("/v1/triage", json=long).status_code == 200
    assert client.get("/readyz").json()["status"] == "ready"


# What the service says of itself


def test_status(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    warnings = ready.pop("warnings")
    assert ready == {"status": "ready", "store": "ok", "model": {"name": "fendan", "version": "7"}}
    assert [
        (gap["code"], gap["labels"]) for gap in warnings
    ] == [  # the small model knows four categories, three urgencies
        ("no_label", ["high"]),
        ("dead_rule", ["order_payment", "quality_issue", "warranty_repair", "account", "complaint"]),
    ]
    ready["warnings"] = warnings
    assert matches(ready, {"$ref": "#/components/schemas/Ready"}) == []
    model = client.get("/v1/model").json()
    assert model["heads"]["sentiment"] == ["negative", "neutral", "positive"]
    assert model["manifest"]["kind"] == "linear"
    assert matches(model, {"$ref": "#/components/schemas/Model"}) == []
    labels = client.get("/v1/labels").json()
    assert labels["heads"]["category"]["labels"][0]["name"]
    assert matches(labels, {"$ref": "#/components/schemas/Labels"}) == []


def test_status_without_a_model(store: Store) -> None:
    client = Client(assemble(Settings(), store=store, loaded=Loaded(None, ModelRef(), taxonomy(), "模型坏了")).asgi)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["problem"]) == (200, "degraded", "模型坏了")
    assert client.get("/v1/model").json()["problem"] == "模型坏了"
    assert client.post("/v1/triage", json={"text": TEXT}).json()["queue"] == "manual"


def test_metrics_count_tickets_errors_and_requests(client: Client) -> None:
    for path in ("/v1/tickets/A", "/v1/tickets/B", "/no/such/1", "/no/such/2"):
        client.get(path)
    client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT})
    client.post("/v1/triage", json={"ticket_id": "T-1", "text": TEXT})
    client.post("/v1/triage/batch", json=[{"text": "钱没退回来"}, {"text": 5}])
    client.post("/v1/triage", json={"text": 5})
    text = client.get("/metrics").text
    assert sum(float(n) for n in re.findall(r"^fendan_tickets_total\{.*\} ([\d.]+)$", text, re.M)) == 2
    assert 'fendan_errors_total{code="invalid_ticket"} 2.0' in text
    assert "fendan_write_queue_depth 0.0" in text
    counted = re.findall(
        r'^bentoml_service_request_total\{endpoint="([^"]+)",http_response_code="(\d+)".* (\d+)', text, re.M
    )
    assert ("/v1/tickets/{ticket_id:path}", "404", "2") in counted
    assert ("(none)", "404", "2") in counted
    assert ("/v1/triage", "200", "2") in counted
    assert "bentoml_service_request_duration_seconds_bucket" in text

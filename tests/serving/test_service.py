"""The contract through a real BentoML process: same scores as the model, bad input, sudden death, nothing heavy."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving.builders import Server, model_folder, small_model
from tests.serving.tickets.test_routes import BAD_CORRECTIONS, BAD_JSON, BAD_TICKETS, GOOD
from tests.serving.web.builders import JSON, error

pytestmark = pytest.mark.slow

TEXTS = [
    "快递显示签收了可我没收到",
    "我手机 13812345678，身份证 11010519491231002X，退款什么时候到账？？？？？？",
    "優惠券用不了，滿減沒有生效！！！",
    "😡😡😡 三天了 ５００元 还没退 https://example.com/a?b=c",
    "hello, is it 纯棉?",
    "x",
    "😀",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("serve")
    with Server(folder, "--model", str(model_folder()), "--workers", "2") as running:
        yield running


def test_served_scores_are_the_models_scores(server: Server) -> None:
    predictions = small_model().predict(TEXTS, evidence=True)
    answers = server.client.post("/v1/triage/batch", json=[{"text": text} for text in TEXTS]).json()["results"]
    singles = [server.client.post("/v1/triage", json={"text": text}).json() for text in TEXTS]
    for text, prediction, answer, single in zip(TEXTS, predictions, answers, singles, strict=True):
        for decision in (answer["decision"], single):
            for name, head in prediction.heads.items():
                served = decision[name]
                assert served["label"] == head.label
                assert served["action"] == (head.action if prediction.in_scope else "human")
                if not prediction.in_scope:  # a guess has no number
                    assert served["confidence"] is None
                    continue
                assert abs(served["confidence"] - head.confidence) < 1e-6
                for other in served["alternatives"]:
                    assert abs(other["confidence"] - head.probability(other["label"])) < 1e-6
            assert [(e["start"], e["end"]) for e in decision["evidence"]] == [
                (e.start, e.end) for e in prediction.evidence
            ]
            assert all(0 <= e["start"] < e["end"] <= len(text) for e in decision["evidence"])


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_good_tickets(server: Server, name: str) -> None:
    assert server.client.post("/v1/triage", json=GOOD[name]).status_code == 200


@pytest.mark.parametrize("name", BAD_TICKETS)
def test_bad_tickets(server: Server, name: str) -> None:
    error(server.client.post("/v1/triage", json=BAD_TICKETS[name][0]), 400, "invalid_ticket")


@pytest.mark.parametrize("name", BAD_JSON)
def test_bad_json(server: Server, name: str) -> None:
    body, code, _ = BAD_JSON[name]
    error(server.client.post("/v1/triage", content=body, headers=JSON), 400, code)


@pytest.mark.parametrize("name", BAD_CORRECTIONS)
def test_bad_corrections(server: Server, name: str) -> None:
    error(server.client.post("/v1/corrections", json=BAD_CORRECTIONS[name][0]), 400, "invalid_correction")


def test_a_megabyte_of_text(server: Server) -> None:
    said = error(server.client.post("/v1/triage", json={"text": "a" * 1_000_000}), 413, "too_large")
    assert said["field"] == "text"
    error(server.client.post("/v1/triage", json={"text": "长" * 1_000_000}), 413, "too_large")


def test_other_addresses_and_methods(server: Server) -> None:
    error(server.client.get("/v1/nothing"), 404, "not_found")
    error(server.client.delete("/v1/triage"), 405, "method_not_allowed")
    for bentoml_only in ("/docs.json", "/schema.json", "/static_content/index.css"):
        error(server.client.get(bentoml_only), 404, "not_found")


def test_a_batch_with_one_bad_ticket(server: Server) -> None:
    answer = server.client.post("/v1/triage/batch", json=[{"text": "a"}, {"txet": "b"}, {"text": "c"}]).json()
    assert (answer["ok"], answer["failed"], answer["results"][1]["error"]["field"]) == (2, 1, "txet")


def test_a_full_batch(server: Server) -> None:
    answer = server.client.post("/v1/triage/batch", json=[{"text": f"第 {i} 件没到"} for i in range(1000)]).json()
    assert answer["ok"] == 1000
    error(server.client.post("/v1/triage/batch", json=[{"text": "a"}] * 1001), 413, "too_large")


def test_one_id_from_all_sides_is_one_row(server: Server) -> None:
    def send(_: int) -> bytes:
        return httpx.post(f"{server.url}/v1/triage", json={"ticket_id": "T-race", "text": "没到"}, timeout=30).content

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(send, range(64)))) == 1
    assert len(server.client.get("/v1/tickets/T-race").json()["revisions"]) == 1


def test_metrics_are_those_of_all_workers(server: Server) -> None:
    def tickets() -> float:
        text = httpx.get(f"{server.url}/metrics", timeout=30).text
        assert 'bentoml_service_request_total{endpoint="/v1/triage"' in text
        return sum(float(n) for n in re.findall(r"^fendan_tickets_total\{.*\} ([\d.]+)$", text, re.M))

    before = tickets()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda i: httpx.post(f"{server.url}/v1/triage", json={"text": f"{i}"}, timeout=30), range(64)))
    assert tickets() == before + 64


def test_questions_are_made_of_what_all_workers_decide(server: Server) -> None:
    """One of them makes all; it hears of what another one stored when it looks."""
    sent = [{"ticket_id": f"Q-{i}", "text": f"哈哈嘻嘻嘿嘿 {i}"} for i in range(24)]
    actions = {}
    for ticket in sent:
        with httpx.Client(base_url=server.url) as fresh:  # a connection of its own: any worker may get it
            actions[ticket["ticket_id"]] = fresh.post("/v1/triage", json=ticket).json()["action"]
    wanted = {ticket_id for ticket_id, action in actions.items() if action != "auto"}
    assert wanted
    with closing(sqlite3.connect(server.modules.parent / "var" / "fendan.db")) as connection:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            found = connection.execute("SELECT ticket_id FROM review_items WHERE ticket_id LIKE 'Q-%'").fetchall()
            if wanted <= {row[0] for row in found}:
                break
            time.sleep(0.05)  # polling
        assert wanted <= {row[0] for row in found}
        assert len(found) == len(set(found))
        assert len(connection.execute("SELECT owner FROM leases WHERE job = 'review'").fetchall()) == 1


def test_pages_need_nothing_from_elsewhere(server: Server) -> None:
    for path, names in (("/", "分单"), ("/docs", "swagger-ui-bundle.js")):
        page = server.client.get(path)
        assert names in page.text
        assert "http" not in re.sub(
            r'href="https?://127[^"]*"', "", "".join(re.findall(r'(?:src|href)="[^"]*"', page.text))
        )
        for link in re.findall(r'(?:src|href)="((?:static|docs)/[^"]+)"', page.text):
            assert server.client.get(f"/{link}").status_code == 200
    assert server.client.get("/openapi.json").json()["info"]["title"].startswith("分单")


def test_a_decision_survives_sudden_death(tmp_path: Path) -> None:
    server = Server(tmp_path, "--model", str(model_folder()))
    with server:
        decision = server.client.post("/v1/triage", json={"ticket_id": "T-1", "text": "没到"}).json()
        server.kill()
        with pytest.raises(httpx.ConnectError):
            server.client.get("/healthz")
    with Server(tmp_path, "--model", str(model_folder())) as again:
        assert again.client.get("/v1/tickets/T-1").json()["decision"] == decision
        assert again.client.post("/v1/triage", json={"ticket_id": "T-1", "text": "没到"}).json() == decision


def test_the_service_carries_nothing_heavy_and_no_training_code(tmp_path: Path) -> None:
    with Server(tmp_path, "--model", str(model_folder())) as server:
        assert not server.client.post("/v1/triage", json={"text": "没到"}).json()["degraded"]
        said = server.log.read_text(encoding="utf-8")
        assert said.count("策略档案 default 的 points.urgency 里的 high 模型没有") == 1, "once at the start"
    imported = {name.partition(".")[0] for file in server.modules.iterdir() for name in file.read_text().splitlines()}
    assert {"serving", "models", "bentoml", "uvloop", "httptools"} <= imported
    heavy: set[Any] = {"torch", "mlflow", "training", "sklearn", "transformers", "pandas", "matplotlib"}
    assert not imported & heavy


def test_without_a_model_everything_goes_to_people(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with Server(tmp_path, "--model", str(tmp_path / "broken"), "--allow-degraded") as server:
        assert "降级" in server.log.read_text(encoding="utf-8")
        ready = server.client.get("/readyz").json()
        assert ready["status"] == "degraded"
        decision = server.client.post("/v1/triage", json={"ticket_id": "T-1", "text": "没到"}).json()
        assert (decision["degraded"], decision["queue"], decision["category"]) == (True, "manual", None)
        sent = {"ticket_id": "T-1", "labels": {"category": "logistics"}}
        assert server.client.post("/v1/corrections", json=sent).status_code == 201

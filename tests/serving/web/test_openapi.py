"""The document of the HTTP contract: complete, and its examples are true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from serving.labels.correcting import parse_correction
from serving.store import Store
from serving.web.openapi import CORRECTIONS, DECISION_EXAMPLE, TICKETS, document
from tests.serving.builders import NOW, Client, app_of, taxonomy
from tests.serving.web.builders import matches
from triage.errors import FendanError
from triage.ticket import Ticket


@pytest.fixture
def client(store: Store) -> Client:
    return Client(app_of(store).asgi)


def test_every_route_is_documented(client: Client) -> None:
    served = client.get("/openapi.json").json()
    assert served == json.loads(json.dumps(document("not available")))
    pages = {"/", "/static", "/docs"}
    routes = {route.path.replace(":path", "") for route in client.app.routes}  # type: ignore[attr-defined]
    routes = {path for path in routes if not path.startswith(("/review", "/insight"))}  # for people
    assert routes - pages == set(served["paths"])
    for route in client.app.routes:
        path = route.path.replace(":path", "")  # type: ignore[attr-defined]
        if path in served["paths"]:
            methods = {m.lower() for m in route.methods} - {"head"}  # type: ignore[attr-defined]
            assert methods == set(served["paths"][path])


def test_every_example_is_accepted(client: Client) -> None:
    for ticket in TICKETS.values():
        Ticket.parse(ticket)
        assert matches(ticket, {"$ref": "#/components/schemas/Ticket"}) == []
        assert client.post("/v1/triage", json=ticket).status_code == 200
    for new in CORRECTIONS.values():
        parse_correction(new, taxonomy=taxonomy(), now=NOW)
        assert client.post("/v1/corrections", json=new).status_code == 201
    batch = document("1")["paths"]["/v1/triage/batch"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    for example in batch.values():
        assert client.post("/v1/triage/batch", json=example["value"]).json()["failed"] == 0


def test_every_example_fits_its_schema() -> None:
    def walk(node: Any) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, dict):
            if "examples" in node and "schema" in node:
                yield from ((example["value"], node["schema"]) for example in node["examples"].values())
            for value in node.values():
                yield from walk(value)

    found = list(walk(document("1")))
    assert len(found) >= 14
    for value, schema in found:
        assert matches(value, schema) == []
    for label, head in ((DECISION_EXAMPLE[h], h) for h in ("category", "urgency", "sentiment")):
        assert taxonomy().heads[head].label(label["label"]).name == label["name"]


def test_the_example_decision_speaks_of_its_ticket() -> None:
    ticket = next(t for t in TICKETS.values() if t.get("ticket_id") == DECISION_EXAMPLE["ticket_id"])
    for item in DECISION_EXAMPLE["evidence"]:
        assert ticket["text"][item["start"] : item["end"]] == item["text"]


def test_every_error_code_of_the_examples_exists() -> None:
    codes = {cls.code for cls in _all(FendanError)} | {"internal"}
    for response in document("1")["components"]["responses"].values():
        assert set(response["content"]["application/json"]["examples"]) <= codes


def _all(cls: type[FendanError]) -> Iterator[type[FendanError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _all(child)

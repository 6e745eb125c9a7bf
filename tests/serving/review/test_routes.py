"""The review endpoints as a browser calls them: signed in, with the CSRF token, and with clear errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from serving.ids import new_id
from serving.settings import Settings
from serving.store import Store
from tests.serving.builders import app_of, run
from tests.serving.people.builders import PASSWORD, Browser, make_guard
from tests.serving.review.builders import Clock, auto, items, put, row


class Caller:
    """A person's browser that calls ``review/api``."""

    def __init__(self, app: Any, name: str) -> None:
        self.browser = Browser(app)
        self.browser.sign_in(name)
        page = self.browser.get("/review/home").text
        self.csrf = page.split('name="csrf" content="')[1].split('"')[0]

    def post(self, path: str, data: Any = None, **options: Any) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self.csrf}
        response = self.browser.post(
            f"/review/api/{path}", json={} if data is None else data, headers=headers, **options
        )
        return response.status_code, response.json()

    def get(self, path: str) -> tuple[int, Any]:
        response = self.browser.get(f"/review/api/{path}")
        return response.status_code, response.json()


@pytest.fixture
def app(store: Store, clock: Clock) -> Iterator[Any]:
    guard = make_guard(store, clock)
    for name, role in (("小王", "reviewer"), ("小李", "reviewer"), ("老李", "lead"), ("管理", "admin")):
        run(guard.accounts.add(name, role, PASSWORD, by="test"))
    settings = Settings(overlap_share=1.0, random_share=0.0)
    return app_of(store, settings, guard=guard, clock=clock).asgi


def test_a_shift(store: Store, app: Any) -> None:
    put(store, row("T-1", "一"), row("T-2", "二"))
    wang = Caller(app, "小王")
    status, answer = wang.post("next", {"after": None})
    assert status == 200
    assert answer["counts"] == {"open": 2, "reasons": {"unsure": 2}, "conflicts": 0, "mine": 0}
    item_id = answer["card"]["item_id"]
    assert wang.get(f"items/{item_id}")[1]["card"]["item_id"] == item_id
    ahead = wang.post("next", {"after": item_id})[1]["card"]["item_id"]
    assert ahead != item_id
    assert wang.post(f"items/{item_id}/submit", {"labels": {"category": "refund"}, "note": "看过"})[0] == 201
    status, undone = wang.post("undo")
    assert (status, undone["card"]["item_id"]) == (200, item_id)
    assert (undone["labels"], undone["note"]) == ({"category": "refund"}, "看过")
    assert wang.post(f"items/{item_id}/submit", {"labels": {"category": "refund"}})[0] == 201
    assert wang.post(f"items/{ahead}/skip") == (200, {})
    assert wang.post(f"items/{ahead}/skip")[0] == 409
    assert wang.post("next", {"after": item_id})[1]["card"] is None
    assert wang.get("counts")[1]["mine"] == 1
    assert wang.post("release") == (200, {})


def test_a_conflict_is_for_leads_and_names_are_for_admins(store: Store, app: Any) -> None:
    put(store, row("T-1"))
    for name, label in (("小王", "refund"), ("小李", "logistics")):
        person = Caller(app, name)
        item_id = person.post("next")[1]["card"]["item_id"]
        person.post(f"items/{item_id}/submit", {"labels": {"category": label}})
    assert person.get("conflicts")[0] == 403
    lead, admin = Caller(app, "老李"), Caller(app, "管理")
    conflict = lead.get("conflicts")[1]["conflicts"][0]
    assert [answer["labels"]["category"] for answer in conflict["answers"]] == ["refund", "logistics"]
    assert "by" not in conflict["answers"][0]
    assert admin.get("conflicts")[1]["conflicts"][0]["answers"][0]["by"] == "小王"
    path = f"conflicts/{conflict['item_id']}"
    assert person.post(f"{path}/settle", {"labels": {"category": "refund"}})[0] == 403
    assert lead.post(f"{path}/settle", {"labels": {"category": "refund"}})[0] == 201
    assert lead.post(f"{path}/settle", {"labels": {"category": "refund"}})[0] == 409
    assert lead.post(f"{path}/unsettle") == (200, {})


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "field"),
    [
        ("POST", "next", {"before": 1}, 400, "before"),
        ("POST", "next", {"after": 5}, 400, "after"),
        ("POST", "next", [], 400, None),
        ("POST", "items/abc/submit", {"labels": {"category": "refund"}}, 400, "item_id"),
        ("POST", "items/{}/submit", {"labels": {}}, 400, "labels"),
        ("POST", "items/{}/submit", {"labels": {"category": "x"}}, 400, "labels.category"),
        ("POST", "items/{}/submit", {"labels": {"category": "refund"}, "note": 5}, 400, "note"),
        ("POST", "items/{}/submit", {"labels": {"category": "refund"}}, 404, "item_id"),
        ("POST", "items/{}/skip", {"why": ""}, 400, "why"),
        ("GET", "search?reviewed=maybe", None, 400, "reviewed"),
        ("GET", "search?since=11.11.", None, 400, "since"),
        ("GET", "search?since=0001-01-01", None, 400, "since"),
        ("GET", "search?limit=1000", None, 400, "limit"),
        ("GET", "search?after=xyz", None, 400, "after"),
        ("GET", "search?after=2026-11-11T00:00:00Z|99999999999999999999|x", None, 400, "after"),
        ("GET", "search?color=red", None, 400, "color"),
        ("GET", "search?reviewer=小李", None, 403, "reviewer"),
        ("GET", "tickets/nobody", None, 404, "ticket_id"),
    ],
)
def test_what_is_wrong_is_said(app: Any, method: str, path: str, data: Any, status: int, field: str | None) -> None:
    wang = Caller(app, "小王")
    path = path.replace("{}", new_id())
    got, answer = wang.get(path) if method == "GET" else wang.post(path, data)
    assert got == status, answer
    assert answer["error"].get("field") == field
    assert any("一" <= char <= "鿿" for char in answer["error"]["message"])


def test_search_and_history(store: Store, app: Any) -> None:
    put(store, row("T-1", "快递没到"), auto("a/b c", "退款没到"))
    wang = Caller(app, "小王")
    found = wang.get("search?q=没到&limit=1")[1]
    assert len(found["rows"]) == 1
    more = wang.browser.get("/review/api/search", params={"q": "没到", "limit": "1", "after": found["next"]}).json()
    assert {found["rows"][0]["ticket_id"], more["rows"][0]["ticket_id"]} == {"T-1", "a/b c"}
    day = "2026-11-11"
    assert len(wang.get(f"search?since={day}&until={day}")[1]["rows"]) == 2
    assert wang.get("search?until=2026-11-10")[1]["rows"] == []
    assert wang.get("search?reviewer=小王")[1] == {"rows": [], "next": None}
    status, history = wang.get("tickets/a%2Fb%20c")
    assert (status, history["revisions"][0]["text"]) == (200, "退款没到")


def test_nobody_is_let_in_without_session_or_token(store: Store, app: Any) -> None:
    stranger = Browser(app)
    assert stranger.get("/review/api/counts").status_code == 401
    wang = Caller(app, "小王")
    assert wang.browser.post("/review/api/next", json={}).status_code == 403
    assert wang.get("guidelines")[1]["heads"]["category"]["labels"]["refund"]["zh"]


def test_the_helpdesk_reports(store: Store, app: Any) -> None:
    put(store, auto("T-1"))
    browser = Browser(app)
    body = {"ticket_id": "T-1", "labels": {"category": "refund"}, "by": "阿梅"}
    assert browser.post("/v1/corrections", json=body).status_code == 201
    assert [item.reason for item in items(store)] == ["reported"]
    card = Caller(app, "小王").post("next")[1]["card"]
    assert card["answers"] == [
        {"labels": {"category": "refund"}, "note": "", "source": "helpdesk", "at": card["received_at"]}
    ]
